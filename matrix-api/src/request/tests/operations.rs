use std::collections::BTreeMap;

use bytes::Bytes;
use http::Method;
use serde::{Serialize, Serializer, de::MapAccess};
use serde_json::Value;

use crate::{
    Auth, EventId, FieldInfo, Idempotency, Metadata, Object, Patch, Place, Raw, Request, Response, RoomId, Secret,
    StringEnum, TimelineEvent, TxnId, UnixMillis, UserId,
    service::Homeserver,
    wire::{Body, DecodeError, Headers, Members, Path, Query, ReadObject, Reply, Unknown, need, write_object},
};

#[derive(Clone, Debug)]
pub(super) struct Ban {
    pub(super) room_id: RoomId,
    pub(super) user_id: UserId,
    pub(super) reason: Option<String>,
}

impl Ban {
    pub(super) fn new(room_id: impl Into<RoomId>, user_id: impl Into<UserId>) -> Self {
        Self { room_id: room_id.into(), user_id: user_id.into(), reason: None }
    }
}

impl Request for Ban {
    type To = Homeserver;
    type Response = Nothing;
    const METADATA: &'static Metadata = &Metadata::new("ban", Method::POST, "/_matrix/client/v3/rooms/{roomId}/ban")
        .idempotency(Idempotency::Always)
        .fields(&[
            FieldInfo::new("roomId", Place::Path).required(),
            FieldInfo::new("user_id", Place::Body).required(),
            FieldInfo::new("reason", Place::Body),
        ]);

    fn path(&self, path: &mut Path<'_>) {
        path.set("roomId", &self.room_id);
    }

