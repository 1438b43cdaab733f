//! Answers of services that the live tests do not start, and the requests before them: `tests/data/recorded`.
//!
//! A record has the `request` line, the body that it `sends`, and the `status` and the `body` of the answer, or `bytes`
//! of some `type`. Both are read and written again. What is written of the answer is its body without nulls, which are
//! as good as nothing, or what stands under `again` where that is something else.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use matrix_api::bytes::Bytes;
use matrix_api::http::{HeaderMap, HeaderValue, Request, StatusCode, header};
use matrix_api_tests::generated::{calls, responses};
use serde_json::Value;

struct Record {
    api: String,
    operation: String,
    values: Value,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data/recorded")
}

fn records() -> Vec<Record> {
    let mut records = Vec::new();
    for file in fs::read_dir(folder()).unwrap() {
        let path = file.unwrap().path();
        let document: Value = serde_yaml::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let api = path.file_stem().unwrap().to_str().unwrap();
        for values in document["records"].as_array().unwrap() {
            let operation = values["operation"].as_str().unwrap().to_owned();
            records.push(Record { api: api.to_owned(), operation, values: values.clone() });
        }
    }
    records
}

impl Record {
    fn name(&self) -> String {
        format!("{} {}", self.api, self.operation)
    }

    fn text(&self, key: &str) -> &str {
        self.values[key].as_str().unwrap_or_else(|| panic!("{}: {key}", self.name()))
    }

    /// The request is read as a server reads it, and sent as a client sends it.
    fn check_request(&self) {
        let (method, target) = self.text("request").split_once(' ').unwrap();
        let sends = self.values.get("sends");
        let body = sends.map(|json| Bytes::from(json.to_string())).unwrap_or_default();
        let request = Request::builder().method(method).uri(target).body(body).unwrap();
        let send_back = of(calls::APIS, &self.api, &self.operation);
        let sent = send_back(&request).unwrap_or_else(|failed| panic!("{}: {failed:?}", self.name()));
        assert_eq!((sent.method.as_str(), sent.target.as_str()), (method, target), "{}", self.name());
        // A body of which nothing is due is an object without members, or none.
        let written = (!sent.body.is_empty()).then(|| serde_json::from_slice::<Value>(&sent.body).unwrap());
        let written = written.filter(|written| sends.is_some() || *written != serde_json::json!({}));
        assert_eq!(written.as_ref(), sends, "{}", self.name());
    }

    /// The answer is read as a client reads it, and written as a server writes it.
    fn check_answer(&self) {
        let status = StatusCode::from_u16(self.values["status"].as_u64().unwrap().try_into().unwrap()).unwrap();
        let mut headers = HeaderMap::new();
        let (body, expected) = match self.values.get("bytes") {
            Some(_) => {
                headers.insert(header::CONTENT_TYPE, HeaderValue::from_str(self.text("type")).unwrap());
                (Bytes::from(self.text("bytes").to_owned()), None)
            }
            None => {
                let body = &self.values["body"];
                let again = self.values.get("again").cloned().unwrap_or_else(|| without_nulls(body));
                (if body.is_null() { Bytes::new() } else { body.to_string().into() }, Some(again))
            }
        };
        let read_back = of(responses::APIS, &self.api, &self.operation);
        let answered = read_back(status, &headers, body.clone());
        let answered = answered.unwrap_or_else(|failed| panic!("{}: {failed:?}", self.name()));
        match expected.filter(|expected| !expected.is_null()) {
            Some(expected) => {
                assert_eq!(serde_json::from_slice::<Value>(&answered.body).unwrap(), expected, "{}", self.name());
            }
            None if self.values.get("bytes").is_some() => assert_eq!(answered.body, body, "{}", self.name()),
            None => assert!(matches!(&*answered.body, b"" | b"{}"), "{}: {:?}", self.name(), answered.body),
        }
    }
}

fn of<T: Copy>(apis: &[(&str, &[(&'static str, T)])], api: &str, operation: &str) -> T {
    let (_, operations) = apis.iter().find(|(name, _)| *name == api).unwrap_or_else(|| panic!("no API {api}"));
    let found = operations.iter().find(|(name, _)| *name == operation);
    found.unwrap_or_else(|| panic!("{api} has no operation {operation}")).1
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let kept = members.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(name, value)| (name.clone(), without_nulls(value))).collect())
        }
        Value::Array(items) => items.iter().map(without_nulls).collect(),
        value => value.clone(),
    }
}

#[test]
fn every_record_is_read_and_written_again() {
    let records = records();
    for record in &records {
        record.check_request();
        record.check_answer();
    }
    assert!(records.len() > 95, "{} records", records.len());
}

/// What no live test can see has a record, operation by operation. Homeservers answer the other APIs, each with its own
/// reason where one does not.
#[test]
fn what_is_excused_from_the_live_tests_is_recorded() {
    let table = fs::read_to_string(folder().join("../../unanswered.tsv")).unwrap();
    let rows: Vec<(&str, &str)> = table
        .lines()
        .skip(1)
        .map(|line| {
            let mut fields = line.split('\t');
            (fields.next().unwrap(), fields.next().unwrap())
        })
        .filter(|(api, _)| !matches!(*api, "client-server" | "unstable"))
        .collect();
    let operations: BTreeMap<_, _> = responses::APIS.iter().copied().collect();
    let recorded: BTreeSet<_> = records().iter().map(Record::name).collect();
    let mut lacking = Vec::new();
    for (api, operation) in rows {
        let all = operations[api].iter().map(|(name, _)| *name);
        let excused: Vec<_> = all.filter(|name| operation == "*" || *name == operation).collect();
        assert!(!excused.is_empty(), "{api} has no operation {operation}");
        lacking.extend(excused.into_iter().map(|name| format!("{api} {name}")).filter(|name| !recorded.contains(name)));
    }
    assert!(lacking.is_empty(), "no record of: {}", lacking.join(", "));
}
