//! `cargo xtask semver`: does the version say what has changed since the release before?
//!
//! Two judges: our own comparison of the specs, which knows of retyped and
//! newly required fields, and cargo-semver-checks, which sees what hand-written
//! code has lost. Without an earlier release there is nothing to compare with.

use std::process::Command;

use matrix_api_codegen::diff::{Class, Side, compare, folder};

use crate::tool::{SEMVER_CHECKS, succeed};
use crate::{Outcome, diff, workspace};

type Failure = Box<dyn std::error::Error>;

/// Runs the command.
pub(crate) fn run(args: &[String]) -> Outcome {
    let before = match args {
        [] => released()?,
        [revision] => Some(revision.clone()),
        _ => return Err("usage: cargo xtask semver [<revision of the release before>]".into()),
    };
    let Some(before) = before else {
        println!("there is no earlier release to compare with");
        return Ok(());
    };
    let old = version(&git(&["show", &format!("{before}:Cargo.toml")])?)?;
    let new = version(&std::fs::read_to_string(workspace().join("Cargo.toml"))?)?;
    let side = |name: &str, texts| Side::read(name, &texts);
    let report =
        compare(&side(&before, diff::revision::texts(&before)?)?, &side("now", folder(&workspace().join("specs"))?)?);
    println!("{before} ({old}) to {new}: the specs have {}", report.summary());
    let most = allowed(old, new);
    if let Some(worst) = report.worst().filter(|worst| most.is_none_or(|most| *worst < most)) {
        return Err(format!("{new} is too small a step from {old} for changes that are {}", worst.word()).into());
    }
    let mut checks = SEMVER_CHECKS.command()?;
    checks.args(["semver-checks", "--package", "matrix-api", "--baseline-rev", &before]);
    succeed(&mut checks, "cargo semver-checks")
}

/// The release before this commit, if there was one.
fn released() -> Result<Option<String>, Failure> {
    let tags = git(&["tag", "--list", "v[0-9]*", "--merged", "HEAD~1", "--sort=-version:refname"])?;
    Ok(tags.lines().next().map(str::to_owned))
}

fn git(args: &[&str]) -> Result<String, Failure> {
    let output = Command::new("git").args(args).current_dir(workspace()).output()?;
    if output.status.success() {
        return Ok(String::from_utf8(output.stdout)?);
    }
    Err(format!("git {}: {}", args[0], String::from_utf8_lossy(&output.stderr).trim()).into())
}

/// Three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Version(u64, u64, u64);

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

fn version(manifest: &str) -> Result<Version, Failure> {
    let line = manifest.lines().find_map(|line| line.strip_prefix("version = \"")?.strip_suffix('"'));
    let parts: Vec<u64> = line.unwrap_or_default().split('.').filter_map(|part| part.parse().ok()).collect();
    match parts.as_slice() {
        [major, minor, patch] => Ok(Version(*major, *minor, *patch)),
        _ => Err("Cargo.toml has no line `version = \"1.2.3\"`".into()),
    }
}

/// The gravest class of change that the step may bring. Before 1.0 the second number is the one that breaks.
fn allowed(old: Version, new: Version) -> Option<Class> {
    if new <= old {
        return None;
    }
    let steps = [(old.0, new.0), (old.1, new.1)].map(|(old, new)| new > old);
    Some(match (steps, old.0) {
        ([true, _], _) | ([_, true], 0) => Class::Breaking,
        ([_, true], _) | (_, 0) => Class::Additive,
        _ => Class::Docs,
    })
}

#[cfg(test)]
mod tests {
    use matrix_api_codegen::diff::Class;

    use super::{Version, allowed, version};

    #[test]
    fn a_step_allows_what_its_number_stands_for() {
        let step = |old, new| allowed(old, new);
        assert_eq!(step(Version(1, 2, 3), Version(2, 0, 0)), Some(Class::Breaking));
        assert_eq!(step(Version(1, 2, 3), Version(1, 3, 0)), Some(Class::Additive));
        assert_eq!(step(Version(1, 2, 3), Version(1, 2, 4)), Some(Class::Docs));
        assert_eq!(step(Version(0, 1, 0), Version(0, 2, 0)), Some(Class::Breaking));
        assert_eq!(step(Version(0, 1, 0), Version(0, 1, 1)), Some(Class::Additive));
        assert_eq!(step(Version(0, 9, 0), Version(1, 0, 0)), Some(Class::Breaking));
        assert_eq!(step(Version(1, 2, 3), Version(1, 2, 3)), None);
    }

    #[test]
    fn the_version_is_read_from_the_manifest() {
        assert_eq!(version("[workspace.package]\nversion = \"0.1.0\"\n").unwrap(), Version(0, 1, 0));
        assert!(version("version = \"1\"\n").is_err());
    }
}