    fn body(&self, body: &mut Body<'_>) {
        body.set("user_id", &self.user_id);
        body.opt("reason", &self.reason);
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Nothing {}

impl Response for Nothing {
    fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> {
        reply.empty()?;
        Ok(Self {})
    }
}

#[derive(Clone, Debug)]
pub(super) struct SendMessage {
    pub(super) room_id: RoomId,
    pub(super) event_type: String,
    pub(super) txn_id: Option<TxnId>,
    pub(super) content: Raw<Object>,
}

impl SendMessage {
    pub(super) fn new(room_id: impl Into<RoomId>, event_type: impl Into<String>, content: impl Serialize) -> Self {
        Self { room_id: room_id.into(), event_type: event_type.into(), txn_id: None, content: Raw::new(&content) }
    }
}

impl Request for SendMessage {
    type To = Homeserver;
    type Response = SendMessageResponse;
    const METADATA: &'static Metadata =
        &Metadata::new("sendMessage", Method::PUT, "/_matrix/client/v3/rooms/{roomId}/send/{eventType}/{txnId}");

    fn path(&self, path: &mut Path<'_>) {
        path.set("roomId", &self.room_id);
        path.set("eventType", &self.event_type);
        path.txn("txnId", &self.txn_id);
    }

    fn body(&self, body: &mut Body<'_>) {
        body.special(&self.content);
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct SendMessageResponse {
    pub(super) event_id: EventId,
}

impl Response for SendMessageResponse {
    fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> {
        Ok(Self { event_id: reply.get("event_id")? })
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Direction {
    Backward,
    Forward,
    _Unknown(Unknown),
}

impl StringEnum for Direction {
    fn as_str(&self) -> &str {
        match self {
            Self::Backward => "b",
            Self::Forward => "f",
            Self::_Unknown(text) => text.as_str(),
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "b" => Self::Backward,
            "f" => Self::Forward,
            _ => Self::_Unknown(Unknown::new(text)),
        }
    }

    fn is_known(&self) -> bool {
        !matches!(self, Self::_Unknown(_))
    }
}

crate::string_enum!(Direction);

#[derive(Clone, Debug)]
pub(super) struct GetRoomEvents {
    pub(super) room_id: RoomId,
    pub(super) dir: Direction,
    pub(super) limit: Option<i64>,
}

impl Request for GetRoomEvents {
    type To = Homeserver;
    type Response = Page;
    const METADATA: &'static Metadata =
        &Metadata::new("getRoomEvents", Method::GET, "/_matrix/client/v3/rooms/{roomId}/messages");

    fn path(&self, path: &mut Path<'_>) {
        path.set("roomId", &self.room_id);
    }

    fn query(&self, query: &mut Query<'_>) {
        query.set("dir", &self.dir);
        query.opt("limit", &self.limit);
    }
}

/// A response with nested data, one pass over the whole.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Page {
    pub(super) chunk: Vec<Raw<TimelineEvent>>,
    pub(super) end: Option<String>,
    pub(super) rooms: BTreeMap<RoomId, Room>,
}

impl ReadObject for Page {
    fn read_object<'de, A: MapAccess<'de>>(members: &mut Members<'de, A>) -> Result<Self, A::Error> {
        let mut chunk = None;
        let mut end = None;
        let mut rooms = None;
        while let Some(key) = members.key()? {
            match &*key {
                "chunk" => members.value("chunk", &mut chunk)?,
                "end" => members.value("end", &mut end)?,
                "rooms" => members.value("rooms", &mut rooms)?,
                _ => members.skip()?,
            }
        }
        Ok(Self { chunk: chunk.unwrap_or_default(), end, rooms: rooms.unwrap_or_default() })
    }
}

impl Response for Page {
    fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> {
        reply.object()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Room {
    pub(super) name: String,
    pub(super) seen: Option<UnixMillis>,
    pub(super) users: Vec<UserId>,
    pub(super) topic: Patch<String>,
    pub(super) state: Option<Value>,
    pub(super) owner: Option<UserId>,
    pub(super) extra: Object,
}

impl ReadObject for Room {
    fn read_object<'de, A: MapAccess<'de>>(members: &mut Members<'de, A>) -> Result<Self, A::Error> {
        let mut name = None;
        let mut seen = None;
        let mut users = None;
        let mut topic = Patch::Absent;
        let mut state = None;
        let mut owner = None;
        while let Some(key) = members.key()? {
            match &*key {
                "name" => members.value("name", &mut name)?,
                "seen" => members.value("seen", &mut seen)?,
                "users" => members.value("users", &mut users)?,
                "topic" => members.patch("topic", &mut topic)?,
                "state" => members.any("state", &mut state)?,
                "owner" => members.nullable("owner", &mut owner)?,
                _ => members.keep(key)?,
            }
        }
        Ok(Self {
            name: need("name", name)?,
            seen,
            users: users.unwrap_or_default(),
            topic,
            state,
            owner: owner.unwrap_or_default(),
            extra: members.rest(),
        })
    }
}

crate::read_object!(Room);

impl Serialize for Room {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = write_object(serializer)?;
        out.set("name", &self.name)?;
        out.opt("seen", &self.seen)?;
        out.set("users", &self.users)?;
        out.patch("topic", &self.topic)?;
        out.opt("state", &self.state)?;
        out.extra(&self.extra)?;
        out.end()
    }
}

/// Every place and every writer, by closures.
pub(super) struct Any {
    pub(super) path: fn(&mut Path<'_>),
    pub(super) query: fn(&mut Query<'_>),
    pub(super) headers: fn(&mut Headers),
    pub(super) body: fn(&mut Body<'_>),
}

impl Default for Any {
    fn default() -> Self {
        Self { path: |path| path.set("a", "x"), query: |_| {}, headers: |_| {}, body: |_| {} }
    }
}

impl Request for Any {
    type To = Homeserver;
    type Response = Nothing;
    const METADATA: &'static Metadata = &Metadata::new("any", Method::PUT, "/a/{a}").auth(Auth::None);

    fn path(&self, path: &mut Path<'_>) {
        (self.path)(path);
    }

    fn query(&self, query: &mut Query<'_>) {
        (self.query)(query);
    }

    fn headers(&self, headers: &mut Headers) {
        (self.headers)(headers);
    }

    fn body(&self, body: &mut Body<'_>) {
        (self.body)(body);
    }
}

/// A secret in each place that can hold one.
pub(super) struct Secrets;

impl Request for Secrets {
    type To = Homeserver;
    type Response = Nothing;
    const METADATA: &'static Metadata = &Metadata::new("secrets", Method::POST, "/s/{a}/{b}/end");

    fn path(&self, path: &mut Path<'_>) {
        path.set("a", "open");
        path.secret("b", &canary());
    }

    fn query(&self, query: &mut Query<'_>) {
        query.secret("token", &canary());
        query.opt_secret("other", &Some(canary()));
        query.set("shown", "yes");
        query.json("filter", &crate::json!({ "nested": canary() }));
    }

    fn body(&self, body: &mut Body<'_>) {
        body.secret("password", &canary());
        body.opt_secret("none", &None::<Secret<String>>);
        body.opt_secret("number", &Some(Secret::new(7_i64)));
        body.set("list", &[canary()]);
    }
}

pub(super) fn canary() -> Secret<String> {
    Secret::from("canary")
}

pub(super) fn some_bytes() -> Bytes {
    Bytes::from_static(b"\0\xff")
}
