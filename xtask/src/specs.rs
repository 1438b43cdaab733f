//! `cargo xtask specs verify`: the specs beside a second source, the routes that Synapse registers.
//!
//! What the homeserver lacks and what it serves beyond the specs is known and
//! committed, each with a word on why; another list is drift, of the specs or of Synapse.
//! A proposal that it serves says under which operation it is here, or why it is left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use crate::{Outcome, codegen, synapse, workspace};

const USAGE: &str = "usage: cargo xtask specs verify [--bless]";

/// What is known to differ.
const KNOWN: &str = "tests/data/synapse-routes.tsv";

const HEADER: &str = "side\tmethod\tpath or pattern\twhy";

/// The paths of which Synapse is a judge; the others belong to other services.
const JUDGED: [&str; 6] = [
    "/.well-known/",
    "/_matrix/client/",
    "/_matrix/federation/",
    "/_matrix/key/",
    "/_matrix/media/",
    "/_synapse/admin/",
];

/// A side, a method, and a path or a pattern; the value is why.
type Rows = BTreeMap<(String, String, String), String>;

/// Runs the command.
pub(crate) fn run(args: &[String]) -> Outcome {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["verify"] => verify(false),
        ["verify", "--bless"] => verify(true),
        _ => Err(USAGE.into()),
    }
}

/// Compares every operation with the routes.
pub(crate) fn verify(bless: bool) -> Outcome {
    let all = codegen::calls()?;
    let calls: Vec<_> = all.iter().filter(|(_, path)| JUDGED.iter().any(|start| path.starts_with(start))).collect();
    let pairs: Vec<_> = calls.iter().map(|(method, path)| (*method, path.as_str())).collect();
    let found = rows(&synapse::routes(&pairs)?)?;
    let file = workspace().join(KNOWN);
    let known = read(&file)?;
    show(&found);
    let (lacks, serves): (Vec<_>, Vec<_>) = found.keys().partition(|(side, ..)| side == "lacks");
    println!("{} operations, {} without a route, {} routes beyond the specs", calls.len(), lacks.len(), serves.len());
    if bless {
        return Ok(fs::write(file, written(&found, &known))?);
    }
    let operations = codegen::operations()?;
    settle(&found, &known, &operations.iter().map(|(_, operation)| operation.as_str()).collect())
}

fn show(found: &Rows) {
    for (side, method, what) in found.keys() {
        println!("{side:<6} {method:<6} {what}");
    }
}

/// What Python prints.
fn rows(output: &str) -> Result<Rows, String> {
    let row = |line: &str| {
        let mut words = line.splitn(3, ' ').map(str::to_owned);
        let key = (words.next()?, words.next()?, words.next()?);
        ["lacks", "serves"].contains(&key.0.as_str()).then_some((key, String::new()))
    };
    output.lines().map(|line| row(line).ok_or_else(|| format!("not a route: {line}"))).collect()
}

fn read(file: &Path) -> Result<Rows, Box<dyn std::error::Error>> {
    let text = fs::read_to_string(file).unwrap_or_else(|_| format!("{HEADER}\n"));
    if text.lines().next() != Some(HEADER) {
        return Err(format!("{}: the first line is not `{HEADER}`", file.display()).into());
    }
    let row = |line: &str| {
        let [side, method, what, why] = line.split('\t').collect::<Vec<_>>().try_into().ok()?;
        let [side, method, what]: [String; 3] = [side, method, what].map(str::to_owned);
        Some(((side, method, what), why.to_owned()))
    };
    let broken = |line: &str| format!("{}: expected four columns: {line}", file.display());
    text.lines().skip(1).map(|line| row(line).ok_or_else(|| broken(line).into())).collect()
}

fn written(found: &Rows, known: &Rows) -> String {
    let mut text = format!("{HEADER}\n");
    for key @ (side, method, what) in found.keys() {
        let why = known.get(key).map_or("", String::as_str);
        let _ = writeln!(text, "{side}\t{method}\t{what}\t{why}");
    }
    text
}

