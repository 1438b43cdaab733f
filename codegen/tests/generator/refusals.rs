//! Every refusal once, with its file and place.

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
