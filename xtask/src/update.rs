//! `cargo xtask update <release>`: everything that another release of the specification means for this repository.
//!
//! Import, patches, code, comparison, words, history and change log, each with a
//! line of its own; what is left is a tree to be committed. If something is for
//! a person to decide, the rest is done all the same, the list of it is printed,
//! and the command fails.

mod papers;
#[cfg(test)]
mod tests;
mod upstream;

use std::fs;
use std::path::{Path, PathBuf};

use matrix_api_codegen::diff::{Kind, Report, Side, compare, folder};
use matrix_api_codegen::{Errors, Generated};

use crate::import::{self, Release, Texts};
use crate::{Outcome, codegen, workspace};

type Failure = Box<dyn std::error::Error>;

const USAGE: &str = "\
usage: cargo xtask update <upstream> [--tag <tag> --commit <sha>] [--from <repository>] [--changelog] [--report <file>]

  <upstream>     a checkout of matrix-spec, a tag of it, or `newest`
  --tag          with --commit: the release, for a checkout that is no git repository
  --from         the repository that tags are fetched from; specs/sources.yaml names the usual one
  --changelog    also writes a section of CHANGELOG.md
  --report       what happened, as Markdown, for a pull request";

/// What was asked for.
#[derive(Debug, Default)]
struct Options {
    upstream: String,
    tag: Option<String>,
    commit: Option<String>,
    from: Option<String>,
    report: Option<PathBuf>,
    changelog: bool,
}

/// Runs the command.
pub(crate) fn run(args: &[String]) -> Outcome {
    let options = parse(args)?;
    update(&workspace(), &options)
}

fn parse(args: &[String]) -> Result<Options, Failure> {
    let mut options = Options::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let mut value = || args.next().cloned().ok_or(USAGE);
        match arg.as_str() {
            "--tag" => options.tag = Some(value()?),
            "--commit" => options.commit = Some(value()?),
            "--from" => options.from = Some(value()?),
            "--report" => options.report = Some(PathBuf::from(value()?)),
            "--changelog" => options.changelog = true,
            other if !other.starts_with('-') && options.upstream.is_empty() => options.upstream = other.to_owned(),
            _ => return Err(USAGE.into()),
        }
    }
    if options.upstream.is_empty() {
        return Err(USAGE.into());
    }
    Ok(options)
}

/// The steps, and what is found on the way.
struct Update<'a> {
    root: &'a Path,
    /// What a person has to decide.
    open: Vec<String>,
    step: usize,
}

const STEPS: usize = 8;

fn update(root: &Path, options: &Options) -> Outcome {
    let specs = root.join("specs");
    let mut update = Update { root, open: Vec::new(), step: 0 };
    let (old, repository) = import::held(&specs)?;
    let (checkout, new) = upstream::find(root, options, &repository)?;
    update.say(format!("upstream: {} ({}), after {}", new.tag, short(&new.commit), old.tag));
    if options.upstream == upstream::NEWEST && new == old {
        println!("{} is the newest release; nothing to do", new.tag);
        return Ok(());
    }
    let before = folder(&specs)?;
    let done = import::import(&checkout, &specs, Some(new.clone()))?;
    papers::notice(root, &old, &new)?;
    update.say(format!("import: {} files, {} removed", done.files, done.removed));
    update.patches(&specs);
    let generated = update.generate(&specs)?;
    let report = update.compare(&before, &specs, &old, &new)?;
    update.words(generated.as_ref())?;
    update.history(&before, &old, &new, &report)?;
    update.changelog(options.changelog, &old, &new, &report)?;
    if let Some(file) = &options.report {
        fs::write(file, papers::pull_request(&new, &report, &update.open))?;
    }
    papers::mentions(root, &old, &new)?.iter().for_each(|place| println!("still says {}: {place}", old.tag));
    update.finish(&new)
}

