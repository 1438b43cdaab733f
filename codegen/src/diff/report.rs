//! A report, for people and for tools.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Class, Row};

/// The changes from one version to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The old version.
    pub old: String,
    /// The new version.
    pub new: String,
    /// The changes, the gravest first.
    pub rows: Vec<Row>,
}

impl Report {
    /// How many changes are of a class.
    #[must_use]
    pub fn count(&self, class: Class) -> usize {
        self.of(class).count()
    }

    fn of(&self, class: Class) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.kind.class() == class)
    }

    /// The gravest class among the changes.
    #[must_use]
    pub fn worst(&self) -> Option<Class> {
        self.rows.iter().map(|row| row.kind.class()).min()
    }

    /// `3 breaking, 5 additive, 2 docs-only`.
    #[must_use]
    pub fn summary(&self) -> String {
        if self.rows.is_empty() {
            return "no changes".to_owned();
        }
        Class::ALL.map(|class| format!("{} {}", self.count(class), class.word())).join(", ")
    }

    /// For a terminal.
    #[must_use]
    pub fn text(&self, colour: bool) -> String {
        let paint = |class: Class, text: &str| match (colour, class) {
            (false, _) => text.to_owned(),
            (true, Class::Breaking) => format!("\u{1b}[31m{text}\u{1b}[0m"),
            (true, Class::Additive) => format!("\u{1b}[32m{text}\u{1b}[0m"),
            (true, Class::Docs) => format!("\u{1b}[2m{text}\u{1b}[0m"),
        };
        let mut out = String::new();
        for class in Class::ALL.into_iter().filter(|class| self.count(*class) > 0) {
            let _ = writeln!(out, "{}", paint(class, class.word()));
            for row in self.of(class) {
                let _ = writeln!(out, "  {} {}", paint(class, row.kind.word()), row.path);
                if let Some(change) = change(row, |text| text.to_owned()) {
                    let _ = writeln!(out, "    {change}");
                }
            }
        }
        let _ = writeln!(out, "{} → {}: {}", self.old, self.new, self.summary());
        out
    }

    /// For a pull request or a change log.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = format!("# {} → {}\n\n{}.\n", self.old, self.new, sentence(&self.summary()));
        for class in Class::ALL.into_iter().filter(|class| self.count(*class) > 0) {
            let _ = writeln!(out, "\n## {}\n", heading(class));
            for row in self.of(class) {
                let path = row.path.trim_start_matches("matrix_api::");
                let _ = write!(out, "- **{}** `{path}`", row.kind.word());
                match change(row, |text| format!("`{text}`")) {
                    Some(change) => {
                        let _ = writeln!(out, ": {change}");
                    }
                    None => out.push('\n'),
                }
            }
        }
        out
    }

    /// For tools: an object with the versions, the counts and the rows.
    #[must_use]
    pub fn json(&self) -> String {
        let rows: Vec<_> = self.rows.iter().map(json_row).collect();
        let counts: BTreeMap<_, _> = Class::ALL.iter().map(|class| (class.word(), self.count(*class))).collect();
        let report = serde_json::json!({ "old": self.old, "new": self.new, "counts": counts, "changes": rows });
        format!("{report:#}\n")
    }
}

fn json_row(row: &Row) -> serde_json::Value {
    serde_json::json!({
        "class": row.kind.class().word(),
        "rule": row.kind.word(),
        "path": row.path,
        "old": row.old,
        "new": row.new,
        "at": row.at,
        "why": row.kind.why(),
    })
}

/// From what to what. Words are not repeated: they are read where they stand.
fn change(row: &Row, quote: impl Fn(&str) -> String) -> Option<String> {
    let shown = |text: &String| if text.is_empty() { "nothing".to_owned() } else { quote(text) };
    if row.kind == super::Kind::WordsChanged {
        return None;
    }
    match (&row.old, &row.new) {
        (Some(old), Some(new)) => Some(format!("{} → {}", shown(old), shown(new))),
        (Some(one), None) | (None, Some(one)) => Some(shown(one)),
        (None, None) => None,
    }
}

fn heading(class: Class) -> &'static str {
    match class {
        Class::Breaking => "Breaking",
        Class::Additive => "Additive",
        Class::Docs => "Documentation only",
    }
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
