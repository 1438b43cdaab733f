//! Replies made up from the specs, for every response: read, compared, and written back.

use std::collections::BTreeMap;
use std::path::Path;

use matrix_api::bytes::Bytes;
use matrix_api::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use matrix_api::json;
use matrix_api_codegen::{Content, Model, Refusal, Reply, Sample};
use matrix_api_tests::generated::client_server;
use matrix_api_tests::generated::responses::APIS;
use matrix_api_tests::read_back::{Answered, Failed, ReadBack};

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
        Err(Failed::Read(error)) => Err(Refusal { category: category(&error), path: error.path().to_owned() }),
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

/// The expectations come from a model of the types. What can be said without it must agree with it.
#[test]
fn the_expectations_are_those_that_were_agreed() {
    let samples = model().samples("client-server");
    let back = |sample: &Sample| sample.expected.as_ref().ok().map(|reply| reply.content.clone());
    let full = |operation: &str, content: &Content| {
        let mut all = samples.iter().filter(|other| other.operation == operation && other.case == "full");
        all.any(|other| other.given.content == *content)
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for sample in &samples {
        let kind = KINDS.iter().find(|kind| sample.case.starts_with(**kind));
        let kind = kind.unwrap_or_else(|| panic!("{} {}", sample.operation, sample.case));
        *counts.entry(kind).or_default() += 1;
        let back = back(sample);
        let unchanged = back.as_ref() == Some(&sample.given.content);
        let agreed = match *kind {
            // What is there comes back, whether or not it is known.
            "full" | "unknown enum values" => unchanged,
            // The good element stays, the bad ones go; unless none is bad, as every JSON is good there.
            "bad elements in" => unchanged || back.is_some_and(|back| full(&sample.operation, &back)),
            "minimal" | "empty lists" | "whole numbers" | "unknown members" | "optional values null" => back.is_some(),
            // Who says nothing may say it with a list, and raw JSON is any JSON.
            "another kind of document" => unchanged || back.is_none_or(|back| back == Content::Json(json!({}))),
            "a web page" | "a body cut short" | "no UTF-8" => back.is_none(),
            _ => true,
        };
        assert!(agreed, "{}", explain(sample, &sample.expected));
    }
    let missing: Vec<_> = KINDS.iter().filter(|kind| !counts.contains_key(**kind)).collect();
    assert!(missing.is_empty(), "no sample of {missing:?}");
}

/// How the names of the cases begin.
const KINDS: [&str; 20] = [
    "full",
    "minimal",
    "optional values null",
    "empty lists",
    "unknown enum values",
    "unknown members",
    "whole numbers",
    "bad elements in",
    "null for",
    "without",
    "wrong kind of",
    "another kind of document",
    "no body",
    "a web page",
    "a body cut short",
    "no UTF-8",
    "every header",
    "no headers",
    "no Location",
    "status",
];

#[test]
fn null_as_the_value_of_a_condition_survives() {
    let rule = json!({"rule_id": "mine", "actions": [], "default": false, "enabled": true, "conditions": [
        {"kind": "event_property_is", "key": "content.pinned", "value": null, "org.example.more": [null]},
        {"kind": "event_match", "key": "type", "pattern": "m.*"},
    ]});
    assert_eq!(json_of("getPushRule", &rule), rule);
}

#[test]
fn a_room_that_cannot_be_read_does_not_cost_the_others() {
    let good = json!({"timeline": {"events": [5, {"type": "m.room.message"}], "limited": true}});
    let bad = json!({"timeline": {"events": [{}], "limited": "perhaps"}, "summary": 5});
    let sync = json!({"next_batch": "s1", "rooms": {"join": {"!a:example.org": bad, "!b:example.org": good, "!c:example.org": 5}}});
    let rest = json!({"timeline": {"events": [{}]}});
    let left = json!({"next_batch": "s1", "rooms": {"join": {"!a:example.org": rest, "!b:example.org": good}}});
    assert_eq!(json_of("sync", &sync), left);
}

#[test]
fn a_map_loses_only_its_bad_values() {
    let given = json!({"one_time_key_counts": {"a": 1, "b": "two", "c": 3.0, "d": null, "e": 4.5, "f": -6}});
    assert_eq!(json_of("uploadKeys", &given), json!({"one_time_key_counts": {"a": 1, "c": 3, "f": -6}}));
}

#[test]
fn what_is_missing_is_named_by_its_way() {
    let missing = |operation: &str, given: serde_json::Value| match run(find(operation), &whole(&given)) {
        Err(refusal) => (refusal.category, refusal.path),
        Ok(reply) => panic!("{reply:?}"),
    };
    assert_eq!(missing("createRoom", json!({})), ("Missing", "room_id".to_owned()));
    let discovery = json!({"m.homeserver": {"base": "https://example.org"}});
    assert_eq!(missing("getWellknown", discovery), ("Missing", "[\"m.homeserver\"].base_url".to_owned()));
    assert_eq!(missing("getTokenOwner", json!({"user_id": ["@a:b"]})), ("Type", "user_id".to_owned()));
}

fn find(operation: &str) -> ReadBack {
    client_server::RESPONSES.iter().find(|(id, _)| *id == operation).unwrap().1
}

fn whole(json: &serde_json::Value) -> Reply {
    Reply { status: 200, headers: BTreeMap::new(), content: Content::Json(json.clone()) }
}

/// What comes back of a body.
fn json_of(operation: &str, given: &serde_json::Value) -> serde_json::Value {
    match run(find(operation), &whole(given)).unwrap().content {
        Content::Json(json) => json,
        Content::Bytes(_) => panic!("{operation} answers with no JSON"),
    }
}
