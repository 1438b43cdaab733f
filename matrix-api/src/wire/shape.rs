//! What a response should look like, as data.

use super::Kind;

/// What a JSON value of a response should be: for [reports](crate::FullResponse::warnings) on
/// what was read in spite of its shape.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Any JSON.
    Any,
    /// No JSON at all, such as a download.
    Bytes,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// A string.
    Text,
    /// One of these strings, as far as this version knows.
    Enum(&'static [&'static str]),
    /// An object that is kept as it came.
    Raw,
    /// A list of such values.
    List(&'static Self),
    /// An object whose members are such values.
    Map(&'static Self),
    /// Such a value, or null.
    Nullable(&'static Self),
    /// An object with these members and no others.
    Object(&'static [Member]),
    /// An object with these members and any others.
    Open(&'static [Member]),
    /// A value of one of these kinds.
    Union(&'static [(Kind, Self)]),
    /// An object that is told by the text under a name, and what it is under any other.
    Tagged(&'static str, &'static [(&'static str, Self)], &'static Self),
    /// A value of a type that this one is a part of.
    Within(fn() -> &'static Self),
}

/// A member of an object: its name, whether it is required, and its value.
pub(super) type Member = (&'static str, bool, Shape);

impl Shape {
    /// What is expected, as an error says it.
    pub(super) fn expected(&self) -> &'static str {
        match self {
            Self::Any | Self::Bytes | Self::Union(_) => "one of its kinds",
            Self::Boolean => "true or false",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Text => "a string",
            Self::Enum(_) => "a known value",
            Self::List(_) => "a list",
            Self::Raw | Self::Map(_) | Self::Object(_) | Self::Open(_) | Self::Tagged(..) => "an object",
            Self::Nullable(inner) => inner.expected(),
            Self::Within(inner) => inner().expected(),
        }
    }

    /// Whether null and absent stand for empty.
    pub(super) fn is_collection(&self) -> bool {
        matches!(self, Self::List(_) | Self::Map(_))
    }
}
