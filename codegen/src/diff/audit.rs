//! The proof that nothing is overlooked: every difference of the documents is
//! tried alone, and either shows as a row or stands on the list of what has no
//! effect, with the reason.
//!
//! A difference is put into the old documents by itself, and taken out of the
//! new ones by itself; if the generated surface moves in either case, its rows
//! are those that the move gives. What moves nothing needs a reason, and the
//! reason is never believed before the surface has been seen not to move.

mod edit;
mod reason;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::rc::Rc;

use super::surface::{Form, Surface};
use super::{Row, Side, compare};
use crate::docs::Docs;
use crate::error::Errors;
use crate::load::{self, Specs};
use crate::node::Node;
use crate::stance::Stance;
use crate::{patch, resolve};

use edit::Edit;

/// What became of every difference of the documents.
#[derive(Debug)]
pub struct Audit {
    /// In the order of files and places.
    pub differences: Vec<Difference>,
    /// What the differences without effect do all together, which should be nothing as well.
    pub residue: Vec<Row>,
}

/// One difference of the documents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The file and the JSON pointer inside it.
    pub at: String,
    /// `added`, `removed` or `changed`.
    pub how: &'static str,
    /// What it comes to.
    pub verdict: Verdict,
}

/// What a difference comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// By itself it makes these rows.
    Rows(Vec<Row>),
    /// It is refused by itself; with the others around it, it makes these rows.
    Together(Vec<Row>),
    /// Nothing of the Rust follows from it, and why.
    NoEffect(&'static str),
    /// Neither: a gap in the rules.
    Unexplained,
}

impl Audit {
    /// Whether every difference has a verdict, and the verdicts hold together.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.residue.is_empty() && self.differences.iter().all(|one| one.verdict != Verdict::Unexplained)
    }

    /// Every row that a difference accounts for.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.differences.iter().flat_map(|one| match &one.verdict {
            Verdict::Rows(rows) | Verdict::Together(rows) => rows.as_slice(),
            _ => &[],
        })
    }

    /// How many differences have rows, and how many have each reason for none.
    #[must_use]
    pub fn counts(&self) -> (usize, BTreeMap<&'static str, usize>) {
        let (mut rows, mut reasons) = (0, BTreeMap::new());
        for one in &self.differences {
            match one.verdict {
                Verdict::NoEffect(reason) => *reasons.entry(reason).or_default() += 1,
                _ => rows += 1,
            }
        }
        (rows, reasons)
    }
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Difference { at, how, verdict } in &self.differences {
            match verdict {
                Verdict::NoEffect(reason) => writeln!(f, "none  {how} {at}\n      {reason}")?,
                Verdict::Unexplained => writeln!(f, "????  {how} {at}")?,
                Verdict::Rows(rows) | Verdict::Together(rows) => {
                    writeln!(f, "rows  {how} {at}")?;
                    rows.iter().take(4).try_for_each(|row| writeln!(f, "      {} {}", row.kind.word(), row.path))?;
                    if rows.len() > 4 {
                        writeln!(f, "      and {} more", rows.len() - 4)?;
                    }
                }
            }
        }
        self.residue.iter().try_for_each(|row| writeln!(f, "????  together: {} {}", row.kind.word(), row.path))?;
        let (rows, reasons) = self.counts();
        writeln!(f, "{} differences, {rows} with rows", self.differences.len())?;
        reasons.iter().try_for_each(|(reason, count)| writeln!(f, "{count:5} {reason}"))
    }
}

