use std::{borrow::Cow, error, fmt};

use crate::{ids::IdError, request::Place, wire::Fault};

/// Why a request could not be turned into HTTP. Nothing was sent.
///
/// Names the operation and the field, never the value.
#[derive(Clone, PartialEq, Eq)]
pub struct EncodeError(Box<Inner>);

#[derive(Clone, PartialEq, Eq)]
struct Inner {
    operation: &'static str,
    fault: Fault,
}

impl EncodeError {
    pub(crate) fn new(operation: &'static str, fault: Fault) -> Self {
        Self(Box::new(Inner { operation, fault }))
    }

    /// A refusal that concerns the request as a whole, as a sentence without a full stop.
    pub(crate) fn whole(operation: &'static str, reason: impl Into<Cow<'static, str>>) -> Self {
        let fault = Fault { place: None, field: Cow::Borrowed(""), reason: reason.into() };
        Self::new(operation, fault)
    }

    /// The operation's id; empty if the value was checked outside of an operation.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// Where the field stands, if one is to blame.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        self.0.fault.place
    }

    /// The field's name on the wire, with dots before what lies inside it, such as
    /// `rooms.timeline`; empty if the whole request or body is to blame.
    #[must_use]
    pub fn field(&self) -> &str {
        &self.0.fault.field
    }

    /// What is wrong with it, such as `must not be empty`.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.0.fault.reason
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.operation().is_empty() {
            write!(out, "{}: ", self.operation())?;
        }
        match self.place() {
            Some(Place::Path) => write!(out, "path parameter {} ", self.field())?,
            Some(Place::Query) => write!(out, "query parameter {} ", self.field())?,
            Some(Place::Header) => write!(out, "header {} ", self.field())?,
            Some(Place::Body) => write!(out, "body field {} ", self.field())?,
            Some(Place::Special) if self.field().is_empty() => out.write_str("the body ")?,
            Some(Place::Special) => write!(out, "the body's member {} ", self.field())?,
            None => {}
        }
        out.write_str(self.reason())
    }
}

impl fmt::Debug for EncodeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "EncodeError({self})")
    }
}

impl error::Error for EncodeError {}

impl From<IdError> for EncodeError {
    fn from(error: IdError) -> Self {
        Self::whole("", error.to_string())
    }
}
