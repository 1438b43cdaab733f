//! How long a call may take and how much it may bring.

use std::time::Duration;

use bytes::Bytes;
use http::Uri;
use tokio::time::Instant;

use super::{
    exchange::{CallInfo, Why},
    gather::Gathered,
};
use crate::{
    RetryPolicy,
    error::{ApiError, Received, Sent},
    transport::{Answer, Call, Fault, Incoming, Payload},
};

/// How patiently a call is made: the client's own terms, or those of one call.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub(crate) policy: RetryPolicy,
    /// From the start of an attempt to the head of the answer.
    pub(crate) request: Duration,
    /// Between two pieces of a body.
    pub(crate) idle: Duration,
}

/// The waits of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Patience {
    /// For the head.
    pub(crate) head: Duration,
    /// For the first piece of the body: a long poll may hold it back, too.
    pub(crate) first: Duration,
    /// For every other.
    pub(crate) idle: Duration,
}

/// A connection that trickles an upload at less than this many bytes a second is given up.
const SLOWEST_UPLOAD: u64 = 64 * 1024;
/// The most that a connection has taken and not yet sent.
const UNDER_WAY: u64 = 4 * 1024 * 1024;

impl Terms {
    /// A long poll may take its own time on top, and so may a file that the server is to wait for; a large upload a
    /// second for every 64 KiB. A stream is waited for from the last piece on, and what of it is still on the way is not
    /// much.
    pub(crate) fn patience(&self, info: &CallInfo, call: &Call) -> Patience {
        let poll = match info {
            CallInfo { long_poll: true, .. } => poll_time(&call.url, "timeout="),
            CallInfo { bytes: true, .. } => poll_time(&call.url, "timeout_ms="),
            _ => Duration::ZERO,
        };
        let upload = match &call.payload {
            Payload::Bytes(bytes) => upload_time(bytes.len() as u64),
            Payload::Stream(source) => upload_time(source.length().unwrap_or(u64::MAX).min(UNDER_WAY)),
        };
        let head = self.request.saturating_add(poll).saturating_add(upload);
        let first = if info.long_poll { self.idle.saturating_add(poll) } else { self.idle };
        Patience { head, first, idle: self.idle }
    }

    /// Long polls, downloads and streams of unknown length end by other means.
    pub(crate) fn deadline(&self, info: &CallInfo, call: &Call) -> Deadline {
        let Some(length) = call.payload.length().filter(|_| !info.long_poll && !info.bytes) else {
            return Deadline(None);
        };
        let total = self.policy.total_time().saturating_add(upload_time(length));
        Deadline(Instant::now().checked_add(total))
    }
}

/// When a call with all its attempts must be over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    pub(crate) fn left(self) -> Duration {
        self.0.map_or(Duration::MAX, |end| end.saturating_duration_since(Instant::now()))
    }

    /// The time, or what is left if that is less.
    pub(crate) fn cap(self, time: Duration) -> Duration {
        time.min(self.left())
    }
}

fn upload_time(length: u64) -> Duration {
    Duration::from_secs(length / SLOWEST_UPLOAD)
}

/// How long the server was asked to hold its answer back: the value of this query key, in ms.
fn poll_time(url: &Uri, key: &str) -> Duration {
    let asked = url
        .query()
        .unwrap_or_default()
        .split('&')
        .find_map(|pair| pair.strip_prefix(key))
        .and_then(|value| value.parse().ok());
    Duration::from_millis(asked.unwrap_or(0))
}

/// How many bytes of a body are read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) json: u64,
    pub(crate) long_poll: u64,
    pub(crate) error: u64,
    pub(crate) media: u64,
    pub(crate) well_known: u64,
}

impl Limits {
    /// The same for every kind of answer.
    #[cfg_attr(not(any(feature = "integrations", feature = "openid")), allow(dead_code))]
    pub(crate) fn all(bytes: u64) -> Self {
        Self { json: bytes, long_poll: bytes, error: bytes, media: bytes, well_known: bytes }
    }

    pub(crate) fn of(&self, info: &CallInfo) -> u64 {
        if info.bytes {
            self.media
        } else if info.long_poll {
            self.long_poll
        } else if info.is_at_server_name() {
            self.well_known
        } else {
            self.json
        }
    }

