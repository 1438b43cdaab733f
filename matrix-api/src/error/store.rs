use std::{borrow::Cow, error, fmt, sync::Arc};

use super::failure::AnyError;

/// A session could not be stored, or what is stored cannot be used.
///
/// For a [`SessionStore`](crate::SessionStore) of your own to report with:
///
/// ```
/// use std::io;
/// use matrix_api::{Error, error::StoreError};
///
/// let lost: Error = StoreError::new("the key ring is locked").caused_by(io::Error::other("denied")).into();
/// assert_eq!(lost.to_string(), "session store: the key ring is locked");
/// ```
#[derive(Clone)]
pub struct StoreError(Box<(Cow<'static, str>, Option<Arc<AnyError>>)>);

impl StoreError {
    /// The reason is a sentence without a full stop, and shows no secret.
    #[must_use]
    pub fn new(reason: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new((reason.into(), None)))
    }

    /// Keeps the cause, for `source()`. It must show no secret.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<AnyError>>) -> Self {
        self.0.1 = Some(source.into().into());
        self
    }

    /// Why, as a sentence without a full stop.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0.0
    }

    pub(super) fn cause(&self) -> Option<&(dyn error::Error + 'static)> {
        self.0.1.as_deref().map(|source| source as &(dyn error::Error + 'static))
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "session store: {}", self.reason())
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "StoreError({self})")
    }
}

impl error::Error for StoreError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.cause()
    }
}
