//! A homeserver that follows a script. It stands in the client's middleware, so that no socket takes
//! real time while the clock is stopped.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use matrix_api::{
    Client, Handled, Middleware, Onward, Session,
    bytes::Bytes,
    http::{Request, Response},
};
use tokio::time::Instant;

/// What is done with one request.
pub(crate) enum Step {
    /// This status and body.
    Answer(u16, String),
    /// The same with a `Retry-After` in seconds.
    Wait(u16, u64, String),
    /// After this time, this body.
    Later(Duration, String),
    /// No answer ever.
    Silence,
    /// Onward to a server that is not there.
    Unreachable,
}

#[derive(Default)]
struct Shared {
    script: Mutex<VecDeque<Step>>,
    seen: Mutex<Vec<(Instant, String)>>,
    bodies: Mutex<Vec<String>>,
}

/// The script, and what was asked.
#[derive(Clone, Default)]
pub(crate) struct Script(Arc<Shared>);

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        let script = Self::default();
        script.then(steps);
        script
    }

    pub(crate) fn then(&self, steps: impl IntoIterator<Item = Step>) {
        self.0.script.lock().unwrap().extend(steps);
    }

    /// A client that is logged in and whose every call ends here.
    pub(crate) async fn client(&self) -> Client {
        let session = Session::new("@me:example.org", "http://127.0.0.1:1").device_id("DEVICE").access_token("canary");
        Client::builder().session(session).middleware(self.clone()).build().await.unwrap()
    }

    /// Path and query of each request.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.0.seen.lock().unwrap().iter().map(|(_, target)| target.clone()).collect()
    }

    /// The body of each request.
    pub(crate) fn bodies(&self) -> Vec<String> {
        self.0.bodies.lock().unwrap().clone()
    }

    /// When each request came.
    pub(crate) fn times(&self) -> Vec<Instant> {
        self.0.seen.lock().unwrap().iter().map(|(time, _)| *time).collect()
    }

    /// The `since` of each request.
    pub(crate) fn since(&self) -> Vec<Option<String>> {
        self.seen().iter().map(|target| query(target, "since")).collect()
    }
}

/// A key of a query, as it stands there.
pub(crate) fn query(target: &str, name: &str) -> Option<String> {
    let (_, query) = target.split_once('?')?;
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
}

impl Middleware for Script {
    fn handle<'a>(&'a self, request: Request<Bytes>, next: Onward<'a>) -> Handled<'a> {
        let target = request.uri().path_and_query().unwrap().to_string();
        self.0.seen.lock().unwrap().push((Instant::now(), target));
        self.0.bodies.lock().unwrap().push(String::from_utf8(request.body().to_vec()).unwrap());
        let step = self.0.script.lock().unwrap().pop_front();
        Box::pin(async move {
            let answer =
                |status: u16, body: String| Response::builder().status(status).body(Bytes::from(body)).unwrap();
            match step {
                Some(Step::Answer(status, body)) => Ok(answer(status, body)),
                Some(Step::Wait(status, seconds, body)) => {
                    let mut answer = answer(status, body);
                    answer.headers_mut().insert("retry-after", seconds.into());
                    Ok(answer)
                }
                Some(Step::Later(time, body)) => {
                    tokio::time::sleep(time).await;
                    Ok(answer(200, body))
                }
                Some(Step::Silence) | None => std::future::pending().await,
                Some(Step::Unreachable) => next.run(request).await,
            }
        })
    }
}

/// A batch with a message, so that it is news.
pub(crate) fn news(next: &str) -> Step {
    Step::Answer(200, body(next, r#"{"join":{"!r:x":{"timeline":{"events":[{"type":"m.room.message"}]}}}}"#))
}

/// A batch without news.
pub(crate) fn nothing(next: &str) -> Step {
    Step::Answer(200, format!(r#"{{"next_batch":"{next}"}}"#))
}

pub(crate) fn body(next: &str, rooms: &str) -> String {
    format!(r#"{{"next_batch":"{next}","rooms":{rooms}}}"#)
}

pub(crate) fn refused(status: u16, code: &str) -> Step {
    Step::Answer(status, format!(r#"{{"errcode":"{code}","error":"no"}}"#))
}
