//! A YAML document as an ordered tree.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};

/// The one keyword whose value is text even where YAML sees a number: `1.10` is no `1.1`.
pub(super) const ADDED: &str = "x-addedInMatrixVersion";

/// One value of a document. Maps keep the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tree {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

impl Tree {
    /// Reads one document.
    pub(super) fn parse(text: &str) -> Result<Self, serde_yaml::Error> {
        serde_yaml::from_str(text)
    }

    /// The value under a key of a map.
    pub(super) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value that a JSON pointer leads to.
    pub(super) fn at(&self, pointer: &str) -> Option<&Self> {
        let segments = match pointer.strip_prefix('/') {
            Some(rest) => rest.split('/'),
            None if pointer.is_empty() => return Some(self),
            None => return None,
        };
        segments.map(unescape).try_fold(self, |tree, segment| match tree {
            Self::List(items) => items.get(segment.parse::<usize>().ok()?),
            _ => tree.get(&segment),
        })
    }

    /// The text of a string.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What this is, for a message.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) | Self::Float(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

/// A key as a JSON pointer writes it.
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn unescape(segment: &str) -> String {
    segment.replace("~1", "/").replace("~0", "~")
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor)
    }
}

struct TreeVisitor;

impl<'de> Visitor<'de> for TreeVisitor {
    type Value = Tree;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Tree, E> {
        Ok(Tree::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Tree, E> {
        Ok(Tree::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Tree, E> {
        Ok(Tree::Int(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Tree, E> {
        i64::try_from(value).map(Tree::Int).map_err(|_| E::custom(format!("{value} is too large")))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Tree, E> {
        if value.is_finite() { Ok(Tree::Float(value)) } else { Err(E::custom("a number must be finite")) }
    }

    fn visit_str<E>(self, value: &str) -> Result<Tree, E> {
        Ok(Tree::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tree, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Tree::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tree, A::Error> {
        let mut map: Vec<(String, Tree)> = Vec::new();
        // Asked for a string, the reader hands out a key's own text, whatever it looks like.
        while let Some(key) = entries.next_key::<String>()? {
            if map.iter().any(|(name, _)| *name == key) {
                return Err(A::Error::custom(format!("key `{key}` stands twice")));
            }
            let value = if key == ADDED { Tree::Text(entries.next_value()?) } else { entries.next_value()? };
            map.push((key, value));
        }
        Ok(Tree::Map(map))
    }
}
