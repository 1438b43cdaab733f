//! What the variants of [`Error`](super::Error) hold.

use std::{borrow::Cow, error, fmt, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, Request as HttpRequest, StatusCode};

use super::{ApiError, Attempt, line};
use crate::{
    request::safe_url,
    txn::TxnId,
    wire::{DecodeCategory, DecodeError},
};

/// A cause that this crate does not know the type of.
pub(super) type AnyError = dyn error::Error + Send + Sync + 'static;

/// Which call failed.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) operation: Cow<'static, str>,
    pub(crate) method: Method,
    /// Safe to show: no query, no secret.
    pub(crate) url: Box<str>,
    pub(crate) txn_id: Option<TxnId>,
    /// Whether doing it twice is the same as doing it once.
    pub(crate) repeatable: bool,
    pub(crate) attempts: Vec<Attempt>,
}

impl Call {
    /// Takes down what an error will say, from a request made by `encode_fresh`.
    pub(crate) fn new<B>(operation: impl Into<Cow<'static, str>>, request: &HttpRequest<B>) -> Self {
        Self {
            operation: operation.into(),
            method: request.method().clone(),
            url: safe_url(request).into(),
            txn_id: request.extensions().get::<TxnId>().cloned(),
            repeatable: false,
            attempts: Vec::new(),
        }
    }

    /// Whether the server may have seen one of the attempts.
    pub(super) fn may_have_been_sent(&self) -> bool {
        self.attempts.iter().any(|attempt| attempt.sent != Sent::No)
    }

    /// The path of the URL.
    pub(super) fn path(&self) -> &str {
        self.url.strip_prefix(host(&self.url)).unwrap_or_default()
    }

    /// How often it was tried, for the end of a text.
    pub(super) fn tries(&self) -> String {
        match self.attempts.len() {
            0 | 1 => " (not retried)".to_owned(),
            count => format!(" ({count} attempts)"),
        }
    }
}

/// What came back.
#[derive(Clone)]
pub(crate) struct Received {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// The client has no token for an operation that needs one.
#[derive(Clone, Debug)]
pub struct NotLoggedIn(Box<Missing>);

#[derive(Clone, Debug)]
struct Missing {
    operation: Box<str>,
}

impl NotLoggedIn {
    pub(crate) fn new(operation: &str) -> Self {
        Self(Box::new(Missing { operation: operation.into() }))
    }

    pub(super) fn operation(&self) -> &str {
        &self.0.operation
    }
}

impl fmt::Display for NotLoggedIn {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: needs a login; log in or give the client a token", self.0.operation)
    }
}

/// The server lacks what an operation needs. Nothing was done.
#[derive(Clone, Debug)]
pub struct Unsupported(Box<Lack>);

#[derive(Clone, Debug)]
struct Lack {
    operation: Box<str>,
    needs: Box<str>,
    has: Box<str>,
    refusal: Option<ApiError>,
}

impl Unsupported {
    /// `needs` and `has` are phrases such as `Matrix v1.11` and `v1.6`.
    pub(crate) fn new(operation: &str, needs: &str, has: &str) -> Self {
        Self(Box::new(Lack { operation: operation.into(), needs: needs.into(), has: has.into(), refusal: None }))
    }

    /// Adds the answer that says so.
    pub(crate) fn refused(mut self, refusal: ApiError) -> Self {
        self.0.refusal = Some(refusal);
        self
    }

    pub(super) fn operation(&self) -> &str {
        &self.0.operation
    }

    /// What the operation needs: a version, and the flag that stands for it.
    #[must_use]
    pub fn needs(&self) -> &str {
        &self.0.needs
    }

    /// What the server has.
    #[must_use]
    pub fn has(&self) -> &str {
        &self.0.has
    }

    /// What was tried just now: the server's answer. `None` if it had answered so before, and
    /// nothing was sent.
    #[must_use]
    pub fn tried(&self) -> Option<&ApiError> {
        self.0.refusal.as_ref()
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Lack { operation, needs, has, refusal } = &*self.0;
        write!(out, "{operation}: needs {needs}, the server has {has}")?;
        match refusal.as_ref().and_then(|refusal| Some((refusal.status(), refusal.call()?))) {
            Some((status, call)) => write!(out, "; it answered {} to {} {}", status.as_u16(), call.method, call.path()),
            None => out.write_str("; nothing was sent"),
        }
    }
}

