use std::{borrow::Cow, error, fmt};

use super::Error;

/// What went wrong in finding a homeserver by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DiscoveryKind {
    /// The name is no server name.
    Name,
    /// The name's web server gave no usable answer, neither a document nor a plain "not found".
    Unreachable,
    /// What is published there is no JSON, or lacks `m.homeserver` with its `base_url`.
    Document,
    /// The base URL that is published is no URL, or not https.
    BaseUrl,
    /// There is no homeserver at the base URL.
    NotAHomeserver,
}

/// A homeserver could not be found by its name.
#[derive(Clone)]
pub struct DiscoveryError(Box<Lost>);

#[derive(Clone)]
struct Lost {
    name: Box<str>,
    kind: DiscoveryKind,
    reason: Cow<'static, str>,
    cause: Option<Error>,
}

impl DiscoveryError {
    pub(crate) fn new(name: &str, kind: DiscoveryKind, reason: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Lost { name: name.into(), kind, reason: reason.into(), cause: None }))
    }

    /// Keeps the failure of the request behind it.
    pub(crate) fn caused_by(mut self, error: Error) -> Self {
        self.0.cause = Some(error);
        self
    }

    /// The name that was looked up.
    #[must_use]
    pub fn server_name(&self) -> &str {
        &self.0.name
    }

    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> DiscoveryKind {
        self.0.kind
    }

    pub(super) fn cause(&self) -> Option<&Error> {
        self.0.cause.as_ref()
    }
}

impl fmt::Display for DiscoveryError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "discovery of {}: {}", super::line::cut(&self.0.name, 40), self.0.reason)
    }
}

impl fmt::Debug for DiscoveryError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "DiscoveryError({self})")
    }
}

impl error::Error for DiscoveryError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.cause().map(|cause| cause as _)
    }
}
