//! JSON objects: those that are structs, and those that are free in form.

use std::{
    borrow::Cow,
    collections::{BTreeMap, btree_map},
    fmt,
    marker::PhantomData,
    ops::Deref,
};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, DeserializeOwned, IgnoredAny, MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use crate::secret::Free;

use super::{
    DecodeCategory, DecodeError, Patch, Read, Shape,
    collect::{RawSeed, Seed},
    context,
    decode_error::{Problem, Step},
    from_raw, parse_owned,
};

/// A struct that reads itself from the members of a JSON object.
pub trait ReadObject: Sized {
    /// What the object should be, for reports.
    const SHAPE: Shape = Shape::Any;

    /// Reads the struct. Goes through all members, known or not.
    ///
    /// # Errors
    ///
    /// When a required member is missing or one has another shape.
    fn read_object<'de, A: MapAccess<'de>>(members: &mut Members<'de, A>) -> Result<Self, A::Error>;
}

/// Gives a [`ReadObject`](crate::wire::ReadObject) struct [`Read`](crate::wire::Read) and serde's
/// `Deserialize`.
#[macro_export]
macro_rules! read_object {
    ($name:ident) => {
        impl $crate::wire::Read for $name {
            const SHAPE: $crate::wire::Shape = <Self as $crate::wire::ReadObject>::SHAPE;

            fn read<'de, D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::wire::read_members(deserializer)
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::std::result::Result<Self, D::Error> {
                $crate::wire::read_members(deserializer)
            }
        }
    };
}

/// Reads a struct from a JSON object.
#[doc(hidden)]
pub fn read_members<'de, D: Deserializer<'de>, T: ReadObject>(deserializer: D) -> Result<T, D::Error> {
    let read = deserializer.deserialize_map(ObjectVisitor(PhantomData));
    if read.is_err() {
        context::expected("an object");
    }
    read
}

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: ReadObject> Visitor<'de> for ObjectVisitor<T> {
    type Value = T;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let _level = context::Level::enter()?;
        T::read_object(&mut Members { map, rest: Object::new(), document: PhantomData })
    }
}

/// The members of a JSON object, one after the other.
pub struct Members<'de, A> {
    map: A,
    /// Those that have no field, or that their field cannot take.
    rest: Object,
    document: PhantomData<&'de str>,
}

impl<'de, A: MapAccess<'de>> Members<'de, A> {
    /// The next name, until there is none. Its value must be read or skipped before the next.
    ///
    /// # Errors
    ///
    /// When the JSON is not valid.
    pub fn key(&mut self) -> Result<Option<Key<'de>>, A::Error> {
        self.map.next_key()
    }

    /// Reads the value into its place. A lenient reading keeps a bad one with the rest.
    fn read<T: Read, S: From<T>>(&mut self, name: &'static str, slot: &mut S) -> Result<(), A::Error> {
        if context::is_lenient() {
            let raw = self.raw(name)?;
            match from_raw::<T, de::value::Error>(&raw) {
                Ok(value) => *slot = value.into(),
                Err(_) => self.reject(name, &raw),
            }
            return Ok(());
        }
        match self.map.next_value_seed(Seed::<T>(PhantomData)) {
            Ok(value) => *slot = value.into(),
            Err(error) => {
                context::step(Step::Member(Cow::Borrowed(name)));
                return Err(error);
            }
        }
        Ok(())
    }

    fn raw(&mut self, name: &'static str) -> Result<Cow<'de, RawValue>, A::Error> {
        self.map.next_value_seed(RawSeed).inspect_err(|_| context::step(Step::Member(Cow::Borrowed(name))))
    }

    fn reject(&mut self, name: &'static str, raw: &RawValue) {
        context::reject(name);
        if let Ok(value) = serde_json::from_str::<Value>(raw.get()) {
            self.rest.insert(name, value);
        }
    }

    /// Reads the value; null is as good as absent.
    ///
    /// # Errors
    ///
    /// When the value has another shape.
    pub fn value<T: Read>(&mut self, name: &'static str, slot: &mut Option<T>) -> Result<(), A::Error> {
        self.read::<Option<T>, _>(name, slot)
    }

    /// Reads the value; null is not the same as absent.
    ///
    /// # Errors
    ///
    /// When the value has another shape.
    pub fn patch<T: Read>(&mut self, name: &'static str, slot: &mut Patch<T>) -> Result<(), A::Error> {
        self.read::<Patch<T>, _>(name, slot)
    }

    /// Reads any JSON; null is kept.
    ///
    /// # Errors
    ///
    /// When the JSON is not valid.
    pub fn any(&mut self, name: &'static str, slot: &mut Option<Value>) -> Result<(), A::Error> {
        self.read::<Value, _>(name, slot)
    }

    /// Reads the value of a member that must be there but may be null.
    ///
    /// # Errors
    ///
    /// When the value has another shape.
    pub fn nullable<T: Read>(&mut self, name: &'static str, slot: &mut Option<Option<T>>) -> Result<(), A::Error> {
        self.read::<Option<T>, _>(name, slot)
    }

    /// Keeps a member that has no field.
    ///
    /// # Errors
    ///
    /// When the JSON is not valid.
    pub fn keep(&mut self, key: Key<'de>) -> Result<(), A::Error> {
        let value: Value = self.map.next_value()?;
        self.rest.insert(key.into_cow(), value);
        Ok(())
    }

    /// What was kept.
    pub fn rest(&mut self) -> Object {
        std::mem::take(&mut self.rest)
    }

    /// Skips the value.
    ///
    /// # Errors
    ///
    /// When the JSON is not valid.
    pub fn skip(&mut self) -> Result<(), A::Error> {
        self.map.next_value::<IgnoredAny>().map(|_| ())
    }
}

