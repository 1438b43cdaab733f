//! Replies made up from the specs, for every response: read, compared, and written back.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use matrix_api::bytes::Bytes;
use matrix_api::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use matrix_api_codegen::{Content, Model, Refusal, Reply, Sample};
use matrix_api_tests::generated::client_server;
use matrix_api_tests::read_back::{Answered, Failed, ReadBack};
use serde_json::Value;

const APIS: [(&str, &[(&str, ReadBack)]); 1] = [("client-server", client_server::RESPONSES)];

fn model() -> Model {
    let specs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../specs");
    Model::read(&specs).unwrap()
}

#[test]
fn every_response_becomes_of_every_sample_what_the_specs_say() {
    let model = model();
    let mut failures = Vec::new();
    let mut count = 0;
    for (api, responses) in APIS {
        let responses: BTreeMap<_, _> = responses.iter().copied().collect();
        for sample in model.samples(api) {
            count += 1;
            let outcome = run(responses[sample.operation.as_str()], &sample.given);
            if outcome != sample.expected {
                failures.push(explain(&sample, &outcome));
            }
        }
    }
    assert!(failures.is_empty(), "{} of {count}:\n{}", failures.len(), failures.join("\n"));
}

fn run(read_back: ReadBack, given: &Reply) -> Result<Reply, Refusal> {
    let mut headers = HeaderMap::new();
    for (name, value) in &given.headers {
        headers.insert(HeaderName::from_bytes(name.as_bytes()).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let body = match &given.content {
        Content::Json(json) => json.to_string().into(),
        Content::Bytes(bytes) => Bytes::from(bytes.clone()),
    };
    match read_back(StatusCode::from_u16(given.status).unwrap(), &headers, body) {
        Ok(answered) => Ok(reply(answered)),
        Err(Failed::Read(error)) => {
            Err(Refusal { category: category(&error), path: error.path().to_owned() })
        }
        Err(Failed::Write(reason)) => panic!("{given:?}: {reason}"),
    }
}

fn reply(answered: Answered) -> Reply {
    let Answered { status, headers, body } = answered;
    let json = headers.get("content-type").is_some_and(|value| value == "application/json");
    let content = match json {
        true => Content::Json(serde_json::from_slice(&body).unwrap()),
        false => Content::Bytes(body.to_vec()),
    };
    Reply { status, headers, content }
}

fn category(error: &matrix_api::wire::DecodeError) -> &'static str {
    use matrix_api::wire::DecodeCategory::*;
    match error.category() {
        Syntax => "Syntax",
        Type => "Type",
        Missing => "Missing",
        Eof => "Eof",
        NotUtf8 => "NotUtf8",
        TooDeep => "TooDeep",
        Header => "Header",
        _ => "new",
    }
}

fn explain(sample: &Sample, outcome: &Result<Reply, Refusal>) -> String {
    let show = |reply: &Result<Reply, Refusal>| match reply {
        Ok(Reply { status, headers, content: Content::Json(json) }) => format!("{status} {headers:?} {json}"),
        other => format!("{other:?}"),
    };
    let Sample { operation, case, given, expected, .. } = sample;
    let given = show(&Ok(given.clone()));
    format!("{operation}, {case}\n  given    {given}\n  expected {}\n  found    {}", show(expected), show(outcome))
}
