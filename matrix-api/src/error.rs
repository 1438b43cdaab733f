//! What can go wrong between a call and its answer.
//!
//! # Coming from the first generation
//!
//! Its thirteen conditions for error codes, and what has become of them:
//!
//! | First generation | Here |
//! |---|---|
//! | `m-forbidden` | [`Error::Api`], [`is_forbidden()`](Error::is_forbidden) |
//! | `m-unknown-token` | [`Error::SessionEnded`], [`soft_logout()`](Error::soft_logout) |
//! | `m-missing-token` | [`Error::NotLoggedIn`] before anything is sent; from a server [`ErrorCode::MissingToken`] |
//! | `m-bad-json` | [`ErrorCode::BadJson`] |
//! | `m-not-json` | [`ErrorCode::NotJson`] |
//! | `m-not-found` | [`is_not_found()`](Error::is_not_found); no longer taken for a server that is down |
//! | `m-limit-exceeded` | [`is_rate_limited()`](Error::is_rate_limited), [`retry_after()`](Error::retry_after) |
//! | `m-unknown` | [`ErrorCode::Unknown`] |
//! | `m-unrecognized` | [`Error::Unsupported`] with 404 or 405, else [`ErrorCode::Unrecognized`] |
//! | `m-unauthorized` | [`ErrorCode::Unauthorized`] |
//! | `m-invalid-param` | [`ErrorCode::InvalidParam`] |
//! | `m-room-in-use` | [`ErrorCode::RoomInUse`] |
//! | `m-bad-state` | [`ErrorCode::BadState`] |
//!
//! And the conditions without a code:
//!
//! | First generation | Here |
//! |---|---|
//! | `api-timeout` | [`Error::Transport`], [`is_timeout()`](Error::is_timeout) |
//! | `api-no-connection` | [`Error::Transport`] with [`TransportKind::Connect`] or [`TransportKind::Tls`] |
//! | `api-request-failed` | [`Error::Api`] with another [`BodyKind`] than an object |
//! | `api-error` | [`Error::Api`]; a code that is not known keeps its text |
//! | `missing-required-data`, `special-slot-is-not-bound` | does not compile: `new` takes what is required |
//! | `connection-unbound` | does not compile: a client sends |
//! | restart `try-again` | [`ClientBuilder::on_failure`](crate::ClientBuilder::on_failure), [`Client::try_again`](crate::Client::try_again) |

mod api;
mod attempt;
// Without the client nothing makes these errors.
#[cfg_attr(not(feature = "oauth"), allow(dead_code))]
mod auth;
mod code;
// Without the client nothing makes these errors.
#[cfg_attr(not(all(feature = "client", feature = "client-server")), allow(dead_code))]
mod discovery;
mod encode;
mod encrypted;
// Without the client nothing makes these errors.
#[cfg_attr(not(all(feature = "client", feature = "client-server")), allow(dead_code))]
mod failure;
// Without the client nothing makes these errors.
#[cfg_attr(not(all(feature = "client", feature = "client-server")), allow(dead_code))]
mod file;
mod from;
mod http_date;
#[cfg_attr(not(all(feature = "client", feature = "integrations")), allow(dead_code))]
mod integration;
#[cfg_attr(not(all(feature = "client", feature = "synapse-admin")), allow(dead_code))]
mod job;
mod judge;
mod line;
mod rejected;
mod room;
mod store;
#[cfg(test)]
mod tests;

use std::{error, fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};

use crate::{txn::TxnId, wire::Object};
pub use api::{ApiError, BodyKind};
pub use attempt::Attempt;
pub use auth::AuthError;
pub use code::ErrorCode;
pub use discovery::{DiscoveryError, DiscoveryKind};
pub use encode::EncodeError;
pub use encrypted::EncryptedRoom;
#[cfg_attr(not(feature = "client"), allow(unused_imports))]
pub(crate) use failure::{Call, Received};
pub use failure::{
    DecodeFailure, Limit, LimitError, NotLoggedIn, Sent, SessionEnded, TransportError, TransportKind, Unsupported,
};
pub use file::FileError;
#[cfg_attr(not(feature = "client"), allow(unused_imports))]
pub(crate) use http_date::retry_after;
pub use integration::{IntegrationError, IntegrationErrorKind};
pub use job::{JobEnd, JobError};
pub use rejected::Rejected;
pub use room::{RoomError, RoomErrorKind};
pub use store::StoreError;