/// How the connection failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportKind {
    /// No connection could be made: name, address, or proxy.
    Connect,
    /// The encryption could not be set up: certificate, protocol version.
    Tls,
    /// No answer came in time.
    Timeout,
    /// The connection broke before the answer was complete.
    Interrupted,
    /// The server sent a redirect that is not followed.
    Redirect,
    /// The host has private addresses only, and must not be asked. Nothing was sent there.
    Forbidden,
    /// Something that is not HTTP, or any other failure.
    Other,
}

impl TransportKind {
    /// The name in lower case.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::Redirect => "redirect",
            Self::Forbidden => "forbidden",
            Self::Other => "other",
        }
    }
}

/// Whether the server may have seen a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sent {
    /// No byte of it left.
    No,
    /// Some of it may have left.
    Maybe,
    /// An answer had begun.
    Yes,
}

/// The connection failed, or no answer came in time.
#[derive(Clone, Debug)]
pub struct TransportError(Box<Transport>);

#[derive(Clone)]
struct Transport {
    call: Call,
    kind: TransportKind,
    sent: Sent,
    status: Option<StatusCode>,
    waited: Option<Duration>,
    source: Option<Arc<AnyError>>,
}

impl fmt::Debug for Transport {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}, sent: {:?}", self.kind, self.sent)
    }
}

impl TransportError {
    /// The source must show no URL: a query may hold secrets.
    pub(crate) fn new(call: Call, kind: TransportKind, sent: Sent) -> Self {
        let earlier = sent == Sent::No && call.may_have_been_sent();
        let sent = if earlier { Sent::Maybe } else { sent };
        Self(Box::new(Transport { call, kind, sent, status: None, waited: None, source: None }))
    }

    /// Keeps the cause, for `source()`.
    pub(crate) fn caused_by(mut self, source: impl Into<Box<AnyError>>) -> Self {
        self.0.source = Some(source.into().into());
        self
    }

    /// Keeps the status of an answer whose body then failed.
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.0.status = Some(status);
        self.0.sent = Sent::Yes;
        self
    }

    /// Keeps how long a timeout waited.
    pub(crate) fn after(mut self, waited: Duration) -> Self {
        self.0.waited = Some(waited);
        self
    }

    pub(super) fn call(&self) -> &Call {
        &self.0.call
    }

    pub(super) fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    pub(super) fn cause(&self) -> Option<&(dyn error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn error::Error + 'static))
    }

    /// How the connection failed.
    #[must_use]
    pub fn kind(&self) -> TransportKind {
        self.0.kind
    }

    /// Whether the server may have seen the request, in any of the attempts.
    #[must_use]
    pub fn sent(&self) -> Sent {
        self.0.sent
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: ", self.0.call.operation)?;
        let host = line::cut(host(&self.0.call.url), 44);
        match self.0.kind {
            TransportKind::Connect => write!(out, "could not connect to {host}")?,
            TransportKind::Tls => write!(out, "no secure connection to {host}")?,
            TransportKind::Timeout => match self.0.waited {
                Some(waited) => write!(out, "no answer from {host} within {waited:?}")?,
                None => write!(out, "no answer from {host} in time")?,
            },
            TransportKind::Interrupted if self.0.status.is_some() => {
                write!(out, "the connection to {host} broke in the middle of the answer")?;
            }
            TransportKind::Interrupted => write!(out, "the connection to {host} broke after the request was sent")?,
            TransportKind::Redirect => {
                return write!(out, "{host} redirects to another place, not followed; check the base URL");
            }
            TransportKind::Forbidden => {
                return write!(out, "{host} has private addresses only, where it must not go; nothing was sent");
            }
            TransportKind::Other => write!(out, "the exchange with {host} failed")?,
        }
        out.write_str(match (self.0.sent, self.0.status) {
            (Sent::No, _) => "; nothing was sent, so it can be tried again",
            (Sent::Yes, Some(status)) if status.is_success() => "; it was carried out",
            (Sent::Maybe | Sent::Yes, _) if self.0.call.repeatable => "; it is safe to send again",
            (Sent::Maybe, _) => "; it may have been carried out",
            (Sent::Yes, _) => "; it was received",
        })?;
        out.write_str(&self.0.call.tries())
    }
}

