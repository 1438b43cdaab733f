//! Tokens for a program: RFC 6749, 4.4.

use std::{sync::Mutex, sync::PoisonError, time::Duration};

use bytes::Bytes;
use http::{
    HeaderValue, Method, Request as HttpRequest,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use serde_json::Value;
use tokio::time::Instant;

use super::ClientCredentials;
use crate::{
    BaseUrl, Client, Result, Secret, base64,
    client::oauth::exchange::{form, is_safe, text},
    error::AuthError,
    service::MasAdmin,
};

const FIND: &str = "mas.discovery";
const TOKEN: &str = "mas.token";
const SCOPE: &str = "urn:mas:admin";

/// A token is renewed so long before its end: it has to arrive, too.
const MARGIN: Duration = Duration::from_secs(10);

/// Where tokens are to be had, and for what.
#[derive(Debug)]
pub(super) struct Grant {
    endpoint: String,
    credentials: ClientCredentials,
    /// When the token ends, as far as the service has said.
    until: Mutex<Option<Instant>>,
    /// Only one call at a time asks for a token.
    asking: tokio::sync::Mutex<()>,
}

impl Grant {
    /// Asks the service where it gives out tokens.
    pub(super) async fn find(client: &Client<MasAdmin>, credentials: ClientCredentials) -> Result<Self> {
        let wrong = |what: &'static str| AuthError::new(FIND, "invalid_response").described(what);
        let base = client.base_url();
        let issuer = match &credentials.issuer {
            Some(issuer) => BaseUrl::parse(issuer).map_err(|_| wrong("the issuer is no URL"))?,
            None => base.clone(),
        };
        let url = format!("{issuer}/.well-known/openid-configuration");
        if !is_safe(base, &url) {
            return Err(wrong("the issuer is no https URL").into());
        }
        let request = HttpRequest::builder().uri(url).header(ACCEPT, HeaderValue::from_static("application/json"));
        let request = request.body(Bytes::new()).map_err(|_| wrong("no URL"))?;
        let answer = client.inner.executor.fetch_json(FIND, request).await?;
        let endpoint = text(FIND, &answer, "token_endpoint")?;
        if !is_safe(base, &endpoint) {
            return Err(wrong("the token endpoint is no https URL").into());
        }
        Ok(Self { endpoint, credentials, until: Mutex::default(), asking: Default::default() })
    }

    /// Whether the token has ended by the clock.
    pub(super) fn has_ended(&self) -> bool {
        let until = *self.until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| until <= Instant::now())
    }

    /// Sees to it that there is another token than the one of this count, and gives its count. However many calls ask
    /// for it at once, the service is asked once.
    pub(super) async fn renew(&self, client: &Client<MasAdmin>, count: u64) -> Result<u64> {
        let _turn = self.asking.lock().await;
        let executor = &client.inner.executor;
        let login = &executor.login;
        if login.changes() != count {
            return Ok(login.changes());
        }
        let answer = executor.fetch_json(TOKEN, self.request()?).await?;
        let token = Secret::new(text(TOKEN, &answer, "access_token")?);
        let lasts = answer.get("expires_in").and_then(Value::as_u64).map(Duration::from_secs);
        // Held while the token changes: nobody is to find the new one ended because the old one was.
        let mut until = self.until.lock().unwrap_or_else(PoisonError::into_inner);
        login.set_token(token).map_err(|_| AuthError::new(TOKEN, "invalid_response").described("the token is none"))?;
        *until = lasts.and_then(|lasts| Instant::now().checked_add(lasts.saturating_sub(MARGIN.min(lasts / 2))));
        Ok(login.changes())
    }

    fn request(&self) -> Result<HttpRequest<Bytes>> {
        let ClientCredentials { id, secret, .. } = &self.credentials;
        // Id and secret are escaped first: RFC 6749, 2.3.1.
        let pair = form(&[(id, secret.expose())]).replacen('=', ":", 1);
        let header = HeaderValue::from_str(&format!("Basic {}", base64::padded(pair.as_bytes())));
        let wrong = || AuthError::new(TOKEN, "invalid_response").described("the token endpoint is no URL");
        let mut header = header.map_err(|_| wrong())?;
        header.set_sensitive(true);
        let request = HttpRequest::builder()
            .method(Method::POST)
            .uri(&self.endpoint)
            .header(AUTHORIZATION, header)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
            .header(ACCEPT, HeaderValue::from_static("application/json"))
            .body(Bytes::from(form(&[("grant_type", "client_credentials"), ("scope", SCOPE)])));
        Ok(request.map_err(|_| wrong())?)
    }
}
