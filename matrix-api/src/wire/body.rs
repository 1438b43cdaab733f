use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header::CONTENT_TYPE};
use serde::Serialize;

use super::{Fault, Object, Patch, buffer, context, text::is_plain};
use crate::{
    Raw,
    request::Place,
    secret::{Free, Secret},
    txn::{StandIn, TxnId},
};

/// Writes the body of a request: the members of a JSON object one by one, one JSON value as a
/// whole, or bytes. Nothing written is no body.
pub struct Body<'a> {
    json: Vec<u8>,
    state: State,
    pub(crate) bytes: Bytes,
    content_type: Option<HeaderValue>,
    /// The size of bytes that are not shown.
    pub(crate) withheld: Option<usize>,
    txn: Option<&'a StandIn<'a>>,
    pub(crate) used_txn: Option<TxnId>,
    fault: Option<Fault>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Nothing,
    /// An object that has been opened and not closed.
    Members,
    /// One JSON value, complete.
    Whole,
    /// The same, in a buffer that others may share.
    Ready,
    Bytes,
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

impl<'a> Body<'a> {
    pub(crate) fn new(txn: Option<&'a StandIn<'a>>) -> Self {
        Self {
            json: Vec::new(),
            state: State::Nothing,
            bytes: Bytes::new(),
            content_type: None,
            withheld: None,
            txn,
            used_txn: None,
            fault: None,
        }
    }

    /// Sets a member.
    pub fn set<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) {
        self.name(name);
        if let Err(error) = serde_json::to_writer(&mut self.json, value) {
            self.refuse_member(name, &error);
        }
    }

    /// Begins a member.
    fn name(&mut self, name: &str) {
        self.object();
        if self.json.len() > 1 {
            self.json.push(b',');
        }
        if is_plain(name) {
            self.json.push(b'"');
            self.json.extend_from_slice(name.as_bytes());
            self.json.extend_from_slice(b"\":");
        } else {
            // Text can always be written.
            let _ = serde_json::to_writer(&mut self.json, name);
            self.json.push(b':');
        }
    }

    fn refuse_member(&mut self, name: &str, error: &serde_json::Error) {
        let reason = context::take_refusal(error);
        context::blame(name);
        self.refuse(Place::Body, context::take_blamed(), reason);
    }

    /// Sets a member if there is a value.
    pub fn opt<T: Serialize>(&mut self, name: &'static str, value: &Option<T>) {
        if let Some(value) = value {
            self.set(name, value);
        }
    }

    /// Sets a member, sets it to null, or leaves it out.
    pub fn patch<T: Serialize>(&mut self, name: &'static str, value: &Patch<T>) {
        match value {
            Patch::Absent => {}
            Patch::Null => self.set(name, &()),
            Patch::Set(value) => self.set(name, value),
        }
    }

    /// Adds members that have no field of their own.
    pub fn extra(&mut self, extra: &Object) {
        for (name, value) in extra.iter() {
            self.set(name, &Free(value));
        }
    }

    /// Sets a member to a secret.
    pub fn secret<T: Serialize>(&mut self, name: &'static str, value: &Secret<T>) {
        self.set(name, value);
    }

    /// Sets a member to a secret if there is one.
    pub fn opt_secret<T: Serialize>(&mut self, name: &'static str, value: &Option<Secret<T>>) {
        self.opt(name, value);
    }

    /// Sets a member to a transaction id: the request's own, or the one of this sending.
    pub fn txn(&mut self, name: &'static str, value: &Option<TxnId>) {
        if let Some(txn) = value.as_ref().or_else(|| self.txn.map(StandIn::get)) {
            self.set(name, txn);
            self.used_txn = self.txn.and_then(|stand_in| stand_in.note(txn));
        }
    }

    /// Makes one value the whole JSON body.
    pub fn special<T: Serialize + ?Sized>(&mut self, value: &T) {
        self.enter(State::Nothing, State::Whole);
        self.json = buffer::take();
        if let Err(error) = serde_json::to_writer(&mut self.json, value) {
            let reason = context::take_refusal(&error);
            self.refuse(Place::Special, context::take_blamed(), reason);
        }
    }

    /// Makes JSON that is kept as it is the whole body.
    pub fn raw<T>(&mut self, value: &Raw<T>) {
        match value.ready() {
            Some(json) if !context::is_redacting() => {
                self.enter(State::Nothing, State::Ready);
                self.bytes = json;
            }
            _ => self.special(value),
        }
    }

    /// Makes bytes the body. Their type is `application/octet-stream` if none is given.
    pub fn bytes(&mut self, content_type: &Option<String>, bytes: &Bytes) {
        self.enter(State::Nothing, State::Bytes);
        self.bytes = bytes.clone();
        let text = content_type.as_deref().unwrap_or("application/octet-stream");
        match HeaderValue::from_str(text) {
            Ok(value) => self.content_type = Some(value),
            Err(_) => self.refuse(Place::Header, "Content-Type", "must be printable ASCII"),
        }
    }

    /// Sees to it that there is an object, even if nothing is set in it.
    pub fn object(&mut self) {
        if self.state != State::Members {
            self.enter(State::Nothing, State::Members);
            self.json = buffer::take();
            self.json.push(b'{');
        }
    }

    fn enter(&mut self, from: State, to: State) {
        if self.state != from {
            self.refuse(Place::Special, "", "was written in two ways");
        }
        self.state = to;
    }

    fn refuse(&mut self, place: Place, name: impl Into<String>, reason: &'static str) {
        if self.fault.is_none() {
            self.fault = Some(Fault::new(place, name.into(), reason));
        }
    }

    /// Ends what was begun.
    pub(crate) fn finish(&mut self) -> Result<(), Fault> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        match self.state {
            State::Nothing => {}
            State::Bytes if context::is_redacting() => self.withheld = Some(std::mem::take(&mut self.bytes).len()),
            State::Bytes => {}
            State::Ready => self.content_type = Some(JSON),
            State::Members | State::Whole => {
                if self.state == State::Members {
                    self.json.push(b'}');
                }
                self.bytes = buffer::into_bytes(std::mem::take(&mut self.json));
                self.content_type = Some(JSON);
            }
        }
        Ok(())
    }

    /// Says in the headers what it is, unless they do.
    pub(crate) fn name_type(&mut self, headers: &mut HeaderMap) {
        match self.content_type.take() {
            Some(content_type) if !headers.contains_key(CONTENT_TYPE) => {
                headers.insert(CONTENT_TYPE, content_type);
            }
            _ => {}
        }
    }
}
