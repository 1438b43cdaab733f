use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, StatusCode, header::LOCATION};
use serde::{Deserializer, de::DeserializeOwned};
use serde_json::{Value, value::RawValue};

use super::{
    DecodeError, Kind, Object, Patch, Read, ReadObject, context,
    decode_error::Step,
    parse::{members, parse, parse_any, text},
    raw_kind, read_members,
};

/// A successful reply, from which a response reads itself.
pub struct Reply<'a> {
    status: StatusCode,
    headers: &'a HeaderMap,
    body: &'a Bytes,
    /// The body's members, unread, once one has been asked for.
    members: Option<Vec<(Cow<'a, str>, &'a RawValue)>>,
}

impl<'a> Reply<'a> {
    pub(crate) fn new(status: StatusCode, headers: &'a HeaderMap, body: &'a Bytes) -> Self {
        Self { status, headers, body, members: None }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status.as_u16()
    }

    fn member(&mut self, name: &str) -> Result<Option<&'a RawValue>, DecodeError> {
        let members = match &mut self.members {
            Some(members) => members,
            none => none.insert(members(text(self.body)?)?),
        };
        // The last of the same name wins.
        Ok(members.iter().rfind(|(key, _)| key == name).map(|(_, value)| *value))
    }

    /// Reads a required member of the body. Null counts as missing.
    ///
    /// # Errors
    ///
    /// When the body is no object, or the member is missing or has another shape.
    pub fn get<T: Read>(&mut self, name: &'static str) -> Result<T, DecodeError> {
        match self.member(name)? {
            Some(value) if value.get() != "null" => read(name, value),
            _ => Err(DecodeError::missing(name)),
        }
    }

    /// Reads a member of the body; `None` if it is absent or null.
    ///
    /// # Errors
    ///
    /// When the body is no object, or the member has another shape.
    pub fn opt<T: Read>(&mut self, name: &'static str) -> Result<Option<T>, DecodeError> {
        let Some(value) = self.member(name)? else { return Ok(None) };
        match read(name, value) {
            // A lenient reading does without it.
            Err(_) if context::is_lenient() => Ok(None),
            outcome => outcome,
        }
    }

    /// Reads a member of the body; the type's default if it is absent or null.
    ///
    /// # Errors
    ///
    /// When the body is no object, or the member has another shape.
    pub fn or_default<T: Read + Default>(&mut self, name: &'static str) -> Result<T, DecodeError> {
        Ok(self.opt(name)?.unwrap_or_default())
    }

    /// Reads a member of the body; null is not the same as absent.
    ///
    /// # Errors
    ///
    /// When the body is no object, or the member has another shape.
    pub fn patch<T: Read>(&mut self, name: &'static str) -> Result<Patch<T>, DecodeError> {
        self.member(name)?.map_or(Ok(Patch::Absent), |value| read(name, value))
    }

    /// Reads a member of the body that must be there but may be null.
    ///
    /// # Errors
    ///
    /// When the body is no object, or the member is missing or has another shape.
    pub fn nullable<T: Read>(&mut self, name: &'static str) -> Result<Option<T>, DecodeError> {
        self.member(name)?.map_or_else(|| Err(DecodeError::missing(name)), |value| read(name, value))
    }

    /// Reads a member of the body that is any JSON; null is a value like any other.
    ///
    /// # Errors
    ///
    /// When the body is no object, or the member is missing.
    pub fn any(&mut self, name: &'static str) -> Result<Value, DecodeError> {
        self.member(name)?.map_or_else(|| Err(DecodeError::missing(name)), |value| read(name, value))
    }

    /// Reads the members of the body that have none of these names.
    ///
    /// # Errors
    ///
    /// When the body is no object.
    pub fn extra(&mut self, others: &[&str]) -> Result<Object, DecodeError> {
        Ok(self.special::<Object>()?.into_iter().filter(|(name, _)| !others.contains(&&**name)).collect())
    }

    /// Reads the whole body as a struct, in one pass.
    ///
    /// # Errors
    ///
    /// When the body has another shape.
    pub fn object<T: ReadObject>(&mut self) -> Result<T, DecodeError> {
        struct Whole<T>(T);
        impl<T: ReadObject> Read for Whole<T> {
            fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                read_members(deserializer).map(Self)
            }
        }
        parse::<Whole<T>>(text(self.body)?).map(|whole| whole.0)
    }

    /// Reads the whole body as one value.
    ///
    /// # Errors
    ///
    /// When the body has another shape.
    pub fn special<T: Read>(&mut self) -> Result<T, DecodeError> {
        parse(text(self.body)?)
    }

    /// Reads the whole body as any type of serde's: for responses written by hand.
    ///
    /// # Errors
    ///
    /// When the body has another shape.
    pub fn whole<T: DeserializeOwned>(&mut self) -> Result<T, DecodeError> {
        parse_any(text(self.body)?)
    }

    /// A header, if it is there and is UTF-8.
    #[must_use]
    pub fn header<T: From<String>>(&self, name: &str) -> Option<T> {
        let value = self.headers.get(name)?;
        String::from_utf8(value.as_bytes().to_vec()).ok().map(T::from)
    }

    /// The body as it came.
    #[must_use]
    pub fn bytes(&mut self) -> Bytes {
        self.body.clone()
    }

    /// Where a redirect points to.
    ///
    /// # Errors
    ///
    /// When there is no such header.
    pub fn location(&self) -> Result<String, DecodeError> {
        self.header(LOCATION.as_str()).ok_or_else(|| DecodeError::header("Location"))
    }

    /// Accepts a body that says nothing: none, or any JSON object or list.
    ///
    /// # Errors
    ///
    /// When the body is something else, such as a proxy's HTML page.
    pub fn empty(&mut self) -> Result<(), DecodeError> {
        let text = text(self.body)?;
        if text.trim_ascii().is_empty() {
            return Ok(());
        }
        let json: &RawValue = serde_json::from_str(text).map_err(|error| DecodeError::of(text, &error))?;
        match raw_kind(json.get()) {
            Kind::Object | Kind::List => Ok(()),
            _ => Err(DecodeError::unexpected("", "an object or nothing")),
        }
    }
}

fn read<T: Read>(name: &'static str, value: &RawValue) -> Result<T, DecodeError> {
    parse(value.get()).map_err(|error| error.within(Step::Member(Cow::Borrowed(name))))
}
