//! Reads every 2xx example of the upstream documents with the typed response, and every example of an event
//! with its typed content, writes it back and compares.
//!
//! The examples are upstream's and stay there: `cargo xtask examples <matrix-spec checkout or its data folder>`.

mod compare;
mod events;
#[cfg(test)]
mod tests;
mod upstream;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::ExitCode;

use matrix_api::http::{HeaderMap, StatusCode};
use matrix_api_codegen::Model;
use matrix_api_tests::generated::client_server::RESPONSES;
use matrix_api_tests::read_back::{Failed, ReadBack};
use serde_json::Value;

use upstream::Example;

const API: &str = "client-server";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [folder] = args.as_slice() else {
        eprintln!("usage: examples <matrix-spec checkout or its data folder>");
        return ExitCode::from(2);
    };
    let folder = Path::new(folder);
    let outcome = check(folder).and_then(|responses| Ok(events::check(folder)? && responses));
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn check(folder: &Path) -> Result<bool, String> {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    let model = Model::read(&specs).map_err(|errors| errors.to_string())?;
    let responses: BTreeMap<&str, ReadBack> = RESPONSES.iter().copied().collect();
    let examples = upstream::examples(folder, API)?;
    let (mut good, mut lacking) = (0, BTreeSet::new());
    for example in &examples {
        let outcome = one(&model, &responses, example, &mut lacking);
        match outcome {
            Ok(()) => good += 1,
            Err(reasons) => {
                for reason in reasons {
                    println!("{} ({}): {reason}", example.operation, example.place);
                }
            }
        }
    }
    if !lacking.is_empty() {
        println!("Members of examples that the schemas lack:");
        lacking.iter().for_each(|place| println!("  {place}"));
    }
    let operations: BTreeSet<_> = examples.iter().map(|example| &example.operation).collect();
    println!("{good}/{} examples of {} operations read, written back, and equal", examples.len(), operations.len());
    Ok(good == examples.len())
}

fn one(
    model: &Model,
    responses: &BTreeMap<&str, ReadBack>,
    example: &Example,
    lacking: &mut BTreeSet<String>,
) -> Result<(), Vec<String>> {
    let operation = example.operation.as_str();
    let read_back = responses.get(operation).ok_or_else(|| vec!["there is no such operation".to_owned()])?;
    let body = example.json.to_string().into();
    let answered = read_back(example.status(), &HeaderMap::new(), body).map_err(|failed| match failed {
        Failed::Read(error) => vec![format!("cannot be read: {error}")],
        Failed::Write(reason) => vec![reason],
    })?;
    let back: Value = serde_json::from_slice(&answered.body).map_err(|error| vec![error.to_string()])?;
    let unknown = match model.predict(API, operation, &example.json) {
        Some(Ok(prediction)) => prediction.unknown.into_iter().collect(),
        _ => BTreeSet::new(),
    };
    let differences = compare::differences(&example.json, &back, &unknown);
    lacking.extend(unknown.iter().map(|path| format!("{operation}: {path}")));
    if differences.is_empty() { Ok(()) } else { Err(differences) }
}

impl Example {
    fn status(&self) -> StatusCode {
        // A wildcard such as 2XX stands for the plainest of its class.
        self.code.parse().unwrap_or(StatusCode::OK)
    }
}
