//! Where a release of the specification comes from: a folder, or a tag that git fetches.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Failure, Options};
use crate::import::{self, Release};

/// Instead of a tag: the highest that upstream has.
pub(super) const NEWEST: &str = "newest";

/// The folder with the release's documents, and which release it is.
pub(super) fn find(root: &Path, options: &Options, repository: &str) -> Result<(PathBuf, Release), Failure> {
    let folder = PathBuf::from(&options.upstream);
    if folder.is_dir() {
        let release = match (&options.tag, &options.commit) {
            (Some(tag), Some(commit)) => import::release(tag.clone(), commit.clone())?,
            (None, None) => checked_out(&folder)?,
            _ => return Err("a tag and its commit belong together".into()),
        };
        return Ok((folder, release));
    }
    if options.tag.is_some() || options.commit.is_some() {
        return Err(format!("{}: there is no such folder", folder.display()).into());
    }
    let repository = options.from.as_deref().unwrap_or(repository);
    let tag = match options.upstream.as_str() {
        NEWEST => newest(&git(root, &["ls-remote", "--tags", "--refs", repository, "v*"])?)?,
        tag if numbers(tag).is_some() => tag.to_owned(),
        other => return Err(format!("`{other}` is neither a folder nor a tag such as v1.19").into()),
    };
    fetch(root, repository, &tag)
}

/// The release that a checkout stands on.
fn checked_out(folder: &Path) -> Result<Release, Failure> {
    let hint = |error| format!("{}: {error}; otherwise give --tag and --commit", folder.display());
    let tag = git(folder, &["describe", "--tags", "--exact-match", "HEAD"]).map_err(hint)?;
    import::release(tag, git(folder, &["rev-parse", "HEAD"])?)
}

/// One commit without its history, in a folder of `target`.
fn fetch(root: &Path, repository: &str, tag: &str) -> Result<(PathBuf, Release), Failure> {
    let folder = root.join("target/matrix-spec").join(tag);
    std::fs::create_dir_all(&folder)?;
    git(&folder, &["init", "--quiet"])?;
    git(&folder, &["fetch", "--quiet", "--depth", "1", repository, &format!("refs/tags/{tag}")])?;
    git(&folder, &["checkout", "--quiet", "--force", "--detach", "FETCH_HEAD"])?;
    let release = import::release(tag.to_owned(), git(&folder, &["rev-parse", "HEAD"])?)?;
    Ok((folder, release))
}

/// The highest release among the lines of `git ls-remote`.
fn newest(listed: &str) -> Result<String, Failure> {
    let tags = listed.lines().filter_map(|line| line.rsplit_once("refs/tags/").map(|(_, tag)| tag));
    let highest = tags.filter_map(|tag| Some((numbers(tag)?, tag))).max();
    highest.map(|(_, tag)| tag.to_owned()).ok_or_else(|| "upstream has no release".into())
}

fn numbers(tag: &str) -> Option<(u32, u32)> {
    Release { tag: tag.to_owned(), commit: String::new() }.numbers()
}

/// What git prints, or what it says is wrong.
fn git(folder: &Path, args: &[&str]) -> Result<String, Failure> {
    let output = Command::new("git").args(args).current_dir(folder).output()?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?.trim().to_owned());
    }
    Err(format!("git {}: {}", args[0], String::from_utf8_lossy(&output.stderr).trim()).into())
}

#[cfg(test)]
mod tests {
    use super::newest;

    #[test]
    fn the_newest_release_is_the_highest_number_and_no_other_tag() {
        let listed = "0a\trefs/tags/v1.9\n0b\trefs/tags/v1.19\n0c\trefs/tags/v1.19-rc1\n0d\trefs/tags/v1.2\n0e\trefs/tags/r0.6.1";
        assert_eq!(newest(listed).unwrap(), "v1.19");
        assert_eq!(newest("0a\trefs/tags/r0.6.1").unwrap_err().to_string(), "upstream has no release");
    }
}
