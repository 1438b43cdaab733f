use serde::Serialize;

use super::{Fault, IdOr, QueryValue, Text, buffer, context, text::escape};
use crate::{Map, request::Place, secret::STARS, secret::Secret};

/// Writes the query of a request.
pub struct Query<'a> {
    out: &'a mut Vec<u8>,
    /// What the next key is preceded by: `?`, then `&`.
    before: u8,
    fault: Option<Fault>,
}

impl<'a> Query<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>) -> Self {
        Self { out, before: b'?', fault: None }
    }

    /// Goes on where a URL ends, which may have a query.
    #[cfg_attr(not(feature = "client"), allow(dead_code))]
    pub(crate) fn onward(url: &'a mut Vec<u8>) -> Self {
        let before = if url.contains(&b'?') { b'&' } else { b'?' };
        Self { before, ..Self::new(url) }
    }

    /// Sets a parameter.
    pub fn set<T: QueryValue + ?Sized>(&mut self, name: &str, value: &T) {
        self.key(name);
        if let Err(refused) = value.write_value(&mut Text::percent(self.out)) {
            self.refuse(name, refused.reason());
        }
    }

    /// Sets a parameter if there is a value.
    pub fn opt<T: QueryValue>(&mut self, name: &'static str, value: &Option<T>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    /// Repeats a parameter for each value.
    pub fn list<T: QueryValue>(&mut self, name: &'static str, values: &[T]) {
        for value in values {
            self.set(name, value);
        }
    }

    /// Makes each entry of the map a parameter of its own.
    pub fn explode<T: QueryValue>(&mut self, values: &Map<String, T>) {
        for (name, value) in values {
            self.set(name, value);
        }
    }

    /// Sets a parameter to the JSON text of a value.
    pub fn json<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) {
        self.key(name);
        // As a whole: JSON is written in pieces of a few bytes.
        let mut json = buffer::take();
        let written = serde_json::to_writer(&mut json, value);
        self.json_text(name, json, written);
    }

    fn json_text(&mut self, name: &str, json: Vec<u8>, written: serde_json::Result<()>) {
        match written {
            Ok(()) => {
                escape(self.out, &json);
            }
            Err(error) => {
                let reason = context::take_refusal(&error);
                context::blame(name);
                self.refuse(&context::take_blamed(), reason);
            }
        }
        buffer::give_back(json);
    }

    /// Sets a parameter to the JSON text of a value if there is one.
    pub fn opt_json<T: Serialize>(&mut self, name: &'static str, value: &Option<T>) {
        if let Some(value) = value {
            self.json(name, value);
        }
    }

    /// Sets a parameter to an id, or to the JSON text of what the id would stand for.
    pub fn opt_id_or_json<T: Serialize>(&mut self, name: &'static str, value: &Option<IdOr<T>>) {
        match value {
            Some(IdOr::Id(id)) => self.set(name, id),
            Some(IdOr::Inline(value)) => self.json(name, &**value),
            None => {}
        }
    }

    /// Sets a parameter to a secret.
    pub fn secret<T: QueryValue>(&mut self, name: &'static str, value: &Secret<T>) {
        self.key(name);
        let start = self.out.len();
        if let Err(refused) = value.expose().write_value(&mut Text::percent(self.out)) {
            self.refuse(name, refused.reason());
        }
        if context::is_redacting() {
            self.out.truncate(start);
            self.out.extend_from_slice(STARS.as_bytes());
        }
    }

    /// Sets a parameter to a secret if there is one.
    pub fn opt_secret<T: QueryValue>(&mut self, name: &'static str, value: &Option<Secret<T>>) {
        if let Some(value) = value {
            self.secret(name, value);
        }
    }

    fn key(&mut self, name: &str) {
        self.out.push(self.before);
        self.before = b'&';
        Text::percent(self.out).push(name);
        self.out.push(b'=');
    }

    fn refuse(&mut self, name: &str, reason: &'static str) {
        if self.fault.is_none() {
            self.fault = Some(Fault::new(Place::Query, name.to_owned(), reason));
        }
    }

    pub(crate) fn finish(self) -> Result<(), Fault> {
        self.fault.map_or(Ok(()), Err)
    }
}
