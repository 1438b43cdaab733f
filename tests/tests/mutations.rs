//! Every full reply of every operation, changed in one place at a time.

use std::collections::BTreeSet;
use std::path::Path;

use matrix_api::bytes::Bytes;
use matrix_api::http::{HeaderMap, StatusCode};
use matrix_api_codegen::{Content, Model};
use matrix_api_tests::generated::responses::APIS;
use matrix_api_tests::read_back::{Failed, ReadBack};
use serde_json::{Value, json};

/// What is done to one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// The member is not there.
    Drop,
    /// It is null.
    Null,
    /// There is one beside it that nobody knows.
    Add,
    /// The text is another.
    Swap,
}

const CHANGES: [Change; 4] = [Change::Drop, Change::Null, Change::Add, Change::Swap];

/// Applies the change to the place of this number, and tells whether there is such a place.
fn mutate(json: &mut Value, change: Change, left: &mut usize) -> bool {
    match json {
        Value::Object(members) => {
            for key in members.keys().cloned().collect::<Vec<_>>() {
                let text = members[&key].is_string();
                if change != Change::Swap || text {
                    if *left == 0 {
                        match change {
                            Change::Drop => drop(members.remove(&key)),
                            Change::Null => members[&key] = Value::Null,
                            Change::Add => drop(members.insert("org.example.added".to_owned(), json!([{}]))),
                            Change::Swap => members[&key] = json!("org.example.swapped"),
                        }
                        return true;
                    }
                    *left -= 1;
                }
                if members.get_mut(&key).is_some_and(|inner| mutate(inner, change, left)) {
                    return true;
                }
            }
            false
        }
        Value::Array(elements) => elements.iter_mut().any(|element| mutate(element, change, left)),
        _ => false,
    }
}

fn reads(read_back: ReadBack, json: &Value) -> bool {
    let body = Bytes::from(json.to_string());
    match read_back(StatusCode::OK, &HeaderMap::new(), body) {
        Ok(_) => true,
        Err(Failed::Read(_)) => false,
        Err(Failed::Write(reason)) => panic!("{json}: {reason}"),
    }
}

#[test]
fn row_03_every_single_mutation_is_read_as_far_as_it_can_be() {
    let model = Model::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs")).unwrap();
    let (mut made, mut essential, mut broken) = (0_usize, BTreeSet::new(), Vec::new());
    for (api, responses) in APIS {
        for sample in model.samples(api).into_iter().filter(|sample| sample.case == "full" && sample.expected.is_ok()) {
            let Content::Json(full) = &sample.given.content else { continue };
            let (_, read_back) = responses.iter().find(|(id, _)| *id == sample.operation).unwrap();
            for change in CHANGES {
                for place in 0.. {
                    let mut json = full.clone();
                    let mut left = place;
                    if !mutate(&mut json, change, &mut left) {
                        break;
                    }
                    made += 1;
                    if reads(*read_back, &json) {
                        continue;
                    }
                    // A key that the documents require and that has no empty value: nobody can do without.
                    let refused = model.predict(api, &sample.operation, &json).and_then(Result::err);
                    match refused.filter(|_| matches!(change, Change::Drop | Change::Null)) {
                        Some(refusal) => drop(essential.insert(format!("{} {}", sample.operation, refusal.path))),
                        None => broken.push(format!("{} {change:?} {place}: {json}", sample.operation)),
                    }
                }
            }
        }
    }
    assert!(made > 5000, "{made}");
    // What is added or swapped, and what may be missing, spoils no reply at all.
    assert!(broken.is_empty(), "{} of {made}:\n{}", broken.len(), broken.join("\n"));
    println!("{made} mutations; {} keys are essential", essential.len());
}
