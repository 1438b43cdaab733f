//! Reads a response as a client does and writes it as a server would.

use std::collections::BTreeMap;

use matrix_api::WriteResponse;
use matrix_api::bytes::Bytes;
use matrix_api::http::{HeaderMap, StatusCode};
use matrix_api::request::{answer, decode};
use matrix_api::wire::DecodeError;

/// Reads a response and writes it back.
pub type ReadBack = fn(StatusCode, &HeaderMap, Bytes) -> Result<Answered, Failed>;

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The HTTP status.
    pub status: u16,
    /// The headers, by name in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body, empty for none.
    pub body: Bytes,
}

/// What went wrong.
#[derive(Clone, Debug)]
pub enum Failed {
    /// It could not be read.
    Read(DecodeError),
    /// It could not be written, or what was written reads as something else.
    Write(String),
}

/// [`ReadBack`] of one type. What was written is read once more and must be the same value.
///
/// # Errors
///
/// When it cannot be read, or not be written.
pub fn read_back<R>(status: StatusCode, headers: &HeaderMap, body: Bytes) -> Result<Answered, Failed>
where
    R: WriteResponse + PartialEq,
{
    let read: R = decode(status, headers, body).map_err(Failed::Read)?;
    let written = answer(&read).map_err(|error| Failed::Write(error.to_string()))?;
    let (head, body) = written.into_parts();
    // With the headers that came, as one that did not come may have been written: the body's type.
    let again: R = decode(head.status, headers, body.clone())
        .map_err(|error| Failed::Write(format!("what was written cannot be read: {error}")))?;
    if again != read {
        return Err(Failed::Write("what was written is read as another value".to_owned()));
    }
    let headers = head
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()));
    Ok(Answered { status: head.status.as_u16(), headers: headers.collect(), body })
}
