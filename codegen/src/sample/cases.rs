//! Which replies are made up for an operation.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::make::{Change, Maker, Spot, wrong};
use super::{Content, Refusal, Reply, Sample, predict};
use crate::ir::{Field, Operation, ResponseKind, Type, TypeDef};

/// The most JSON kinds and odd numbers that a value can be wrong in.
const WRONG: usize = 8;

/// Every sample of an operation.
pub(super) fn of(types: &[TypeDef], api: &str, operation: &Operation) -> Vec<Sample> {
    let mut cases = Cases { types, api, operation, given: BTreeSet::new(), samples: Vec::new() };
    match &operation.response.kind {
        ResponseKind::Bytes(_) => cases.bytes(),
        ResponseKind::Redirect(_) => cases.redirect(),
        _ => cases.json(),
    }
    cases.samples
}

struct Cases<'a> {
    types: &'a [TypeDef],
    api: &'a str,
    operation: &'a Operation,
    /// Bodies that have been made already.
    given: BTreeSet<String>,
    samples: Vec<Sample>,
}

impl Cases<'_> {
    fn json(&mut self) {
        let rounds = self.rounds();
        for round in 0..rounds {
            self.change("full", Change::Nothing, round);
        }
        self.change("minimal", Change::Least, 0);
        self.change("optional values null", Change::Nulls, 0);
        for round in 0..rounds {
            self.change("empty lists and maps", Change::Empty, round);
            self.change("unknown enum values", Change::UnknownValues, round);
            self.change("unknown members", Change::UnknownMembers, round);
            self.change("whole numbers with a fraction of zero", Change::Fractions, round);
            self.every("bad elements in", Spot::Elements, round);
            self.every("null for", Spot::Null, round);
            self.every("without", Spot::Absent, round);
            for which in 0..WRONG {
                self.every("wrong kind of", Spot::Wrong(which), round);
            }
        }
        self.wrong_documents();
        self.texts();
        if self.operation.response.several {
            self.statuses();
        }
    }

    /// How many rounds show every value of every enum and every kind of every union.
    fn rounds(&self) -> usize {
        let (mut round, mut rounds) = (0, 1);
        while round < rounds {
            let mut maker = Maker::new(self.types, Change::Nothing, round);
            maker.body(&self.operation.response);
            rounds = rounds.max(maker.rounds);
            round += 1;
        }
        rounds
    }

    fn every(&mut self, case: &str, spot: Spot, round: usize) {
        let mut index = 0;
        while self.change(case, Change::At(spot, index), round) {
            index += 1;
        }
    }

    /// Adds a sample, unless there is no such place to change.
    fn change(&mut self, case: &str, change: Change, round: usize) -> bool {
        let mut maker = Maker::new(self.types, change, round);
        let Some(body) = maker.body(&self.operation.response) else { return false };
        let hit = match change {
            Change::At(..) => match maker.hit {
                Some(hit) => format!(" {hit}"),
                None => return false,
            },
            _ => String::new(),
        };
        self.document(format!("{case}{hit}"), body);
        true
    }

    fn document(&mut self, case: String, body: Value) {
        if !self.given.insert(body.to_string()) {
            return;
        }
        let expected = predict::response(self.types, &self.operation.response, &body).map(|back| ok(back.json));
        self.add(case, Reply { status: 200, headers: BTreeMap::new(), content: Content::Json(body) }, expected);
    }

    fn add(&mut self, case: String, given: Reply, expected: Result<Reply, Refusal>) {
        let (api, operation) = (self.api.to_owned(), self.operation.id.clone());
        self.samples.push(Sample { api, operation, case, given, expected });
    }

    fn wrong_documents(&mut self) {
        let object = Type::Object;
        let ty = match &self.operation.response.kind {
            ResponseKind::Special(field) => &field.ty,
            _ => &object,
        };
        for wrong in wrong(self.types, ty) {
            self.document("another kind of document".to_owned(), wrong);
        }
    }

    /// Bodies that are no JSON. Only a response without content takes no body for an empty one.
    fn texts(&mut self) {
        let empty = matches!(self.operation.response.kind, ResponseKind::Empty);
        let refusal = |category| Err(Refusal { category, path: String::new() });
        let nothing = if empty { Ok(ok(json!({}))) } else { refusal("Eof") };
        self.add("no body".to_owned(), text(b""), nothing);
        self.add("a web page".to_owned(), text(b"<!DOCTYPE html><p>Bad gateway</p>"), refusal("Syntax"));
        if let Some(whole) = Maker::new(self.types, Change::Nothing, 0).body(&self.operation.response) {
            // Of a list with one element a second one could follow.
            let path = if whole.is_array() { "[1]" } else { "" }.to_owned();
            let whole = whole.to_string();
            let given = text(&whole.as_bytes()[..whole.len() - 1]);
            self.add("a body cut short".to_owned(), given, Err(Refusal { category: "Eof", path }));
        }
        self.add("no UTF-8".to_owned(), text(b"{\"a\": \"\xff\"}"), refusal("NotUtf8"));
    }

    fn statuses(&mut self) {
        let Some(body) = Maker::new(self.types, Change::Nothing, 0).body(&self.operation.response) else { return };
        let Ok(back) = predict::response(self.types, &self.operation.response, &body) else { return };
        for status in [200, 201] {
            let given = Reply { status, headers: BTreeMap::new(), content: Content::Json(body.clone()) };
            let expected = Reply { status, ..ok(back.json.clone()) };
            self.add(format!("status {status}"), given, Ok(expected));
        }
    }

    fn bytes(&mut self) {
        let bytes = vec![0, 159, 146, 150, b'{', 255];
        let headers = &self.operation.response.headers;
        for (case, fields) in [("every header", headers.as_slice()), ("no headers", &[])] {
            for content in [bytes.clone(), Vec::new()] {
                let headers = self.headers(fields);
                let given = Reply { status: 200, headers: headers.clone(), content: Content::Bytes(content) };
                let mut expected = given.clone();
                let default = || "application/octet-stream".to_owned();
                expected.headers.entry("content-type".to_owned()).or_insert_with(default);
                self.add(case.to_owned(), given, Ok(expected));
            }
        }
    }

    fn headers(&self, fields: &[Field]) -> BTreeMap<String, String> {
        let value = |field: &Field| match Maker::new(self.types, Change::Nothing, 0).value(&field.ty) {
            // Text is mostly a type or a disposition, and headers are poor in letters.
            Value::String(_) if field.ty == Type::Text => "text/plain; charset=utf-8".to_owned(),
            Value::String(text) => text,
            other => other.to_string(),
        };
        fields.iter().map(|field| (field.wire.to_ascii_lowercase(), value(field))).collect()
    }

    fn redirect(&mut self) {
        let location = "https://example.org/sso?redirectUrl=https%3A%2F%2Fclient.example.org%2F";
        let headers = BTreeMap::from([("location".to_owned(), location.to_owned())]);
        for status in [302, 303, 307] {
            let given = Reply { status, headers: headers.clone(), content: Content::Bytes(Vec::new()) };
            let expected = Reply { status: 302, ..given.clone() };
            self.add(format!("status {status}"), given, Ok(expected));
        }
        let given = Reply { status: 302, headers: BTreeMap::new(), content: Content::Bytes(Vec::new()) };
        let expected = Err(Refusal { category: "Header", path: "Location".to_owned() });
        self.add("no Location".to_owned(), given, expected);
    }
}

fn ok(json: Value) -> Reply {
    let headers = BTreeMap::from([("content-type".to_owned(), "application/json".to_owned())]);
    Reply { status: 200, headers, content: Content::Json(json) }
}

fn text(text: &[u8]) -> Reply {
    Reply { status: 200, headers: BTreeMap::new(), content: Content::Bytes(text.to_vec()) }
}
