//! Values that must not be shown.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::wire::{Read, Shape, context};

/// What stands in for a secret wherever it would show.
pub(crate) const STARS: &str = "***";

/// A password, token, or other value that never shows in `Debug`, `Display`, plans or errors.
///
/// Serialising writes the real value: that is how it reaches the wire.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret<T>(T);

impl<T> Secret<T> {
    /// Wraps a value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Whoever takes it out keeps it out of logs.
    #[must_use]
    pub const fn expose(&self) -> &T {
        &self.0
    }

    /// The value itself, owned.
    #[must_use]
    pub fn into_exposed(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Secret<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(STARS)
    }
}

impl<T> fmt::Display for Secret<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(STARS)
    }
}

impl<T> From<T> for Secret<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

impl From<&str> for Secret<String> {
    fn from(value: &str) -> Self {
        Self(value.to_owned())
    }
}

impl From<&String> for Secret<String> {
    fn from(value: &String) -> Self {
        Self(value.clone())
    }
}

impl<T: Serialize> Serialize for Secret<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if context::is_redacting() { serializer.serialize_str(STARS) } else { self.0.serialize(serializer) }
    }
}

/// JSON of no known form: for showing, its strings and numbers are hidden and its names are not.
pub(crate) struct Free<'a>(pub(crate) &'a Value);

impl Serialize for Free<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if !context::is_redacting() {
            return self.0.serialize(serializer);
        }
        match self.0 {
            Value::Object(members) => serializer.collect_map(members.iter().map(|(name, value)| (name, Free(value)))),
            Value::Array(elements) => serializer.collect_seq(elements.iter().map(Free)),
            Value::String(_) | Value::Number(_) => serializer.serialize_str(STARS),
            Value::Bool(_) | Value::Null => self.0.serialize(serializer),
        }
    }
}

impl<T: Read> Read for Secret<T> {
    const SHAPE: Shape = T::SHAPE;

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::read(deserializer).map(Self)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Secret<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        T::deserialize(deserializer).map(Self)
    }
}
