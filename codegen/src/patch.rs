//! Corrections of upstream's facts. One that no longer applies is an error.

use std::rc::Rc;

use crate::error::{Error, Errors};
use crate::load::Specs;
use crate::node::{Cursor, Node, escape, segments};
use crate::openapi::Origin;

#[cfg(test)]
mod tests;

/// A release of upstream: the numbers of a tag such as `v1.19`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Release(u32, u32);

impl Release {
    /// Reads a tag; one of another form names no release.
    pub(crate) fn parse(tag: &str) -> Option<Self> {
        let (major, minor) = tag.strip_prefix('v')?.split_once('.')?;
        Some(Self(major.parse().ok()?, minor.parse().ok()?))
    }

    /// Whether a span from this release to another holds two releases at most.
    pub(crate) fn is_at_most_one_before(self, until: Self) -> bool {
        until.0 == self.0 && until.1 <= self.1 + 1
    }
}

/// One correction, with why it is made.
#[derive(Clone, Debug)]
pub(crate) struct Patch {
    at: Origin,
    /// The first release that needs it, and the last one if that is over.
    since: Release,
    until: Option<Release>,
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
    for reason in ["reason", "evidence"] {
        text(reason)?;
    }
    let since = release(&keys.need("since")?)?;
    let until = keys.take("until").map(|at| release(&at)).transpose()?;
    let (add, was, with) = (keys.take("add"), keys.take("was"), keys.take("with"));
    let change = match (add, was, with) {
        (Some(add), None, None) => Change::Add(add.node.clone()),
        (None, Some(was), Some(with)) => Change::Replace { was: was.node.clone(), with: with.node.clone() },
        (None, Some(was), None) => Change::Remove(was.node.clone()),
        _ => return Err(at.error("expected `add`, or `was` and `with`, or `was` alone")),
    };
    keys.finish()?;
    Ok(Patch { at: Origin::from(at), since, until, file, pointer, change })
}

fn release(at: &Cursor<'_>) -> Result<Release, Error> {
    Release::parse(at.text()?).ok_or_else(|| at.error("expected a release, such as v1.19"))
}

/// Applies every patch that is meant for the release.
pub(crate) fn apply(mut specs: Specs) -> Result<Specs, Errors> {
    let mut errors = Errors::default();
    let release = specs.release;
    for patch in specs.patches.iter().filter(|patch| patch.is_for(release)) {
        let outcome = match specs.files.get_mut(&patch.file) {
            None => Err(patch.at.error(format!("there is no file {}", patch.file))),
            Some(root) => patch.apply(Rc::make_mut(root)),
        };
        errors.keep(outcome.or_else(|error| specs.stance.assume(error, ())));
    }
    errors.or(specs)
}

/// How many patches the release needs, and how many are for other ones.
pub(crate) fn count(specs: &Specs) -> (usize, usize) {
    let needed = specs.patches.iter().filter(|patch| patch.is_for(specs.release)).count();
    (needed, specs.patches.len() - needed)
}

impl Patch {
    /// Whether it corrects the place, something around it or something in it.
    pub(crate) fn touches(&self, file: &str, pointer: &str) -> bool {
        let inside = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        self.file == file && (inside(&self.pointer, pointer) || inside(pointer, &self.pointer))
    }

    /// Of documents that name no release, every patch is expected to apply.
    fn is_for(&self, release: Option<Release>) -> bool {
        release.is_none_or(|release| self.since <= release && self.until.is_none_or(|until| release <= until))
    }

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
