//! Two trees become edits, each of which can be made alone.

use std::rc::Rc;

use crate::load::Files;
use crate::node::{Node, escape, segments};

/// One difference of the documents.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    pub(super) file: String,
    /// The place; of an item of a set, the set.
    pub(super) pointer: String,
    pub(super) old: Option<Node>,
    pub(super) new: Option<Node>,
    /// The value is an item of a list whose order says nothing.
    item: bool,
}

impl Edit {
    /// The place, for people.
    pub(super) fn at(&self) -> String {
        let value = if self.item { self.new.as_ref().or(self.old.as_ref()) } else { None };
        let item = value.map(|value| format!(" {}", short(value))).unwrap_or_default();
        format!("{}#{}{item}", self.file, self.pointer)
    }

    pub(super) fn how(&self) -> &'static str {
        match (&self.old, &self.new) {
            (None, _) => "added",
            (_, None) => "removed",
            _ => "changed",
        }
    }

    /// The place that holds this one.
    pub(super) fn parent(&self) -> &str {
        self.pointer.rsplit_once('/').map_or("", |(parent, _)| parent)
    }

    /// Makes the edit, or undoes it. Nothing if its place is not there.
    pub(super) fn apply(&self, files: &mut Files, forward: bool) -> Option<()> {
        let (from, to) = if forward { (&self.old, &self.new) } else { (&self.new, &self.old) };
        if self.pointer.is_empty() {
            match to {
                Some(node) => drop(files.insert(self.file.clone(), Rc::new(node.clone()))),
                None => drop(files.remove(&self.file)),
            }
            return Some(());
        }
        let root = Rc::make_mut(files.get_mut(&self.file)?);
        if self.item {
            let Node::List(items) = root.at_mut(&self.pointer)? else { return None };
            items.retain(|item| Some(item) != from.as_ref());
            items.extend(to.clone());
            return Some(());
        }
        let key = segments(&self.pointer).last()?;
        match (root.at_mut(self.parent())?, to) {
            (Node::Map(entries), None) => entries.retain(|(name, _)| *name != key),
            (Node::Map(entries), Some(node)) => match entries.iter_mut().find(|(name, _)| *name == key) {
                Some((_, value)) => *value = node.clone(),
                None => entries.push((key, node.clone())),
            },
            (Node::List(items), Some(node)) => *items.get_mut(key.parse::<usize>().ok()?)? = node.clone(),
            _ => return None,
        }
        Some(())
    }
}

fn short(node: &Node) -> String {
    let name = |key: &str| match node.get(key) {
        Some(Node::Text(text)) => Some(text.clone()),
        _ => None,
    };
    match node {
        Node::Text(text) => format!("`{text}`"),
        _ => name("name").or_else(|| name("$ref")).map_or_else(|| "an item".to_owned(), |name| format!("`{name}`")),
    }
}

/// Every difference between two sets of files.
pub(super) fn between(old: &Files, new: &Files) -> Vec<Edit> {
    let mut edits = Vec::new();
    let files: std::collections::BTreeSet<_> = old.keys().chain(new.keys()).collect();
    for file in files {
        let walk = Walk { file, edits: &mut edits };
        walk.pair(String::new(), old.get(file).map(Rc::as_ref), new.get(file).map(Rc::as_ref));
    }
    edits
}

struct Walk<'a> {
    file: &'a str,
    edits: &'a mut Vec<Edit>,
}

impl Walk<'_> {
    fn push(&mut self, pointer: String, old: Option<&Node>, new: Option<&Node>, item: bool) {
        let (old, new) = (old.cloned(), new.cloned());
        self.edits.push(Edit { file: self.file.to_owned(), pointer, old, new, item });
    }

    fn pair(mut self, pointer: String, old: Option<&Node>, new: Option<&Node>) {
        self.nodes(pointer, old, new);
    }

    fn nodes(&mut self, pointer: String, old: Option<&Node>, new: Option<&Node>) {
        match (old, new) {
            (Some(Node::Map(before)), Some(Node::Map(after))) => {
                let known = |key: &str| before.iter().any(|(other, _)| other == key);
                let keys = before.iter().chain(after.iter().filter(|(key, _)| !known(key))).map(|(key, _)| key);
                let (old, new) = (old.unwrap_or(&Node::Null), new.unwrap_or(&Node::Null));
                for key in keys {
                    self.nodes(format!("{pointer}/{}", escape(key)), old.get(key), new.get(key));
                }
            }
            (Some(Node::List(before)), Some(Node::List(after))) => self.lists(pointer, before, after),
            (old, new) if old == new => {}
            (old, new) => self.push(pointer, old, new, false),
        }
    }

    fn lists(&mut self, pointer: String, before: &[Node], after: &[Node]) {
        let keyword = pointer.rsplit('/').next().unwrap_or_default();
        let is_set = before.iter().chain(after).all(|item| matches!(item, Node::Text(_)))
            || ["parameters", "security"].contains(&keyword);
        if !is_set && before.len() == after.len() {
            for (index, (old, new)) in before.iter().zip(after).enumerate() {
                self.nodes(format!("{pointer}/{index}"), Some(old), Some(new));
            }
            return;
        }
        if !is_set {
            return self.push(pointer, Some(&Node::List(before.to_vec())), Some(&Node::List(after.to_vec())), false);
        }
        let same =
            |left: &Node, right: &Node| left == right || identity(left).is_some() && identity(left) == identity(right);
        for (index, old) in before.iter().enumerate() {
            match after.iter().find(|new| same(old, new)) {
                Some(new) => self.nodes(format!("{pointer}/{index}"), Some(old), Some(new)),
                None => self.push(pointer.clone(), Some(old), None, true),
            }
        }
        for new in after.iter().filter(|new| !before.iter().any(|old| same(old, new))) {
            self.push(pointer.clone(), None, Some(new), true);
        }
    }
}

/// What makes a parameter the same one.
fn identity(node: &Node) -> Option<(&Node, &Node)> {
    node.get("name").zip(node.get("in"))
}
