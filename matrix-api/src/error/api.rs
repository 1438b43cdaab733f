//! A server's refusal, read from whatever it sent.

use std::{
    borrow::Cow,
    fmt,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Map, Value};

use super::{Call, ErrorCode, Received, line, retry_after};
use crate::{string_enum::StringEnum, wire::Object};

/// The server refused.
#[derive(Clone)]
pub struct ApiError(Box<Refusal>);

#[derive(Clone)]
struct Refusal {
    call: Option<Call>,
    received: Received,
    kind: BodyKind,
    errcode: Option<ErrorCode>,
    message: Option<Box<str>>,
    retry_after: Option<Duration>,
    soft_logout: bool,
    uiaa: Option<Object>,
    extra: Object,
}

/// What the body of a refusal was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BodyKind {
    /// A JSON object, as the specification has it.
    Object,
    /// JSON, but no object.
    OtherJson,
    /// HTML: usually a proxy's page.
    Html,
    /// Text or bytes that are not JSON.
    Other,
    /// Nothing.
    Empty,
}

impl ApiError {
    /// Reads a refusal. Never fails: what cannot be read is left out.
    #[must_use]
    pub fn read(status: StatusCode, headers: &HeaderMap, body: Bytes) -> Self {
        Self::read_at(status, headers, body, SystemTime::now())
    }

    pub(super) fn read_at(status: StatusCode, headers: &HeaderMap, body: Bytes, now: SystemTime) -> Self {
        let (kind, members) = read_body(&body);
        let mut members = unwrap_nested(members);
        let whole = status == StatusCode::UNAUTHORIZED && members.contains_key("flows");
        let uiaa = whole.then(|| members.clone().into_iter().collect());
        let in_body = members.remove("retry_after_ms").as_ref().and_then(millis);
        Self(Box::new(Refusal {
            call: None,
            kind,
            errcode: take_text(&mut members, "errcode").map(|code| ErrorCode::parse(&code)),
            message: take_text(&mut members, "error").or_else(|| title(&members)).map(Into::into),
            retry_after: retry_after(headers, now).or(in_body),
            soft_logout: take_true(&mut members, "soft_logout"),
            uiaa,
            extra: members.into_iter().collect(),
            received: Received { status, headers: headers.clone(), body },
        }))
    }

    /// Adds which call was refused.
    #[cfg_attr(not(any(feature = "client", test)), allow(dead_code))]
    #[must_use]
    pub(crate) fn of(mut self, call: Call) -> Self {
        self.0.call = Some(call);
        self
    }

    pub(super) fn call(&self) -> Option<&Call> {
        self.0.call.as_ref()
    }

    pub(super) fn received(&self) -> &Received {
        &self.0.received
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.0.received.status
    }

    /// The error code; `None` if the answer did not come from a Matrix server or has none.
    #[must_use]
    pub fn errcode(&self) -> Option<&ErrorCode> {
        self.0.errcode.as_ref()
    }

    /// The server's own message.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// How long the server asks to wait: the header's word before the body's.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the device still exists although its token does not.
    #[must_use]
    pub fn soft_logout(&self) -> bool {
        self.0.soft_logout
    }

    /// The whole body, if it asks for user-interactive authentication.
    #[must_use]
    pub fn uiaa(&self) -> Option<&Object> {
        self.0.uiaa.as_ref()
    }

    /// Whether the server asks to slow down: status 429, or `M_LIMIT_EXCEEDED`.
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.status() == StatusCode::TOO_MANY_REQUESTS || self.errcode() == Some(&ErrorCode::LimitExceeded)
    }

    /// The members of the body that have no accessor of their own.
    #[must_use]
    pub fn extra(&self) -> &Object {
        &self.0.extra
    }

    /// What the body was.
    #[must_use]
    pub fn body_kind(&self) -> BodyKind {
        self.0.kind
    }

    pub(super) fn write_operation(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.call {
            Some(call) => write!(out, "{}: ", call.operation),
            None => Ok(()),
        }
    }

    /// What a caller can do.
    fn advice(&self) -> Option<Cow<'static, str>> {
        if let Some(wait) = self.0.retry_after {
            return Some(format!("try again in {wait:?}").into());
        }
        if self.0.uiaa.is_some() {
            return Some("complete one of the flows in uiaa()".into());
        }
        let advice = self.0.errcode.as_ref().and_then(advice_on_code);
        advice.or_else(|| advice_on_status(self.status())).map(Cow::Borrowed)
    }
}

