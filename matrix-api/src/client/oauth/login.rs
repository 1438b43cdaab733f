use std::fmt;

use http::{HeaderValue, header::AUTHORIZATION};
use serde_json::json;

use super::{OAuth, OAuthClient, exchange, pkce};
use crate::{
    DeviceId, Request, Result, Secret, Session,
    client_server::{GetTokenOwner, GetTokenOwnerResponse},
    error::AuthError,
    request,
    session::Tokens,
};

/// A login by OAuth 2.0 that is about to happen.
///
/// With a browser on this machine: [`browser`](Self::browser). With one anywhere else:
/// [`device_code`](Self::device_code). With a redirect that you receive yourself:
/// [`begin`](Self::begin).
#[must_use = "nothing is sent before one of the ways is taken"]
#[derive(Clone, Debug)]
pub struct OAuthLogin {
    pub(super) oauth: OAuth,
    client_id: Option<String>,
    client_name: String,
    client_uri: String,
    device_id: Option<DeviceId>,
    scopes: Vec<String>,
    create: bool,
}

impl OAuthLogin {
    pub(super) fn new(oauth: OAuth) -> Self {
        Self {
            oauth,
            client_id: None,
            client_name: env!("CARGO_PKG_NAME").to_owned(),
            client_uri: env!("CARGO_PKG_REPOSITORY").to_owned(),
            device_id: None,
            scopes: Vec::new(),
            create: false,
        }
    }

    /// How the program is called on the page on which the user agrees, and its home page, which
    /// must be https.
    pub fn program(mut self, name: impl Into<String>, uri: impl Into<String>) -> Self {
        (self.client_name, self.client_uri) = (name.into(), uri.into());
        self
    }

    /// The name alone.
    pub(crate) fn name(mut self, name: impl Into<String>) -> Self {
        self.client_name = name.into();
        self
    }

    /// The id under which the program is known to the server already; without it, it introduces
    /// itself.
    pub fn client_id(mut self, client_id: impl Into<String>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }

    /// Takes up a device that exists, or makes one of this id; random unless set.
    pub fn device_id(mut self, device_id: impl Into<DeviceId>) -> Self {
        self.device_id = Some(device_id.into());
        self
    }

    /// Asks for more than the client-server API, such as `urn:synapse:admin:*`.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    /// Leads to the page for making an account, if the server knows that.
    pub fn create_account(mut self) -> Self {
        self.create = true;
        self
    }

    /// Logs in with the user's browser, which `open` is to open at the URL, and waits for it to
    /// come back to this machine, for five minutes at most.
    ///
    /// # Errors
    ///
    /// [`Error::Auth`](crate::Error::Auth) if the user does not agree or does not come back.
    #[cfg(feature = "loopback")]
    pub async fn browser(self, open: impl FnOnce(&str)) -> Result<Session> {
        let receiver = super::super::loopback::Receiver::new("/").await?;
        let pending = self.begin(receiver.url()).await?;
        open(pending.url());
        let back = receiver.receive().await?;
        pending.finish(&back).await
    }

    /// Begins a login whose redirect you receive yourself: show the user
    /// [`url`](PendingLogin::url), and hand the URL that comes back to
    /// [`finish`](PendingLogin::finish).
    ///
    /// # Errors
    ///
    /// [`Error::Auth`](crate::Error::Auth) if the server does not take the program as its client.
    pub async fn begin(mut self, redirect_uri: impl Into<String>) -> Result<PendingLogin> {
        let redirect_uri = redirect_uri.into();
        let client_id = self.introduce(&redirect_uri).await?;
        let device_id = self.device()?;
        let (state, verifier) = (pkce::random()?, Secret::new(pkce::random()?));
        let challenge = pkce::challenge(verifier.expose());
        let scope = self.scope_text(&device_id).await?;
        let mut query = vec![
            ("response_type", "code"),
            ("client_id", client_id.as_str()),
            ("redirect_uri", &redirect_uri),
            ("scope", &scope),
            ("state", &state),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("response_mode", "query"),
        ];
        query.extend(self.create.then_some(("prompt", "create")));
        let url = exchange::with_query(&self.oauth.metadata.authorization_endpoint, &query);
        Ok(PendingLogin { oauth: self.oauth, client_id, device_id, state, verifier, redirect_uri, url })
    }

    /// The id of the program at the server: given, or asked for.
    pub(super) async fn introduce(&mut self, redirect_uri: &str) -> Result<String> {
        if let Some(client_id) = self.client_id.take() {
            return Ok(client_id);
        }
        let program = json!({
            "client_name": self.client_name,
            "client_uri": self.client_uri,
            "redirect_uris": [registered(redirect_uri)],
            "response_types": ["code"],
            "grant_types": ["authorization_code", "refresh_token", super::device::GRANT],
            "token_endpoint_auth_method": "none",
            "application_type": "native",
        });
        let endpoint = &self.oauth.metadata.registration_endpoint;
        let executor = &self.oauth.client.inner.executor;
        let answer = executor.post("oauth.register", endpoint, "application/json", program.to_string()).await?;
        exchange::text("oauth.register", &answer, "client_id")
    }

    pub(super) fn device(&mut self) -> Result<DeviceId> {
        match self.device_id.take() {
            Some(device) => Ok(device),
            // Letters, digits and two marks that every server takes.
            None => Ok(DeviceId::from(pkce::random()?[..12].replace(['-', '_'], "x"))),
        }
    }

