//! What calls tell to `tracing`, and what a middleware can do.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, LazyLock, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use matrix_api::{
    Client, ErrorKind, Handled, Middleware, Onward, Secret, UploadBody,
    bytes::Bytes,
    http::{HeaderValue, Method, Request, Response, Uri},
};
use serde_json::Value;

use crate::{
    calls::{GetThing, MakeThing, PutThing, builder, client},
    server::{Server, Step, header, json, with},
};

fn found() -> Step {
    json(200, r#"{"name":"answer-canary"}"#)
}

/// A span's name, and its fields.
type Span = (&'static str, BTreeMap<&'static str, String>);

/// Takes down every span and every event, whoever it is from.
#[derive(Clone, Default)]
struct Record {
    next: Arc<AtomicU64>,
    spans: Arc<Mutex<BTreeMap<u64, Span>>>,
    everything: Arc<Mutex<String>>,
}

struct Fields<'a>(&'a Record, Option<u64>);

impl tracing::field::Visit for Fields<'_> {
    fn record_debug(&mut self, field: &tracing::field::Field, value: &dyn fmt::Debug) {
        let value = format!("{value:?}");
        *self.0.everything.lock().unwrap() += &format!("{}={value}\n", field.name());
        if let Some(id) = self.1 {
            self.0.spans.lock().unwrap().get_mut(&id).unwrap().1.insert(field.name(), value);
        }
    }
}

impl tracing::Subscriber for Record {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        let id = self.next.fetch_add(1, Ordering::SeqCst) + 1;
        self.spans.lock().unwrap().insert(id, (span.metadata().name(), BTreeMap::new()));
        span.record(&mut Fields(self, Some(id)));
        tracing::span::Id::from_u64(id)
    }

    fn record(&self, span: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        values.record(&mut Fields(self, Some(span.into_u64())));
    }

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        event.record(&mut Fields(self, None));
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

impl Record {
    /// Records what this thread does, until the guard goes.
    ///
    /// With a single subscriber, `tracing` lets the first thread that comes along decide for all
    /// others whether a span is of interest; so there is always a second one.
    fn start() -> (Self, tracing::subscriber::DefaultGuard) {
        static OTHER: LazyLock<tracing::Dispatch> = LazyLock::new(|| tracing::Dispatch::new(Record::default()));
        LazyLock::force(&OTHER);
        let record = Self::default();
        (record.clone(), tracing::subscriber::set_default(record))
    }

    /// The spans of a name as lines, without the times.
    fn lines(&self, name: &str) -> Vec<String> {
        let spans = self.spans.lock().unwrap();
        let own = spans.values().filter(|(found, _)| *found == name);
        own.map(|(_, fields)| {
            assert!(fields["elapsed_ms"].parse::<u64>().is_ok());
            let fields = fields.iter().filter(|(name, _)| **name != "elapsed_ms");
            fields.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
        })
        .collect()
    }
}

#[tokio::test]
async fn spans_name_the_operation_and_nothing_of_its_values() {
    let (record, _guard) = Record::start();
    let server = Server::start([json(503, "{}"), Step::Cut(Vec::new()), found(), json(403, "{}"), found()]).await;
    let client = client(&server.url).await;
    client.send(PutThing { room_id: "!canary:example.org".into(), txn_id: Some("canary".into()) }).await.unwrap();
    client.send(MakeThing { secret: Some(Secret::from("password-canary")) }).await.unwrap_err();
    let path = "/_matrix/user/@canary:example.org";
    client.request(Method::GET, path).query("token", "canary").send::<Value>().await.unwrap();
    assert_eq!(
        record.lines("matrix_call"),
        [
            r#"attempts=3 method="PUT" operation="putThing" path="/_matrix/rooms/{roomId}/{txnId}" status=200"#,
            r#"attempts=1 method="POST" operation="makeThing" path="/_matrix/thing" status=403"#,
            r#"attempts=1 method="GET" operation="custom" path="" status=200"#,
        ]
    );
    assert_eq!(
        record.lines("matrix_attempt"),
        [
            "attempt=1 status=503",
            r#"attempt=2 error="interrupted""#,
            "attempt=3 status=200",
            "attempt=1 status=403",
            "attempt=1 status=200",
        ]
    );
    // The libraries below are heard, too.
    let everything = record.everything.lock().unwrap();
    assert!(!everything.contains("canary"), "{everything}");
    assert_eq!(server.seen().len(), 5);
}

