use std::{error, fmt, io, sync::Arc};

use super::Call;

/// Bytes on this side could not be read or written: a file, or what a program gave to be uploaded.
#[derive(Clone)]
pub struct FileError(Box<Lost>);

#[derive(Clone)]
struct Lost {
    operation: Box<str>,
    reason: Box<str>,
    call: Option<Call>,
    source: Arc<io::Error>,
}

impl FileError {
    /// The reason is a sentence without a full stop, such as `a.png cannot be read`.
    pub(crate) fn new(operation: &str, reason: impl Into<Box<str>>, source: io::Error) -> Self {
        let (operation, reason) = (operation.into(), reason.into());
        Self(Box::new(Lost { operation, reason, call: None, source: Arc::new(source) }))
    }

    /// In the middle of this call.
    pub(crate) fn during(mut self, call: Call) -> Self {
        self.0.call = Some(call);
        self
    }

    pub(super) fn operation(&self) -> &str {
        &self.0.operation
    }

    pub(super) fn call(&self) -> Option<&Call> {
        self.0.call.as_ref()
    }

    /// What could not be done, as a sentence without a full stop.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// What the system said.
    #[must_use]
    pub fn io(&self) -> &io::Error {
        &self.0.source
    }

    pub(super) fn may_have_been_sent(&self) -> bool {
        self.0.call.as_ref().is_some_and(Call::may_have_been_sent)
    }
}

impl fmt::Display for FileError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.0.operation, self.0.reason)
    }
}

impl fmt::Debug for FileError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "FileError({self})")
    }
}

impl error::Error for FileError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        Some(&*self.0.source)
    }
}
