//! From what stopped a call to the error that tells it.

use std::borrow::Cow;

use super::exchange::Why;
use crate::{
    ErrorCode,
    error::{
        ApiError, Call, Error, FileError, Limit, LimitError, NotLoggedIn, Rejected, Sent, SessionEnded, TransportError,
        TransportKind,
    },
    transport::{Broken, Cause},
};

pub(crate) fn error(call: Call, why: Why) -> Error {
    match why {
        Why::NotLoggedIn => Error::NotLoggedIn(NotLoggedIn::new(&call.operation)),
        Why::Fault(fault, status) => {
            let mut error = TransportError::new(call, fault.kind, fault.sent);
            if let Some(waited) = fault.waited {
                error = error.after(waited);
            }
            if let Some(cause) = fault.cause {
                error = error.caused_by(cause);
            }
            if let Some(status) = status {
                error = error.with_status(status);
            }
            Error::Transport(error)
        }
        Why::TooLarge { limit, read } => Error::Limit(LimitError::new(call, Limit::BodyBytes, limit, Some(read))),
        Why::Broken(Broken::Unreadable(error), _) => Error::File(
            FileError::new(&call.operation, "what was to be sent cannot be read", error).during(call.clone()),
        ),
        Why::Broken(Broken::TooMany(most), _) => too_large(call, most),
        Why::TooManyRedirects { most, .. } => Error::Limit(LimitError::new(call, Limit::Redirects, most, None)),
        Why::Redirected(status, origin) => {
            let mut error = TransportError::new(call, TransportKind::Redirect, Sent::Yes);
            if let Some(origin) = origin {
                error = error.caused_by(Cause::new(format!("the redirect leads to {origin}")));
            }
            Error::Transport(error.with_status(status))
        }
        Why::Refused(refusal) => refused(refusal.of(call)),
        Why::SessionEnded(refusal) => Error::SessionEnded(SessionEnded::new(refusal.of(call))),
        Why::NoNewToken(error) => *error,
    }
}

/// An upload that the server would not take.
pub(crate) fn too_large(call: Call, most: u64) -> Error {
    Error::Limit(LimitError::new(call, Limit::UploadBytes, most, None))
}

fn refused(refusal: ApiError) -> Error {
    if refusal.errcode() == Some(&ErrorCode::UnknownToken) {
        Error::SessionEnded(SessionEnded::new(refusal))
    } else {
        Error::Api(refusal)
    }
}

#[cfg(feature = "oauth")]
pub(crate) fn not_logged_in(operation: &str) -> Error {
    Error::NotLoggedIn(NotLoggedIn::new(operation))
}

/// A refusal of how a client is to be set up or used; nothing was sent.
pub(crate) fn setup(what: impl Into<Cow<'static, str>>, reason: impl Into<Cow<'static, str>>) -> Error {
    Rejected::new(what, reason).into()
}