fn advice_on_code(code: &ErrorCode) -> Option<&'static str> {
    Some(match code {
        ErrorCode::LimitExceeded => "slow down and try again",
        ErrorCode::UnknownToken | ErrorCode::MissingToken => "log in again",
        ErrorCode::Unrecognized => "the server does not offer this operation",
        ErrorCode::NotYetUploaded => "try again later",
        ErrorCode::Forbidden => "the account lacks the right to do this",
        ErrorCode::NotFound => "check the ids",
        ErrorCode::BadJson | ErrorCode::NotJson | ErrorCode::InvalidParam | ErrorCode::MissingParam => {
            "mend the request"
        }
        ErrorCode::TooLarge => "send less",
        ErrorCode::RoomInUse | ErrorCode::UserInUse => "choose another name",
        ErrorCode::ResourceLimitExceeded => "the server's admin must act",
        _ => return None,
    })
}

fn advice_on_status(status: StatusCode) -> Option<&'static str> {
    match status.as_u16() {
        405 => Some("the server does not offer this operation"),
        413 => Some("send less"),
        429 => Some("slow down and try again"),
        500..=599 => Some("try again later, or tell the server's admin"),
        _ => None,
    }
}

fn read_body(body: &[u8]) -> (BodyKind, Map<String, Value>) {
    let trimmed = body.trim_ascii();
    if trimmed.is_empty() {
        return (BodyKind::Empty, Map::new());
    }
    match serde_json::from_slice(trimmed) {
        Ok(Value::Object(members)) => (BodyKind::Object, members),
        Ok(_) => (BodyKind::OtherJson, Map::new()),
        Err(_) if trimmed[0] == b'<' => (BodyKind::Html, Map::new()),
        Err(_) => (BodyKind::Other, Map::new()),
    }
}

/// Some servers put a whole error, or its text, into `error`: what lies inside wins.
fn unwrap_nested(mut members: Map<String, Value>) -> Map<String, Value> {
    let inner = match members.get("error") {
        Some(Value::Object(inner)) => Some(inner.clone()),
        Some(Value::String(text)) if text.trim_start().starts_with('{') => {
            serde_json::from_str::<Map<String, Value>>(text).ok()
        }
        _ => None,
    };
    if let Some(inner) = inner.filter(|inner| inner.contains_key("errcode")) {
        members.remove("error");
        members.extend(inner);
    }
    members
}

fn take_text(members: &mut Map<String, Value>, name: &str) -> Option<String> {
    match members.remove(name)? {
        Value::String(text) => Some(text),
        other => {
            // Not what it should be, so it stays where a caller can still find it.
            members.insert(name.to_owned(), other);
            None
        }
    }
}

/// Services that speak JSON:API put the text into the first of a list of errors.
fn title(members: &Map<String, Value>) -> Option<String> {
    Some(members.get("errors")?.get(0)?.get("title")?.as_str()?.to_owned())
}

fn take_true(members: &mut Map<String, Value>, name: &str) -> bool {
    members.remove(name) == Some(Value::Bool(true))
}

fn millis(value: &Value) -> Option<Duration> {
    if let Some(whole) = value.as_u64() {
        return Some(Duration::from_millis(whole));
    }
    let millis = value.as_f64().filter(|millis| *millis >= 0.0)?;
    Duration::try_from_secs_f64(millis / 1000.0).ok()
}

impl fmt::Display for ApiError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_operation(out)?;
        write!(out, "{}", self.status().as_u16())?;
        if let Some(code) = self.errcode() {
            write!(out, " {}", line::cut(code.as_str(), 60))?;
        }
        match (self.message(), self.0.kind) {
            (Some(message), _) => write!(out, ": {}", line::cut(message, 70))?,
            (None, BodyKind::Html) => out.write_str(", with an HTML page instead of JSON")?,
            (None, BodyKind::Empty) => out.write_str(", with an empty body")?,
            (None, BodyKind::Other) => out.write_str(", with a body that is not JSON")?,
            (None, BodyKind::OtherJson) => out.write_str(", with JSON that is no object")?,
            (None, BodyKind::Object) => {}
        }
        if let Some(advice) = self.advice() {
            write!(out, "; {advice}")?;
        }
        match &self.0.call {
            Some(call) if call.attempts.len() > 1 => out.write_str(&call.tries()),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for ApiError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "ApiError({self})")
    }
}

impl std::error::Error for ApiError {}
