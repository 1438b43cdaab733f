//! Changes made by hand, each with all that must be said of it.

use std::collections::{BTreeMap, BTreeSet};

use matrix_api_codegen::diff::{Class, Kind, Report, Side, compare};

use crate::base;

pub(crate) mod list;

/// A change: the files, what stands there and what will; and the rows, as `rule path: old → new`.
/// A file that is not there is made, and one that nothing is left of goes.
pub(crate) struct Mutation {
    pub(crate) name: &'static str,
    pub(crate) edits: &'static [(&'static str, &'static str, &'static str)],
    pub(crate) rows: &'static [&'static str],
}

pub(crate) fn mutated(mutation: &Mutation) -> BTreeMap<String, String> {
    let mut texts = base::texts();
    for (file, from, to) in mutation.edits {
        let text = texts.entry((*file).to_owned()).or_default();
        assert!(text.contains(from), "{}: `{from}` is not in {file}", mutation.name);
        *text = text.replacen(from, to, 1);
        if text.is_empty() {
            texts.remove(*file);
        }
    }
    texts
}

fn report(mutation: &Mutation) -> Report {
    let old = Side::read("old", &base::texts()).expect("the base is understood");
    let new = Side::read("new", &mutated(mutation));
    compare(&old, &new.unwrap_or_else(|error| panic!("{}: {error}", mutation.name)))
}

fn shown(report: &Report) -> Vec<String> {
    let side = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let row = |row: &matrix_api_codegen::diff::Row| {
        let path = row.path.trim_start_matches("matrix_api::");
        format!("{} {path}: {} → {}", row.kind.word(), side(&row.old), side(&row.new))
    };
    report.rows.iter().map(row).collect()
}

#[test]
fn the_base_fits_its_tables() {
    let side = Side::read("base", &base::texts()).expect("the base is understood");
    assert_eq!(side.assumed(), []);
}

#[test]
fn every_change_by_hand_has_exactly_its_rows() {
    let mut wrong = String::new();
    for mutation in list::all() {
        let found = shown(&report(mutation));
        if found != mutation.rows {
            wrong.push_str(&format!("{}:\n", mutation.name));
            found.iter().for_each(|row| wrong.push_str(&format!("    {row:?},\n")));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn every_rule_is_shown_by_a_change_by_hand() {
    let seen: BTreeSet<Kind> = list::all().flat_map(|one| report(one).rows).map(|row| row.kind).collect();
    let unseen: Vec<_> = Kind::ALL.iter().filter(|kind| !seen.contains(kind)).map(|kind| kind.word()).collect();
    assert_eq!(unseen, [""; 0]);
}

#[test]
fn a_report_says_the_same_in_every_form() {
    let mutation =
        list::all().find(|one| one.name == "a member of a sent type becomes required").expect("it is listed");
    let report = report(mutation);
    assert_eq!(report.worst(), Some(Class::Breaking));
    assert_eq!(
        report.text(false),
        "breaking\n  field-became-required matrix_api::client_server::PutThing::note\n    Option<String> → String\n\
         old → new: 1 breaking, 0 additive, 0 docs-only\n"
    );
    assert!(report.text(true).starts_with("\u{1b}[31mbreaking\u{1b}[0m\n"));
    assert_eq!(
        report.markdown(),
        "# old → new\n\n1 breaking, 0 additive, 0 docs-only.\n\n## Breaking\n\n\
         - **field-became-required** `client_server::PutThing::note`: `Option<String>` → `String`\n"
    );
    let json: serde_json::Value = serde_json::from_str(&report.json()).expect("it is JSON");
    assert_eq!(json["counts"], serde_json::json!({"breaking": 1, "additive": 0, "docs-only": 0}));
    assert_eq!(json["changes"][0]["rule"], "field-became-required");
    assert_eq!(json["changes"][0]["path"], "matrix_api::client_server::PutThing::note");
}
