//! What a change of the specs means for those who use the generated Rust.
//!
//! [`Side::read`] runs the pipeline as far as the IR, [`compare`] puts two of
//! them beside each other. Documents of another release do not fit today's
//! tables in every place, so both sides are read leniently: what the tables do
//! not answer gets the answer that `stance.rs` describes, and a note of it is in
//! [`Side::assumed`]. `codegen/DIFF.md` says what each rule covers.

mod audit;
mod compare;
mod content;
mod input;
mod item;
mod report;
mod rule;
mod surface;
mod table;

use std::collections::BTreeMap;

use crate::error::{Error, Errors};
use crate::load::Specs;
use crate::openapi::Origin;
use crate::stance::Stance;
use crate::{load, lower, patch, resolve};

pub use crate::load::Texts;
pub use audit::{Audit, Difference, Verdict, audit};
pub use input::{folder, releases};
pub use report::Report;
pub use rule::{Class, Kind};
pub use table::Table;

/// One of two versions.
#[derive(Debug)]
pub struct Side {
    /// What it is called in a report.
    pub name: String,
    surface: surface::Surface,
    assumed: Vec<Error>,
}

impl Side {
    /// Reads specs: path below the folder → YAML.
    ///
    /// # Errors
    ///
    /// Every construct that the generator does not understand, with its place.
    pub fn read(name: impl Into<String>, texts: &BTreeMap<String, String>) -> Result<Self, Errors> {
        Self::lower(name.into(), load::documents(texts)?)
    }

    fn lower(name: String, specs: Specs) -> Result<Self, Errors> {
        let specs = Specs { stance: Stance::lenient(), ..specs };
        let resolved = resolve::references(patch::apply(specs)?)?;
        let apis = lower::apis(&resolved)?;
        Ok(Self { name, surface: surface::of(&apis), assumed: resolved.stance.notes() })
    }

    /// What the tables did not answer, and a strict run would refuse.
    #[must_use]
    pub fn assumed(&self) -> &[Error] {
        &self.assumed
    }
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Row {
    /// What has changed; the class follows from it.
    pub kind: Kind,
    /// The Rust path that it touches, as the new version has it if it does.
    pub path: String,
    /// How it was, if it was.
    pub old: Option<String>,
    /// How it is, if it is.
    pub new: Option<String>,
    /// Where it stands in the documents: file and JSON pointer.
    pub at: String,
}

/// Compares two versions.
#[must_use]
pub fn compare(old: &Side, new: &Side) -> Report {
    Report { old: old.name.clone(), new: new.name.clone(), rows: compare::surfaces(&old.surface, &new.surface) }
}

/// The rows as they are found.
#[derive(Default)]
struct Rows(Vec<Row>);

impl Rows {
    fn add(&mut self, kind: Kind, path: &str, at: &Origin, old: Option<String>, new: Option<String>) {
        let at = if at.pointer.is_empty() { at.file.clone() } else { format!("{}#{}", at.file, at.pointer) };
        self.0.push(Row { kind, path: path.to_owned(), old, new, at });
    }

    /// The gravest first, then by path.
    fn finish(mut self) -> Vec<Row> {
        self.0.sort_by(|left, right| {
            let key = |row: &Row| (row.kind.class(), row.path.clone(), row.kind);
            key(left).cmp(&key(right))
        });
        self.0
    }
}
