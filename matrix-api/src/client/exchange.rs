//! The one loop in which every call travels. Not generic: it is compiled once.

use std::{borrow::Cow, time::Duration};

use bytes::Bytes;
use http::StatusCode;

use super::{
    gather::Gathered,
    route::{Route, redirects},
};
use crate::{
    Auth, Idempotency, Metadata,
    error::{ApiError, Received, Sent},
    retry::{Attempts, Next, Outcome, RetryPolicy},
    session::Login,
    transport::{Answer, Call, Fault, Incoming, Payload, Transport},
};

/// What the loop needs to know of a call.
#[derive(Clone, Debug)]
pub(crate) struct CallInfo {
    pub(crate) operation: Cow<'static, str>,
    pub(crate) auth: Auth,
    pub(crate) idempotency: Idempotency,
    pub(crate) long_poll: bool,
    pub(crate) redirect: bool,
    pub(crate) bytes: bool,
}

impl From<&'static Metadata> for CallInfo {
    fn from(metadata: &'static Metadata) -> Self {
        Self {
            operation: Cow::Borrowed(metadata.id),
            auth: metadata.auth,
            idempotency: metadata.idempotency,
            long_poll: metadata.long_poll,
            redirect: metadata.redirect,
            bytes: metadata.bytes,
        }
    }
}

/// How long an attempt may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    /// From the start of an attempt to the head of the answer.
    pub(crate) request: Duration,
    /// Between two pieces of a body.
    pub(crate) idle: Duration,
}

/// How many bytes of a body are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) json: u64,
    pub(crate) long_poll: u64,
    pub(crate) error: u64,
    pub(crate) media: u64,
}

/// What a call needs, whatever it says.
pub(crate) struct Executor {
    pub(crate) transport: Transport,
    pub(crate) login: Login,
    pub(crate) policy: RetryPolicy,
    pub(crate) timeouts: Timeouts,
    pub(crate) limits: Limits,
}

/// Why a call brought nothing.
pub(crate) enum Why {
    /// The operation needs a token.
    NotLoggedIn,
    /// No answer, or, with a status, not all of it.
    Fault(Fault, Option<StatusCode>),
    /// An answer that is larger than allowed.
    TooLarge { limit: u64, read: Received },
    /// A redirect that leads where it must not: its status and origin.
    Redirected(StatusCode, Option<String>),
    /// One redirect too many.
    TooManyRedirects { most: u64 },
    /// The server said no.
    Refused(ApiError),
}

/// A connection that trickles an upload at less than this many bytes a second is given up.
const SLOWEST_UPLOAD: u64 = 64 * 1024;

impl Executor {
    /// Sends the call, again if need be, and reads the answer.
    pub(crate) async fn exchange(&self, info: &CallInfo, mut call: Call) -> Result<Received, Why> {
        let mut attempts = Attempts::new(self.policy.clone(), info.idempotency);
        loop {
            let spare = call.again();
            let ended = match self.login.sign(info.auth, &mut call.headers) {
                Ok(()) => self.attempt(info, call).await,
                Err(_) => Err(Why::NotLoggedIn),
            };
            let next = match &ended {
                Ok(_) => Next::Done,
                Err(why) => outcome(why).map_or(Next::Fail, |ended| attempts.after(ended, roll())),
            };
            match (next, spare) {
                (Next::Wait(wait), Some(spare)) => {
                    tokio::time::sleep(wait).await;
                    call = spare;
                }
                _ => return ended,
            }
        }
    }

    async fn attempt(&self, info: &CallInfo, mut call: Call) -> Result<Received, Why> {
        let mut route = Route::new(info, &call.method);
        loop {
            let spare = call.again();
            let url = call.url.clone();
            let answer = self.head(info, call).await?;
            match (route.next(answer.status, &answer.headers, &url), spare) {
                (Some(target), Some(spare)) => call = route.take(spare, target),
                _ if !info.redirect && redirects(answer.status) => {
                    return Err(route.end(answer.status, &answer.headers, &url));
                }
                _ => return self.collect(info, answer).await,
            }
        }
    }

    async fn head(&self, info: &CallInfo, call: Call) -> Result<Answer, Why> {
        let limit = self.timeouts.head(info, &call);
        let answer = match tokio::time::timeout(limit, self.transport.execute(call)).await {
            Ok(answer) => answer,
            Err(_) => Err(Fault::timeout(limit, Sent::Maybe)),
        };
        answer.map_err(|fault| Why::Fault(fault, None))
    }

    async fn collect(&self, info: &CallInfo, answer: Answer) -> Result<Received, Why> {
        let Answer { status, headers, body } = answer;
        let done = status.is_success();
        let limit = if done { self.limits.of(info) } else { self.limits.error };
        if done && body.announced().is_some_and(|length| length > limit) {
            let read = Received { status, headers, body: Bytes::new() };
            return Err(Why::TooLarge { limit, read });
        }
        let (body, whole) = match self.read(body, limit).await {
            Ok(read) => read,
            Err(fault) => return Err(Why::Fault(fault, Some(status))),
        };
        let answered = done || (info.redirect && status.is_redirection());
        if !answered {
            // The beginning of a refusal is enough to tell why.
            return Err(Why::Refused(ApiError::read(status, &headers, body)));
        }
        if whole {
            return Ok(Received { status, headers, body });
        }
        let kept = body.len().min(self.limits.error as usize);
        let body = Bytes::copy_from_slice(&body[..kept]);
        Err(Why::TooLarge { limit, read: Received { status, headers, body } })
    }

