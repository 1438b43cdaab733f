//! Contents of which only the place is known.

use std::{error, fmt};

use super::EventContent;
use crate::{Error, Object, Raw, wire::DecodeError};

/// A marker of events whose contents are one type together.
pub trait HasContent {
    /// That type.
    type Content: AnyContent;
}

/// The contents of a place: see [`Raw::content`](crate::Raw::content).
pub trait AnyContent {
    #[doc(hidden)]
    fn read(content: ContentReader) -> Self;
}

/// A content that is to be read as what its type says.
#[doc(hidden)]
#[derive(Debug)]
pub struct ContentReader {
    ty: String,
    content: Option<Raw<Object>>,
}

impl ContentReader {
    pub(super) fn new(ty: String, content: Option<Raw<Object>>) -> Self {
        Self { ty, content }
    }

    #[must_use]
    pub fn event_type(&self) -> &str {
        &self.ty
    }

    pub fn read<C: EventContent, T>(self, good: fn(C) -> T, bad: fn(InvalidContent) -> T) -> T {
        let outcome = match &self.content {
            None => Err(DecodeError::unexpected("content", "an object")),
            Some(content) => content.read_content(),
        };
        match outcome {
            Ok(content) => good(content),
            Err(error) => bad(InvalidContent::new(self.ty, self.content, error)),
        }
    }

    #[must_use]
    pub fn unknown(self) -> UnknownContent {
        UnknownContent { event_type: self.ty, content: self.content.unwrap_or_else(Raw::null) }
    }
}

/// The content of an event of a type that this version does not know where it stood.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UnknownContent {
    /// The type of the event; empty if it has none.
    pub event_type: String,
    /// The content as it came.
    pub content: Raw<Object>,
}

/// A content that is not what the type of its event says, with why.
#[derive(Clone)]
pub struct InvalidContent(Box<Invalid>);

#[derive(Clone)]
struct Invalid {
    event_type: String,
    content: Raw<Object>,
    error: DecodeError,
}

impl InvalidContent {
    pub(super) fn new(event_type: String, content: Option<Raw<Object>>, error: DecodeError) -> Self {
        let content = content.unwrap_or_else(Raw::null);
        Self(Box::new(Invalid { event_type, content, error }))
    }

    /// The type of the event; empty if it has none.
    #[must_use]
    pub fn event_type(&self) -> &str {
        &self.0.event_type
    }

    /// The content as it came; null if there is none.
    #[must_use]
    pub fn content(&self) -> &Raw<Object> {
        &self.0.content
    }

    /// What is wrong with it.
    #[must_use]
    pub fn error(&self) -> &DecodeError {
        &self.0.error
    }
}

impl fmt::Display for InvalidContent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "an event cannot be read as one of its type: {}", self.0.error)
    }
}

impl fmt::Debug for InvalidContent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("InvalidContent")
            .field("event_type", &self.0.event_type)
            .field("error", &self.0.error)
            .finish()
    }
}

impl error::Error for InvalidContent {}

impl From<InvalidContent> for Error {
    fn from(invalid: InvalidContent) -> Self {
        invalid.0.error.into()
    }
}
