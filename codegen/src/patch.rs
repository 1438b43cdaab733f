//! Corrections of upstream's facts. One that no longer applies is an error.

use crate::error::{Error, Errors};
use crate::load::Specs;
use crate::node::{Cursor, Node, escape, segments};
use crate::openapi::Origin;

/// One correction, with why it is made.
#[derive(Clone, Debug)]
pub(crate) struct Patch {
    at: Origin,
    file: String,
    pointer: String,
    change: Change,
}

#[derive(Clone, Debug)]
enum Change {
    /// Puts a value where there is none.
    Add(Node),
    /// Puts a value where another stands.
    Replace { was: Node, with: Node },
    /// Takes a value away.
    Remove(Node),
}

/// Reads a file of patches.
pub(crate) fn read(at: &Cursor<'_>) -> Result<Vec<Patch>, Error> {
    at.items()?.iter().map(read_one).collect()
}

fn read_one(at: &Cursor<'_>) -> Result<Patch, Error> {
    let keys = at.keywords()?;
    let text = |key: &str| keys.need(key).and_then(|at| at.text().map(str::to_owned));
    let file = text("file")?;
    let pointer = text("pointer")?;
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return Err(at.error(format!("`{pointer}` is no JSON pointer")));
    }
    for reason in ["reason", "evidence", "since"] {
        text(reason)?;
    }
    keys.take("until");
    let (add, was, with) = (keys.take("add"), keys.take("was"), keys.take("with"));
    let change = match (add, was, with) {
        (Some(add), None, None) => Change::Add(add.node.clone()),
        (None, Some(was), Some(with)) => Change::Replace { was: was.node.clone(), with: with.node.clone() },
        (None, Some(was), None) => Change::Remove(was.node.clone()),
        _ => return Err(at.error("expected `add`, or `was` and `with`, or `was` alone")),
    };
    keys.finish()?;
    Ok(Patch { at: Origin::from(at), file, pointer, change })
}

/// Applies every patch.
pub(crate) fn apply(mut specs: Specs) -> Result<Specs, Errors> {
    let mut errors = Errors::default();
    for patch in std::mem::take(&mut specs.patches) {
        match specs.files.get_mut(&patch.file) {
            None => errors.push(patch.at.error(format!("there is no file {}", patch.file))),
            Some(root) => {
                errors.keep(patch.apply(root));
            }
        }
    }
    errors.or(specs)
}

impl Patch {
    fn refuse(&self, why: &str) -> Error {
        self.at.error(format!("{}#{} {why}: the patch no longer applies", self.file, self.pointer))
    }

    fn apply(&self, root: &mut Node) -> Result<(), Error> {
        match &self.change {
            Change::Add(value) => self.add(root, value),
            Change::Replace { was, with } => {
                let node = root.at_mut(&self.pointer).ok_or_else(|| self.refuse("does not exist"))?;
                if node != was {
                    return Err(self.refuse("is not what `was` says"));
                }
                *node = with.clone();
                Ok(())
            }
            Change::Remove(was) => self.remove(root, was),
        }
    }

    /// The parent of the place, and the last segment.
    fn parent<'r>(&self, root: &'r mut Node) -> Result<(&'r mut Node, String), Error> {
        let all: Vec<String> = segments(&self.pointer).collect();
        let (last, above) = all.split_last().ok_or_else(|| self.refuse("is the whole document"))?;
        let above: String = above.iter().map(|segment| format!("/{}", escape(segment))).collect();
        let parent = root.at_mut(&above).ok_or_else(|| self.refuse("does not exist"))?;
        Ok((parent, last.clone()))
    }

    fn add(&self, root: &mut Node, value: &Node) -> Result<(), Error> {
        match self.parent(root)? {
            (Node::Map(entries), last) => {
                if entries.iter().any(|(key, _)| *key == last) {
                    return Err(self.refuse("exists already"));
                }
                entries.push((last, value.clone()));
                Ok(())
            }
            (Node::List(items), last) if last == "-" => {
                if items.contains(value) {
                    return Err(self.refuse("has the item already"));
                }
                items.push(value.clone());
                Ok(())
            }
            _ => Err(self.refuse("is neither a map nor the end of a list")),
        }
    }

    fn remove(&self, root: &mut Node, was: &Node) -> Result<(), Error> {
        if root.at(&self.pointer) != Some(was) {
            return Err(self.refuse("is not what `was` says"));
        }
        match self.parent(root)? {
            (Node::Map(entries), last) => entries.retain(|(key, _)| *key != last),
            (Node::List(items), last) => {
                let index: usize = last.parse().map_err(|_| self.refuse("is no index"))?;
                items.remove(index);
            }
            _ => return Err(self.refuse("has no parent")),
        }
        Ok(())
    }
}
