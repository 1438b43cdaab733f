//! What a failure means for the caller, whichever variant it is.

use http::StatusCode;

use super::{ApiError, Error, ErrorCode, RoomErrorKind, Sent, TransportKind};

impl Error {
    /// Whether the thing does not exist: `M_NOT_FOUND`, or 404 without a code of its own.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.is_code(StatusCode::NOT_FOUND, &ErrorCode::NotFound)
    }

    /// Whether the server denies permission: `M_FORBIDDEN`, or 403 without a code of its own.
    #[must_use]
    pub fn is_forbidden(&self) -> bool {
        self.is_code(StatusCode::FORBIDDEN, &ErrorCode::Forbidden)
    }

    /// Whether the server asks to slow down: `M_LIMIT_EXCEEDED`, or 429.
    #[must_use]
    pub fn is_rate_limited(&self) -> bool {
        self.api().is_some_and(ApiError::is_rate_limited)
    }

    fn is_code(&self, status: StatusCode, code: &ErrorCode) -> bool {
        match self.api() {
            Some(api) => match api.errcode() {
                Some(found) => found == code,
                None => api.status() == status,
            },
            None => false,
        }
    }

    /// Whether no answer came in time, from the connection or from a server behind the server.
    #[must_use]
    pub fn is_timeout(&self) -> bool {
        match self {
            Self::Transport(failed) => failed.kind() == TransportKind::Timeout,
            Self::Api(refused) => refused.status() == StatusCode::GATEWAY_TIMEOUT,
            _ => false,
        }
    }

    /// Whether the server reported success, although the call failed here.
    #[must_use]
    pub fn request_was_accepted(&self) -> bool {
        match self {
            Self::Decode(_) | Self::Limit(_) | Self::Transport(_) | Self::Integration(_) => {
                self.status().is_some_and(|status| status.is_success())
            }
            _ => false,
        }
    }

    /// Whether the server may have seen the request, in any of the attempts. If not, sending it
    /// again cannot duplicate.
    #[must_use]
    pub fn may_have_been_sent(&self) -> bool {
        match self {
            Self::Encode(_)
            | Self::NotLoggedIn(_)
            | Self::Encrypted(_)
            | Self::Store(_)
            | Self::Rejected(_)
            | Self::Discovery(_) => false,
            Self::Integration(failed) => failed.cause().is_some_and(Self::may_have_been_sent),
            Self::Unsupported(lacking) => lacking.tried().is_some(),
            Self::Room(refused) => refused.kind() != RoomErrorKind::Creator,
            Self::Auth(failed) => failed.api().is_some(),
            Self::File(failed) => failed.may_have_been_sent(),
            Self::Transport(failed) => failed.sent() != Sent::No,
            Self::Decode(failed) => failed.received().is_some(),
            Self::Limit(failed) => failed.may_have_been_sent(),
            Self::Api(_) | Self::SessionEnded(_) | Self::Job(_) => true,
        }
    }
}