impl Update<'_> {
    /// The line of a step.
    fn say(&mut self, what: impl std::fmt::Display) {
        self.step += 1;
        println!("[{}/{STEPS}] {what}", self.step);
    }

    fn left(&mut self, errors: &Errors) {
        self.open.extend(errors.to_string().lines().map(str::to_owned));
    }

    /// Which corrections upstream has made unnecessary.
    fn patches(&mut self, specs: &Path) {
        match matrix_api_codegen::patches(specs) {
            Ok((needed, others)) => self.say(format!("patches: {needed} apply, {others} are for other releases")),
            Err(errors) => {
                let count = errors.to_string().lines().count();
                self.say(format!("patches: {count} no longer apply; say `until`, or mend them"));
            }
        }
    }

    /// The code, unless something is left to decide.
    fn generate(&mut self, specs: &Path) -> Result<Option<Generated>, Failure> {
        match matrix_api_codegen::generate(specs) {
            Ok(generated) => {
                let changed = codegen::write(self.root, &generated)?.len();
                self.say(format!("code: {} operations, {changed} files changed", generated.ops.len()));
                Ok(Some(generated))
            }
            Err(errors) => {
                self.left(&errors);
                self.say(format!("code: not written, {} places need a decision", self.open.len()));
                Ok(None)
            }
        }
    }

    fn compare(&mut self, before: &Texts, specs: &Path, old: &Release, new: &Release) -> Result<Report, Failure> {
        let side = |release: &Release, texts: &Texts| Side::read(format!("Matrix {}", release.tag), texts);
        let report = compare(&side(old, before)?, &side(new, &folder(specs)?)?);
        self.say(format!("changes: {}", report.summary()));
        let spared = [Kind::OperationRenamed, Kind::FieldBecameRequired, Kind::FieldAddedRequired];
        let rows = report.rows.iter().filter(|row| spared.contains(&row.kind));
        rows.for_each(|row| println!("      {} {}: compatibility.yaml can spare it", row.kind.word(), row.path));
        Ok(report)
    }

    /// What is new and has no words.
    fn words(&mut self, generated: Option<&Generated>) -> Outcome {
        let Some(generated) = generated else {
            self.say("words: to be counted once the code is written");
            return Ok(());
        };
        let missing = &generated.undocumented;
        let count = generated.coverage.documented;
        self.say(format!("words: {count} of {} places documented", generated.coverage.total));
        self.open.extend(missing.iter().map(|spot| format!("specs/docs: `{spot}` needs a line")));
        codegen::ratchet(self.root, generated.coverage, false).or(Ok(()))
    }

    /// Keeps what the tests need of the release that is left. A step back leaves history alone.
    fn history(&mut self, before: &Texts, old: &Release, new: &Release, report: &Report) -> Outcome {
        if old.numbers() >= new.numbers() {
            self.say("history: as it was, for this is no step ahead");
            return Ok(());
        }
        let files = papers::keep(self.root, before, old)?;
        let page = papers::changes(self.root, new, report)?;
        match papers::table(self.root) {
            Ok(()) => {}
            Err(error) => self.open.push(format!("specs/semver.md: {error}")),
        }
        self.say(format!("history: {files} files kept of {}, {page} and specs/semver.md written", old.tag));
        Ok(())
    }

    fn changelog(&mut self, wanted: bool, old: &Release, new: &Release, report: &Report) -> Outcome {
        if wanted {
            papers::changelog(self.root, old, new, report)?;
            self.say("change log: a section written");
        } else {
            self.say("change log: not asked for");
        }
        Ok(())
    }

    fn finish(self, new: &Release) -> Outcome {
        if self.open.is_empty() {
            println!("{} is in; `cargo xtask test` says whether it holds", new.tag);
            return Ok(());
        }
        self.open.iter().for_each(|place| println!("open: {place}"));
        Err(format!("{} things are left to decide; then `cargo xtask codegen`", self.open.len()).into())
    }
}

fn short(commit: &str) -> &str {
    commit.get(..8).unwrap_or(commit)
}
