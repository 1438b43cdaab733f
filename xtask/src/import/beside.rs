//! Other releases, for comparing: in memory, or as the files that differ.
//!
//! Today's `sources.yaml` and tables serve every release; only the facts are another's.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::sources::{Release, Sources};
use super::{Failure, data_folder, header, upstream, write, write_file};

/// Specs by path below their folder.
pub(crate) type Texts = BTreeMap<String, String>;

/// What `specs` would be, had this folder been imported. The tag is that of a folder named after it.
pub(crate) fn texts(folder: &Path, specs: &Path) -> Result<Texts, Failure> {
    let tag = tag(folder).unwrap_or_else(|| "unreleased".to_owned());
    facts(folder, specs, &tag)
}

fn facts(folder: &Path, specs: &Path, tag: &str) -> Result<Texts, Failure> {
    let mut texts = matrix_api_codegen::diff::folder(specs)?;
    let index = specs.join("sources.yaml");
    let text = fs::read_to_string(&index).map_err(|error| format!("{}: {error}", index.display()))?;
    let sources = Sources::parse(&text)?;
    let data = data_folder(folder)?;
    let release = Release { tag: tag.to_owned(), commit: sources.release.commit.clone() };
    let sources = sources.of(&release)?;
    texts.retain(|file, _| !file.starts_with(&format!("{}/", sources.folder)));
    texts.insert("sources.yaml".to_owned(), sources.updated(&release, &BTreeMap::new())?);
    for (file, facts) in upstream::read(&data, &sources)? {
        texts.insert(format!("{}/{file}", sources.folder), write::document(&header(tag), &facts.tree));
    }
    Ok(texts)
}

/// The last part of the folder's path that is a tag such as `v1.18`.
fn tag(folder: &Path) -> Option<String> {
    let is_tag = |part: &&str| part.strip_prefix('v').is_some_and(|rest| rest.split('.').all(is_number));
    let folder = folder.canonicalize().ok()?;
    let parts: Vec<_> = folder.iter().filter_map(|part| part.to_str()).collect();
    parts.iter().rev().find(|part| is_tag(part)).map(|part| (*part).to_owned())
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Where the files of another release go, and what they are read beside.
#[derive(Debug)]
pub(crate) struct Target {
    /// The folder to write.
    pub(crate) into: PathBuf,
    /// The next release: `specs`, or a folder such as this one.
    pub(crate) beside: PathBuf,
}

/// Writes the files in which a release differs from the one beside it. Says how many.
pub(super) fn write(folder: &Path, specs: &Path, tag: &str, target: &Target) -> Result<usize, Failure> {
    write_texts(&facts(folder, specs, tag)?, tag, target)
}

/// The same of specs in memory.
pub(crate) fn write_texts(own: &Texts, tag: &str, target: &Target) -> Result<usize, Failure> {
    let next = matrix_api_codegen::diff::folder(&target.beside)?;
    let imported = |file: &&String| is_imported(&next, file) || is_imported(own, file);
    let absent: Vec<_> = next.keys().filter(imported).filter(|file| !own.contains_key(*file)).collect();
    let differs = |(file, text): &(&String, &String)| {
        is_imported(own, file) && next.get(*file).is_none_or(|other| body(other) != body(text))
    };
    let different: Vec<_> = own.iter().filter(differs).collect();
    if target.into.exists() {
        fs::remove_dir_all(&target.into)?;
    }
    for (file, text) in &different {
        write_file(&target.into.join(file), text)?;
    }
    let release = release(tag, &between(&target.into, &target.beside)?, &absent);
    write_file(&target.into.join("release.yaml"), &release)?;
    Ok(different.len())
}

fn is_imported(texts: &Texts, file: &str) -> bool {
    texts.get(file).is_some_and(|text| text.starts_with("# Facts imported from "))
}

/// The facts without the line that names the release.
fn body(text: &str) -> &str {
    text.split_once('\n').map_or("", |(_, body)| body)
}

fn release(tag: &str, beside: &str, absent: &[&String]) -> String {
    let mut text = format!("# {}\n", header(tag));
    text.push_str("# The other files are those of the folder beside it.\n");
    let _ = write!(text, "tag: {}\nbeside: {}\n", write::text(tag), write::quoted(beside));
    text.push_str(if absent.is_empty() { "absent: []\n" } else { "absent:\n" });
    for file in absent {
        let _ = writeln!(text, "  - {}", write::text(file));
    }
    text
}

/// The way from one folder to another, so that the repository can lie anywhere.
fn between(from: &Path, to: &Path) -> Result<String, Failure> {
    let (from, to) = (from.canonicalize()?, to.canonicalize()?);
    let same = from.iter().zip(to.iter()).take_while(|(left, right)| left == right).count();
    let up = from.iter().skip(same).map(|_| "..".to_owned());
    let down = to.iter().skip(same).map(|part| part.to_string_lossy().into_owned());
    Ok(up.chain(down).collect::<Vec<_>>().join("/"))
}
