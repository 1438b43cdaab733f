//! Our own words on operations and definitions, and how much of it there is.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use crate::error::Error;
use crate::load::EVENTS;
use crate::node::Cursor;
use crate::openapi::Origin;

/// Lines of documentation, by spot: `sendMessage>content`, `sync<next_batch`,
/// `api/client-server/definitions/sync_filter:room`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Docs {
    lines: BTreeMap<String, Line>,
    missing: RefCell<BTreeSet<String>>,
    /// Whether nothing counts as missing.
    is_silent: bool,
}

#[derive(Clone, Debug)]
struct Line {
    text: String,
    at: Origin,
    used: Cell<bool>,
}

impl Docs {
    pub(crate) fn read<'a>(files: impl Iterator<Item = Cursor<'a>>) -> Result<Self, Error> {
        let mut docs = Self::default();
        for file in files {
            if file.file.starts_with("docs/events/") {
                docs.events(&file)?;
            } else if file.file.contains("/definitions/") {
                docs.definition(&file)?;
            } else {
                docs.document(&file)?;
            }
        }
        Ok(docs)
    }

    /// No lines, and none that are missing: for those who make no text of them.
    pub(crate) fn silent() -> Self {
        Self { is_silent: true, ..Self::default() }
    }

    fn add(&mut self, spot: String, at: &Cursor<'_>) -> Result<(), Error> {
        let line = at.text()?.trim().to_owned();
        if line.is_empty() {
            return Err(at.error("says nothing"));
        }
        if line.contains('\n') {
            return Err(at.error("is more than one line"));
        }
        match self.lines.insert(spot.clone(), Line { text: line, at: at.into(), used: Cell::new(false) }) {
            None => Ok(()),
            Some(_) => Err(at.error(format!("`{spot}` has a line already"))),
        }
    }

    fn document(&mut self, file: &Cursor<'_>) -> Result<(), Error> {
        let api = file.file.split('/').nth(1).unwrap_or_default();
        for (id, at) in file.entries()? {
            if id.starts_with('#') {
                // A schema among the document's own components.
                let path = file.file.trim_start_matches("docs/").trim_end_matches(".yaml");
                self.members(&format!("api/{path}{id}"), &at)?;
                continue;
            }
            let id = format!("{api}/{id}");
            let keys = at.keywords()?;
            self.add(format!("{id}."), &keys.need("summary")?)?;
            for (group, mark) in [("path", '>'), ("query", '>'), ("header", '>'), ("body", '>'), ("response", '<')] {
                let Some(fields) = keys.take(group) else { continue };
                for (name, at) in fields.entries()? {
                    let spot = format!("{id}{mark}{name}");
                    let twice = group == "body" && self.lines.contains_key(&spot);
                    self.add(if twice { format!("{spot}@body") } else { spot }, &at)?;
                }
            }
            keys.finish()?;
        }
        Ok(())
    }

    /// Contents by the type of their event, and definitions by their spot.
    fn events(&mut self, file: &Cursor<'_>) -> Result<(), Error> {
        for (spot, at) in file.entries()? {
            let name = if spot.contains('/') { spot.to_owned() } else { format!("{EVENTS}/{spot}") };
            self.members(&name, &at)?;
        }
        Ok(())
    }

    fn definition(&mut self, file: &Cursor<'_>) -> Result<(), Error> {
        let name = file.file.trim_start_matches("docs/").trim_end_matches(".yaml");
        self.members(&format!("api/{name}"), file)
    }

    /// The summary of a definition and the lines on its members.
    fn members(&mut self, name: &str, at: &Cursor<'_>) -> Result<(), Error> {
        let keys = at.keywords()?;
        self.add(format!("{name}:"), &keys.need("summary")?)?;
        if let Some(fields) = keys.take("fields") {
            for (field, at) in fields.entries()? {
                self.add(format!("{name}:{field}"), &at)?;
            }
        }
        keys.finish()
    }

    /// The line for a spot. What is asked for and not there counts as missing.
    pub(crate) fn line(&self, spot: &str) -> Option<&str> {
        let line = self.known(spot);
        if line.is_none() && !self.is_silent {
            self.missing.borrow_mut().insert(spot.to_owned());
        }
        line
    }

    /// The line for a spot, if there is one; its absence is nobody's fault.
    pub(crate) fn known(&self, spot: &str) -> Option<&str> {
        let line = self.lines.get(spot)?;
        line.used.set(true);
        Some(&line.text)
    }

    /// Marks the lines below a spot as belonging to something that exists, though nothing prints them.
    pub(crate) fn mark_below(&self, spot: &str) {
        let from = self.lines.range::<str, _>((Bound::Included(spot), Bound::Unbounded));
        from.take_while(|(key, _)| key.starts_with(spot)).for_each(|(_, line)| line.used.set(true));
    }

    /// Lines that belong to nothing.
    pub(crate) fn unused(&self) -> Vec<Error> {
        let unused = self.lines.iter().filter(|(_, line)| !line.used.get());
        unused.map(|(spot, line)| line.at.error(format!("documents `{spot}`, which does not exist"))).collect()
    }

    /// How many spots have a line, and those without.
    pub(crate) fn coverage(&self) -> (usize, BTreeSet<String>) {
        let documented = self.lines.values().filter(|line| line.used.get()).count();
        (documented, self.missing.borrow().clone())
    }
}
