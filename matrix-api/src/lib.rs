//! A Matrix SDK whose every request type is generated from the protocol's own documents.

#![cfg_attr(docsrs, feature(doc_cfg))]

// ---- core: requests, responses, encode and decode; no tokio, no hyper ----

pub mod error;
pub mod ids;
pub mod map;
pub mod request;
pub mod service;
pub mod wire;

#[cfg(any(feature = "client", feature = "identity"))]
mod base64;
mod event;
#[cfg(feature = "events")]
mod glob;
mod html;
mod link;
#[cfg(feature = "identity")]
mod lookup_hash;
mod page_token;
mod raw;
mod secret;
mod string_enum;
mod time;
mod txn;

pub use bytes;
pub use error::{Error, ErrorCode, ErrorKind, Result};
pub use event::{
    AccountDataContent, EphemeralContent, Event, EventContent, EventHead, EventKind, InvalidContent, MessageContent,
    RoomAccountDataContent, StateContent, StateKey, ToDeviceContent, UnknownContent,
};
#[doc(hidden)]
pub use event::{AnyContent, ContentReader, HasContent};
pub use html::escape_html;
pub use http;
pub use ids::{DeviceId, EventId, MxcUri, RoomAlias, RoomId, RoomOrAlias, ServerName, UserId};
pub use link::{LinkError, LinkTarget, MatrixLink};
pub use map::Map;
pub use page_token::PageToken;
pub use raw::{AccountDataEvent, EphemeralEvent, Raw, StateEvent, StrippedStateEvent, TimelineEvent, ToDeviceEvent};
pub use request::{
    Auth, BaseUrl, Effect, FieldInfo, Idempotency, Metadata, Place, ReadRequest, Request, Response, WriteResponse,
};
#[cfg(feature = "reqwest")]
pub use reqwest;
pub use secret::Secret;
pub use serde_json::json;
pub use string_enum::StringEnum;
pub use time::{UnixMillis, UnixSeconds};
pub use txn::TxnId;
pub use wire::{IdOr, Object, Patch};

/// What the exported macros stand on. Not for direct use.
#[doc(hidden)]
pub mod __private {
    pub use serde;
}

// ---- client: see client.rs, transport.rs, session.rs, retry.rs, room.rs, plan.rs, escape.rs, batch.rs, admin.rs ----

#[cfg(all(feature = "client", feature = "client-server"))]
mod account;
#[cfg(all(feature = "client", feature = "client-server"))]
mod act;
#[cfg(all(feature = "client", feature = "synapse-admin"))]
pub mod admin;
#[cfg(feature = "client")]
mod batch;
#[cfg(feature = "client")]
mod client;
#[cfg(all(feature = "client", feature = "client-server"))]
mod direct;
#[cfg(feature = "client")]
mod escape;
#[cfg(all(feature = "client", feature = "client-server"))]
mod filter;
#[cfg(any(feature = "openid", all(feature = "client", feature = "integrations")))]
mod guard;
#[cfg(all(feature = "client", feature = "client-server"))]
pub mod guide;
#[cfg(all(feature = "client", feature = "integrations"))]
pub mod integration_manager;
#[cfg(all(feature = "client", feature = "synapse-admin"))]
mod job;
#[cfg(all(feature = "mas-admin", feature = "oauth"))]
pub mod mas;
#[cfg(all(feature = "client", feature = "client-server"))]
mod media;
#[cfg(feature = "openid")]
pub mod openid;
#[cfg(all(feature = "client", any(feature = "client-server", feature = "synapse-admin")))]
mod pages;
#[cfg(feature = "client")]
mod plan;
#[cfg(all(feature = "client", feature = "client-server", feature = "events"))]
mod policy;
#[cfg(feature = "client")]
mod retry;
#[cfg(all(feature = "client", feature = "client-server"))]
mod room;
#[cfg(feature = "client")]
mod session;
#[cfg(all(feature = "client", feature = "client-server"))]
mod space;
#[cfg(all(feature = "client", feature = "client-server"))]
mod sync;
#[cfg(feature = "client")]
mod transport;
#[cfg(all(feature = "client", feature = "client-server"))]
mod user;

#[cfg(all(feature = "client", feature = "client-server"))]
pub use act::Act;
#[cfg(feature = "client")]
pub use batch::{Batch, BatchItem, BatchReport, Progress};
#[cfg(feature = "client")]
pub use client::{
    Again, Call, Client, ClientBuilder, Failure, FullResponse, Handled, Middleware, Observation, Observer, Onward,
    Pages,
};
#[cfg(all(feature = "client", feature = "client-server"))]
pub use client::{AnyLogin, LoginBuilder, Registration, Stage, Support, Uia, UiaInfo, UiaSession, UiaStep};
#[cfg(feature = "oauth")]
pub use client::{DeviceCode, OAuth, OAuthClient, OAuthLogin, PendingLogin};
#[cfg(feature = "client")]
pub use escape::CustomRequest;
#[cfg(all(feature = "client", feature = "client-server"))]
pub use filter::{Filter, Filters};
#[cfg(all(feature = "client", feature = "synapse-admin"))]
pub use job::{Job, JobStatus, JobWait};
#[cfg(feature = "image")]
pub use media::Picture;
#[cfg(all(feature = "client", feature = "client-server"))]
pub use media::{Download, DownloadStream, DownloadedFile, Media, SavedFile, SendFile, Transfer, Upload, UploadBody};
#[cfg(all(feature = "client", any(feature = "client-server", feature = "synapse-admin")))]
pub use pages::{ItemStream, Page};
#[cfg(feature = "client")]
pub use plan::Plan;
#[cfg(all(feature = "client", feature = "client-server", feature = "events"))]
pub use policy::{PolicyChange, PolicyChanges, PolicyKind, PolicyList, PolicyRule};
#[cfg(feature = "client")]
pub use retry::RetryPolicy;
#[cfg(all(feature = "client", feature = "client-server"))]
pub use room::{EachRoom, Listed, Member, NewRoom, Room, SendEvent};
#[cfg(all(feature = "client", feature = "client-server", feature = "events"))]
pub use room::{Power, RoomPower};
#[cfg(feature = "client")]
pub use session::{FileStore, Session, SessionStore, StoreFuture};

#[cfg(all(feature = "client", feature = "client-server"))]
pub use space::Space;
#[cfg(all(feature = "client", feature = "client-server"))]
pub use sync::{
    Invite, MemberChange, Message, PowerLevels, RoomCache, RoomEvent, RoomInfo, SyncBatch, SyncOptions, SyncState,
    SyncStream, SyncWatch,
};
#[cfg(all(feature = "client", feature = "client-server"))]
pub use user::User;

// ---- generated ----

#[rustfmt::skip]
mod generated;

#[cfg(feature = "events")]
pub use event::FileSource;
#[cfg(feature = "application-service")]
pub use generated::application_service;
#[cfg(feature = "client-server")]
pub use generated::client_server;
#[cfg(feature = "events")]
pub use generated::events;
#[cfg(feature = "federation")]
pub use generated::federation;
#[cfg(feature = "identity")]
pub use generated::identity;
#[cfg(feature = "integrations")]
pub use generated::integrations;
#[cfg(feature = "mas-admin")]
pub use generated::mas_admin;
#[cfg(feature = "push-gateway")]
pub use generated::push_gateway;
#[cfg(feature = "synapse-admin")]
pub use generated::synapse_admin;
#[cfg(feature = "unstable")]
pub use generated::unstable;

#[cfg(all(doctest, feature = "client", feature = "client-server"))]
#[path = "../tests/support/does_not_compile.rs"]
mod does_not_compile;
