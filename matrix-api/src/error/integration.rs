use std::{error, fmt};

use super::Error;

/// How an integration manager failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum IntegrationErrorKind {
    /// The domain offers no manager.
    NoManager,
    /// What answers is no integration manager: a web page where JSON is due, or nothing at that place.
    NotAManager,
    /// The manager does not accept the token (401): when registering that of the homeserver, otherwise its own.
    TokenRefused,
    /// The user has to accept the manager's terms first (403 `M_TERMS_NOT_SIGNED`).
    TermsNotSigned,
    /// The manager says that all is well, but nothing of what it was asked for (204).
    NoContent,
}

/// An integration manager failed in a way of its own. What went wrong before, if anything did, is the source.
#[derive(Clone)]
pub struct IntegrationError(Box<(IntegrationErrorKind, &'static str, Option<Error>)>);

impl IntegrationError {
    pub(crate) fn new(kind: IntegrationErrorKind, operation: &'static str) -> Self {
        Self(Box::new((kind, operation, None)))
    }

    /// Keeps the failure of the request behind it.
    pub(crate) fn caused_by(mut self, error: Error) -> Self {
        self.0.2 = Some(error);
        self
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> IntegrationErrorKind {
        self.0.0
    }

    pub(super) fn operation(&self) -> &str {
        self.0.1
    }

    pub(super) fn cause(&self) -> Option<&Error> {
        self.0.2.as_ref()
    }
}

impl fmt::Display for IntegrationError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.kind() {
            IntegrationErrorKind::NoManager => "the domain offers no integration manager",
            IntegrationErrorKind::NotAManager => "no integration manager answers there; check the URL",
            IntegrationErrorKind::TokenRefused => "the manager does not accept the token; register with a new one",
            IntegrationErrorKind::TermsNotSigned => "the manager's terms must be accepted first",
            IntegrationErrorKind::NoContent => "the manager answered with nothing",
        };
        write!(out, "{}: {text}", self.operation())
    }
}

impl fmt::Debug for IntegrationError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "IntegrationError({self})")
    }
}

impl error::Error for IntegrationError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.cause().map(|cause| cause as _)
    }
}
