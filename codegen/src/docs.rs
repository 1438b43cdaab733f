//! Our own words on operations and definitions, and how much of it there is.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::error::Error;
use crate::load::EVENTS;
use crate::node::Cursor;

/// Lines of documentation, by spot: `sendMessage>content`, `sync<next_batch`,
/// `api/client-server/definitions/sync_filter:room`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Docs {
    lines: BTreeMap<String, (String, crate::openapi::Origin)>,
    used: RefCell<BTreeSet<String>>,
    missing: RefCell<BTreeSet<String>>,
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

    fn add(&mut self, spot: String, at: &Cursor<'_>) -> Result<(), Error> {
        let line = at.text()?.trim().to_owned();
        if line.is_empty() {
            return Err(at.error("says nothing"));
        }
        if line.contains('\n') {
            return Err(at.error("is more than one line"));
        }
        match self.lines.insert(spot.clone(), (line, at.into())) {
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
        match self.lines.get(spot) {
            Some((line, _)) => {
                self.used.borrow_mut().insert(spot.to_owned());
                Some(line)
            }
            None => {
                self.missing.borrow_mut().insert(spot.to_owned());
                None
            }
        }
    }

    /// The line for a spot, if there is one; its absence is nobody's fault.
    pub(crate) fn known(&self, spot: &str) -> Option<&str> {
        self.lines.contains_key(spot).then(|| self.line(spot)).flatten()
    }

    /// Marks the lines below a spot as belonging to something that exists, though nothing prints them.
    pub(crate) fn mark_below(&self, spot: &str) {
        let below = self.lines.keys().filter(|key| key.starts_with(spot)).cloned();
        self.used.borrow_mut().extend(below);
    }

    /// Lines that belong to nothing.
    pub(crate) fn unused(&self) -> Vec<Error> {
        let used = self.used.borrow();
        let unused = self.lines.iter().filter(|(spot, _)| !used.contains(*spot));
        unused.map(|(spot, (_, at))| at.error(format!("documents `{spot}`, which does not exist"))).collect()
    }

    /// Spots with and without a line.
    pub(crate) fn coverage(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let used = self.used.borrow();
        let known = used.iter().filter(|spot| self.lines.contains_key(*spot)).cloned().collect();
        (known, self.missing.borrow().clone())
    }
}
