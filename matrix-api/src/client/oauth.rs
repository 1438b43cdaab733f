//! Logins by OAuth 2.0, as servers have them that leave accounts to an authorization service.
//!
//! By hand and not by a crate: three forms and a hash, which must travel by our own transport.

mod device;
pub(crate) mod exchange;
mod login;
mod pkce;

use serde::{Serialize, Serializer, de::MapAccess};

pub use device::DeviceCode;
pub use login::{OAuthLogin, PendingLogin};

use super::{Client, failure};
use crate::{
    Error, Result,
    client_server::{GetAuthMetadata, GetAuthMetadataResponse},
    error::AuthError,
    wire::{self, Members, ReadObject},
};

/// The part of a [`Session`](crate::Session) that says where its tokens are renewed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OAuthClient {
    /// The authorization server.
    pub issuer: String,

    /// How this program is known there.
    pub client_id: String,

    /// Where tokens are renewed.
    pub token_endpoint: String,
}

impl Serialize for OAuthClient {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = wire::write_object(serializer)?;
        out.set("issuer", &self.issuer)?;
        out.set("client_id", &self.client_id)?;
        out.set("token_endpoint", &self.token_endpoint)?;
        out.end()
    }
}

crate::read_object!(OAuthClient);

impl ReadObject for OAuthClient {
    fn read_object<'de, A: MapAccess<'de>>(members: &mut Members<'de, A>) -> Result<Self, A::Error> {
        let (mut issuer, mut client_id, mut token_endpoint) = (None, None, None);
        while let Some(key) = members.key()? {
            match &*key {
                "issuer" => members.value("issuer", &mut issuer)?,
                "client_id" => members.value("client_id", &mut client_id)?,
                "token_endpoint" => members.value("token_endpoint", &mut token_endpoint)?,
                _ => members.skip()?,
            }
        }
        Ok(Self {
            issuer: wire::need("issuer", issuer)?,
            client_id: wire::need("client_id", client_id)?,
            token_endpoint: wire::need("token_endpoint", token_endpoint)?,
        })
    }
}

/// A homeserver's authorization server: see [`Client::oauth`].
#[derive(Clone, Debug)]
pub struct OAuth {
    client: Client,
    metadata: GetAuthMetadataResponse,
}

impl Client {
    /// The authorization server that the homeserver leaves its logins to, as servers under Matrix
    /// Authentication Service do.
    ///
    /// # Errors
    ///
    /// [`Error::Unsupported`] if the homeserver does its logins itself, and [`Error::Auth`] if what
    /// it says of the authorization server cannot be used.
    pub async fn oauth(&self) -> Result<OAuth> {
        let metadata = self.send(GetAuthMetadata::new()).await?;
        let endpoints = [&metadata.token_endpoint, &metadata.authorization_endpoint, &metadata.registration_endpoint];
        let others = [Some(&metadata.revocation_endpoint), metadata.device_authorization_endpoint.as_ref()];
        for url in endpoints.into_iter().chain(others.into_iter().flatten()) {
            if !exchange::is_safe(self.base_url(), url) {
                let wrong = AuthError::new("oauth.metadata", "invalid_response");
                return Err(wrong.described("an endpoint is no https URL").into());
            }
        }
        Ok(OAuth { client: self.clone(), metadata })
    }
}

impl OAuth {
    /// What the server says of itself.
    pub fn metadata(&self) -> &GetAuthMetadataResponse {
        &self.metadata
    }

    /// A login: with a browser or with a code on another device. See [`OAuthLogin`].
    pub fn login(&self) -> OAuthLogin {
        OAuthLogin::new(self.clone())
    }

    /// Where the user can manage the account in a browser; `None` if the server does not say. An
    /// action, such as `org.matrix.profile` or, with a device, `org.matrix.device_delete`, leads to
    /// its own page, as far as the server knows it.
    pub fn account_management_url(&self, action: Option<&str>, device_id: Option<&str>) -> Option<String> {
        let base = self.metadata.account_management_uri.as_ref()?;
        let known = &self.metadata.account_management_actions_supported;
        let action = action.filter(|action| known.is_empty() || known.iter().any(|one| one.as_str() == *action));
        let mut query = Vec::new();
        query.extend(action.map(|action| ("action", action)));
        query.extend(device_id.map(|device| ("device_id", device)));
        Some(exchange::with_query(base, &query))
    }

    /// Ends the session, and with it its device. The client forgets it, and so does its store.
    ///
    /// # Errors
    ///
    /// [`Error::NotLoggedIn`] without a login of OAuth 2.0, and the failures of sending; then the
    /// login is kept.
    pub async fn revoke(&self) -> Result<()> {
        let session = self.client.session();
        let Some((session, oauth)) = session.and_then(|session| Some((session.clone(), session.oauth?))) else {
            return Err(failure::not_logged_in("oauth.revoke"));
        };
        let (hint, token) = match (&session.refresh_token, &session.access_token) {
            (Some(token), _) => ("refresh_token", token),
            (None, Some(token)) => ("access_token", token),
            (None, None) => return Err(failure::not_logged_in("oauth.revoke")),
        };
        let form =
            [("token", token.expose().as_str()), ("token_type_hint", hint), ("client_id", oauth.client_id.as_str())];
        let executor = &self.client.inner.executor;
        executor.post_form("oauth.revoke", &self.metadata.revocation_endpoint, &form).await?;
        self.client.inner.forget().await
    }
}

/// Makes an OAuth error of an answer that refuses with one.
pub(crate) fn oauth_error(operation: &'static str, error: Error) -> Error {
    let Error::Api(refusal) = &error else { return error };
    let Some(code) = refusal.message().filter(|_| refusal.errcode().is_none()) else { return error };
    let mut failed = AuthError::new(operation, code.to_owned());
    if let Some(description) = refusal.extra().get("error_description").and_then(|text| text.as_str()) {
        failed = failed.described(description);
    }
    failed.refused(refusal.clone()).into()
}
