use bytes::Bytes;
use http::{HeaderMap, StatusCode};

use super::{Body, Headers};
use crate::error::EncodeError;

/// Writes the response of an operation: for servers and test doubles.
pub struct Answer {
    status: u16,
    headers: Headers,
    body: Body<'static>,
}

impl Answer {
    /// An answer with status 200, no headers and no body.
    #[must_use]
    pub fn new() -> Self {
        Self { status: 200, headers: Headers::default(), body: Body::new(None) }
    }

    /// Sets the status.
    pub fn status(&mut self, status: u16) {
        self.status = status;
    }

    /// Sets a header.
    pub fn header(&mut self, name: &'static str, value: &str) {
        self.headers.set(name, value);
    }

    /// The body, to be written as that of a request.
    pub fn body(&mut self) -> &mut Body<'static> {
        &mut self.body
    }

    /// What goes out.
    ///
    /// # Errors
    ///
    /// When the status is no status, or a header or the body cannot be written.
    pub fn into_parts(mut self) -> Result<(StatusCode, HeaderMap, Bytes), EncodeError> {
        let status = StatusCode::from_u16(self.status)
            .map_err(|_| EncodeError::whole("", "the status is not between 100 and 999"))?;
        let fail = |fault| EncodeError::new("", fault);
        let mut headers = HeaderMap::new();
        self.headers.finish(&mut headers).map_err(fail)?;
        self.body.finish().map_err(fail)?;
        self.body.name_type(&mut headers);
        Ok((status, headers, self.body.bytes))
    }
}

impl Default for Answer {
    fn default() -> Self {
        Self::new()
    }
}
