//! Whether two documents are equal but for what may be left out.

use std::collections::BTreeSet;

use serde_json::Value;

/// The places where what came back is not what was given. Null, an empty list and an empty object
/// are as good as nothing; `unknown` are the members that are allowed to be lost.
pub(crate) fn differences(given: &Value, back: &Value, unknown: &BTreeSet<String>) -> Vec<String> {
    let mut found = Vec::new();
    Comparison { unknown, exact: false, found: &mut found }.values("", given, back);
    found
}

/// The same, with nothing allowed to be lost or to be new.
pub(crate) fn exact_differences(given: &Value, back: &Value) -> Vec<String> {
    let mut found = Vec::new();
    Comparison { unknown: &BTreeSet::new(), exact: true, found: &mut found }.values("", given, back);
    found
}

struct Comparison<'a> {
    unknown: &'a BTreeSet<String>,
    /// Null and what is empty are not nothing.
    exact: bool,
    found: &'a mut Vec<String>,
}

impl Comparison<'_> {
    fn values(&mut self, path: &str, given: &Value, back: &Value) {
        match (given, back) {
            (Value::Object(given), Value::Object(back)) => {
                for (key, value) in given {
                    let path = member(path, key);
                    match back.get(key) {
                        Some(back) => self.values(&path, value, back),
                        None if self.is_nothing(value) || self.unknown.contains(&path) => {}
                        None => self.found.push(format!("{path} is lost")),
                    }
                }
                for (key, value) in back {
                    if !given.contains_key(key) && !self.is_nothing(value) {
                        self.found.push(format!("{} is new", member(path, key)));
                    }
                }
            }
            (Value::Array(given), Value::Array(back)) if given.len() == back.len() => {
                for (index, (given, back)) in given.iter().zip(back).enumerate() {
                    self.values(&format!("{path}[{index}]"), given, back);
                }
            }
            (Value::Number(given), Value::Number(back)) if given.as_f64() == back.as_f64() => {}
            _ if given == back => {}
            (Value::Array(given), Value::Array(back)) => {
                self.found.push(format!("{path} had {} elements and has {}", given.len(), back.len()));
            }
            _ => self.found.push(format!("{path} is another value")),
        }
    }

    fn is_nothing(&self, value: &Value) -> bool {
        match value {
            _ if self.exact => false,
            Value::Null => true,
            Value::Array(list) => list.is_empty(),
            Value::Object(members) => members.is_empty(),
            _ => false,
        }
    }
}

/// As decode errors write it.
fn member(path: &str, key: &str) -> String {
    let plain = key.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match (plain, path) {
        (true, "") => key.to_owned(),
        (true, _) => format!("{path}.{key}"),
        (false, _) => format!("{path}[{key:?}]"),
    }
}
