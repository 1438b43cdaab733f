//! What an answer says of an integration manager.

use http::StatusCode;

use crate::{
    Error, ErrorCode,
    error::{IntegrationError, IntegrationErrorKind as Kind},
};

/// What the failure of a call to a manager means.
pub(super) fn manager(operation: &'static str, error: Error) -> Error {
    let kind = match &error {
        Error::SessionEnded(_) => Kind::TokenRefused,
        Error::Api(refusal) => match refusal.status() {
            StatusCode::UNAUTHORIZED => Kind::TokenRefused,
            StatusCode::FORBIDDEN if refusal.errcode() == Some(&ErrorCode::TermsNotSigned) => Kind::TermsNotSigned,
            // Without a word of its own, nothing that has the API has answered.
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED if refusal.errcode().is_none() => Kind::NotAManager,
            _ => return error,
        },
        Error::Decode(_) if error.status() == Some(StatusCode::NO_CONTENT) => Kind::NoContent,
        Error::Decode(_) if !is_json(&error) => Kind::NotAManager,
        _ => return error,
    };
    IntegrationError::new(kind, operation).caused_by(error).into()
}

/// What the failure of asking a domain for its manager means: what it publishes counts only as a whole.
pub(super) fn domain(operation: &'static str, error: Error) -> Error {
    match &error {
        Error::Decode(_) => {}
        Error::Api(refusal) if refusal.status().is_client_error() => {}
        _ => return error,
    }
    IntegrationError::new(Kind::NoManager, operation).caused_by(error).into()
}

fn is_json(error: &Error) -> bool {
    error.body().is_some_and(|body| serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok())
}
