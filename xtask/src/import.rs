//! Takes the facts out of upstream's documents: `cargo xtask import <folder>`.
//!
//! The folder is a checkout of matrix-spec, or its data folder. What the APIs
//! named in `specs/sources.yaml` hold and reach is written into `specs/matrix`
//! in upstream's layout, without prose and examples. What is not understood is
//! refused with its place.
//!
//! With `--document <file> <folder>` it takes the facts of one document that another project
//! publishes as a single file, such as the admin API of Matrix Authentication Service.
//!
//! With `--beside <folder> --into <folder>` nothing in `specs` changes: the files
//! in which the release differs from another are written, for the tests of `diff`.

mod beside;
mod document;
mod facts;
mod keywords;
mod refusal;
mod sources;
#[cfg(test)]
mod tests;
mod tree;
mod upstream;
mod write;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

pub(crate) use self::beside::{Target, Texts, texts, write_texts};
pub(crate) use self::sources::Release;
use self::sources::Sources;
use self::upstream::Facts;
use crate::Outcome;

const USAGE: &str = "\
usage: cargo xtask import <matrix-spec checkout> [--tag <tag> --commit <sha>]
       cargo xtask import --document <file> <folder of specs>
       cargo xtask import <matrix-spec checkout> --tag <tag> --beside <specs of the next release> --into <folder>";

type Failure = Box<dyn std::error::Error>;

/// Runs the command.
pub(crate) fn run(args: &[String]) -> Outcome {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("specs");
    if let [folder, tag, name, beside, next, into, target] = args
        && [tag.as_str(), beside, into] == ["--tag", "--beside", "--into"]
    {
        let target = Target { into: target.into(), beside: next.into() };
        let files = beside::write(Path::new(folder), &specs, name, &target)?;
        println!("{name}: {files} files differ");
        return Ok(());
    }
    if let [flag, file, folder] = args
        && flag == "--document"
    {
        let checksum = document::import(Path::new(file), folder, &specs)?;
        println!("{folder}: SHA-256 {checksum}");
        return Ok(());
    }
    let (folder, release) = parse(args)?;
    let done = import(&folder, &specs, release)?;
    println!("{} of {}: {} files, {} removed", done.release.tag, done.release.commit, done.files, done.removed);
    Ok(())
}

fn parse(args: &[String]) -> Result<(PathBuf, Option<Release>), Failure> {
    let mut args = args.iter();
    let (mut folder, mut tag, mut commit) = (None, None, None);
    while let Some(arg) = args.next() {
        let place = match arg.as_str() {
            "--tag" => &mut tag,
            "--commit" => &mut commit,
            flag if flag.starts_with('-') => return Err(USAGE.into()),
            _ => {
                if folder.replace(PathBuf::from(arg)).is_some() {
                    return Err(USAGE.into());
                }
                continue;
            }
        };
        *place = Some(args.next().ok_or(USAGE)?.clone());
    }
    let release = match (tag, commit) {
        (None, None) => None,
        (Some(tag), Some(commit)) => Some(release(tag, commit)?),
        _ => return Err("a tag and its commit belong together".into()),
    };
    Ok((folder.ok_or(USAGE)?, release))
}

pub(crate) fn release(tag: String, commit: String) -> Result<Release, Failure> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/');
    if tag.is_empty() || !tag.chars().all(is_word) {
        return Err(format!("`{tag}` is no tag").into());
    }
    if commit.len() != 40 || !commit.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return Err(format!("`{commit}` is no full commit id").into());
    }
    Ok(Release { tag, commit })
}

/// What an import did.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) release: Release,
    pub(crate) files: usize,
    pub(crate) removed: usize,
}

/// The release that a folder of specs holds, and the repository that it is from.
pub(crate) fn held(specs: &Path) -> Result<(Release, String), Failure> {
    let index = specs.join("sources.yaml");
    let text = fs::read_to_string(&index).map_err(|error| format!("{}: {error}", index.display()))?;
    let sources = Sources::parse(&text)?;
    Ok((sources.release, sources.repository))
}