/// A result whose error is this crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a call failed, in the order in which a call can meet the reasons.
///
/// Its text is one line of at most 160 characters. It shows no secret, and neither does `Debug`.
#[derive(Clone)]
#[non_exhaustive]
pub enum Error {
    /// The request has a value that must not be sent. Nothing was sent.
    Encode(EncodeError),
    /// The operation needs a token and the client has none. Nothing was sent.
    NotLoggedIn(NotLoggedIn),
    /// The server lacks what the operation needs. Nothing was done.
    Unsupported(Unsupported),
    /// The room is encrypted, and what was to be sent there is not.
    Encrypted(EncryptedRoom),
    /// A room does not allow it as it was asked.
    Room(RoomError),
    /// A file, or what was to be uploaded, could not be read or written.
    File(FileError),
    /// The connection failed, or no answer came in time.
    Transport(TransportError),
    /// The answer is larger, or took more steps, than the client allows, or a file is larger than the server takes.
    Limit(LimitError),
    /// The server refused.
    Api(ApiError),
    /// A login by OAuth 2.0 or in a browser failed, or its tokens could not be renewed.
    Auth(AuthError),
    /// The server no longer knows the token.
    SessionEnded(SessionEnded),
    /// The server did what was asked, but its answer could not be read.
    Decode(DecodeFailure),
    /// A homeserver could not be found by its name.
    Discovery(DiscoveryError),
    /// An integration manager failed in a way of its own.
    Integration(IntegrationError),
    /// A session could not be stored, or what is stored cannot be used.
    Store(StoreError),
    /// A job of a server came to no good end, or not in time.
    Job(JobError),
    /// A helper refused: a setting that cannot be used, or an answer that must not be trusted.
    Rejected(Rejected),
}

/// Which of the variants an [`Error`] is, for matching and counting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// See [`Error::Encode`].
    Encode,
    /// See [`Error::NotLoggedIn`].
    NotLoggedIn,
    /// See [`Error::Unsupported`].
    Unsupported,
    /// See [`Error::Encrypted`].
    Encrypted,
    /// See [`Error::Room`].
    Room,
    /// See [`Error::File`].
    File,
    /// See [`Error::Transport`].
    Transport,
    /// See [`Error::Limit`].
    Limit,
    /// See [`Error::Api`].
    Api,
    /// See [`Error::Auth`].
    Auth,
    /// See [`Error::SessionEnded`].
    SessionEnded,
    /// See [`Error::Decode`].
    Decode,
    /// See [`Error::Discovery`].
    Discovery,
    /// See [`Error::Integration`].
    Integration,
    /// See [`Error::Store`].
    Store,
    /// See [`Error::Job`].
    Job,
    /// See [`Error::Rejected`].
    Rejected,
}

