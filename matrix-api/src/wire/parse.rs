//! Parsers over a text or a part of one.

use std::borrow::Cow;

use bytes::Bytes;
use serde::{
    Deserialize,
    de::{self, DeserializeOwned},
};
use serde_json::{Deserializer, value::RawValue};

use super::{
    DecodeError, Read,
    context::{self, Lenient},
    decode_error::Step,
};

/// Reads one value from a text that holds nothing else.
pub(super) fn parse<T: Read>(text: &str) -> Result<T, DecodeError> {
    let mut deserializer = Deserializer::from_str(text);
    match T::read(&mut deserializer) {
        Ok(value) => deserializer.end().map(|()| value).map_err(|error| DecodeError::of(text, &error)),
        Err(error) => Err(DecodeError::of(text, &error)),
    }
}

/// As `parse`, for any type of serde's.
pub(super) fn parse_any<T: DeserializeOwned>(text: &str) -> Result<T, DecodeError> {
    serde_json::from_str(text).map_err(|error| DecodeError::of(text, &error))
}

/// Reads a document of its own.
pub(crate) fn parse_owned<T: DeserializeOwned>(document: Bytes) -> Result<T, DecodeError> {
    let _scope = context::ReadScope::enter(document.clone(), Lenient::No);
    parse_any(text(&document)?)
}

/// Reads the content of an event: strictly, and if that fails without the members that are bad.
///
/// Bad members are kept beside the unknown ones, so that nothing is lost.
pub(crate) fn parse_content<T: DeserializeOwned>(content: &Bytes) -> Result<T, DecodeError> {
    let text = text(content)?;
    let read = |lenient| {
        let _scope = context::ReadScope::enter(content.clone(), lenient);
        parse_any(text)
    };
    read(Lenient::No).or_else(|error| match error.is_about_shape() {
        true => read(Lenient::Content),
        false => Err(error),
    })
}

/// The text of a body, checked once. What is wrong with it is looked for only if something is.
pub(super) fn text(body: &Bytes) -> Result<&str, DecodeError> {
    simdutf8::basic::from_utf8(body)
        .or_else(|_| std::str::from_utf8(body))
        .map_err(|error| DecodeError::not_utf8(error.valid_up_to()))
}

/// Reads one member of an object; `None` if it is absent or null. The last of its name wins.
pub(crate) fn raw_field<T: DeserializeOwned>(document: Bytes, name: &str) -> Result<Option<T>, DecodeError> {
    let _scope = context::ReadScope::enter(document.clone(), Lenient::No);
    let found = members(text(&document)?)?.into_iter().rfind(|(key, _)| key == name);
    let Some((key, value)) = found else { return Ok(None) };
    parse_any(value.get()).map_err(|error| error.within(Step::Member(Cow::Owned(key.into_owned()))))
}

/// The members of an object, unread, in their order.
pub(super) fn members(text: &str) -> Result<Vec<(Cow<'_, str>, &RawValue)>, DecodeError> {
    let mut deserializer = Deserializer::from_str(text);
    de::Deserializer::deserialize_map(&mut deserializer, MembersVisitor)
        .inspect_err(|_| context::expected("an object"))
        .and_then(|members| deserializer.end().map(|()| members))
        .map_err(|error| DecodeError::of(text, &error))
}

struct MembersVisitor;

impl<'de> de::Visitor<'de> for MembersVisitor {
    type Value = Vec<(Cow<'de, str>, &'de RawValue)>;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = map.next_key::<super::Key<'de>>()? {
            members.push((key.into_cow(), map.next_value()?));
        }
        Ok(members)
    }
}

/// Reads a value that was kept as JSON text, inside the reading of a larger one: for unions.
///
/// # Errors
///
/// When the JSON has another shape.
pub fn from_raw<T: Read, E: de::Error>(raw: &RawValue) -> Result<T, E> {
    let text = raw.get();
    match T::read(&mut Deserializer::from_str(text)) {
        Ok(value) => Ok(value),
        Err(error) => {
            context::settle(text, &error);
            Err(E::custom("a part could not be read"))
        }
    }
}

/// Reads an object as what the text under `tag` says: for enums of objects.
///
/// # Errors
///
/// When the JSON is no object, or `read` fails.
#[doc(hidden)]
pub fn read_tagged<'de, D: de::Deserializer<'de>, T>(
    deserializer: D,
    tag: &str,
    read: fn(&str, &RawValue) -> Result<T, D::Error>,
) -> Result<T, D::Error> {
    let raw = raw_element(deserializer)?;
    if raw_kind(raw.get()) != Kind::Object {
        return Err(mismatch("an object"));
    }
    let found = tag_of(raw.get(), tag);
    let value = read(found.as_deref().unwrap_or_default(), &raw);
    if value.is_err() && context::is_lenient() {
        context::forget_error();
        return read("", &raw);
    }
    value
}

/// The text under a name; nothing if there is none, or if it is no text.
pub(super) fn tag_of<'a>(object: &'a str, tag: &str) -> Option<Cow<'a, str>> {
    let found = member_of(object, tag)?;
    serde_json::from_str::<super::Key<'_>>(found.get()).ok().map(super::Key::into_cow)
}

/// A member of an object, unread. The last of its name wins.
pub(crate) fn member_of<'a>(object: &'a str, name: &str) -> Option<&'a RawValue> {
    let mut deserializer = Deserializer::from_str(object);
    de::DeserializeSeed::deserialize(MemberSeed(name), &mut deserializer).ok().flatten()
}

struct MemberSeed<'t>(&'t str);

impl<'de> de::DeserializeSeed<'de> for MemberSeed<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: de::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> de::Visitor<'de> for MemberSeed<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(key) = map.next_key::<super::Key<'de>>()? {
            match *key == *self.0 {
                true => found = Some(map.next_value()?),
                false => drop(map.next_value::<de::IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

/// An error for a value that is none of those that a union takes.
pub fn mismatch<E: de::Error>(expected: &'static str) -> E {
    context::expected(expected);
    E::custom(expected)
}

/// Which kind of value a JSON text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Boolean,
    /// A number.
    Number,
    /// A string.
    Text,
    /// `[…]`
    List,
    /// `{…}`
    Object,
}

/// Which kind of value a valid JSON text is, by its first character.
#[must_use]
pub fn raw_kind(json: &str) -> Kind {
    match json.trim_ascii_start().as_bytes().first() {
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::List,
        Some(b'"') => Kind::Text,
        Some(b't' | b'f') => Kind::Boolean,
        Some(b'n') | None => Kind::Null,
        Some(_) => Kind::Number,
    }
}

/// Reads an element as it stands, so that what follows it can be read even if it is bad.
pub(super) fn raw_element<'de, D: de::Deserializer<'de>>(deserializer: D) -> Result<Cow<'de, RawValue>, D::Error> {
    if context::is_reading() {
        <&RawValue>::deserialize(deserializer).map(Cow::Borrowed)
    } else {
        Box::<RawValue>::deserialize(deserializer).map(Cow::Owned)
    }
}
