//! Options, lists and maps.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{Read, Shape, context, decode_error::Step, from_raw, parse::raw_element};
use crate::Map;

/// Lets serde's accessors call `Read`.
pub(super) struct Seed<T>(pub(super) PhantomData<T>);

impl<'de, T: Read> DeserializeSeed<'de> for Seed<T> {
    type Value = T;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        T::read(deserializer)
    }
}

/// Lets serde's accessors take an element unread.
pub(super) struct RawSeed;

impl<'de> DeserializeSeed<'de> for RawSeed {
    type Value = std::borrow::Cow<'de, RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        raw_element(deserializer)
    }
}

/// The element, or nothing if it is bad: then the error is forgotten.
fn lenient<T: Read>(raw: &RawValue) -> Option<T> {
    let element = from_raw::<T, de::value::Error>(raw).ok();
    if element.is_none() {
        context::forget_error();
    }
    element
}

/// A value within its own type: few are meant, and each takes a large part of the stack.
impl<T: Read> Read for Box<T> {
    const SHAPE: Shape = T::SHAPE;

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let _level = context::Level::enter_by(context::DEEPEST / 4)?;
        T::read(deserializer).map(Self::new)
    }
}

impl<T: Read> Read for Option<T> {
    const SHAPE: Shape = Shape::Nullable(&T::SHAPE);

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_option(OptionVisitor(PhantomData))
    }
}

struct OptionVisitor<T>(PhantomData<T>);

impl<'de, T: Read> Visitor<'de> for OptionVisitor<T> {
    type Value = Option<T>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value or null")
    }

    fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        T::read(deserializer).map(Some)
    }
}

impl<T: Read> Read for Vec<T> {
    const SHAPE: Shape = Shape::List(&T::SHAPE);

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = deserializer.deserialize_seq(ListVisitor(PhantomData));
        if read.is_err() {
            context::expected("a list");
        }
        read
    }
}

struct ListVisitor<T>(PhantomData<T>);

impl<'de, T: Read> Visitor<'de> for ListVisitor<T> {
    type Value = Vec<T>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Vec<T>, A::Error> {
        let _level = context::Level::enter()?;
        if context::is_lenient() {
            let mut list = Vec::new();
            while let Some(raw) = elements.next_element_seed(RawSeed)? {
                list.extend(lenient::<T>(&raw));
            }
            return Ok(list);
        }
        let mut next = |at| {
            let element = elements.next_element_seed(Seed(PhantomData));
            if element.is_err() {
                context::step(Step::Element(at));
            }
            element
        };
        let (mut list, mut ended) = if size_of::<T>() <= SMALL { begin(&mut next)? } else { (Vec::new(), false) };
        while !ended {
            match next(list.len())? {
                Some(element) => list.push(element),
                None => ended = true,
            }
        }
        // A response may be kept for long, and its lists never grow. A little too much is not
        // worth another allocation.
        if list.capacity() > list.len() + list.len() / 2 {
            list.shrink_to_fit();
        }
        Ok(list)
    }
}

/// Elements of up to so many bytes wait on the stack, up to so many of them.
const SMALL: usize = 32;
const SHORT: usize = 16;

/// The beginning of a list, and whether it is all of it. Most lists are short: once it is known how many elements
/// there are, one allocation does, and of the right size.
fn begin<T, E>(mut next: impl FnMut(usize) -> Result<Option<T>, E>) -> Result<(Vec<T>, bool), E> {
    let mut waiting = [const { None }; SHORT];
    let mut count = 0;
    while count < SHORT {
        let Some(element) = next(count)? else { break };
        waiting[count] = Some(element);
        count += 1;
    }
    let ended = count < SHORT;
    let mut list = Vec::with_capacity(if ended { count } else { 4 * SHORT });
    for element in waiting.iter_mut().take(count) {
        list.extend(element.take());
    }
    Ok((list, ended))
}

impl<K: From<String> + Ord, V: Read> Read for Map<K, V> {
    const SHAPE: Shape = Shape::Map(&V::SHAPE);

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = deserializer.deserialize_map(MapVisitor(PhantomData));
        if read.is_err() {
            context::expected("an object");
        }
        read
    }
}

impl<K: From<String> + Ord, V: Read> Read for BTreeMap<K, V> {
    const SHAPE: Shape = Shape::Map(&V::SHAPE);

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::read(deserializer).map(Into::into)
    }
}

struct MapVisitor<K, V>(PhantomData<(K, V)>);

impl<'de, K: From<String> + Ord, V: Read> Visitor<'de> for MapVisitor<K, V> {
    type Value = Map<K, V>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let _level = context::Level::enter()?;
        let mut entries = Vec::new();
        let skips = context::is_lenient();
        while let Some(key) = members.next_key::<String>()? {
            if skips {
                entries.extend(lenient(&members.next_value_seed(RawSeed)?).map(|value| (key.into(), value)));
                continue;
            }
            match members.next_value_seed(Seed(PhantomData)) {
                Ok(value) => entries.push((key.into(), value)),
                Err(error) => {
                    context::step(Step::Member(key.into()));
                    return Err(error);
                }
            }
        }
        // Like a list, it may be kept for long; and its entries are large.
        entries.shrink_to_fit();
        Ok(Map::of(entries))
    }
}