    /// Reads the body of an answer, as far as it is wanted.
    pub(crate) async fn collect(
        &self,
        info: &CallInfo,
        answer: Answer,
        patience: Patience,
        deadline: Deadline,
    ) -> Result<Received, Why> {
        let Answer { status, headers, body } = answer;
        let done = status.is_success();
        let limit = if done { self.of(info) } else { self.error };
        if done && body.announced().is_some_and(|length| length > limit) {
            let read = Received { status, headers, body: Bytes::new() };
            return Err(Why::TooLarge { limit, read });
        }
        let (body, whole) = match read(body, limit, patience, deadline).await {
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
        let kept = body.len().min(self.error as usize);
        let body = Bytes::copy_from_slice(&body[..kept]);
        Err(Why::TooLarge { limit, read: Received { status, headers, body } })
    }
}

/// Reads up to the limit, and tells whether that was all.
async fn read(mut body: Incoming, limit: u64, patience: Patience, deadline: Deadline) -> Result<(Bytes, bool), Fault> {
    let announced = body.announced();
    let mut read = Gathered::default();
    let mut wait = patience.first;
    while let Some(chunk) = chunk(&mut body, deadline.cap(wait)).await? {
        wait = patience.idle;
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

async fn chunk(body: &mut Incoming, wait: Duration) -> Result<Option<Bytes>, Fault> {
    match tokio::time::timeout(wait, body.chunk()).await {
        Ok(chunk) => chunk,
        Err(_) => Err(Fault::timeout(wait, Sent::Yes)),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};

    use super::*;
    use crate::{
        Metadata,
        service::{Homeserver, ServerName, Service as _},
        transport::{Origin, Source},
    };

    fn info(metadata: &'static Metadata) -> CallInfo {
        metadata.into()
    }

    const PLAIN: &Metadata = &Metadata::new("test", Method::GET, "/");
    const POLL: &Metadata = &Metadata::new("test", Method::GET, "/").long_poll();
    const BYTES: &Metadata = &Metadata::new("test", Method::GET, "/").bytes().service(Homeserver::NAME);

    fn call(url: &str, payload: Payload) -> Call {
        Call { method: Method::GET, url: url.parse().unwrap(), headers: HeaderMap::new(), payload }
    }

    fn stream(length: Option<u64>) -> Payload {
        Payload::Stream(Source::new(Origin::Bytes(Bytes::new()), length, u64::MAX, None))
    }

    fn terms() -> Terms {
        let policy = RetryPolicy::default();
        Terms { policy, request: Duration::from_secs(30), idle: Duration::from_secs(20) }
    }

    #[test]
    fn an_attempt_gets_the_time_it_needs() {
        let seconds = |metadata, url, payload| {
            let patience = terms().patience(&info(metadata), &call(url, payload));
            assert_eq!(patience.idle.as_secs(), 20);
            (patience.head.as_secs(), patience.first.as_secs())
        };
        let none = || Payload::Bytes(Bytes::new());
        assert_eq!(seconds(POLL, "https://x/sync?a=b&timeout=45000", none()), (75, 65));
        assert_eq!(seconds(POLL, "https://x/sync?timeout=45000&a=b", none()), (75, 65));
        assert_eq!(seconds(PLAIN, "https://x/other?timeout=45000", none()), (30, 20));
        assert_eq!(seconds(POLL, "https://x/sync", none()), (30, 20));
        assert_eq!(seconds(POLL, "https://x/sync?timeout=x", none()), (30, 20));
        assert_eq!(seconds(POLL, "https://x/sync?longtimeout=45000", none()), (30, 20));
        assert_eq!(seconds(BYTES, "https://x/file?timeout_ms=45000&timeout=1000", none()), (75, 20));
        assert_eq!(seconds(PLAIN, "https://x/file?timeout_ms=45000", none()), (30, 20));
        let upload = Bytes::from(vec![0; 3 * SLOWEST_UPLOAD as usize]);
        assert_eq!(seconds(PLAIN, "https://x/upload", Payload::Bytes(upload)), (33, 20));
        assert_eq!(seconds(PLAIN, "https://x/upload", stream(Some(10 * SLOWEST_UPLOAD))), (40, 20));
        assert_eq!(seconds(PLAIN, "https://x/upload", stream(Some(u64::MAX))), (94, 20));
        assert_eq!(seconds(PLAIN, "https://x/upload", stream(None)), (94, 20));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_as_a_whole_has_an_end_unless_it_polls_or_loads_down() {
        let left = |metadata, payload| terms().deadline(&info(metadata), &call("https://x", payload)).left();
        let none = || Payload::Bytes(Bytes::new());
        assert_eq!(left(PLAIN, none()).as_secs(), 60);
        assert_eq!(left(PLAIN, stream(Some(10 * SLOWEST_UPLOAD))).as_secs(), 70);
        assert_eq!(left(PLAIN, stream(None)), Duration::MAX);
        assert_eq!(left(POLL, none()), Duration::MAX);
        assert_eq!(left(BYTES, none()), Duration::MAX);

        let endless = Terms { policy: RetryPolicy::default().total(Duration::MAX), ..terms() };
        let deadline = endless.deadline(&info(PLAIN), &call("https://x", none()));
        assert_eq!((deadline.left(), deadline.cap(Duration::ZERO)), (Duration::MAX, Duration::ZERO));
        let deadline = terms().deadline(&info(PLAIN), &call("https://x", none()));
        tokio::time::advance(Duration::from_secs(50)).await;
        assert_eq!(deadline.cap(Duration::from_secs(30)).as_secs(), 10);
        tokio::time::advance(Duration::from_secs(50)).await;
        assert_eq!(deadline.left(), Duration::ZERO);
    }

    #[test]
    fn each_kind_of_answer_has_its_size() {
        let limits = Limits { json: 1, long_poll: 2, error: 3, media: 4, well_known: 5 };
        const KNOWN: &Metadata = &Metadata::new("test", Method::GET, "/").service(ServerName::NAME);
        let sizes = [PLAIN, POLL, BYTES, KNOWN].map(|metadata| limits.of(&info(metadata)));
        assert_eq!(sizes, [1, 2, 4, 5]);
    }
}
