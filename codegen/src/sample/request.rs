//! Requests made up from the IR, as they must stand on the wire.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::make::{Change, Maker};
use super::{Call, Content};
use crate::ir::{Body, Field, Need, Operation, Segment, Type, TypeDef};

/// The samples of one operation: all there is in every round of its enums and unions, and as little as can be.
pub(super) fn of(types: &[TypeDef], operation: &Operation) -> Vec<Call> {
    let mut seen = BTreeSet::new();
    let mut calls = Vec::new();
    let (mut round, mut rounds) = (0, 1);
    while round < rounds {
        let mut maker = Maker::new(types, Change::Nothing, round);
        calls.push(call(&mut maker, operation, "full", true));
        rounds = rounds.max(maker.rounds);
        round += 1;
    }
    calls.push(call(&mut Maker::new(types, Change::Least, 0), operation, "minimal", false));
    calls.retain(|call| seen.insert(format!("{call:?}")));
    calls
}

fn call(maker: &mut Maker<'_>, operation: &Operation, case: &str, full: bool) -> Call {
    let path = operation.path.0.iter().map(|segment| match segment {
        Segment::Literal(text) => text.clone(),
        Segment::Field(field) => percent(&plain(maker.value(&field.ty))),
    });
    let mut target: String = path.collect();
    let wanted = |field: &&Field| full || field.need == Need::Required;
    let mut before = '?';
    for field in operation.query.iter().filter(wanted) {
        for (name, value) in query(maker, field) {
            target.push_str(&format!("{before}{}={}", percent(&name), percent(&value)));
            before = '&';
        }
    }
    let headers = operation.headers.iter().filter(wanted);
    let mut headers: BTreeMap<_, _> = headers.map(|field| (field.wire.to_lowercase(), header(maker, field))).collect();
    let content = content(maker, &operation.body, &mut headers);
    Call {
        operation: operation.id.clone(),
        case: case.to_owned(),
        method: crate::ops::method(operation.method),
        target,
        headers,
        content,
    }
}

/// Lists repeat their name, and a map's entries have names of their own.
fn query(maker: &mut Maker<'_>, field: &Field) -> Vec<(String, String)> {
    let value = maker.value(&field.ty);
    match (&field.ty, value) {
        (Type::List(_), Value::Array(items)) => {
            items.into_iter().map(|item| (field.wire.clone(), plain(item))).collect()
        }
        (Type::Map(..), Value::Object(entries)) => {
            entries.into_iter().map(|(name, value)| (name, plain(value))).collect()
        }
        (_, value) => vec![(field.wire.clone(), plain(value))],
    }
}

/// Headers are poor in letters.
fn header(maker: &mut Maker<'_>, field: &Field) -> String {
    match maker.value(&field.ty) {
        Value::String(_) if field.ty == Type::Text => "en;q=0.5, text/plain".to_owned(),
        value => plain(value),
    }
}

fn content(maker: &mut Maker<'_>, body: &Body, headers: &mut BTreeMap<String, String>) -> Option<Content> {
    let json = match body {
        Body::None => return None,
        Body::Bytes { content_type, .. } => {
            let default = if content_type.is_some() { "image/png" } else { "application/octet-stream" };
            headers.insert("content-type".to_owned(), default.to_owned());
            return Some(Content::Bytes(vec![0, 159, 146, 150, b'{', 255]));
        }
        Body::Special(field) => maker.value(&field.ty),
        Body::Fields { fields, rest } => {
            let mut json = maker.object(fields);
            if *rest && let Value::Object(members) = &mut json {
                members.insert("org.example.more".to_owned(), json!([null, 1]));
            }
            json
        }
    };
    headers.insert("content-type".to_owned(), "application/json".to_owned());
    Some(Content::Json(json))
}

/// Text stands for itself outside of JSON.
fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

fn percent(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
