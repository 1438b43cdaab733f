//! The page on the rules, and the list that compares them with oasdiff's.

use std::collections::{BTreeMap, BTreeSet};

use matrix_api_codegen::diff::Kind;

const LIST: &str = include_str!("oasdiff.tsv");
const PAGE: &str = include_str!("../../DIFF.md");

#[test]
fn the_page_has_every_rule_with_its_class() {
    for kind in Kind::ALL {
        let line = format!("| `{}` | {} | {} |", kind.word(), kind.class().word(), kind.why());
        assert!(PAGE.lines().any(|other| other == line), "DIFF.md lacks {line}");
    }
    let rules = PAGE.lines().filter(|line| line.starts_with("| `") && line.matches(" | ").count() == 2).count();
    assert_eq!(rules, Kind::ALL.len());
}

#[test]
fn every_check_of_oasdiff_has_a_verdict() {
    let words: BTreeSet<_> = Kind::ALL.iter().map(|kind| kind.word()).collect();
    let (mut counts, mut checks) = (BTreeMap::new(), BTreeSet::new());
    for line in LIST.lines().skip(1) {
        let columns: Vec<_> = line.split('\t').collect();
        let [check, verdict, rules, why] = columns[..] else { panic!("{line}") };
        assert!(checks.insert(check), "{check} stands twice");
        let unknown = rules.split_whitespace().find(|rule| !words.contains(rule));
        assert_eq!(unknown, None, "{check}");
        match verdict {
            "covered" => assert!(!rules.is_empty(), "{check} names no rule"),
            "no effect" | "not applicable" | "open" => assert!(!why.is_empty() && rules.is_empty(), "{check}"),
            other => panic!("{check}: {other}"),
        }
        *counts.entry(verdict).or_insert(0) += 1;
    }
    assert_eq!(checks.len(), 509);
    assert_eq!(counts, BTreeMap::from([("covered", 161), ("no effect", 103), ("not applicable", 245)]));
    assert!(PAGE.contains("161 are covered, 103 have no effect on the Rust, 245 do not apply, and none is open"));
}
