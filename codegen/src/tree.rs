//! A tree of text: written to a folder, or compared with one.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

#[cfg(test)]
mod tests;

/// Files by path, each with its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree(pub(crate) BTreeMap<String, String>);

/// How a folder differs from the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The file is missing.
    Missing(String),
    /// The file says something else; both texts.
    Differs {
        /// The path below the folder.
        path: String,
        /// What the folder has.
        found: String,
        /// What it should have.
        wanted: String,
    },
    /// The tree has no such file.
    Orphan(String),
}

impl Tree {
    /// The files, by path.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// What would change if the tree were written to the folder.
    ///
    /// # Errors
    ///
    /// The folder cannot be read.
    pub fn compare(&self, folder: &Path) -> io::Result<Vec<Change>> {
        let mut changes = Vec::new();
        for (path, wanted) in &self.0 {
            match fs::read_to_string(folder.join(path)) {
                Ok(found) if found == *wanted || found.replace("\r\n", "\n") == *wanted => {}
                Ok(found) => changes.push(Change::Differs { path: path.clone(), found, wanted: wanted.clone() }),
                Err(error) if error.kind() == io::ErrorKind::NotFound => changes.push(Change::Missing(path.clone())),
                Err(error) => return Err(error),
            }
        }
        let mut present = Vec::new();
        list(folder, folder, &mut present)?;
        changes.extend(present.into_iter().filter(|path| !self.0.contains_key(path)).map(Change::Orphan));
        Ok(changes)
    }

    /// Makes the folder equal to the tree; touches only what differs.
    ///
    /// # Errors
    ///
    /// The folder cannot be read or written.
    pub fn write(&self, folder: &Path) -> io::Result<Vec<Change>> {
        fs::create_dir_all(folder)?;
        let changes = self.compare(folder)?;
        for change in &changes {
            match change {
                Change::Orphan(path) => fs::remove_file(folder.join(path))?,
                Change::Missing(path) | Change::Differs { path, .. } => {
                    let target = folder.join(path);
                    target.parent().map_or(Ok(()), fs::create_dir_all)?;
                    fs::write(target, &self.0[path])?;
                }
            }
        }
        remove_empty(folder)?;
        Ok(changes)
    }
}

fn list(root: &Path, folder: &Path, found: &mut Vec<String>) -> io::Result<()> {
    for path in entries(folder)? {
        if path.is_dir() {
            list(root, &path, found)?;
        } else if let Ok(below) = path.strip_prefix(root) {
            found.push(below.to_string_lossy().replace('\\', "/"));
        }
    }
    Ok(())
}

/// The entries of a folder in the order of their names; none if it does not exist.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn remove_empty(folder: &Path) -> io::Result<()> {
    for path in entries(folder)?.into_iter().filter(|path| path.is_dir()) {
        remove_empty(&path)?;
        if entries(&path)?.is_empty() {
            fs::remove_dir(path)?;
        }
    }
    Ok(())
}
