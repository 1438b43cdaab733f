//! Every refusal once, with its file and place.

use std::collections::BTreeMap;

use matrix_api_codegen::generate_from;

use crate::{case, expect};

#[test]
fn what_is_not_understood_is_refused_with_its_place() {
    let mut failures = Vec::new();
    for case in case::all("refusals") {
        match case.generate() {
            Ok(_) => failures.push(format!("{}: not refused", case.name)),
            Err(errors) => {
                expect::file(&case.folder.join("refusal.txt"), &format!("{errors}\n"), &mut failures);
            }
        }
    }
    expect::none(&failures);
}

#[test]
fn specs_without_sources_are_refused() {
    let refusal = generate_from(&BTreeMap::new()).expect_err("there is nothing to go by").to_string();
    assert_eq!(refusal, "sources.yaml: is missing");
}
