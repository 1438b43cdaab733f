//! The one loop in which every call travels. Not generic: it is compiled once.

use std::{borrow::Cow, pin::pin, sync::Arc, time::Duration};

use bytes::Bytes;
use http::{Method, StatusCode, header::AUTHORIZATION};
use serde::de::IgnoredAny;
use tokio::time::Instant;

use super::{
    renew::Renewal,
    route::{Route, redirects},
    slot::Slot,
    terms::{Deadline, Limits, Patience, Terms},
    trace,
};
use crate::{
    Auth, BaseUrl, ErrorCode, Idempotency, Metadata, UnixMillis,
    error::{ApiError, Attempt, Error, Received, Sent},
    retry::{Attempts, Budget, Next, Outcome, Permit},
    service::{ServerName, Service as _},
    session::{Keeper, Login},
    transport::{Answer, Broken, Call, Fault, Payload, Source, Transport},
};

/// What the loop needs to know of a call.
#[derive(Clone, Debug)]
pub(crate) struct CallInfo {
    pub(crate) operation: Cow<'static, str>,
    /// What is known of the operation, if it is one of the specification or of somebody's own.
    pub(crate) metadata: Option<&'static Metadata>,
    pub(crate) auth: Auth,
    pub(crate) idempotency: Idempotency,
    pub(crate) long_poll: bool,
    pub(crate) redirect: bool,
    pub(crate) bytes: bool,
    pub(crate) streams: Streams,
}

/// What a call carries up or down that is not held in memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Streams {
    pub(crate) upload: Option<Source>,
    pub(crate) download: Option<Slot>,
}

impl Streams {
    /// Whether the call can be made, for the first time or again.
    pub(crate) fn is_whole(&self) -> bool {
        self.upload.as_ref().is_none_or(Source::is_whole)
    }
}

impl From<&'static Metadata> for CallInfo {
    fn from(metadata: &'static Metadata) -> Self {
        Self {
            operation: Cow::Borrowed(metadata.id),
            metadata: Some(metadata),
            auth: metadata.auth,
            idempotency: metadata.idempotency,
            long_poll: metadata.long_poll,
            redirect: metadata.redirect,
            bytes: metadata.bytes,
            streams: Streams::default(),
        }
    }
}

impl CallInfo {
    /// Whether doing it twice is the same as doing it once.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.idempotency == Idempotency::Always
    }

    /// Whether it is something that a server name publishes, before anybody knows the server.
    pub(crate) fn is_at_server_name(&self) -> bool {
        self.metadata.is_some_and(|metadata| metadata.service == ServerName::NAME)
    }
}

/// What a call needs, whatever it says.
pub(crate) struct Executor {
    pub(crate) transport: Transport,
    pub(crate) login: Login,
    pub(crate) keeper: Keeper,
    pub(crate) limits: Limits,
    pub(crate) budget: Budget,
    /// Where new tokens are to be had, and how patiently.
    pub(crate) base: BaseUrl,
    #[cfg_attr(not(feature = "client-server"), allow(dead_code))]
    pub(crate) terms: Terms,
}

/// How a call ended, and the way there.
pub(crate) struct Ended {
    pub(crate) result: Result<Received, Why>,
    pub(crate) attempts: Vec<Attempt>,
}

/// Why a call brought nothing.
pub(crate) enum Why {
    /// The operation needs a token.
    NotLoggedIn,
    /// No answer, or, with a status, not all of it.
    Fault(Fault, Option<StatusCode>),
    /// What was to be sent was not to be had.
    Broken(Broken, Sent),
    /// An answer that is larger than allowed.
    TooLarge { limit: u64, read: Received },
    /// A redirect that leads where it must not: its status and origin.
    Redirected(StatusCode, Option<String>),
    /// One redirect too many.
    TooManyRedirects { status: StatusCode, most: u64 },
    /// The server said no.
    Refused(ApiError),
    /// The clock had ended the token, and the server said no when it was asked for another.
    SessionEnded(ApiError),
    /// The token has ended, and no other could be had.
    NoNewToken(Box<Error>),
}

impl Executor {
    /// Sends the call, again if need be, and reads the answer.
    ///
    /// Here and further in, calls are lent: what an `async fn` is given, its future holds twice.
    pub(crate) async fn exchange(self: &Arc<Self>, info: &CallInfo, terms: &Terms, call: &mut Call) -> Ended {
        let span = trace::CallSpan::new(info, &call.method);
        let ended = span.around(self.run(info, terms, call)).await;
        span.end(&ended);
        ended
    }

