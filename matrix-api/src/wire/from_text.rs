//! Values that come as text in a path, a query, or a header: the other direction of `text.rs`.

use super::Refused;
use crate::{PageToken, Secret, UnixMillis, UnixSeconds};

/// A value that can be read from the text that a request carries in its path, query or headers.
pub trait FromText: Sized {
    /// Reads the value.
    ///
    /// # Errors
    ///
    /// When the text is no such value.
    fn from_text(text: &str) -> Result<Self, Refused>;
}

macro_rules! parsed {
    ($($name:ty: $expected:literal;)*) => {$(
        impl FromText for $name {
            fn from_text(text: &str) -> Result<Self, Refused> {
                text.parse().map_err(|_| Refused::new($expected))
            }
        }
    )*};
}

parsed! {
    bool: "true or false";
    i64: "a whole number";
    u64: "a whole number, not negative";
}

impl FromText for f64 {
    fn from_text(text: &str) -> Result<Self, Refused> {
        let number = text.parse().ok().filter(|number: &Self| number.is_finite());
        number.ok_or(Refused::new("a finite number"))
    }
}

impl FromText for String {
    fn from_text(text: &str) -> Result<Self, Refused> {
        Ok(text.to_owned())
    }
}

impl FromText for UnixMillis {
    fn from_text(text: &str) -> Result<Self, Refused> {
        i64::from_text(text).map(Self)
    }
}

impl FromText for UnixSeconds {
    fn from_text(text: &str) -> Result<Self, Refused> {
        i64::from_text(text).map(Self)
    }
}

impl FromText for PageToken {
    fn from_text(text: &str) -> Result<Self, Refused> {
        Ok(text.into())
    }
}

impl<T: FromText> FromText for Secret<T> {
    fn from_text(text: &str) -> Result<Self, Refused> {
        T::from_text(text).map(Self::new)
    }
}
