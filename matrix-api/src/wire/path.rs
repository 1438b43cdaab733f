use std::ops::Range;

use super::{Fault, Refused, Segment, Text, context};
use crate::{request::Place, secret::STARS, secret::Secret, txn::StandIn, txn::TxnId};

/// Writes the path of a request: the template's own text, and a value for each parameter.
///
/// Values are set in the order of the template. What a server or a proxy could take for another
/// path is refused: empty segments, `.` and `..`, control characters.
pub struct Path<'a> {
    out: &'a mut Vec<u8>,
    /// The part of the template that is still to come.
    rest: &'static str,
    txn: &'a StandIn<'a>,
    used_txn: Option<TxnId>,
    secrets: Vec<Range<usize>>,
    fault: Option<Fault>,
}

impl<'a> Path<'a> {
    pub(crate) fn new(out: &'a mut Vec<u8>, template: &'static str, txn: &'a StandIn<'a>) -> Self {
        Self { out, rest: template, txn, used_txn: None, secrets: Vec::new(), fault: None }
    }

    /// Sets the next parameter.
    pub fn set<T: Segment + ?Sized>(&mut self, name: &'static str, value: &T) {
        self.put(name, false, &|text| value.write_segment(text));
    }

    /// Sets the next parameter, which may be the empty text.
    pub fn set_or_empty<T: Segment + ?Sized>(&mut self, name: &'static str, value: &T) {
        self.put(name, true, &|text| value.write_segment(text));
    }

    /// Sets the next parameter to a transaction id: the request's own, or the one of this sending.
    pub fn txn(&mut self, name: &'static str, value: &Option<TxnId>) {
        let txn = value.as_ref().unwrap_or_else(|| self.txn.get());
        self.set(name, txn);
        self.used_txn = self.txn.note(txn);
    }

    /// Sets the next parameter to a secret.
    pub fn secret<T: Segment>(&mut self, name: &'static str, value: &Secret<T>) {
        if let Some(written) = self.put(name, false, &|text| value.expose().write_segment(text)) {
            if context::is_redacting() {
                self.out.truncate(written.start);
                self.out.extend_from_slice(STARS.as_bytes());
            } else {
                self.secrets.push(written);
            }
        }
    }

    /// Writes one parameter and returns where it stands.
    fn put(
        &mut self,
        name: &'static str,
        may_be_empty: bool,
        write: &dyn Fn(&mut Text<'_>) -> Result<(), Refused>,
    ) -> Option<Range<usize>> {
        if self.fault.is_some() {
            return None;
        }
        if !self.open(name) {
            return self.refuse(name, "is not the next parameter of the path");
        }
        let start = self.out.len();
        let mut text = Text::percent(self.out);
        let written = write(&mut text);
        let has_control = text.has_control();
        if let Err(refused) = written {
            return self.refuse(name, refused.reason());
        }
        match &self.out[start..] {
            b"" if !may_be_empty => self.refuse(name, "must not be empty"),
            b"." | b".." => self.refuse(name, "must not be `.` or `..`"),
            _ if has_control => self.refuse(name, "must not have control characters"),
            _ => Some(start..self.out.len()),
        }
    }

    /// Copies the template up to the parameter and steps over it.
    fn open(&mut self, name: &str) -> bool {
        let Some((text, rest)) = self.next() else { return false };
        let Some(rest) = rest.strip_prefix(name).and_then(|rest| rest.strip_prefix('}')) else { return false };
        self.out.extend_from_slice(text.as_bytes());
        self.rest = rest;
        true
    }

    /// The template up to the next parameter, and what follows its brace.
    fn next(&self) -> Option<(&'static str, &'static str)> {
        // Few bytes to look at: a loop finds it before a search has begun.
        let at = self.rest.bytes().position(|byte| byte == b'{')?;
        Some((self.rest.get(..at)?, self.rest.get(at + 1..)?))
    }

    fn refuse<T>(&mut self, name: &'static str, reason: &'static str) -> Option<T> {
        self.fault = Some(Fault::new(Place::Path, name, reason));
        None
    }

    /// The transaction id that was used, if that is to be told, and where secrets stand in the text.
    #[allow(clippy::type_complexity)]
    pub(crate) fn finish(mut self) -> Result<(Option<TxnId>, Vec<Range<usize>>), Fault> {
        let open = self.fault.is_none() && self.rest.as_bytes().contains(&b'{');
        if let Some((_, rest)) = open.then(|| self.next()).flatten() {
            let name = rest.split_once('}').map_or(rest, |(name, _)| name);
            self.fault = Some(Fault::new(Place::Path, name, "was not set"));
        }
        match self.fault {
            Some(fault) => Err(fault),
            None => {
                self.out.extend_from_slice(self.rest.as_bytes());
                Ok((self.used_txn, self.secrets))
            }
        }
    }
}