/// Scheme, host and port of a URL.
fn host(url: &str) -> &str {
    let start = url.find("://").map_or(0, |colon| colon + 3);
    let end = url[start..].find('/').map_or(url.len(), |slash| start + slash);
    &url[..end]
}

/// What a client limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Limit {
    /// The size of a body, in bytes.
    BodyBytes,
    /// The number of redirects.
    Redirects,
    /// The number of pages of a list, or of those without an item in a row.
    Pages,
    /// The size of an upload, in bytes, as the server has set it.
    UploadBytes,
}

/// The answer is larger, or took more steps, than the client allows, or a file is larger than the server takes.
#[derive(Clone)]
pub struct LimitError(Box<(Call, Limit, u64, Option<Received>)>);

impl LimitError {
    /// `most` is in the unit of the limit.
    pub(crate) fn new(call: Call, limit: Limit, most: u64, received: Option<Received>) -> Self {
        Self(Box::new((call, limit, most, received)))
    }

    pub(super) fn call(&self) -> &Call {
        &self.0.0
    }

    pub(super) fn received(&self) -> Option<&Received> {
        self.0.3.as_ref()
    }

    /// Whether the server may have seen the request.
    pub(super) fn may_have_been_sent(&self) -> bool {
        self.limit() != Limit::UploadBytes || self.call().may_have_been_sent()
    }

    /// What was limited.
    #[must_use]
    pub fn limit(&self) -> Limit {
        self.0.1
    }

    /// The most that is allowed, in the unit of the limit.
    #[must_use]
    pub fn most(&self) -> u64 {
        self.0.2
    }
}

impl fmt::Display for LimitError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: ", self.0.0.operation)?;
        let most = self.0.2;
        match self.0.1 {
            Limit::BodyBytes => write!(out, "the answer is larger than {most} bytes"),
            Limit::Redirects => write!(out, "more than {most} redirects"),
            Limit::Pages => write!(out, "more than {most} pages"),
            Limit::UploadBytes => return write!(out, "the file is larger than the {most} bytes that the server takes"),
        }?;
        out.write_str("; raise the limit or ask for less")
    }
}

impl fmt::Debug for LimitError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "LimitError({self})")
    }
}

/// The server no longer knows the token.
#[derive(Clone, Debug)]
pub struct SessionEnded(ApiError);

impl SessionEnded {
    pub(crate) fn new(api: ApiError) -> Self {
        Self(api)
    }

    /// What the server said.
    #[must_use]
    pub fn api(&self) -> &ApiError {
        &self.0
    }

    /// Whether the device still exists: a new login may take up the same device.
    #[must_use]
    pub fn soft_logout(&self) -> bool {
        self.0.soft_logout()
    }
}

impl fmt::Display for SessionEnded {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.write_operation(out)?;
        out.write_str(if self.soft_logout() {
            "the session has ended, but its device remains; log in again with the same device id"
        } else {
            "the session has ended; log in again"
        })
    }
}

/// The server reported success, but its answer could not be read.
#[derive(Clone)]
pub struct DecodeFailure(Box<(DecodeError, Option<(Call, Received)>)>);

impl DecodeFailure {
    pub(crate) fn new(call: Call, received: Received, error: DecodeError) -> Self {
        Self(Box::new((error, Some((call, received)))))
    }

    /// Read outside of a call, such as the content of an event.
    pub(super) fn outside(error: DecodeError) -> Self {
        Self(Box::new((error, None)))
    }

    pub(super) fn call(&self) -> Option<&Call> {
        self.0.1.as_ref().map(|(call, _)| call)
    }

    pub(super) fn received(&self) -> Option<&Received> {
        self.0.1.as_ref().map(|(_, received)| received)
    }

    /// Where and why.
    #[must_use]
    pub fn error(&self) -> &DecodeError {
        &self.0.0
    }
}

impl fmt::Display for DecodeFailure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.1 {
            Some((call, received)) => {
                let strict = self.0.0.category() == DecodeCategory::Strict;
                let but = if strict { "strictly read," } else { "the answer is unreadable:" };
                let status = received.status.as_u16();
                write!(out, "{}: done ({status}), but {but} {}", call.operation, self.0.0)
            }
            None => write!(out, "unreadable JSON: {}", self.0.0),
        }
    }
}

impl fmt::Debug for DecodeFailure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "DecodeFailure({self})")
    }
}
