//! What is written down about a release: notice, history, reports, change log.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use matrix_api_codegen::diff::{Report, Table, releases};

use super::Failure;
use crate::import::{self, Release, Target, Texts};

/// The release as its folder and its page are called.
fn number(release: &Release) -> &str {
    release.tag.trim_start_matches('v')
}

/// NOTICE names the release that the facts are from.
pub(super) fn notice(root: &Path, old: &Release, new: &Release) -> Result<(), Failure> {
    let named = |release: &Release| format!("{}, commit {}", release.tag, release.commit);
    replace(&root.join("NOTICE"), &named(old), &named(new))
}

fn replace(file: &Path, from: &str, to: &str) -> Result<(), Failure> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    if !text.contains(from) {
        return Err(format!("{}: does not say `{from}`", file.display()).into());
    }
    Ok(fs::write(file, text.replace(from, to))?)
}

/// Writes the files in which the release that is left differs from the one that has come.
pub(super) fn keep(root: &Path, before: &Texts, old: &Release) -> Result<usize, Failure> {
    let data = root.join("tests/data");
    let into = data.join(format!("specs-{}", old.tag));
    let target = Target { into: into.clone(), beside: root.join("specs") };
    let files = import::write_texts(before, &old.tag, &target)?;
    // The release before was read beside `specs`, which is now another one.
    for entry in fs::read_dir(&data)? {
        let folder = entry?.path();
        let file = folder.join("release.yaml");
        if folder == into || !file.is_file() {
            continue;
        }
        let text = fs::read_to_string(&file)?;
        let beside = format!("beside: \"../specs-{}\"\n", old.tag);
        let moved = text.replace("beside: \"../../../specs\"\n", &beside);
        if moved != text {
            fs::write(&file, moved)?;
        }
    }
    Ok(files)
}

/// The report on the release, as a page of its own.
pub(super) fn changes(root: &Path, new: &Release, report: &Report) -> Result<String, Failure> {
    let page = format!("specs/CHANGES-{}.md", number(new));
    fs::write(root.join(&page), report.markdown())?;
    Ok(page)
}

/// The counts of every step.
pub(super) fn table(root: &Path) -> Result<(), Failure> {
    let releases = releases(&root.join("tests/data"), &root.join("specs"))?;
    Ok(fs::write(root.join("specs/semver.md"), Table::of(&releases)?.markdown())?)
}

/// Names the release in the head of what is unreleased, and tells there what has changed.
pub(super) fn changelog(root: &Path, old: &Release, new: &Release, report: &Report) -> Result<(), Failure> {
    let file = root.join("CHANGELOG.md");
    let text = fs::read_to_string(&file)?;
    Ok(fs::write(&file, with_section(&text, old, new, report)?)?)
}

pub(super) fn with_section(text: &str, old: &Release, new: &Release, report: &Report) -> Result<String, Failure> {
    let (head, rest) = text.split_once("\n## Unreleased\n").ok_or("CHANGELOG.md has no section `Unreleased`")?;
    let (unreleased, older) = rest.split_at(rest.find("\n## ").unwrap_or(rest.len()));
    let named = |release: &Release| format!("Matrix {} (matrix-spec `{}`)", release.tag, release.commit);
    if !unreleased.contains(&named(old)) {
        return Err(format!("CHANGELOG.md does not say that it is made from {}", named(old)).into());
    }
    let unreleased = unreleased.replace(&named(old), &named(new));
    let at = unreleased.find("\n### ").unwrap_or(unreleased.len());
    let (intro, sections) = unreleased.split_at(at);
    Ok(format!("{head}\n## Unreleased\n{intro}\n{}{sections}{older}", section(report)))
}

/// The report, one heading deeper than a page of its own.
fn section(report: &Report) -> String {
    let mut out = String::new();
    for line in report.markdown().lines() {
        let deeper = if line.starts_with('#') { "##" } else { "" };
        let _ = writeln!(out, "{deeper}{line}");
    }
    out
}

/// The text of a pull request.
pub(super) fn pull_request(new: &Release, report: &Report, open: &[String]) -> String {
    let mut out = format!("Takes Matrix {} (matrix-spec `{}`).\n", new.tag, new.commit);
    if !open.is_empty() {
        out.push_str("\n## Left to decide\n\n");
        for place in open {
            let _ = writeln!(out, "- [ ] {place}");
        }
    }
    let _ = write!(out, "\n{}", section(report).replacen("### ", "## ", 1));
    out
}

/// Pages that are written by hand and name the release that is left.
pub(super) fn mentions(root: &Path, old: &Release, new: &Release) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    if old.tag == new.tag {
        return Ok(found);
    }
    for page in ["README.md", "ARCHITECTURE.md", "matrix-api/README.md", "matrix-api/src/lib.rs"] {
        let Ok(text) = fs::read_to_string(root.join(page)) else { continue };
        let lines = text.lines().enumerate().filter(|(_, line)| line.contains(&old.tag));
        found.extend(lines.map(|(index, _)| format!("{page}:{}", index + 1)));
    }
    Ok(found)
}