/// Imports from a folder into a specs folder. Nothing is written unless all of it is understood.
pub(crate) fn import(folder: &Path, specs: &Path, release: Option<Release>) -> Result<Done, Failure> {
    let index = specs.join("sources.yaml");
    let text = fs::read_to_string(&index).map_err(|error| format!("{}: {error}", index.display()))?;
    let sources = Sources::parse(&text)?;
    let release = release.unwrap_or_else(|| sources.release.clone());
    let sources = sources.of(&release)?;
    let facts = upstream::read(&data_folder(folder)?, &sources)?;
    let checksums = facts.iter().map(|(file, facts)| (file.clone(), facts.checksum.clone())).collect();
    if release.commit == sources.release.commit {
        same_files(&sources.checksums, &checksums, &release)?;
    }
    let index_text = sources.updated(&release, &checksums)?;
    let target = specs.join(&sources.folder);
    let removed = stale(&target, &facts)?;
    for file in &removed {
        fs::remove_file(file)?;
    }
    for (file, facts) in &facts {
        write_file(&target.join(file), &write::document(&header(&release.tag), &facts.tree))?;
    }
    remove_empty_folders(&target)?;
    write_file(&index, &index_text)?;
    Ok(Done { release, files: facts.len(), removed: removed.len() })
}

/// The comment that marks an imported file as such.
fn header(tag: &str) -> String {
    format!("Facts imported from matrix-spec {tag} by `cargo xtask import`; do not edit.")
}

fn data_folder(folder: &Path) -> Result<PathBuf, Failure> {
    let below = folder.join("data");
    let found = [below.as_path(), folder].into_iter().find(|folder| folder.join("api").is_dir());
    found.map(Path::to_owned).ok_or_else(|| format!("{}: holds neither data/api nor api", folder.display()).into())
}

/// One commit has one content: a file that differs is somebody's edit or comes from another release.
fn same_files(
    recorded: &BTreeMap<String, String>,
    found: &BTreeMap<String, String>,
    release: &Release,
) -> Result<(), Failure> {
    let differs = |(file, checksum): &(&String, &String)| recorded.get(*file).is_some_and(|known| known != *checksum);
    let differing: Vec<_> = found.iter().filter(differs).map(|(file, _)| file.as_str()).collect();
    let Some(first) = differing.first() else { return Ok(()) };
    let Release { tag, commit } = release;
    let count = differing.len();
    let hint = "for another release, give --tag and --commit";
    Err(format!("not the files of {tag} ({commit}): {count} differ, the first is {first}; {hint}").into())
}

/// The files of an earlier import that this one no longer reaches.
fn stale(target: &Path, facts: &BTreeMap<String, Facts>) -> Result<Vec<PathBuf>, Failure> {
    let mut stale = Vec::new();
    for file in files_below(target)? {
        let below = file.strip_prefix(target)?.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
        if facts.contains_key(&below) {
            continue;
        }
        if !fs::read_to_string(&file)?.starts_with("# Facts imported from ") {
            return Err(format!("{}: was not imported, so it does not belong here", file.display()).into());
        }
        stale.push(file);
    }
    Ok(stale)
}

fn files_below(folder: &Path) -> Result<Vec<PathBuf>, std::io::Error> {
    let mut files = Vec::new();
    if folder.is_dir() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                files.extend(files_below(&entry.path())?);
            } else {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

fn write_file(file: &Path, text: &str) -> Outcome {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()).into())
}

/// Removes folders that have become empty, from the bottom up.
fn remove_empty_folders(folder: &Path) -> Outcome {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_empty_folders(&entry.path())?;
            if fs::read_dir(entry.path())?.next().is_none() {
                fs::remove_dir(entry.path())?;
            }
        }
    }
    Ok(())
}