    async fn run(self: &Arc<Self>, info: &CallInfo, terms: &Terms, call: &mut Call) -> Ended {
        let deadline = terms.deadline(info, call);
        let read = call.method == Method::GET;
        let mut signed = false;
        let mut judge = Attempts::new(terms.policy.clone(), info.idempotency);
        let mut attempts = Vec::new();
        let mut permit = None;
        loop {
            self.wait_for_all(terms, deadline).await;
            let token = match self.sign(info, call).await {
                Ok(token) => token,
                Err(why) => return Ended { result: Err(why), attempts },
            };
            if signed && token.is_none() {
                // The one of the attempt before, which has ended.
                call.headers.remove(AUTHORIZATION);
            }
            signed = token.is_some();
            let span = trace::AttemptSpan::new(attempts.len() + 1);
            let start = Instant::now();
            let result = span.around(self.attempt(info, terms, deadline, call)).await;
            let attempt = record(&result, start.elapsed());
            span.end(&attempt, &result);
            attempts.push(attempt);
            let ended = outcome(&result, info, read, token.is_some());
            if !matches!(result, Err(Why::Broken(..))) {
                self.settle(permit.take(), ended);
            }
            let next = ended.map_or(Next::Done, |ended| judge.after(ended, roll(), deadline.left()));
            // Of what can be read once, nothing more is left.
            let whole = call.payload.is_whole();
            if let (Next::Refresh, Some(token)) = (next, token) {
                match self.renew(token, is_soft(&result)).await {
                    Renewal::Done if whole => continue,
                    Renewal::Failed(error) => {
                        return Ended { result: Err(Why::NoNewToken(error.into())), attempts };
                    }
                    _ => return Ended { result, attempts },
                }
            }
            let (Next::Wait { wait, limited }, true) = (next, whole) else {
                return Ended { result, attempts };
            };
            permit = self.pause(info, wait, limited).await;
            if permit.is_none() {
                return Ended { result, attempts };
            }
            if let Some(last) = attempts.last_mut() {
                last.wait = Some(wait);
            }
        }
    }

    /// Puts the token on, a new one if the old one has ended. Gives its count.
    async fn sign(self: &Arc<Self>, info: &CallInfo, call: &mut Call) -> Result<Option<u64>, Why> {
        let outdated = (info.auth != Auth::None).then(|| self.login.outdated(UnixMillis::now())).flatten();
        if let Some(old) = outdated {
            if let Renewal::Ended(Some(refusal)) = self.renew(old, false).await {
                return Err(Why::SessionEnded(refusal));
            }
        }
        // If no new token could be had just now, the server may still take the old one: clocks differ.
        self.login.sign(info.auth, &mut call.headers).map_err(|_| Why::NotLoggedIn)
    }

    /// Waits before a retry, if the budget has one left.
    async fn pause(&self, info: &CallInfo, wait: Duration, limited: bool) -> Option<Permit<'_>> {
        if let (true, Some(until)) = (limited, Instant::now().checked_add(wait)) {
            self.budget.pause(until);
        }
        let permit = self.budget.take(limited);
        if permit.is_some() || info.long_poll {
            // A caller that polls in a loop is slowed down even if there is none.
            tokio::time::sleep(wait).await;
        }
        permit
    }

    /// Another call has been told to wait: so does this one, and then a little more, each its own.
    async fn wait_for_all(&self, terms: &Terms, deadline: Deadline) {
        if terms.policy.is_none() {
            return;
        }
        let now = Instant::now();
        let Some(until) = self.budget.paused(now) else { return };
        let until = until + terms.policy.stagger(roll());
        if until - now < deadline.left() {
            tokio::time::sleep_until(until).await;
        }
    }

    /// A success gives back what the retry has cost, a failure does not.
    fn settle(&self, permit: Option<Permit<'_>>, ended: Option<Outcome>) {
        match (permit, ended) {
            (Some(permit), Some(_)) => permit.lose(),
            (Some(permit), None) => drop(permit),
            (None, None) => self.budget.refill(),
            (None, Some(_)) => {}
        }
    }

    async fn attempt(&self, info: &CallInfo, terms: &Terms, deadline: Deadline, call: &Call) -> Result<Received, Why> {
        let mut route = Route::new(info, &call.method);
        let mut hop: Option<Box<Call>> = None;
        loop {
            let call = hop.as_deref().unwrap_or(call);
            let patience = terms.patience(info, call);
            let answer = match &call.payload {
                Payload::Bytes(_) => self.head(deadline.cap(patience.head), call).await?,
                // Apart, so that other calls do not hold what only an upload needs.
                Payload::Stream(source) => Box::pin(self.head_of_upload(source, patience, deadline, call)).await?,
            };
            match (route.next(answer.status, &answer.headers, &call.url), &info.streams.download) {
                (Some(target), _) => hop = Some(Box::new(route.take(call.clone(), target))),
                _ if !info.redirect && redirects(answer.status) => {
                    return Err(route.end(answer.status, &answer.headers, &call.url));
                }
                (_, Some(slot)) if answer.status.is_success() => {
                    let excess = slot.excess(&answer);
                    let read = slot.put(answer, patience.idle);
                    return match excess {
                        Some(limit) => Err(Why::TooLarge { limit, read }),
                        None => Ok(read),
                    };
                }
                _ => return self.limits.collect(info, answer, patience, deadline).await,
            }
        }
    }

    async fn head(&self, limit: Duration, call: &Call) -> Result<Answer, Why> {
        let answer = match tokio::time::timeout(limit, self.transport.execute(call)).await {
            Ok(answer) => answer,
            Err(_) => Err(Fault::timeout(limit, Sent::Maybe)),
        };
        answer.map_err(|fault| Why::Fault(fault, None))
    }

    /// As long as the connection takes what is uploaded, there is nothing to wait for.
    async fn head_of_upload(
        &self,
        source: &Source,
        patience: Patience,
        deadline: Deadline,
        call: &Call,
    ) -> Result<Answer, Why> {
        source.touch();
        let start = Instant::now();
        let mut execute = pin!(self.transport.execute(call));
        let answer = loop {
            let left = deadline.cap(patience.head.saturating_sub(source.touched().elapsed()));
            match tokio::time::timeout(left, &mut execute).await {
                Ok(answer) => break answer,
                Err(_) if left.is_zero() => break Err(Fault::timeout(patience.head.min(start.elapsed()), Sent::Maybe)),
                Err(_) => {}
            }
        };
        answer.map_err(|fault| match source.broken() {
            Some(broken) => Why::Broken(broken, fault.sent),
            None => Why::Fault(fault, None),
        })
    }
}

