use std::{borrow::Cow, error, fmt};

use super::{ApiError, line};

/// A login by OAuth 2.0 or in a browser failed.
#[derive(Clone)]
pub struct AuthError(Box<Failed>);

#[derive(Clone)]
struct Failed {
    operation: Cow<'static, str>,
    code: Cow<'static, str>,
    description: Option<Box<str>>,
    refusal: Option<ApiError>,
}

impl AuthError {
    pub(crate) fn new(operation: impl Into<Cow<'static, str>>, code: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Failed { operation: operation.into(), code: code.into(), description: None, refusal: None }))
    }

    pub(crate) fn described(mut self, description: impl Into<Box<str>>) -> Self {
        self.0.description = Some(description.into());
        self
    }

    /// Adds the answer that says so.
    pub(crate) fn refused(mut self, refusal: ApiError) -> Self {
        self.0.refusal = Some(refusal);
        self
    }

    /// The step that failed, such as `oauth.token`.
    #[must_use]
    pub fn operation(&self) -> &str {
        &self.0.operation
    }

    /// The code as the RFCs have it, such as `access_denied`, `invalid_grant` or
    /// `expired_token`. What this client finds wrong by itself is `invalid_response`, an answer
    /// that belongs to another login `invalid_state`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// More about it, in the server's own words or in ours.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// The server's answer, if it was an answer that refused.
    #[must_use]
    pub fn api(&self) -> Option<&ApiError> {
        self.0.refusal.as_ref()
    }
}

impl fmt::Display for AuthError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.0.operation, line::cut(&self.0.code, 40))?;
        if let Some(description) = &self.0.description {
            write!(out, ": {}", line::cut(description, 70))?;
        }
        out.write_str(match &*self.0.code {
            "access_denied" => "; the user did not agree",
            "expired_token" => "; begin again",
            "invalid_grant" => "; log in again",
            "invalid_scope" => "; the account may not have what was asked for",
            _ => "",
        })
    }
}

impl fmt::Debug for AuthError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "AuthError({self})")
    }
}

impl error::Error for AuthError {}
