//! Specs from a folder: a whole one, or what differs from another.
//!
//! `tests/data/specs-<tag>` holds the files in which a release differs from the
//! next one, and `release.yaml`: the tag, the folder `beside` which it is read,
//! and the files there that it lacks. `cargo xtask import --beside` makes them.

use std::fs;
use std::path::Path;

use crate::error::{Error, Errors};
use crate::load::{self, Texts};
use crate::node::{Cursor, Node};
use crate::patch::Release as Numbers;

const RELEASE: &str = "release.yaml";

/// The texts of a folder of specs, by path below it.
///
/// # Errors
///
/// A folder or a file that cannot be read, and a `release.yaml` of another form.
pub fn folder(folder: &Path) -> Result<Texts, Errors> {
    let file = folder.join(RELEASE);
    if !file.is_file() {
        return load::texts(folder);
    }
    let name = file.to_string_lossy();
    let text = fs::read_to_string(&file).map_err(|error| Error::new(&*name, "", error.to_string()))?;
    let node = Node::parse(&name, &text)?;
    let release = Release::read(&Cursor::root(&name, &node))?;
    let mut texts = self::folder(&folder.join(&release.beside))?;
    texts.retain(|file, _| !release.absent.contains(file));
    texts.extend(load::texts(folder)?.into_iter().filter(|(file, _)| file != RELEASE));
    if let Some(sources) = texts.get_mut("sources.yaml") {
        *sources = with_tag(sources, &release.tag);
    }
    Ok(texts)
}

/// The releases of a history, oldest first: the folders `specs-v1.13` and so on, and at the end what `specs` holds.
///
/// # Errors
///
/// As [`folder`].
pub fn releases(history: &Path, specs: &Path) -> Result<Vec<(String, Texts)>, Errors> {
    let unreadable = |error: std::io::Error| Error::new(history.to_string_lossy(), "", error.to_string());
    let mut known = Vec::new();
    for entry in fs::read_dir(history).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name().to_string_lossy().into_owned();
        if let Some((tag, release)) = name.strip_prefix("specs-").and_then(|tag| Some((tag, Numbers::parse(tag)?))) {
            known.push((release, tag.to_owned(), folder(&history.join(&name))?));
        }
    }
    known.sort_by_key(|(release, ..)| *release);
    let texts = folder(specs)?;
    let tag = texts.get("sources.yaml").and_then(|text| text.lines().find_map(|line| line.strip_prefix("  tag: ")));
    let tag = tag.unwrap_or_default().to_owned();
    let mut releases: Vec<_> = known.into_iter().map(|(_, tag, texts)| (tag, texts)).collect();
    releases.push((tag, texts));
    Ok(releases)
}

struct Release {
    tag: String,
    beside: String,
    absent: Vec<String>,
}

impl Release {
    fn read(at: &Cursor<'_>) -> Result<Self, Error> {
        let keys = at.keywords()?;
        let release = Self {
            tag: keys.need("tag")?.text()?.to_owned(),
            beside: keys.need("beside")?.text()?.to_owned(),
            absent: keys.need("absent")?.texts()?,
        };
        keys.finish()?;
        Ok(release)
    }
}

/// The tables are today's; the release that they are held against is not.
fn with_tag(sources: &str, tag: &str) -> String {
    let line = |line: &str| if line.starts_with("  tag: ") { format!("  tag: {tag}\n") } else { format!("{line}\n") };
    sources.lines().map(line).collect()
}
