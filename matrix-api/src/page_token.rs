//! Where the next page begins.

use std::{
    fmt,
    hash::{Hash, Hasher},
};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};

use crate::wire::{Kind, QueryValue, Read, Refused, Shape, Text, context};

/// Where a page of a list begins, as the server named it.
///
/// Servers write it as a string or as a whole number, and the same server does both. It is opaque: what one page
/// gave is what the next request takes, as text in the query. Where the server says that it counts entries, a
/// number of one's own is as good; `ListUsers::new().from(100)` leaves out the first hundred.
#[derive(Clone)]
pub struct PageToken {
    text: String,
    /// The number that it was, so that it is written as it came.
    number: Option<i64>,
}

impl PageToken {
    /// The token as it stands in a query.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// A number and its text are the same token.
impl PartialEq for PageToken {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for PageToken {}

impl Hash for PageToken {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl fmt::Debug for PageToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("PageToken").field(&self.text).finish()
    }
}

impl fmt::Display for PageToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

impl From<&str> for PageToken {
    fn from(text: &str) -> Self {
        Self { text: text.to_owned(), number: None }
    }
}

impl From<String> for PageToken {
    fn from(text: String) -> Self {
        Self { text, number: None }
    }
}

impl From<&Self> for PageToken {
    fn from(token: &Self) -> Self {
        token.clone()
    }
}

impl From<i32> for PageToken {
    fn from(number: i32) -> Self {
        Self::from(i64::from(number))
    }
}

impl From<i64> for PageToken {
    fn from(number: i64) -> Self {
        Self { text: number.to_string(), number: Some(number) }
    }
}

impl Serialize for PageToken {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.number {
            Some(number) => serializer.serialize_i64(number),
            None => serializer.serialize_str(&self.text),
        }
    }
}

struct TokenVisitor;

impl Visitor<'_> for TokenVisitor {
    type Value = PageToken;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a string or a whole number")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<PageToken, E> {
        Ok(text.into())
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<PageToken, E> {
        Ok(number.into())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<PageToken, E> {
        let number = i64::try_from(number).map_err(|_| E::invalid_value(de::Unexpected::Unsigned(number), &self))?;
        Ok(number.into())
    }
}

impl Read for PageToken {
    const SHAPE: Shape = Shape::Union(&[(Kind::Text, Shape::Text), (Kind::Number, Shape::Integer)]);

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TokenVisitor).inspect_err(|_| context::expected("a string or a whole number"))
    }
}

impl<'de> Deserialize<'de> for PageToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(deserializer)
    }
}

impl QueryValue for PageToken {
    fn write_value(&self, out: &mut Text<'_>) -> Result<(), Refused> {
        self.text.write_value(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> serde_json::Result<PageToken> {
        serde_json::from_str(json)
    }

    #[test]
    fn a_string_and_a_number_are_one_token_and_are_written_as_they_came() {
        let (text, number) = (read("\"100\"").unwrap(), read("100").unwrap());
        assert_eq!(text, number);
        assert_eq!((text.as_str(), number.to_string().as_str()), ("100", "100"));
        assert_eq!(serde_json::to_string(&[&text, &number]).unwrap(), "[\"100\",100]");
        assert_eq!([PageToken::from(100), PageToken::from("100"), (&text).into()], [(); 3].map(|()| text.clone()));
        assert_eq!(format!("{number:?}"), "PageToken(\"100\")");
        for wrong in ["1.5", "1e3", "true", "null", "[1]", "{}", "18446744073709551615"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
