//! The counts of several steps, as a page.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::audit::audit_specs;
use super::{Audit, Class, Report, Side, compare};
use crate::error::{Error, Errors};
use crate::load::{self, Specs, Texts};

/// What several releases in a row meant for users of the Rust.
#[derive(Clone, Debug, Default)]
pub struct Table {
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
struct Step {
    name: String,
    counts: [usize; 3],
    differences: usize,
    with_rows: usize,
    reasons: BTreeMap<&'static str, usize>,
}

impl Table {
    /// The steps of a history: releases by tag, oldest first.
    ///
    /// # Errors
    ///
    /// What the generator does not understand, and differences that nothing explains.
    pub fn of(releases: &[(String, Texts)]) -> Result<Self, Errors> {
        let mut table = Self::default();
        if releases.len() < 2 {
            return Ok(table);
        }
        let mut before: Option<(Specs, Side)> = None;
        for (tag, texts) in releases {
            let specs = load::documents(texts)?;
            let side = Side::lower(format!("Matrix {tag}"), specs.clone())?;
            if let Some((old, old_side)) = before {
                let audit = audit_specs(old, specs.clone())?;
                if !audit.is_complete() {
                    return Err(Error::new(&side.name, "", format!("after {}\n{audit}", old_side.name)).into());
                }
                table.add(&compare(&old_side, &side), &audit);
            }
            before = Some((specs, side));
        }
        Ok(table)
    }

    fn add(&mut self, report: &Report, audit: &Audit) {
        let (with_rows, reasons) = audit.counts();
        self.steps.push(Step {
            name: format!("{} → {}", report.old, report.new),
            counts: Class::ALL.map(|class| report.count(class)),
            differences: audit.differences.len(),
            with_rows,
            reasons,
        });
    }

    /// The page.
    #[must_use]
    pub fn markdown(&self) -> String {
        let breaking = self.steps.iter().filter(|step| step.counts[0] > 0).count();
        let mut out = format!(
            "# What the specification's releases mean for ours\n\n\
             Changes of the generated Rust from release to release, by `cargo xtask diff`, under today's tables.\n\
             {breaking} of {} steps would have needed a major release.\n\n\
             | Step | Breaking | Additive | Documentation only | Release |\n|---|--:|--:|--:|---|\n",
            self.steps.len(),
        );
        for Step { name, counts, .. } in &self.steps {
            let [breaking, additive, docs] = counts;
            let _ = writeln!(out, "| {name} | {breaking} | {additive} | {docs} | {} |", release(counts));
        }
        out.push_str(&self.differences());
        out
    }

    /// What became of every difference of the documents.
    fn differences(&self) -> String {
        let mut out = String::from(
            "\n## Differences of the documents\n\n\
             Each difference is tried alone: it makes rows, or it has no effect on the Rust for a reason on this list.\n\
             `cargo xtask diff <old> <new> --audit` shows them one by one.\n\n| |",
        );
        let short = |step: &Step| step.name.replace("Matrix ", "");
        for step in &self.steps {
            let _ = write!(out, " {} |", short(step));
        }
        let _ = write!(out, "\n|---|{}", "--:|".repeat(self.steps.len()));
        let mut line = |name: &str, count: &dyn Fn(&Step) -> usize| {
            let _ = write!(out, "\n| {name} |");
            for step in &self.steps {
                let _ = write!(out, " {} |", count(step));
            }
        };
        line("all", &|step| step.differences);
        line("with rows", &|step| step.with_rows);
        let reasons: std::collections::BTreeSet<_> = self.steps.iter().flat_map(|step| step.reasons.keys()).collect();
        for reason in reasons {
            line(&format!("none: {reason}"), &|step| step.reasons.get(reason).copied().unwrap_or_default());
        }
        out.push('\n');
        out
    }
}

/// The release that a step asks for, as semantic versioning has it.
fn release(counts: &[usize; 3]) -> &'static str {
    match counts {
        [0, 0, 0] => "none",
        [0, 0, _] => "patch",
        [0, _, _] => "minor",
        _ => "major",
    }
}