/// Whether a reason is one: that of a proposal ends with `; here as <operations>` or `; left out: <why>`.
fn decided(why: &str, operations: &BTreeSet<&str>) -> bool {
    if !why.starts_with("unstable: ") {
        return !why.is_empty();
    }
    match why.split_once("; ").map(|(_, decision)| decision) {
        Some(decision) => match decision.strip_prefix("here as ") {
            Some(names) => names.split(", ").all(|name| operations.contains(name)),
            None => decision.strip_prefix("left out: ").is_some_and(|why| !why.is_empty()),
        },
        None => false,
    }
}

/// Both lists are the same, and every row says why.
fn settle(found: &Rows, known: &Rows, operations: &BTreeSet<&str>) -> Outcome {
    let mut drift = Vec::new();
    let line = |(side, method, what): &(String, String, String)| format!("{side} {method} {what}");
    drift.extend(found.keys().filter(|key| !known.contains_key(*key)).map(|key| format!("new: {}", line(key))));
    drift.extend(known.keys().filter(|key| !found.contains_key(*key)).map(|key| format!("gone: {}", line(key))));
    let undecided = known.iter().filter(|(_, why)| !decided(why, operations));
    drift.extend(undecided.map(|(key, _)| format!("no reason: {}", line(key))));
    if drift.is_empty() {
        return Ok(());
    }
    Err(format!("{}\n{KNOWN} says otherwise: look at it, then `cargo xtask specs verify --bless`", drift.join("\n"))
        .into())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Rows, decided, read, rows, written};
    use crate::{Outcome, codegen, workspace};

    fn found() -> Rows {
        rows("lacks GET /a/{b}\nserves PUT ^/c d$\n").unwrap()
    }

    fn known(why: &str) -> Rows {
        found().into_keys().map(|key| (key, why.to_owned())).collect()
    }

    fn settle(found: &Rows, known: &Rows) -> Outcome {
        super::settle(found, known, &BTreeSet::from(["putIt", "getIt"]))
    }

    #[test]
    fn another_list_and_a_row_without_a_reason_are_drift() {
        assert!(settle(&found(), &known("old")).is_ok());
        assert!(settle(&found(), &known("")).unwrap_err().to_string().starts_with("no reason: lacks GET /a/{b}\n"));
        let (mut fewer, mut more) = (known("old"), known("old"));
        fewer.pop_last();
        more.insert(("serves".into(), "GET".into(), "^/e$".into()), "old".into());
        assert!(settle(&found(), &fewer).unwrap_err().to_string().starts_with("new: serves PUT ^/c d$\n"));
        assert!(settle(&found(), &more).unwrap_err().to_string().starts_with("gone: serves GET ^/e$\n"));
        assert_eq!(rows("knows GET /a").unwrap_err(), "not a route: knows GET /a");
    }

    #[test]
    fn a_proposal_is_here_under_a_name_or_left_out_for_a_reason() {
        let decided = |why: &str| decided(why, &BTreeSet::from(["putIt", "getIt"]));
        for why in
            ["a page", "unstable: a; here as getIt", "unstable: a; here as putIt, getIt", "unstable: a; left out: b"]
        {
            assert!(decided(why), "{why}");
        }
        for why in ["", "unstable: a", "unstable: a; here as haveIt", "unstable: a; left out: ", "unstable: a; later"] {
            assert!(!decided(why), "{why}");
        }
    }

    #[test]
    fn what_is_written_is_read_again_and_reasons_are_kept() {
        let text = written(&found(), &known("old"));
        assert!(text.ends_with("lacks\tGET\t/a/{b}\told\nserves\tPUT\t^/c d$\told\n"), "{text}");
        let file = std::env::temp_dir().join(format!("matrix-api-routes-{}", std::process::id()));
        std::fs::write(&file, text).unwrap();
        let again = read(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        assert_eq!(again, known("old"));
    }

    #[test]
    fn the_committed_list_has_a_reason_in_every_row() {
        let known = read(&workspace().join(super::KNOWN)).unwrap();
        let operations = codegen::operations().unwrap();
        let operations = operations.iter().map(|(_, operation)| operation.as_str()).collect();
        assert!(!known.is_empty());
        super::settle(&known, &known, &operations).unwrap();
    }
}