/// Tries every difference between two versions of the documents.
///
/// # Errors
///
/// As [`Side::read`], of either version as a whole.
pub fn audit(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> Result<Audit, Errors> {
    audit_specs(load::documents(old)?, load::documents(new)?)
}

/// The same of what has been read already.
pub(super) fn audit_specs(old: Specs, new: Specs) -> Result<Audit, Errors> {
    let edits = edit::between(&old.files, &new.files);
    let (old, new) = (without_bystanders(old, &edits), without_bystanders(new, &edits));
    let bench = Bench { old: Version::new(&old, &new, &edits)?, new: Version::new(&new, &old, &edits)?, edits };
    let mut verdicts = vec![None; bench.edits.len()];
    bench.batches(&mut verdicts);
    for (edit, verdict) in bench.edits.iter().zip(&mut verdicts) {
        verdict.get_or_insert_with(|| bench.verdict(edit));
    }
    let still = bench.edits.iter().zip(&verdicts).filter_map(|(edit, verdict)| match verdict {
        Some(Verdict::NoEffect(_)) => Some(edit),
        _ => None,
    });
    let residue = bench.rows(&still.collect::<Vec<_>>()).unwrap_or_default();
    let differences = bench.edits.iter().zip(verdicts).map(|(edit, verdict)| Difference {
        at: edit.at(),
        how: edit.how(),
        verdict: verdict.unwrap_or(Verdict::Unexplained),
    });
    Ok(Audit { differences: differences.collect(), residue })
}

/// Leaves out our own documents, where none of them differs and none refers to upstream's: no edit can touch what is
/// made of them.
fn without_bystanders(mut specs: Specs, edits: &[Edit]) -> Specs {
    for api in std::mem::take(&mut specs.apis) {
        let folder = format!("{}/", api.folder);
        let mut own = specs.files.iter().filter(|(file, _)| file.starts_with(&folder));
        let differs = edits.iter().any(|edit| edit.file.starts_with(&folder));
        if !api.is_own() || differs || own.any(|(_, root)| refers_outside(root)) {
            specs.apis.push(api);
            continue;
        }
        specs.files.retain(|file, _| !file.starts_with(&folder));
        Rc::make_mut(&mut specs.semantics).remove(&api.api);
    }
    specs
}

/// Whether a reference leaves the folder of its document.
fn refers_outside(node: &Node) -> bool {
    match node {
        Node::Map(entries) => entries.iter().any(|(key, value)| match value {
            Node::Text(target) => key == "$ref" && target.starts_with(".."),
            _ => refers_outside(value),
        }),
        Node::List(items) => items.iter().any(refers_outside),
        _ => false,
    }
}

/// One version: its documents, the definitions of the other one beside them, and its surface.
struct Version {
    specs: Specs,
    side: Side,
    places: Places,
}

/// What is made of the places of the documents.
struct Places {
    /// The files that something public comes from.
    files: BTreeSet<String>,
    /// The files that operations and events reach.
    reached: BTreeSet<String>,
    /// Places that become values which are kept as they came.
    raw: BTreeSet<(String, String)>,
    /// The operations that are generated, by file and place.
    calls: BTreeSet<(String, String)>,
    /// The folder of the events.
    events: Option<String>,
}

impl Places {
    fn of(surface: &Surface, reached: BTreeSet<String>, events: Option<String>) -> Self {
        let calls = surface.operations.iter().map(|call| (call.origin.file.clone(), call.origin.pointer.clone()));
        let mut places = Self { files: BTreeSet::new(), reached, raw: BTreeSet::new(), calls: calls.collect(), events };
        for item in surface.items() {
            places.files.insert(item.origin.file.clone());
            let Form::Struct(members) = &item.form else { continue };
            for member in members {
                places.files.insert(member.origin.file.clone());
                if member.inner.text.contains("Raw<") {
                    places.raw.insert((member.origin.file.clone(), member.origin.pointer.clone()));
                }
            }
        }
        places
    }
}

impl Version {
    fn new(own: &Specs, other: &Specs, edits: &[Edit]) -> Result<Self, Errors> {
        let mut specs = Specs { docs: Docs::silent(), ..own.clone() };
        // A definition that nothing links to changes nothing; with all of them there, a link can be tried alone.
        for edit in edits.iter().filter(|edit| edit.pointer.is_empty() && !is_document(own, &edit.file)) {
            if let (None, Some(node)) = (own.files.get(&edit.file), other.files.get(&edit.file)) {
                specs.files.insert(edit.file.clone(), node.clone());
            }
        }
        let side = Side::lower(String::new(), specs.clone())?;
        let lenient = Specs { stance: Stance::lenient(), ..specs.clone() };
        let resolved = resolve::references(patch::apply(lenient)?)?;
        let reached = resolved.definitions.keys().map(|target| target.file.clone()).collect();
        let events = specs.events.as_ref().map(|events| events.folder.clone());
        let places = Places::of(&side.surface, reached, events);
        Ok(Self { specs, side, places })
    }

    /// The rows that some edits make here, or nothing if they are refused.
    fn rows(&self, edits: &[&Edit], forward: bool) -> Option<Vec<Row>> {
        let mut specs = self.specs.clone();
        for edit in edits {
            edit.apply(&mut specs.files, forward)?;
        }
        let side = Side::lower(String::new(), specs).ok()?;
        Some(if forward { compare(&self.side, &side) } else { compare(&side, &self.side) }.rows)
    }
}

/// A document is a file right in the folder of an API, or of the events.
fn is_document(specs: &Specs, file: &str) -> bool {
    let inside = |folder: &str| file.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
    let folders = specs.apis.iter().map(|api| &api.folder).chain(specs.events.as_ref().map(|events| &events.folder));
    folders.filter_map(|folder| inside(folder)).any(|name| !name.contains('/'))
}

struct Bench {
    old: Version,
    new: Version,
    edits: Vec<Edit>,
}

impl Bench {
    fn reason(&self, edit: &Edit) -> Option<&'static str> {
        let versions = [&self.old, &self.new];
        let patched =
            versions.iter().flat_map(|one| one.specs.patches.iter()).any(|one| one.touches(&edit.file, &edit.pointer));
        let places = versions.map(|version| &version.places);
        reason::of(edit, places, is_document(&self.old.specs, &edit.file), patched)
    }

    /// The rows of edits together, from either side; nothing if both refuse them.
    fn rows(&self, edits: &[&Edit]) -> Option<Vec<Row>> {
        let forward = self.old.rows(edits, true);
        if forward.as_ref().is_some_and(|rows| !rows.is_empty()) {
            return forward;
        }
        let back = self.new.rows(edits, false);
        if back.as_ref().is_some_and(|rows| !rows.is_empty()) { back } else { forward.or(back) }
    }

    /// Many differences have the same reason: if all of these together move nothing, none of them does.
    fn batches(&self, verdicts: &mut [Option<Verdict>]) {
        let mut batches: BTreeMap<&'static str, Vec<usize>> = BTreeMap::new();
        for (index, edit) in self.edits.iter().enumerate() {
            if let Some(reason) = self.reason(edit) {
                batches.entry(reason).or_default().push(index);
            }
        }
        for (reason, batch) in batches {
            let edits: Vec<_> = batch.iter().map(|index| &self.edits[*index]).collect();
            let still = |rows: Option<Vec<Row>>| rows.is_some_and(|rows| rows.is_empty());
            if still(self.old.rows(&edits, true)) && still(self.new.rows(&edits, false)) {
                batch.into_iter().for_each(|index| verdicts[index] = Some(Verdict::NoEffect(reason)));
            }
        }
    }

    fn verdict(&self, edit: &Edit) -> Verdict {
        if let Some(rows) = self.rows(&[edit]) {
            return match self.reason(edit) {
                _ if !rows.is_empty() => Verdict::Rows(rows),
                Some(reason) => Verdict::NoEffect(reason),
                None => Verdict::Unexplained,
            };
        }
        let near =
            |group: &dyn Fn(&Edit) -> bool| -> Vec<&Edit> { self.edits.iter().filter(|one| group(one)).collect() };
        let groups = [
            near(&|one| one.file == edit.file && one.parent() == edit.parent()),
            near(&|one| one.file == edit.file),
            self.edits.iter().collect(),
        ];
        let found = groups.iter().find_map(|group| self.rows(group).filter(|rows| !rows.is_empty()));
        found.map_or(Verdict::Unexplained, Verdict::Together)
    }
}
