//! `cargo xtask diff <old> <new>`: what changed for those who use the generated Rust.
//!
//! Each side is a folder of specs, a folder that differs from one (`tests/data/specs-v1.18`),
//! a checkout of matrix-spec or its data folder, which is read under the tables of `specs`, or
//! a git revision of this repository. The exit code is for CI.

pub(crate) mod revision;

use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use matrix_api_codegen::diff::{Class, Report, Side, audit, compare, folder};

use crate::import::{self, Texts};
use crate::workspace;

type Failure = Box<dyn std::error::Error>;

const USAGE: &str = "\
usage: cargo xtask diff <old> <new> [--markdown | --json | --audit] [--notes]

  <old>, <new>   a folder of specs, a checkout of matrix-spec, or a git revision of this repository
  --markdown     for a pull request or the change log
  --json         for tools
  --audit        every difference of the documents, with its rows or why it has none
  --notes        also what the tables do not answer about either side

exit code: 0 nothing, or only documentation; 1 additive; 2 breaking; 3 the comparison failed";

/// Runs the command.
pub(crate) fn run(args: &[String]) -> ExitCode {
    match diff(args) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(3)
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Markdown,
    Json,
    Audit,
}

struct Options {
    old: String,
    new: String,
    format: Format,
    notes: bool,
}

fn parse(args: &[String]) -> Result<Options, Failure> {
    let (mut sides, mut format, mut notes) = (Vec::new(), Format::Text, false);
    for arg in args {
        let wanted = match arg.as_str() {
            "--markdown" => Format::Markdown,
            "--json" => Format::Json,
            "--audit" => Format::Audit,
            "--notes" => {
                notes = true;
                continue;
            }
            flag if flag.starts_with('-') => return Err(USAGE.into()),
            side => {
                sides.push(side.to_owned());
                continue;
            }
        };
        if format != Format::Text {
            return Err(USAGE.into());
        }
        format = wanted;
    }
    match <[String; 2]>::try_from(sides) {
        Ok([old, new]) => Ok(Options { old, new, format, notes }),
        Err(_) => Err(USAGE.into()),
    }
}

fn diff(args: &[String]) -> Result<u8, Failure> {
    let options = parse(args)?;
    let (old, new) = (texts(&options.old)?, texts(&options.new)?);
    let (old_name, new_name) = (name(&options.old, &old), name(&options.new, &new));
    if options.format == Format::Audit {
        return show_audit(&old, &new);
    }
    let (old, new) = (Side::read(old_name, &old)?, Side::read(new_name, &new)?);
    if options.notes {
        notes(&old);
        notes(&new);
    }
    let report = compare(&old, &new);
    match options.format {
        Format::Markdown => print!("{}", report.markdown()),
        Format::Json => print!("{}", report.json()),
        _ => print!("{}", report.text(colour())),
    }
    Ok(code(&report))
}

/// Words of documentation fail no build.
fn code(report: &Report) -> u8 {
    match report.worst() {
        None | Some(Class::Docs) => 0,
        Some(Class::Additive) => 1,
        Some(Class::Breaking) => 2,
    }
}

fn colour() -> bool {
    let unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    !unwanted && std::io::stdout().is_terminal()
}

fn notes(side: &Side) {
    for note in side.assumed() {
        eprintln!("{}: {note}", side.name);
    }
}

fn show_audit(old: &Texts, new: &Texts) -> Result<u8, Failure> {
    let audit = audit(old, new)?;
    print!("{audit}");
    Ok(if audit.is_complete() { 0 } else { 3 })
}

/// Reads a side, whatever it is.
fn texts(side: &str) -> Result<Texts, Failure> {
    let path = Path::new(side);
    if !path.is_dir() {
        return revision::texts(side);
    }
    if ["sources.yaml", "release.yaml"].iter().any(|file| path.join(file).is_file()) {
        return Ok(folder(path)?);
    }
    import::texts(path, &workspace().join("specs"))
}

/// The release that the documents are from, or else what was asked for.
fn name(side: &str, texts: &Texts) -> String {
    let sources = texts.get("sources.yaml").map(String::as_str).unwrap_or_default();
    let tag = sources.lines().find_map(|line| line.strip_prefix("  tag: ")).unwrap_or_default();
    if Path::new(side).is_dir() && tag != "unreleased" && !tag.is_empty() {
        format!("Matrix {tag}")
    } else {
        side.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use matrix_api_codegen::diff::{Kind, Report, Row};

    use super::{Format, code, name, parse};

    fn report(kinds: &[Kind]) -> Report {
        let row = |kind: &Kind| Row { kind: *kind, path: String::new(), old: None, new: None, at: String::new() };
        Report { old: String::new(), new: String::new(), rows: kinds.iter().map(row).collect() }
    }

    #[test]
    fn the_exit_code_is_that_of_the_gravest_change() {
        assert_eq!(code(&report(&[])), 0);
        assert_eq!(code(&report(&[Kind::WordsChanged])), 0);
        assert_eq!(code(&report(&[Kind::WordsChanged, Kind::FieldAdded])), 1);
        assert_eq!(code(&report(&[Kind::FieldAdded, Kind::FieldRemoved])), 2);
    }

    #[test]
    fn two_sides_and_at_most_one_form_are_asked_for() {
        let parse = |args: &[&str]| parse(&args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>());
        assert!(
            parse(&["a", "b", "--json", "--notes"])
                .is_ok_and(|options| options.format == Format::Json && options.notes)
        );
        for wrong in [&["a"][..], &["a", "b", "c"], &["a", "b", "--json", "--markdown"], &["a", "b", "--colour"]] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_folder_is_called_after_its_release_and_a_revision_after_itself() {
        let texts = |tag: &str| BTreeMap::from([("sources.yaml".to_owned(), format!("upstream:\n  tag: {tag}\n"))]);
        assert_eq!(name(".", &texts("v1.18")), "Matrix v1.18");
        assert_eq!(name(".", &texts("unreleased")), ".");
        assert_eq!(name("HEAD~1", &texts("v1.18")), "HEAD~1");
    }
}
