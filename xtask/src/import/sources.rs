//! `specs/sources.yaml`: what was imported, from where, and what is made of it.
//!
//! Its head is written by hand and stays as it is, comments included, except
//! for the two lines that name the release. The checksums at its end are ours.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::refusal::Refusal;
use super::tree::{Tree, escape};
use super::write;

pub(super) const FILE: &str = "sources.yaml";
const CHECKSUMS: &str = "\nchecksums:\n";

/// A release of upstream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Release {
    pub(crate) tag: String,
    pub(crate) commit: String,
}

impl Release {
    /// The numbers of a tag such as `v1.19`; another tag has none.
    pub(crate) fn numbers(&self) -> Option<(u32, u32)> {
        numbers(&self.tag)
    }
}

/// What an import needs to know.
#[derive(Debug)]
pub(super) struct Sources {
    head: String,
    /// Where imported files go, below specs/.
    pub(super) folder: String,
    pub(super) release: Release,
    /// Upstream's git repository.
    pub(super) repository: String,
    /// The APIs' folders, below upstream's data folder.
    pub(super) folders: Vec<String>,
    /// The folder of event schemas, and schemas that no document refers to; below upstream's data folder.
    pub(super) events: Option<String>,
    pub(super) also: Vec<String>,
    pub(super) checksums: BTreeMap<String, String>,
}

impl Sources {
    /// Reads the file.
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let tree = Tree::parse(text).map_err(|error| refuse("", format!("not YAML: {error}")))?;
        let need = |pointer: &str| {
            let found = tree.at(pointer).and_then(Tree::text).map(str::to_owned);
            found.ok_or_else(|| refuse(pointer, "a string is missing"))
        };
        let folder = need("/upstream/folder")?;
        let release = Release { tag: need("/upstream/tag")?, commit: need("/upstream/commit")? };
        let repository = tree.at("/upstream/repository").and_then(Tree::text).unwrap_or_default().to_owned();
        let folders = folders(&tree, &folder)?;
        let (head, _) = text.split_once(CHECKSUMS).ok_or_else(|| refuse("/checksums", "a map is missing"))?;
        let (events, also) = events(&tree, &folder)?;
        let checksums = checksums(&tree)?;
        Ok(Self { head: head.to_owned(), release, repository, folders, events, also, checksums, folder })
    }

    /// Leaves out what is younger than the release: `<file> since v1.19`.
    pub(super) fn of(mut self, release: &Release) -> Result<Self, Refusal> {
        let mut also = Vec::new();
        for entry in &self.also {
            let Some((file, since)) = entry.split_once(" since ") else {
                also.push(entry.clone());
                continue;
            };
            let since = numbers(since).ok_or_else(|| refuse("/events/also", format!("`{since}` is no release")))?;
            if release.numbers().is_none_or(|release| since <= release) {
                also.push(file.to_owned());
            }
        }
        self.also = also;
        Ok(self)
    }

    /// The file with another release and other checksums.
    pub(super) fn updated(&self, release: &Release, checksums: &BTreeMap<String, String>) -> Result<String, Refusal> {
        let mut text = String::new();
        let mut replaced = (0, 0);
        for line in self.head.lines() {
            if line.starts_with("  tag: ") {
                replaced.0 += 1;
                let _ = writeln!(text, "  tag: {}", write::text(&release.tag));
            } else if line.starts_with("  commit: ") {
                replaced.1 += 1;
                let _ = writeln!(text, "  commit: {}", write::quoted(&release.commit));
            } else {
                let _ = writeln!(text, "{line}");
            }
        }
        if replaced != (1, 1) {
            return Err(refuse("/upstream", "expected one line `  tag: ` and one line `  commit: `"));
        }
        text.push_str("checksums:\n");
        for (file, checksum) in checksums {
            let _ = writeln!(text, "  {}: {}", write::text(file), write::quoted(checksum));
        }
        Ok(text)
    }
}

/// The folders below upstream's folder; the others hold documents of our own.
fn folders(tree: &Tree, upstream: &str) -> Result<Vec<String>, Refusal> {
    let Some(Tree::List(apis)) = tree.get("apis") else { return Err(refuse("/apis", "a list is missing")) };
    let mut folders = Vec::new();
    for (index, api) in apis.iter().enumerate() {
        let pointer = format!("/apis/{index}/folder");
        let folder = api.get("folder").and_then(Tree::text).ok_or_else(|| refuse(&pointer, "a string is missing"))?;
        if let Some(below) = folder.strip_prefix(&format!("{upstream}/")) {
            folders.push(below.to_owned());
        }
    }
    Ok(folders)
}

/// The folder of event schemas, and the schemas beside it.
fn events(tree: &Tree, upstream: &str) -> Result<(Option<String>, Vec<String>), Refusal> {
    let Some(events) = tree.get("events") else { return Ok((None, Vec::new())) };
    let below = |pointer: &str, text: Option<&str>| {
        let text = text.ok_or_else(|| refuse(pointer, "a string is missing"))?;
        let below = text.strip_prefix(&format!("{upstream}/"));
        below.map(str::to_owned).ok_or_else(|| refuse(pointer, format!("lies outside of {upstream}")))
    };
    let folder = below("/events/folder", events.get("folder").and_then(Tree::text))?;
    let also = match events.get("also") {
        Some(Tree::List(files)) => files.as_slice(),
        _ => &[],
    };
    let also = also.iter().map(|file| below("/events/also", file.text())).collect::<Result<_, _>>()?;
    Ok((Some(folder), also))
}

/// The numbers of a tag such as `v1.19`.
fn numbers(tag: &str) -> Option<(u32, u32)> {
    let (major, minor) = tag.strip_prefix('v')?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn checksums(tree: &Tree) -> Result<BTreeMap<String, String>, Refusal> {
    let entries = match tree.get("checksums") {
        Some(Tree::Map(entries)) => entries.as_slice(),
        Some(Tree::Null) => &[],
        _ => return Err(refuse("/checksums", "a map is missing")),
    };
    let mut all = BTreeMap::new();
    for (file, checksum) in entries {
        let pointer = format!("/checksums/{}", escape(file));
        let checksum = checksum.text().ok_or_else(|| refuse(&pointer, "a string is missing"))?;
        all.insert(file.clone(), checksum.to_owned());
    }
    Ok(all)
}

fn refuse(pointer: &str, message: impl Into<String>) -> Refusal {
    Refusal::new(FILE, pointer, message)
}