    /// The stable names where the server names the version that brought them, and those of
    /// MSC2967 where it does not: servers of before know no others.
    pub(super) async fn scope_text(&self, device_id: &DeviceId) -> Result<String> {
        use crate::{Support, client_server::GetAuthMetadata};
        let stable = self.oauth.client.supports::<GetAuthMetadata>().await? == Support::Yes;
        let prefix = if stable { "urn:matrix:client" } else { "urn:matrix:org.matrix.msc2967.client" };
        let mut scope = format!("{prefix}:api:* {prefix}:device:{}", device_id.as_str());
        for more in &self.scopes {
            scope.push(' ');
            scope.push_str(more);
        }
        Ok(scope)
    }
}

/// The redirect URI as it is registered: on loopback any port will do (RFC 8252, 7.3).
fn registered(redirect_uri: &str) -> String {
    let loopback = ["http://127.0.0.1:", "http://localhost:", "http://[::1]:"];
    match loopback.into_iter().find_map(|start| Some((start, redirect_uri.strip_prefix(start)?))) {
        Some((start, rest)) => {
            let path = rest.trim_start_matches(|digit: char| digit.is_ascii_digit());
            format!("{}{path}", start.trim_end_matches(':'))
        }
        None => redirect_uri.to_owned(),
    }
}

/// A login whose user is in a browser: see [`OAuthLogin::begin`].
pub struct PendingLogin {
    oauth: OAuth,
    client_id: String,
    device_id: DeviceId,
    state: String,
    verifier: Secret<String>,
    redirect_uri: String,
    url: String,
}

impl PendingLogin {
    /// Where the browser has to go.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Ends the login with the URL, or its query, at which the browser came back.
    ///
    /// # Errors
    ///
    /// [`Error::Auth`](crate::Error::Auth): with `access_denied` if the user did not agree, with
    /// `invalid_state` if the URL belongs to another login. Nothing is kept then.
    pub async fn finish(self, came_back_at: &str) -> Result<Session> {
        let code = self.code(came_back_at)?;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", &self.redirect_uri),
            ("client_id", &self.client_id),
            ("code_verifier", self.verifier.expose()),
        ];
        let metadata = &self.oauth.metadata;
        let executor = &self.oauth.client.inner.executor;
        let answer = executor.post_form("oauth.token", &metadata.token_endpoint, &form).await?;
        let tokens = exchange::tokens("oauth.token", &answer, None)?;
        self.oauth.settle(self.client_id, self.device_id, tokens).await
    }

    fn code(&self, came_back_at: &str) -> Result<String, AuthError> {
        const OPERATION: &str = "oauth.authorize";
        let query = came_back_at.split_once('?').map_or(came_back_at, |(_, query)| query);
        let query = crate::client::query::parse_query(query.split('#').next().unwrap_or_default());
        let get = |name: &str| query.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str());
        if get("state") != Some(&self.state) {
            return Err(AuthError::new(OPERATION, "invalid_state").described("this answer is not to our question"));
        }
        if get("iss").is_some_and(|issuer| issuer != self.oauth.metadata.issuer) {
            return Err(AuthError::new(OPERATION, "invalid_state").described("another server has answered"));
        }
        match (get("error"), get("code")) {
            (Some(error), _) => {
                let failed = AuthError::new(OPERATION, error.to_owned());
                Err(match get("error_description").filter(|text| !text.is_empty()) {
                    Some(description) => failed.described(description),
                    None => failed,
                })
            }
            (None, Some(code)) => Ok(code.to_owned()),
            (None, None) => Err(AuthError::new(OPERATION, "invalid_response").described("there is no code")),
        }
    }
}

impl fmt::Debug for PendingLogin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("PendingLogin").field("issuer", &self.oauth.metadata.issuer).finish_non_exhaustive()
    }
}

impl OAuth {
    /// Asks whose the new tokens are, stores the session, and then becomes it.
    pub(super) async fn settle(self, client_id: String, device_id: DeviceId, tokens: Tokens) -> Result<Session> {
        let inner = &self.client.inner;
        let mut session = Session::new("", inner.base.as_str());
        tokens.write_to(&mut session);
        let owner = self.owner(&session).await?;
        session.user_id = owner.user_id;
        session.device_id = Some(owner.device_id.unwrap_or(device_id));
        session.oauth = Some(OAuthClient {
            issuer: self.metadata.issuer.clone(),
            client_id,
            token_endpoint: self.metadata.token_endpoint.clone(),
        });
        inner.adopt(session).await
    }

    async fn owner(&self, session: &Session) -> Result<GetTokenOwnerResponse> {
        let inner = &self.client.inner;
        let mut request = request::encode_fresh(&inner.base, &GetTokenOwner::new())?;
        let token = session.access_token.as_ref().map(|token| format!("Bearer {}", token.expose())).unwrap_or_default();
        if let Ok(mut header) = HeaderValue::try_from(token) {
            header.set_sensitive(true);
            request.headers_mut().insert(AUTHORIZATION, header);
        }
        let received = inner.executor.fetch(GetTokenOwner::METADATA.id, request).await?;
        Ok(request::decode(received.status, &received.headers, received.body)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_of_loopback_is_not_registered() {
        let rows = [
            ("http://127.0.0.1:4711/", "http://127.0.0.1/"),
            ("http://127.0.0.1:4711/back?x=1", "http://127.0.0.1/back?x=1"),
            ("http://localhost:80/back", "http://localhost/back"),
            ("http://[::1]:80/", "http://[::1]/"),
            ("http://127.0.0.1/", "http://127.0.0.1/"),
            ("https://me.example.org:8443/back", "https://me.example.org:8443/back"),
            ("org.example.app:/back", "org.example.app:/back"),
        ];
        for (given, expected) in rows {
            assert_eq!(registered(given), expected);
        }
    }
}