impl Error {
    /// Which variant it is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Encode(_) => ErrorKind::Encode,
            Self::NotLoggedIn(_) => ErrorKind::NotLoggedIn,
            Self::Unsupported(_) => ErrorKind::Unsupported,
            Self::Encrypted(_) => ErrorKind::Encrypted,
            Self::Room(_) => ErrorKind::Room,
            Self::File(_) => ErrorKind::File,
            Self::Transport(_) => ErrorKind::Transport,
            Self::Limit(_) => ErrorKind::Limit,
            Self::Api(_) => ErrorKind::Api,
            Self::Auth(_) => ErrorKind::Auth,
            Self::SessionEnded(_) => ErrorKind::SessionEnded,
            Self::Decode(_) => ErrorKind::Decode,
            Self::Discovery(_) => ErrorKind::Discovery,
            Self::Integration(_) => ErrorKind::Integration,
            Self::Store(_) => ErrorKind::Store,
            Self::Job(_) => ErrorKind::Job,
            Self::Rejected(_) => ErrorKind::Rejected,
        }
    }

    fn call(&self) -> Option<&Call> {
        match self {
            Self::Encode(_)
            | Self::NotLoggedIn(_)
            | Self::Encrypted(_)
            | Self::Store(_)
            | Self::Job(_)
            | Self::Rejected(_) => None,
            Self::Discovery(failed) => failed.cause()?.call(),
            Self::Integration(failed) => failed.cause()?.call(),
            Self::Unsupported(lacking) => lacking.tried()?.call(),
            Self::Room(refused) => refused.answer()?.call(),
            Self::File(failed) => failed.call(),
            Self::Transport(failed) => Some(failed.call()),
            Self::Limit(failed) => Some(failed.call()),
            Self::Api(refused) => refused.call(),
            Self::Auth(failed) => failed.api()?.call(),
            Self::SessionEnded(ended) => ended.api().call(),
            Self::Decode(failed) => failed.call(),
        }
    }

    fn received(&self) -> Option<&Received> {
        match self {
            Self::Api(refused) => Some(refused.received()),
            Self::Unsupported(lacking) => lacking.tried().map(ApiError::received),
            Self::Room(refused) => refused.answer().map(ApiError::received),
            Self::Auth(failed) => failed.api().map(ApiError::received),
            Self::SessionEnded(ended) => Some(ended.api().received()),
            Self::Decode(failed) => failed.received(),
            Self::Limit(failed) => failed.received(),
            Self::Integration(failed) => failed.cause()?.received(),
            _ => None,
        }
    }

    fn api(&self) -> Option<&ApiError> {
        match self {
            Self::Api(refused) => Some(refused),
            Self::Unsupported(lacking) => lacking.tried(),
            Self::Room(refused) => refused.answer(),
            Self::SessionEnded(ended) => Some(ended.api()),
            Self::Integration(failed) => failed.cause()?.api(),
            _ => None,
        }
    }

    /// The operation's id; `None` if the error arose outside of an operation.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        let operation = match self {
            Self::Encode(refused) => refused.operation(),
            Self::NotLoggedIn(missing) => missing.operation(),
            Self::Unsupported(lacking) => lacking.operation(),
            Self::Auth(failed) => failed.operation(),
            Self::Encrypted(_) => "sendMessage",
            Self::Room(refused) => refused.operation(),
            Self::File(failed) => failed.operation(),
            Self::Integration(failed) => failed.operation(),
            Self::Job(failed) => failed.operation(),
            Self::Rejected(refused) => refused.what(),
            _ => &self.call()?.operation,
        };
        (!operation.is_empty()).then_some(operation)
    }

    /// The HTTP method, if the request was built.
    #[must_use]
    pub fn method(&self) -> Option<&Method> {
        self.call().map(|call| &call.method)
    }

    /// The URL without its query and without secrets, if the request was built.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        self.call().map(|call| &*call.url)
    }

    /// The transaction id that was used, if the operation has one. Sent again with it, the server
    /// sees one request, not two.
    #[must_use]
    pub fn txn_id(&self) -> Option<&TxnId> {
        self.call()?.txn_id.as_ref()
    }

    /// The status of the answer, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Transport(failed) => failed.status(),
            _ => self.received().map(|received| received.status),
        }
    }

    /// The headers of the answer, if there was one.
    #[must_use]
    pub fn headers(&self) -> Option<&HeaderMap> {
        self.received().map(|received| &received.headers)
    }

    /// The body of the answer as far as it was kept. It may hold secrets.
    #[must_use]
    pub fn body(&self) -> Option<&Bytes> {
        self.received().map(|received| &received.body)
    }

    /// The server's error code.
    #[must_use]
    pub fn errcode(&self) -> Option<&ErrorCode> {
        self.api()?.errcode()
    }

    /// The server's own message. It is the server's text, not ours.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.api()?.message()
    }

    /// How long the server asks to wait before the next attempt.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.api()?.retry_after()
    }

    /// Whether the device still exists although its token does not: a new login may take it up.
    #[must_use]
    pub fn soft_logout(&self) -> bool {
        self.api().is_some_and(ApiError::soft_logout)
    }

    /// The members of a refusal's body that have no accessor of their own.
    #[must_use]
    pub fn extra(&self) -> Option<&Object> {
        Some(self.api()?.extra())
    }

    /// Where in the answer's JSON the reading failed, such as `rooms.join["!a:b"]`.
    #[must_use]
    pub fn json_path(&self) -> Option<&str> {
        match self {
            Self::Decode(failed) => Some(failed.error().path()),
            _ => None,
        }
    }

    /// Every attempt that was made, in order, each with the wait after it.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        self.call().map_or(&[], |call| &call.attempts)
    }

    /// The stages and flows of user-interactive authentication, if the server asks for it.
    #[must_use]
    pub fn uiaa(&self) -> Option<&Object> {
        self.api()?.uiaa()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Encode(failed) => failed.to_string(),
            Self::NotLoggedIn(failed) => failed.to_string(),
            Self::Unsupported(failed) => failed.to_string(),
            Self::Encrypted(failed) => failed.to_string(),
            Self::Room(failed) => failed.to_string(),
            Self::File(failed) => failed.to_string(),
            Self::Transport(failed) => failed.to_string(),
            Self::Limit(failed) => failed.to_string(),
            Self::Api(failed) => failed.to_string(),
            Self::Auth(failed) => failed.to_string(),
            Self::SessionEnded(failed) => failed.to_string(),
            Self::Decode(failed) => failed.to_string(),
            Self::Discovery(failed) => failed.to_string(),
            Self::Integration(failed) => failed.to_string(),
            Self::Store(failed) => failed.to_string(),
            Self::Job(failed) => failed.to_string(),
            Self::Rejected(failed) => failed.to_string(),
        };
        out.write_str(&line::one(&text))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{:?}({self})", self.kind())
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::File(failed) => Some(failed.io()),
            Self::Transport(failed) => failed.cause(),
            Self::Discovery(failed) => failed.cause().map(|cause| cause as _),
            Self::Integration(failed) => failed.cause().map(|cause| cause as _),
            Self::Store(failed) => failed.cause(),
            _ => None,
        }
    }
}
