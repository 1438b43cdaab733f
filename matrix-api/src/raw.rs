//! JSON that is kept as it came.

use std::{fmt, marker::PhantomData};

use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::DeserializeOwned, ser::Error as _};
use serde_json::value::RawValue;

use crate::secret::{Free, STARS};
use crate::wire::{DecodeError, Object, Part, Read, Shape, context, parse_content, parse_owned, raw_field};

/// JSON text of a `T` that has not been read yet.
///
/// From a response it is a slice of the response's body, which it keeps alive;
/// [`detach`](Self::detach) gives it a buffer of its own.
pub struct Raw<T> {
    text: Part,
    kind: PhantomData<fn() -> T>,
}

impl<T> Raw<T> {
    /// Writes a value as JSON now.
    ///
    /// Never fails: a value that JSON cannot express is refused when it is sent.
    pub fn new<U: Serialize + ?Sized>(value: &U) -> Self {
        context::clear_refusal();
        // Room for a message with its HTML.
        let mut text = Vec::with_capacity(256);
        match serde_json::to_writer(&mut text, value) {
            Ok(()) => Self::from_checked(Part::all(text.into())),
            Err(error) => Self::from_checked(Part::failed(context::take_refusal(&error))),
        }
    }

    /// Takes JSON text as it is.
    ///
    /// # Errors
    ///
    /// When the text is not one JSON value.
    pub fn from_json(text: String) -> Result<Self, DecodeError> {
        let bare: &RawValue = serde_json::from_str(&text).map_err(|error| DecodeError::of(&text, &error))?;
        let length = bare.get().len();
        if length == text.len() {
            return Ok(Self::from_checked(Part::all(text.into())));
        }
        Ok(Self::from_checked(Part::all(Bytes::copy_from_slice(bare.get().as_bytes()))))
    }

    fn from_checked(text: Part) -> Self {
        Self { text, kind: PhantomData }
    }

    /// The JSON text; `null` if the value could not be written.
    #[must_use]
    pub fn json(&self) -> &str {
        // Bytes has no type for UTF-8; checking again is cheap beside everything done with it.
        simdutf8::basic::from_utf8(self.text.as_bytes()).unwrap_or("null")
    }

    /// Reads all of it as any type.
    ///
    /// # Errors
    ///
    /// When the JSON has another shape.
    pub fn parse<U: DeserializeOwned>(&self) -> Result<U, DecodeError> {
        parse_owned(self.shared())
    }

    /// Reads one member of the object; `None` if it is absent or null.
    ///
    /// # Errors
    ///
    /// When the JSON is no object, or the member has another shape.
    pub fn field<U: DeserializeOwned>(&self, name: &str) -> Result<Option<U>, DecodeError> {
        raw_field(self.shared(), name)
    }

    /// The text, if the value could be written.
    pub(crate) fn ready(&self) -> Option<Bytes> {
        self.text.failure().is_none().then(|| self.shared())
    }

    fn shared(&self) -> Bytes {
        self.text.to_bytes()
    }

    /// A part of the text, from [`json`](Self::json).
    pub(crate) fn part(&self, part: &str) -> Raw<Object> {
        let from = part.as_ptr().addr() - self.text.as_bytes().as_ptr().addr();
        Raw::from_checked(self.text.part(from, part.len()))
    }

    /// The same with a buffer of its own, so that it no longer keeps a whole body alive.
    #[must_use]
    pub fn detach(&self) -> Self {
        match self.text.failure() {
            None => Self::from_checked(Part::all(Bytes::copy_from_slice(self.text.as_bytes()))),
            Some(_) => self.clone(),
        }
    }

    /// The same JSON, to be read as another type.
    #[must_use]
    pub fn cast<U>(self) -> Raw<U> {
        Raw { text: self.text, kind: PhantomData }
    }
}

impl Raw<Object> {
    /// Reads all of it as any type, as [`parse`](Self::parse) does.
    ///
    /// # Errors
    ///
    /// When the JSON has another shape.
    pub fn decode<U: DeserializeOwned>(&self) -> Result<U, DecodeError> {
        self.parse()
    }

    /// Null, where there is no content.
    pub(crate) fn null() -> Self {
        Self::from_checked(Part::all(Bytes::from_static(b"null")))
    }

    /// Reads it as the content of an event.
    pub(crate) fn read_content<C: DeserializeOwned>(&self) -> Result<C, DecodeError> {
        parse_content(&self.shared()).map_err(DecodeError::within_content)
    }
}

impl<T> Clone for Raw<T> {
    fn clone(&self) -> Self {
        Self { text: self.text.clone(), kind: PhantomData }
    }
}

impl<T> fmt::Debug for Raw<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text.failure() {
            None => write!(out, "Raw({} bytes)", self.text.as_bytes().len()),
            Some(_) => out.write_str("Raw(unwritable)"),
        }
    }
}

/// Equal if the text is: the same value written in another way is another text.
impl<T> PartialEq for Raw<T> {
    fn eq(&self, other: &Self) -> bool {
        self.text.as_bytes() == other.text.as_bytes()
    }
}

impl<T> Eq for Raw<T> {}

impl<T> Serialize for Raw<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Some(reason) = self.text.failure() {
            return Err(context::refuse(reason));
        }
        if context::is_redacting() {
            return match serde_json::from_slice(self.text.as_bytes()) {
                Ok(value) => Free(&value).serialize(serializer),
                Err(_) => serializer.serialize_str(STARS),
            };
        }
        let raw: &RawValue = serde_json::from_str(self.json()).map_err(S::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<T> Read for Raw<T> {
    const SHAPE: Shape = Shape::Raw;

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if context::is_reading() {
            let raw = <&RawValue>::deserialize(deserializer)?;
            return Ok(Self::from_checked(context::share(raw.get())));
        }
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        Ok(Self::from_checked(Part::all(String::from(Box::<str>::from(raw)).into())))
    }
}

impl<'de, T> Deserialize<'de> for Raw<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(deserializer)
    }
}

macro_rules! markers {
    ($($(#[$docs:meta])* $name:ident,)*) => {$(
        $(#[$docs])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[non_exhaustive]
        pub struct $name {}
    )*};
}

markers! {
    /// Marks the JSON of an event of a room's timeline, as in `Raw<TimelineEvent>`.
    TimelineEvent,
    /// Marks the JSON of a state event of a room.
    StateEvent,
    /// Marks the JSON of a state event as users see it who are not in the room.
    StrippedStateEvent,
    /// Marks the JSON of an event that is not kept, such as typing.
    EphemeralEvent,
    /// Marks the JSON of a user's own data.
    AccountDataEvent,
    /// Marks the JSON of an event from device to device.
    ToDeviceEvent,
}
