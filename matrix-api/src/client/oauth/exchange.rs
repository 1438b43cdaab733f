//! Forms to an authorization server, and the tokens that it gives out.

use std::{borrow::Cow, sync::Arc};

use bytes::Bytes;
use http::{
    HeaderValue, Method, Request as HttpRequest,
    header::{ACCEPT, CONTENT_TYPE},
};
use serde_json::Value;

use super::{
    super::{
        builder::is_loopback,
        exchange::{CallInfo, Executor},
        failure,
    },
    OAuthClient, oauth_error,
};
use crate::{
    Auth, BaseUrl, Idempotency, Result, Secret,
    error::{self, AuthError},
    session::Tokens,
    transport,
    wire::percent,
};

/// Whether secrets may go there: https, unless the homeserver itself is not.
pub(crate) fn is_safe(base: &BaseUrl, url: &str) -> bool {
    let Ok(parsed) = url.split('?').next().map_or(BaseUrl::parse(url), BaseUrl::parse) else { return false };
    parsed.is_https() || !base.is_https() || is_loopback(parsed.host())
}

/// Percent-encoded as forms are; everything but letters, digits and a few marks is escaped.
pub(crate) fn form(pairs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        percent(&mut text, name);
        text.push('=');
        percent(&mut text, value);
    }
    text
}

pub(super) fn with_query(url: &str, pairs: &[(&str, &str)]) -> String {
    match (pairs, url.contains('?')) {
        ([], _) => url.to_owned(),
        (_, true) => format!("{url}&{}", form(pairs)),
        (_, false) => format!("{url}?{}", form(pairs)),
    }
}

/// The text of a member that must be there.
pub(crate) fn text(operation: &'static str, answer: &Value, name: &'static str) -> Result<String> {
    let found = answer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    found.map(str::to_owned).ok_or_else(|| lacks(operation, name).into())
}

fn lacks(operation: &'static str, name: &str) -> AuthError {
    AuthError::new(operation, "invalid_response").described(format!("the answer lacks {name}"))
}

/// The tokens of an answer. Their scope is the server's business.
pub(super) fn tokens(operation: &'static str, answer: &Value, old: Option<&Secret<String>>) -> Result<Tokens> {
    let access = Secret::new(text(operation, answer, "access_token")?);
    let refresh = answer.get("refresh_token").and_then(Value::as_str).map(Secret::from);
    let seconds = answer.get("expires_in").and_then(Value::as_i64);
    let tokens = Tokens::new(access, refresh.or_else(|| old.cloned()), seconds.map(|count| count.saturating_mul(1000)));
    tokens.ok_or_else(|| AuthError::new(operation, "invalid_response").described("the token is none").into())
}

impl Executor {
    /// # Errors
    ///
    /// `Error::Auth` if the server refuses as the RFCs say.
    pub(super) async fn post_form(
        self: &Arc<Self>,
        operation: &'static str,
        url: &str,
        pairs: &[(&str, &str)],
    ) -> Result<Value> {
        self.post(operation, url, "application/x-www-form-urlencoded", form(pairs)).await
    }

    pub(super) async fn post(
        self: &Arc<Self>,
        operation: &'static str,
        url: &str,
        content_type: &'static str,
        body: String,
    ) -> Result<Value> {
        let request = HttpRequest::builder()
            .method(Method::POST)
            .uri(url)
            .header(CONTENT_TYPE, HeaderValue::from_static(content_type))
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .body(Bytes::from(body));
        let request = request.map_err(|_| AuthError::new(operation, "invalid_response").described("no URL"))?;
        self.fetch_json(operation, request).await
    }

    /// As [`fetch`](Self::fetch), and reads what comes back; nothing is `null`.
    ///
    /// # Errors
    ///
    /// `Error::Auth` if the server refuses as the RFCs say, or the answer is no JSON.
    pub(crate) async fn fetch_json(
        self: &Arc<Self>,
        operation: &'static str,
        request: HttpRequest<Bytes>,
    ) -> Result<Value> {
        let received = self.fetch(operation, request).await.map_err(|error| oauth_error(operation, error))?;
        if received.body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&received.body)
            .map_err(|_| AuthError::new(operation, "invalid_response").described("the answer is no JSON").into())
    }

    /// A request that is ready, to wherever it leads, without the session's token.
    pub(crate) async fn fetch(
        self: &Arc<Self>,
        operation: &'static str,
        mut request: HttpRequest<Bytes>,
    ) -> Result<error::Received> {
        let info = CallInfo {
            operation: Cow::Borrowed(operation),
            metadata: None,
            auth: Auth::None,
            idempotency: Idempotency::IfUnsent,
            long_poll: false,
            redirect: false,
            bytes: false,
            streams: Default::default(),
        };
        let mut call = error::Call::new(operation, &request);
        let ended = self.exchange(&info, &self.terms, &mut transport::Call::of(&mut request, false)).await;
        call.attempts = ended.attempts;
        ended.result.map_err(|why| failure::error(call, why))
    }

    pub(in super::super) async fn renew_by_oauth(
        self: &Arc<Self>,
        oauth: &OAuthClient,
        refresh: &Secret<String>,
    ) -> Result<Tokens> {
        let form =
            [("grant_type", "refresh_token"), ("refresh_token", refresh.expose()), ("client_id", &oauth.client_id)];
        let answer = self.post_form("oauth.refresh", &oauth.token_endpoint, &form).await?;
        tokens("oauth.refresh", &answer, Some(refresh))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_written_and_read() {
        let pairs = [("a", "b c&=+ä"), ("scope", "urn:x:*"), ("empty", "")];
        let text = form(&pairs);
        assert_eq!(text, "a=b%20c%26%3D%2B%C3%A4&scope=urn%3Ax%3A%2A&empty=");
        let read = crate::client::query::parse_query(&text);
        let read: Vec<_> = read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(read, pairs);
        assert_eq!(with_query("https://a/?x=1", &[("y", "2")]), "https://a/?x=1&y=2");
    }

    #[test]
    fn secrets_go_to_https_only() {
        let secure = BaseUrl::parse("https://m.example.org").unwrap();
        let plain = BaseUrl::parse("http://m.example.org").unwrap();
        for url in ["https://a.example.org/token", "https://a.example.org/token?x=1", "http://localhost:1/token"] {
            assert!(is_safe(&secure, url) && is_safe(&plain, url), "{url}");
        }
        assert!(!is_safe(&secure, "http://a.example.org/token") && is_safe(&plain, "http://a.example.org/token"));
        for url in ["", "ftp://a", "javascript:alert(1)", "https://user@a.example.org/"] {
            assert!(!is_safe(&secure, url) && !is_safe(&plain, url), "{url}");
        }
    }
}