#[tokio::test]
async fn a_call_that_was_not_made_is_told() {
    let (record, _guard) = Record::start();
    let client = Client::builder().base_url("http://127.0.0.1:9").build().await.unwrap();
    client.send(GetThing).await.unwrap_err();
    assert_eq!(
        record.lines("matrix_call"),
        [r#"attempts=0 error="not-logged-in" method="GET" operation="getThing" path="/_matrix/thing""#]
    );
    assert_eq!(record.lines("matrix_attempt"), [""; 0]);
}

#[tokio::test]
async fn how_a_call_ended_is_told() {
    let (record, _guard) = Record::start();
    let away = with(307, &[("Location", "https://canary.example.org/")], "");
    let ended = json(401, r#"{"errcode":"M_UNKNOWN_TOKEN"}"#);
    let server = Server::start([json(200, &"1".repeat(99)), away, json(200, "{}"), ended]).await;
    let client = builder(&server.url).json_limit(98).build().await.unwrap();
    client.send(GetThing).await.unwrap_err();
    client.send(GetThing).await.unwrap_err();
    client.media().upload(UploadBody::reader(tokio::io::empty()).length(1)).await.unwrap_err();
    client.send(GetThing).await.unwrap_err();
    let [thing, upload] = [
        r#"method="GET" operation="getThing" path="/_matrix/thing""#,
        r#"method="POST" operation="uploadContent" path="/_matrix/media/v3/upload""#,
    ];
    let lines = record.lines("matrix_call");
    assert_eq!(
        [&lines[..2], &lines[3..]].concat(),
        [
            format!(r#"attempts=1 error="limit" {thing} status=200"#),
            format!(r#"attempts=1 error="redirect" {thing} status=307"#),
            format!(r#"attempts=1 error="file" {upload}"#),
            format!(r#"attempts=1 error="session-ended" {thing} status=401"#),
        ]
    );
    assert_eq!(
        record.lines("matrix_attempt"),
        [
            r#"attempt=1 error="limit" status=200"#,
            r#"attempt=1 error="redirect" status=307"#,
            "attempt=1 status=200",
            r#"attempt=1 error="file""#,
            "attempt=1 status=401",
        ]
    );
}

/// Notes what passes, adds a header, and may answer or lead away.
#[derive(Default)]
struct Watch {
    name: &'static str,
    log: Arc<Mutex<Vec<String>>>,
    answer: Option<(u16, &'static str)>,
    lead_to: Option<&'static str>,
}

impl Middleware for Watch {
    fn handle<'a>(&'a self, mut request: Request<Bytes>, next: Onward<'a>) -> Handled<'a> {
        Box::pin(async move {
            let note = |text: String| self.log.lock().unwrap().push(format!("{}: {text}", self.name));
            assert!(!request.headers().contains_key("authorization"));
            let known = next.metadata().map_or("-", |metadata| metadata.path);
            note(format!("{} {known} {} {}", next.operation(), request.method(), request.body().len()));
            if let Some((status, body)) = self.answer {
                let mut response = Response::new(Bytes::from_static(body.as_bytes()));
                *response.status_mut() = status.try_into().unwrap();
                return Ok(response);
            }
            if let Some(other) = self.lead_to {
                *request.uri_mut() = Uri::from_static(other);
            }
            request.headers_mut().append("x-watched", HeaderValue::from_static(self.name));
            let result = next.run(request).await;
            note(match &result {
                Ok(response) => format!("{} {}", response.status(), response.body().len()),
                Err(error) => format!("{:?} after {}", error.kind(), error.attempts().len()),
            });
            result
        })
    }
}

#[tokio::test]
async fn middleware_stands_around_the_whole_call() {
    let server = Server::start([json(503, "{}"), found(), json(404, "{}"), found()]).await;
    let log = Arc::new(Mutex::new(Vec::new()));
    let watch = |name| Watch { name, log: log.clone(), ..Watch::default() };
    let client = builder(&server.url).middleware(watch("outer")).middleware(watch("inner")).build().await.unwrap();
    client.send(GetThing).await.unwrap();
    client.send(MakeThing::default()).await.unwrap_err();
    client.request(Method::GET, "/x").send::<Value>().await.unwrap();
    assert_eq!(
        *log.lock().unwrap(),
        [
            "outer: getThing /_matrix/thing GET 0",
            "inner: getThing /_matrix/thing GET 0",
            "inner: 200 OK 24",
            "outer: 200 OK 24",
            "outer: makeThing /_matrix/thing POST 2",
            "inner: makeThing /_matrix/thing POST 2",
            "inner: Api after 1",
            "outer: Api after 1",
            "outer: GET /x - GET 0",
            "inner: GET /x - GET 0",
            "inner: 200 OK 24",
            "outer: 200 OK 24",
        ]
    );
    for request in server.seen() {
        assert!(request.contains("x-watched: outer\r\nx-watched: inner\r\n"), "{request}");
        assert_eq!(header(&request, "authorization").as_deref(), Some("Bearer token-canary"));
    }
}

#[tokio::test]
async fn middleware_may_answer_by_itself() {
    let answered = |status, body| {
        builder("http://127.0.0.1:9").middleware(Watch { answer: Some((status, body)), ..Watch::default() }).build()
    };
    let client = answered(200, r#"{"name":"played"}"#).await.unwrap();
    assert_eq!(client.send(GetThing).await.unwrap().name, "played");
    let client = answered(404, r#"{"errcode":"M_NOT_FOUND"}"#).await.unwrap();
    let error = client.send(GetThing).await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(error.to_string(), "getThing: 404 M_NOT_FOUND; check the ids");
}

#[tokio::test]
async fn middleware_cannot_lead_the_token_away() {
    for other in [
        "http://127.0.0.1:10/_matrix/thing",
        "https://127.0.0.1:9/_matrix/thing",
        "http://localhost:9/_matrix/thing",
        "http://a@127.0.0.1:9/_matrix/thing",
        "/_matrix/thing",
    ] {
        let watch = Watch { lead_to: Some(other), ..Watch::default() };
        let client = builder("http://127.0.0.1:9").middleware(watch).build().await.unwrap();
        let error = client.send(GetThing).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Rejected, "{other}");
        assert_eq!(error.to_string(), "getThing: a middleware sent the request to another server");
    }
}