    /// Reads up to the limit, and tells whether that was all.
    async fn read(&self, mut body: Incoming, limit: u64) -> Result<(Bytes, bool), Fault> {
        let announced = body.announced();
        let mut read = Gathered::default();
        while let Some(chunk) = self.chunk(&mut body).await? {
            let room = limit.saturating_sub(read.len());
            if chunk.len() as u64 > room {
                // No more than a chunk's length, so it fits a usize.
                read.push(chunk.slice(..room as usize), announced);
                return Ok((read.finish(), false));
            }
            read.push(chunk, announced);
        }
        Ok((read.finish(), true))
    }

    async fn chunk(&self, body: &mut Incoming) -> Result<Option<Bytes>, Fault> {
        let idle = self.timeouts.idle;
        match tokio::time::timeout(idle, body.chunk()).await {
            Ok(chunk) => chunk,
            Err(_) => Err(Fault::timeout(idle, Sent::Yes)),
        }
    }
}

impl Timeouts {
    /// A long poll may take its own time on top, a large upload a second for every 64 KiB.
    fn head(&self, info: &CallInfo, call: &Call) -> Duration {
        let poll = if info.long_poll { poll_time(&call.url) } else { Duration::ZERO };
        let upload = match &call.payload {
            Payload::Bytes(bytes) => bytes.len() as u64 / SLOWEST_UPLOAD,
            Payload::Stream(stream) => stream.size_hint().lower() / SLOWEST_UPLOAD,
        };
        self.request.saturating_add(poll).saturating_add(Duration::from_secs(upload))
    }
}

/// How long the server was asked to hold its answer back: the query key `timeout`, in ms.
fn poll_time(url: &str) -> Duration {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let asked = query.split('&').find_map(|pair| pair.strip_prefix("timeout=")).and_then(|value| value.parse().ok());
    Duration::from_millis(asked.unwrap_or(0))
}

impl Limits {
    fn of(&self, info: &CallInfo) -> u64 {
        if info.bytes {
            self.media
        } else if info.long_poll {
            self.long_poll
        } else {
            self.json
        }
    }
}

/// What the retry policy sees of a failure; `None` if there is nothing to decide.
fn outcome(why: &Why) -> Option<Outcome> {
    match why {
        Why::Fault(fault, _) => Some(Outcome::Failed { kind: fault.kind, sent: fault.sent }),
        Why::Refused(refusal) => {
            Some(Outcome::Answered { status: refusal.status(), retry_after: refusal.retry_after() })
        }
        Why::NotLoggedIn | Why::TooLarge { .. } | Why::Redirected(..) | Why::TooManyRedirects { .. } => None,
    }
}

/// Without randomness the longest wait is taken.
fn roll() -> u32 {
    getrandom::u32().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};

    use super::*;

    fn info(long_poll: bool) -> CallInfo {
        CallInfo {
            operation: "test".into(),
            auth: Auth::None,
            idempotency: Idempotency::Always,
            long_poll,
            redirect: false,
            bytes: false,
        }
    }

    fn call(url: &str, payload: Payload) -> Call {
        Call { method: Method::GET, url: url.to_owned(), headers: HeaderMap::new(), payload }
    }

    struct Ten;

    impl http_body::Body for Ten {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
            std::task::Poll::Ready(None)
        }

        fn size_hint(&self) -> http_body::SizeHint {
            http_body::SizeHint::with_exact(10 * SLOWEST_UPLOAD)
        }
    }

    #[test]
    fn an_attempt_gets_the_time_it_needs() {
        let timeouts = Timeouts { request: Duration::from_secs(30), idle: Duration::from_secs(20) };
        let seconds = |long_poll, url, payload| timeouts.head(&info(long_poll), &call(url, payload)).as_secs();
        let none = || Payload::Bytes(Bytes::new());
        assert_eq!(seconds(true, "https://x/sync?a=b&timeout=45000", none()), 75);
        assert_eq!(seconds(true, "https://x/sync?timeout=45000&a=b", none()), 75);
        assert_eq!(seconds(false, "https://x/other?timeout=45000", none()), 30);
        assert_eq!(seconds(true, "https://x/sync", none()), 30);
        assert_eq!(seconds(true, "https://x/sync?timeout=x", none()), 30);
        assert_eq!(seconds(true, "https://x/sync?longtimeout=45000", none()), 30);
        let upload = Bytes::from(vec![0; 3 * SLOWEST_UPLOAD as usize]);
        assert_eq!(seconds(false, "https://x/upload", Payload::Bytes(upload)), 33);
        assert_eq!(seconds(false, "https://x/upload", Payload::Stream(Box::pin(Ten))), 40);
    }

    #[test]
    fn a_stream_is_not_sent_twice() {
        assert!(call("https://x", Payload::Stream(Box::pin(Ten))).again().is_none());
        let again = call("https://x", Payload::Bytes("abc".into())).again().unwrap();
        assert!(matches!(again.payload, Payload::Bytes(bytes) if bytes == "abc"));
    }
}
