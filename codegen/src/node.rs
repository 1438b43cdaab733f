//! A YAML document as an ordered tree, and the strict way of reading one.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::error::Error;

/// One value of a document. Maps keep the order of the file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Node {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// Reads a document.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, Error> {
        serde_yaml::from_str(text).map_err(|error| Error::new(file, "", format!("not YAML: {error}")))
    }

    /// The value under a key of a map.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.iter().find(|(name, _)| name == key).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The value that a JSON pointer leads to.
    pub(crate) fn at(&self, pointer: &str) -> Option<&Self> {
        segments(pointer).try_fold(self, |node, segment| match node {
            Self::List(items) => items.get(segment.parse::<usize>().ok()?),
            _ => node.get(&segment),
        })
    }

    /// The same, to be changed.
    pub(crate) fn at_mut(&mut self, pointer: &str) -> Option<&mut Self> {
        segments(pointer).try_fold(self, |node, segment| match node {
            Self::List(items) => items.get_mut(segment.parse::<usize>().ok()?),
            Self::Map(entries) => entries.iter_mut().find(|(name, _)| *name == segment).map(|(_, value)| value),
            _ => None,
        })
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "an integer",
            Self::Float(_) => "a number",
            Self::Text(_) => "a string",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

/// The unescaped segments of a JSON pointer.
pub(crate) fn segments(pointer: &str) -> impl Iterator<Item = String> + '_ {
    pointer.split('/').skip(1).map(|segment| segment.replace("~1", "/").replace("~0", "~"))
}

/// A key as a JSON pointer writes it.
pub(crate) fn escape(key: &str) -> Cow<'_, str> {
    if !key.contains(['~', '/']) {
        return Cow::Borrowed(key);
    }
    Cow::Owned(key.replace('~', "~0").replace('/', "~1"))
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a YAML value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Int(value))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Node, E> {
        i64::try_from(value).map(Node::Int).map_err(E::custom)
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Node, E> {
        Ok(Node::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut map: Vec<(String, Node)> = Vec::new();
        while let Some(key) = entries.next_key::<String>()? {
            if map.iter().any(|(name, _)| *name == key) {
                return Err(serde::de::Error::custom(format!("key {key} stands twice")));
            }
            map.push((key, entries.next_value()?));
        }
        Ok(Node::Map(map))
    }
}

/// A node with the place where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Cursor<'a> {
    pub(crate) node: &'a Node,
    pub(crate) file: &'a str,
    pub(crate) pointer: String,
}

impl<'a> Cursor<'a> {
    /// The whole document.
    pub(crate) fn root(file: &'a str, node: &'a Node) -> Self {
        Self { node, file, pointer: String::new() }
    }

    /// A refusal of this very place.
    pub(crate) fn error(&self, message: impl Into<String>) -> Error {
        Error::new(self.file, &self.pointer, message)
    }

    fn child(&self, key: &str, node: &'a Node) -> Self {
        Self { node, file: self.file, pointer: [&self.pointer, "/", &escape(key)].concat() }
    }

    fn expected(&self, what: &str) -> Error {
        self.error(format!("expected {what}, found {}", self.node.kind()))
    }

    /// The text of a string; a version such as `1.7` may have been read as a number.
    pub(crate) fn text(&self) -> Result<&'a str, Error> {
        match self.node {
            Node::Text(text) => Ok(text),
            _ => Err(self.expected("a string")),
        }
    }

    pub(crate) fn boolean(&self) -> Result<bool, Error> {
        match self.node {
            Node::Bool(value) => Ok(*value),
            _ => Err(self.expected("a boolean")),
        }
    }

    pub(crate) fn items(&self) -> Result<Vec<Self>, Error> {
        match self.node {
            Node::List(items) => {
                Ok(items.iter().enumerate().map(|(index, node)| self.child(&index.to_string(), node)).collect())
            }
            _ => Err(self.expected("a list")),
        }
    }

    pub(crate) fn texts(&self) -> Result<Vec<String>, Error> {
        self.items()?.iter().map(|item| item.text().map(str::to_owned)).collect()
    }

    /// The entries of a map whose keys are names, not keywords.
    pub(crate) fn entries(&self) -> Result<Vec<(&'a str, Self)>, Error> {
        match self.node {
            Node::Map(entries) => Ok(entries.iter().map(|(key, node)| (key.as_str(), self.child(key, node))).collect()),
            _ => Err(self.expected("a map")),
        }
    }

    /// The keywords of an object, each to be taken once.
    pub(crate) fn keywords(&self) -> Result<Keywords<'a>, Error> {
        let Node::Map(entries) = self.node else { return Err(self.expected("a map")) };
        let left = entries.iter().map(|(key, _)| key.as_str()).collect();
        Ok(Keywords { at: self.clone(), left: RefCell::new(left) })
    }
}

/// The keywords of one object. What nobody takes is refused at the end.
pub(crate) struct Keywords<'a> {
    pub(crate) at: Cursor<'a>,
    left: RefCell<Vec<&'a str>>,
}

impl<'a> Keywords<'a> {
    /// The value of a keyword, if it is there.
    pub(crate) fn take(&self, key: &str) -> Option<Cursor<'a>> {
        let node = self.at.node.get(key)?;
        self.left.borrow_mut().retain(|left| *left != key);
        Some(self.at.child(key, node))
    }

    /// The value of a keyword that must be there.
    pub(crate) fn need(&self, key: &str) -> Result<Cursor<'a>, Error> {
        self.take(key).ok_or_else(|| self.at.error(format!("`{key}` is missing")))
    }

    /// The text of a keyword, if it is there.
    pub(crate) fn text(&self, key: &str) -> Result<Option<String>, Error> {
        self.take(key).map(|at| at.text().map(str::to_owned)).transpose()
    }

    /// A flag that is false unless set.
    pub(crate) fn flag(&self, key: &str) -> Result<bool, Error> {
        self.take(key).map_or(Ok(false), |at| at.boolean())
    }

    /// Refuses what is left over.
    pub(crate) fn finish(self) -> Result<(), Error> {
        match self.left.borrow().first() {
            None => Ok(()),
            Some(key) => Err(self.at.error(format!("unknown keyword `{key}`"))),
        }
    }
}
