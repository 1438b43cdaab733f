//! Walks upstream's data folder: the documents of the wanted APIs, and every
//! file that a fact of theirs leads to.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use sha2::{Digest, Sha256};

use super::facts::{Link, Root, reduce};
use super::keywords::Kind;
use super::refusal::{Refusal, Refusals};
use super::sources::Sources;
use super::tree::Tree;

/// The facts of one file, and the checksum of the file that they were taken from.
#[derive(Debug)]
pub(super) struct Facts {
    pub(super) tree: Tree,
    pub(super) checksum: String,
}

/// Reads the documents of API folders and what they reach, keyed by path below the data folder.
pub(super) fn read(data: &Path, sources: &Sources) -> Result<BTreeMap<String, Facts>, Refusals> {
    let mut walk =
        Walk { data, files: BTreeMap::new(), roots: BTreeMap::new(), links: Vec::new(), refusals: Vec::new() };
    for folder in &sources.folders {
        for file in documents(data, folder)? {
            walk.visit(&file, Root::Node(Kind::Document), None);
        }
    }
    if let Some(folder) = &sources.events {
        for file in documents(data, folder)? {
            walk.visit(&file, Root::Node(Kind::Schema), None);
        }
    }
    for file in &sources.also {
        walk.visit(file, Root::Node(Kind::Schema), None);
    }
    // The list grows while it is read.
    let mut next = 0;
    while let Some(link) = walk.links.get(next).cloned() {
        walk.follow(&link);
        next += 1;
    }
    walk.check_targets();
    Refusals::none_or(walk.refusals, walk.files)
}

/// The documents of an API: the files right in its folder.
fn documents(data: &Path, folder: &str) -> Result<Vec<String>, Refusal> {
    let unreadable = |error: std::io::Error| Refusal::new(folder, "", format!("cannot be read: {error}"));
    let mut found = Vec::new();
    for entry in fs::read_dir(data.join(folder)).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type().map_err(unreadable)?.is_dir() {
            continue;
        }
        if !name.ends_with(".yaml") {
            return Err(Refusal::new(format!("{folder}/{name}"), "", "is no `.yaml` file"));
        }
        found.push(format!("{folder}/{name}"));
    }
    if found.is_empty() {
        return Err(Refusal::new(folder, "", "holds no documents"));
    }
    found.sort();
    Ok(found)
}

struct Walk<'a> {
    data: &'a Path,
    files: BTreeMap<String, Facts>,
    roots: BTreeMap<String, Root>,
    links: Vec<Link>,
    refusals: Vec<Refusal>,
}

impl Walk<'_> {
    fn refuse(&mut self, link: &Link, message: String) {
        self.refusals.push(Refusal::new(&link.file, &link.pointer, message));
    }

    /// Reads a file into the collection.
    fn visit(&mut self, file: &str, root: Root, from: Option<&Link>) {
        let (text, tree) = match load(self.data, file) {
            Ok(loaded) => loaded,
            Err(message) => {
                let refusal = match from {
                    None => Refusal::new(file, "", message),
                    Some(link) => Refusal::new(
                        &link.file,
                        &link.pointer,
                        format!("`{}` leads to {file}, which {message}", link.target),
                    ),
                };
                return self.refusals.push(refusal);
            }
        };
        let reduced = reduce(file, root, &tree);
        self.refusals.extend(reduced.refusals);
        self.links.extend(reduced.links);
        self.roots.insert(file.to_owned(), root);
        self.files.insert(file.to_owned(), Facts { tree: reduced.tree, checksum: checksum(text.as_bytes()) });
    }

    fn follow(&mut self, link: &Link) {
        let Some((file, pointer)) = resolve(link) else {
            return self.refuse(link, format!("`{}` leads out of the data folder", link.target));
        };
        let is_document = matches!(self.roots.get(&file), Some(Root::Node(Kind::Document)));
        // A part of a document may be shared; the document as a whole is no schema.
        if is_document && !pointer.is_empty() || file == link.file {
            return;
        }
        // Upstream shares single nodes as whole files, and small ones as files of names.
        let root = if pointer.matches('/').count() == 1 { Root::Named(link.kind) } else { Root::Node(link.kind) };
        match self.roots.get(&file) {
            None => self.visit(&file, root, Some(link)),
            Some(known) if *known == root => {}
            Some(known) => {
                let (known, root) = (known.describe(), root.describe());
                self.refuse(link, format!("`{}` is taken for {root}, and elsewhere for {known}", link.target));
            }
        }
    }

    /// Refuses every reference whose file is there but whose place in it is not.
    fn check_targets(&mut self) {
        for link in std::mem::take(&mut self.links) {
            let Some((file, pointer)) = resolve(&link) else { continue };
            let Some(facts) = self.files.get(&file) else { continue };
            if facts.tree.at(&pointer).is_none() {
                self.refuse(&link, format!("`{}` leads nowhere", link.target));
            }
        }
    }
}

fn load(data: &Path, file: &str) -> Result<(String, Tree), String> {
    let text = fs::read_to_string(data.join(file)).map_err(|error| format!("cannot be read: {error}"))?;
    let tree = Tree::parse(&text).map_err(|error| format!("is not YAML: {error}"))?;
    Ok((text, tree))
}

/// The file and the pointer in it that a reference names, seen from the file it stands in.
fn resolve(link: &Link) -> Option<(String, String)> {
    let (file, pointer) = link.target.split_once('#').unwrap_or((&link.target, ""));
    if file.is_empty() {
        return Some((link.file.clone(), pointer.to_owned()));
    }
    let folder = Path::new(&link.file).parent()?;
    let mut resolved = PathBuf::new();
    for component in folder.join(file).components() {
        match component {
            Component::ParentDir if resolved.pop() => {}
            Component::Normal(part) => resolved.push(part),
            Component::CurDir => {}
            _ => return None,
        }
    }
    let parts: Vec<_> = resolved.iter().map(|part| part.to_string_lossy()).collect();
    Some((parts.join("/"), pointer.to_owned()))
}

pub(super) fn checksum(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
