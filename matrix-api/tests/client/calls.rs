//! Requests of our own, and clients to send them with.

use std::time::Duration;

use matrix_api::{
    Auth, Client, ClientBuilder, FieldInfo, Idempotency, Metadata, Place, Request, Response, RetryPolicy, RoomId,
    Secret, Session, TxnId,
    bytes::Bytes,
    http::Method,
    service,
    wire::{Body, DecodeError, Path, Query, Reply},
};

/// Five attempts at most, and no waiting between them.
pub(crate) fn eager() -> RetryPolicy {
    RetryPolicy::default().attempts(5).cap(Duration::ZERO)
}

pub(crate) fn builder(url: &str) -> ClientBuilder {
    let session = Session::new("@me:example.org", url).device_id("DEVICE").access_token("token-canary");
    over(Client::builder().session(session).retry(eager()))
}

/// The same tests are run a second time with every call over reqwest.
#[cfg(feature = "reqwest")]
fn over(builder: ClientBuilder) -> ClientBuilder {
    if std::env::var_os("MATRIX_TEST_REQWEST").is_some() { builder.reqwest(|settings| settings) } else { builder }
}

#[cfg(not(feature = "reqwest"))]
fn over(builder: ClientBuilder) -> ClientBuilder {
    assert!(std::env::var_os("MATRIX_TEST_REQWEST").is_none(), "built without the feature `reqwest`");
    builder
}

pub(crate) async fn client(url: &str) -> Client {
    builder(url).build().await.unwrap()
}

/// A thing that a server answers with.
#[derive(Debug, PartialEq)]
pub(crate) struct Thing {
    pub(crate) name: String,
}

impl Response for Thing {
    fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> {
        Ok(Self { name: reply.get("name")? })
    }
}

/// An idempotent read.
pub(crate) struct GetThing;

impl Request for GetThing {
    type To = service::Homeserver;
    type Response = Thing;
    const METADATA: &'static Metadata =
        &Metadata::new("getThing", Method::GET, "/_matrix/thing").idempotency(Idempotency::Always);
}

/// A write that must not happen twice.
#[derive(Default)]
pub(crate) struct MakeThing {
    pub(crate) secret: Option<Secret<String>>,
}

impl Request for MakeThing {
    type To = service::Homeserver;
    type Response = Thing;
    const METADATA: &'static Metadata = &Metadata::new("makeThing", Method::POST, "/_matrix/thing")
        .auth(Auth::Optional)
        .fields(&[FieldInfo::new("secret", Place::Body).sensitive()]);

    fn body(&self, body: &mut Body<'_>) {
        body.object();
        body.opt_secret("secret", &self.secret);
    }
}

/// A write that a transaction id makes idempotent.
pub(crate) struct PutThing {
    pub(crate) room_id: RoomId,
    pub(crate) txn_id: Option<TxnId>,
}

impl Request for PutThing {
    type To = service::Homeserver;
    type Response = Thing;
    const METADATA: &'static Metadata = &Metadata::new("putThing", Method::PUT, "/_matrix/rooms/{roomId}/{txnId}")
        .idempotency(Idempotency::Always)
        .fields(&[FieldInfo::new("roomId", Place::Path).required(), FieldInfo::new("txnId", Place::Path)]);

    fn path(&self, path: &mut Path<'_>) {
        path.set("roomId", &self.room_id);
        path.txn("txnId", &self.txn_id);
    }

    fn body(&self, body: &mut Body<'_>) {
        body.set("body", "hello");
    }
}

/// A read that the server may hold back.
pub(crate) struct PollThing {
    pub(crate) timeout: u64,
}

impl Request for PollThing {
    type To = service::Homeserver;
    type Response = Thing;
    const METADATA: &'static Metadata =
        &Metadata::new("pollThing", Method::GET, "/_matrix/poll").idempotency(Idempotency::Always).long_poll();

    fn query(&self, query: &mut Query<'_>) {
        query.set("timeout", &self.timeout);
    }
}

/// A download.
pub(crate) struct Download;

#[derive(Debug)]
pub(crate) struct Downloaded(pub(crate) Bytes);

impl Request for Download {
    type To = service::Homeserver;
    type Response = Downloaded;
    const METADATA: &'static Metadata =
        &Metadata::new("download", Method::GET, "/_matrix/media").idempotency(Idempotency::Always).bytes();
}

impl Response for Downloaded {
    fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> {
        Ok(Self(reply.bytes()))
    }
}

/// An operation whose answer is a redirect, and which needs no login.
pub(crate) struct Elsewhere;

#[derive(Debug)]
pub(crate) struct Location(pub(crate) String);

impl Request for Elsewhere {
    type To = service::Homeserver;
    type Response = Location;
    const METADATA: &'static Metadata = &Metadata::new("elsewhere", Method::GET, "/_matrix/sso")
        .auth(Auth::None)
        .idempotency(Idempotency::Always)
        .redirect();
}

impl Response for Location {
    fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> {
        reply.location().map(Self)
    }
}
