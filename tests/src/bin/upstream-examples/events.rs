//! The examples of events.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use matrix_api::wire::WarningKind;
use matrix_api::{Raw, TimelineEvent};
use matrix_api_tests::content_back::ContentBack;
use matrix_api_tests::generated::events::CONTENTS;
use serde_json::Value;

use super::{compare, upstream};

/// Reads and writes back every example, and names the types of events that have none.
pub(crate) fn check(folder: &Path) -> Result<bool, String> {
    let contents: BTreeMap<&str, ContentBack> = CONTENTS.iter().copied().collect();
    let examples = upstream::events(folder)?;
    let (mut good, mut types) = (0, BTreeSet::new());
    for example in &examples {
        types.insert(example.json["type"].as_str().unwrap_or_default());
        match one(&contents, &example.json) {
            Ok(()) => good += 1,
            Err(reasons) => reasons.iter().for_each(|reason| println!("{}: {reason}", example.place)),
        }
    }
    println!("{good}/{} examples of {} types of event read, written back, and equal", examples.len(), types.len());
    let missing: Vec<_> = contents.keys().filter(|ty| !types.contains(*ty)).collect();
    if !missing.is_empty() {
        println!("Types without an example: {missing:?}");
    }
    Ok(good == examples.len())
}

/// Reads one, strictly, and writes it back exactly as it was.
fn one(contents: &BTreeMap<&str, ContentBack>, example: &Value) -> Result<(), Vec<String>> {
    let ty = example["type"].as_str().unwrap_or_default();
    let back = contents.get(ty).ok_or_else(|| vec![format!("there is no type {ty:?}")])?;
    let event = Raw::<TimelineEvent>::from_json(example.to_string()).map_err(|error| vec![error.to_string()])?;
    let back = back(&event).map_err(|error| vec![format!("cannot be read: {error}")])?;
    let mut reasons = compare::exact_differences(&example["content"], &back.json);
    // An example may lack what its schema requires, and may use a value of its own.
    let bent = back.warnings.iter().filter(|one| !matches!(one.kind, WarningKind::UnknownValue | WarningKind::Missing));
    reasons.extend(bent.map(ToString::to_string));
    if reasons.is_empty() { Ok(()) } else { Err(reasons) }
}