/// The value of a required member.
///
/// # Errors
///
/// When it is missing.
pub fn need<T, E: de::Error>(name: &'static str, slot: Option<T>) -> Result<T, E> {
    match slot {
        Some(value) => Ok(value),
        None => Err(lacks(name)),
    }
}

fn lacks<E: de::Error>(name: &'static str) -> E {
    if context::recall(name) {
        return E::custom("a member could not be read");
    }
    context::step(Step::Member(Cow::Borrowed(name)));
    context::problem(Problem::new(DecodeCategory::Missing));
    E::missing_field(name)
}

/// The name of a member, borrowed from the document where that is possible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key<'de>(Cow<'de, str>);

impl<'de> Key<'de> {
    pub(crate) fn into_cow(self) -> Cow<'de, str> {
        self.0
    }
}

impl Deref for Key<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(KeyVisitor)
    }
}

struct KeyVisitor;

impl<'de> Visitor<'de> for KeyVisitor {
    type Value = Key<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a name")
    }

    fn visit_borrowed_str<E: de::Error>(self, name: &'de str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Borrowed(name)))
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Owned(name.to_owned())))
    }

    fn visit_string<E: de::Error>(self, name: String) -> Result<Key<'de>, E> {
        Ok(Key(Cow::Owned(name)))
    }
}

/// A JSON object of any form.
#[derive(Clone, Default, PartialEq)]
pub struct Object(BTreeMap<String, Value>);

impl Object {
    /// An object without members.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The value of a member.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Sets a member and returns what it was before.
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        self.0.insert(name.into(), value.into())
    }

    /// Takes a member out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    /// The members by name.
    pub fn iter(&self) -> btree_map::Iter<'_, String, Value> {
        self.0.iter()
    }

    /// Whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many members there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Reads it as any type.
    ///
    /// # Errors
    ///
    /// When it has another shape.
    pub fn decode<T: DeserializeOwned>(&self) -> Result<T, DecodeError> {
        let json =
            serde_json::to_vec(&self.0).map_err(|_| DecodeError::unexpected("", "an object that can be written"))?;
        parse_owned(json.into())
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => out.write_str("Object(1 key)"),
            count => write!(out, "Object({count} keys)"),
        }
    }
}

impl From<BTreeMap<String, Value>> for Object {
    fn from(members: BTreeMap<String, Value>) -> Self {
        Self(members)
    }
}

impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Object {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(members: I) -> Self {
        Self(members.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl IntoIterator for Object {
    type Item = (String, Value);
    type IntoIter = btree_map::IntoIter<String, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Object {
    type Item = (&'a String, &'a Value);
    type IntoIter = btree_map::Iter<'a, String, Value>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, Free(value))))
    }
}

impl Read for Object {
    const SHAPE: Shape = Shape::Open(&[]);

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(Self).inspect_err(|_| context::expected("an object"))
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(deserializer)
    }
}
