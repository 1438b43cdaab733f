use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Read, Shape};

/// An optional value that can also be set to null: for requests that clear something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Patch<T> {
    /// Left out: nothing changes.
    #[default]
    Absent,
    /// Null: what there was is removed.
    Null,
    /// A new value.
    Set(T),
}

impl<T> Patch<T> {
    /// Whether it is left out; for serde's `skip_serializing_if`.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The new value, if there is one.
    #[must_use]
    pub const fn as_set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }
}

impl<T> From<T> for Patch<T> {
    fn from(value: T) -> Self {
        Self::Set(value)
    }
}

impl From<&str> for Patch<String> {
    fn from(value: &str) -> Self {
        Self::Set(value.to_owned())
    }
}

/// Absent cannot be told from null here: leave it out with `skip_serializing_if`.
impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.as_set().serialize(serializer)
    }
}

impl<T: Read> Read for Patch<T> {
    const SHAPE: Shape = Shape::Nullable(&T::SHAPE);

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::read(deserializer)?.map_or(Self::Null, Self::Set))
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::<T>::deserialize(deserializer)?.map_or(Self::Null, Self::Set))
    }
}

/// A thing by the id that the server gave it, or spelled out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdOr<T> {
    /// By its id.
    Id(String),
    /// Spelled out.
    Inline(Box<T>),
}

impl<T> IdOr<T> {
    /// By its id.
    pub fn id(id: impl Into<String>) -> Self {
        Self::Id(id.into())
    }

    /// Spelled out.
    pub fn inline(value: T) -> Self {
        Self::Inline(Box::new(value))
    }
}

impl<T> From<&str> for IdOr<T> {
    fn from(id: &str) -> Self {
        Self::Id(id.to_owned())
    }
}

impl<T> From<String> for IdOr<T> {
    fn from(id: String) -> Self {
        Self::Id(id)
    }
}