/// What the retry policy sees of an attempt; `None` if there is nothing to decide.
fn outcome(result: &Result<Received, Why>, info: &CallInfo, read: bool, signed: bool) -> Option<Outcome> {
    match result {
        Ok(received) if read && !info.bytes && !info.redirect && is_garbled(&received.body) => Some(Outcome::Garbled),
        Ok(_) => None,
        Err(Why::Fault(fault, _)) => Some(Outcome::Failed { kind: fault.kind, sent: fault.sent }),
        Err(Why::Refused(refusal)) if signed && refusal.errcode() == Some(&ErrorCode::UnknownToken) => {
            Some(Outcome::TokenRefused)
        }
        // The server has waited as long as it was asked to.
        Err(Why::Refused(refusal)) if refusal.errcode() == Some(&ErrorCode::NotYetUploaded) => None,
        Err(Why::Refused(refusal)) => Some(Outcome::Answered {
            status: refusal.status(),
            limited: refusal.is_rate_limited(),
            retry_after: refusal.retry_after(),
        }),
        Err(
            Why::NotLoggedIn
            | Why::Broken(..)
            | Why::TooLarge { .. }
            | Why::Redirected(..)
            | Why::TooManyRedirects { .. }
            | Why::SessionEnded(_)
            | Why::NoNewToken(_),
        ) => None,
    }
}

/// Whether a body is a page of a proxy: not empty, and no JSON. One that begins like an object
/// or a list is left to the reader.
fn is_garbled(body: &Bytes) -> bool {
    match body.trim_ascii_start().first() {
        None | Some(b'{' | b'[') => false,
        Some(_) => serde_json::from_slice::<IgnoredAny>(body).is_err(),
    }
}

/// Whether a refusal says that the device remains.
fn is_soft(result: &Result<Received, Why>) -> bool {
    matches!(result, Err(Why::Refused(refusal)) if refusal.soft_logout())
}

fn record(result: &Result<Received, Why>, took: Duration) -> Attempt {
    let answered = |status| (Some(status), None, Sent::Yes);
    let (status, failed, sent) = match result {
        Ok(received) => answered(received.status),
        Err(Why::Refused(refusal)) => answered(refusal.status()),
        Err(Why::TooLarge { read, .. }) => answered(read.status),
        Err(Why::Redirected(status, _) | Why::TooManyRedirects { status, .. }) => answered(*status),
        Err(Why::Fault(fault, status)) => (*status, Some(fault.kind), fault.sent),
        Err(Why::Broken(_, sent)) => (None, None, *sent),
        Err(Why::NotLoggedIn | Why::SessionEnded(_) | Why::NoNewToken(_)) => (None, None, Sent::No),
    };
    Attempt { status, failed, sent, took, wait: None }
}

/// Without randomness the longest wait is taken.
pub(crate) fn roll() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_no_json_is_a_page() {
        for page in ["<html>", "no healthy upstream", "nul", "\"half", "upstream", "-"] {
            assert!(is_garbled(&Bytes::from(page)), "{page}");
        }
        for json in ["", " ", "{", "[", "{}", "null", "\"text\"", "12", "-1", "true"] {
            assert!(!is_garbled(&Bytes::from(json)), "{json}");
        }
    }
}
