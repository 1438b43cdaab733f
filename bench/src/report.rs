//! RESULTS.md: a section for each subject, and all goals at its head.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What was measured of one subject.
pub(crate) struct Section {
    pub(crate) title: &'static str,
    /// What is measured, how, and the table of it.
    pub(crate) body: String,
    pub(crate) goals: Vec<Goal>,
}

/// What was wanted, and what was found.
pub(crate) struct Goal {
    pub(crate) wanted: String,
    pub(crate) found: String,
    pub(crate) met: bool,
}

impl Goal {
    pub(crate) fn at_least(wanted: &str, least: f64, found: f64) -> Self {
        Self { wanted: format!("{wanted}: at least {least}"), found: format!("{found:.2}"), met: found >= least }
    }

    pub(crate) fn at_most(wanted: &str, most: f64, found: f64) -> Self {
        Self { wanted: format!("{wanted}: at most {most}"), found: format!("{found:.2}"), met: found <= most }
    }
}

impl Section {
    pub(crate) fn text(&self, name: &str) -> String {
        let mut text = format!("## {}\n\n{}\n", self.title, self.body.trim_end());
        let _ = write!(text, "\n{GOALS_HEAD}\n|---|---|---|\n");
        for Goal { wanted, found, met } in &self.goals {
            let _ = writeln!(text, "| {wanted} | {found} | {} |", if *met { MET } else { MISSED });
        }
        // What was tried, by hand.
        if let Ok(notes) = fs::read_to_string(folder().join("notes").join(format!("{name}.md"))) {
            let _ = write!(text, "\n{}", notes.trim_start());
        }
        text
    }
}

/// The head of a section's goals.
const GOALS_HEAD: &str = "| Goal | Found | |";
const MET: &str = "met";
const MISSED: &str = "**missed**";

/// A table out of rows of cells; the first row is its head.
pub(crate) fn table(rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let Some((head, rows)) = rows.split_first() else { return String::new() };
    let rule = format!("|{}\n", "---|".repeat(head.len()));
    [line(head), rule].into_iter().chain(rows.iter().map(|row| line(row))).collect()
}

pub(crate) fn cells(cells: &[&dyn std::fmt::Display]) -> Vec<String> {
    cells.iter().map(ToString::to_string).collect()
}

/// The folder that cargo builds a workspace into.
pub(crate) fn target(workspace: &Path) -> PathBuf {
    workspace.join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// The folder of this workspace.
pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_path_buf()
}

/// Puts a section into RESULTS.md, in place of what it said before.
pub(crate) fn put(name: &str, section: &Section) {
    let path = folder().join("RESULTS.md");
    let old = fs::read_to_string(&path).unwrap_or_default();
    let mut sections: Vec<(String, String)> = old.split("\n## ").skip(1).filter_map(named).collect();
    sections.retain(|(title, _)| title != section.title && title != GOALS);
    sections.push((section.title.to_owned(), section.text(name)));
    sections.sort_by_key(|(title, _)| crate::SUBJECTS.iter().position(|subject| subject.title == title));
    let mut text = format!("{HEAD}\n{}\n\n## {GOALS}\n\n{}", machine(), goals(&sections));
    for (_, section) in &sections {
        let _ = write!(text, "\n{}\n", section.trim());
    }
    fs::write(&path, text).expect("the file can be written");
}

const GOALS: &str = "Goals";

const HEAD: &str = "\
# Results

Written by `cargo xtask bench`; what was tried is written by hand, in `notes/`.

Ratios count, absolute figures do not: the machine is shared, with other builds running beside.
Times are therefore CPU times, taken in turns with whom they are compared with; memory is what the allocator hands out.
Limits on sizes, and leniency with what servers get wrong, are on, as they are for everybody.
";

fn named(section: &str) -> Option<(String, String)> {
    let (title, _) = section.split_once('\n')?;
    Some((title.to_owned(), format!("## {section}")))
}

/// All goals of all sections, each with its title.
fn goals(sections: &[(String, String)]) -> String {
    let mut rows = vec![cells(&[&"Subject", &"Goal", &"Found", &""])];
    for (title, text) in sections {
        // Only what stands below the head of the goals, which is followed by a rule.
        let below = text.lines().skip_while(|line| *line != GOALS_HEAD).skip(2);
        for line in below.take_while(|line| line.starts_with('|')) {
            let goal =
                line.trim_start_matches('|').trim_end_matches('|').split(" | ").map(|cell| cell.trim().to_owned());
            rows.push([title.clone()].into_iter().chain(goal).collect());
        }
    }
    table(&rows)
}

/// Where it was measured.
fn machine() -> String {
    let output = Command::new("rustc").arg("--version").output().expect("rustc is there");
    let rustc = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let lock = fs::read_to_string(folder().join("Cargo.lock")).unwrap_or_default();
    let version = |name: &str| {
        let package = format!("name = \"{name}\"\nversion = \"");
        lock.split(&package).nth(1).and_then(|rest| rest.split('"').next()).unwrap_or("?").to_owned()
    };
    let peers =
        ["ruma", "ruma-client-api", "ruma-events", "ruma-client", "reqwest", "hyper", "hyper-util", "serde_json"];
    let peers: Vec<String> = peers.iter().map(|name| format!("{name} {}", version(name))).collect();
    format!("{cores} CPUs, {rustc}; {}.", peers.join(", "))
}
