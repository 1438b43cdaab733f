//! Options, lists and maps.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserializer,
    de::{self, DeserializeSeed, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{Read, Shape, context, decode_error::Step, from_raw, parse::raw_element};

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
        deserializer.deserialize_seq(ListVisitor(PhantomData)).inspect_err(|_| context::expected("a list"))
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
        let mut next =
            |at| elements.next_element_seed(Seed(PhantomData)).inspect_err(|_| context::step(|| Step::Element(at)));
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
    while count < SHORT
        && let Some(element) = next(count)?
    {
        waiting[count] = Some(element);
        count += 1;
    }
    let ended = count < SHORT;
    let mut list = Vec::with_capacity(if ended { count } else { 4 * SHORT });
    list.extend(waiting.into_iter().flatten());
    Ok((list, ended))
}

impl<K: From<String> + Ord, V: Read> Read for BTreeMap<K, V> {
    const SHAPE: Shape = Shape::Map(&V::SHAPE);

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MapVisitor(PhantomData)).inspect_err(|_| context::expected("an object"))
    }
}

struct MapVisitor<K, V>(PhantomData<(K, V)>);

impl<'de, K: From<String> + Ord, V: Read> Visitor<'de> for MapVisitor<K, V> {
    type Value = BTreeMap<K, V>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let _level = context::Level::enter()?;
        let mut pairs = Pairs { map: BTreeMap::new(), more: Vec::new() };
        let skips = context::is_lenient();
        while let Some(key) = entries.next_key::<String>()? {
            if skips {
                if let Some(value) = lenient(&entries.next_value_seed(RawSeed)?) {
                    pairs.insert(K::from(key), value);
                }
                continue;
            }
            match entries.next_value_seed(Seed(PhantomData)) {
                Ok(value) => pairs.insert(K::from(key), value),
                Err(error) => {
                    context::step(|| Step::Member(key.into()));
                    return Err(error);
                }
            };
        }
        Ok(pairs.into_map())
    }
}

/// A map in the making. Beyond what one node holds it is collected at once: one by one, the nodes would be left half
/// full.
struct Pairs<K, V> {
    map: BTreeMap<K, V>,
    more: Vec<(K, V)>,
}

/// How many entries a node holds.
const NODE: usize = 11;

impl<K: Ord, V> Pairs<K, V> {
    fn insert(&mut self, key: K, value: V) {
        match self.map.len() < NODE {
            true => drop(self.map.insert(key, value)),
            false => self.more.push((key, value)),
        }
    }

    /// The last of the same name wins.
    fn into_map(self) -> BTreeMap<K, V> {
        match self.more.is_empty() {
            true => self.map,
            false => self.map.into_iter().chain(self.more).collect(),
        }
    }
}
