use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
};

use super::super::{Client, failure};
use crate::{
    Auth, DeviceId, Result, Secret, Session, UserId,
    client_server::{Login, LoginResponse, types::UserIdentifier},
};

/// A login that is about to happen: it does when awaited.
#[must_use = "nothing is sent before it is awaited"]
pub struct LoginBuilder {
    client: Client,
    request: Login,
    /// Who must come out of it, as far as was said.
    expected: Option<String>,
    auth: Auth,
}

impl LoginBuilder {
    fn new(client: &Client, request: Login) -> Self {
        Self { client: client.clone(), request, expected: None, auth: Auth::None }
    }

    pub(super) fn password(client: &Client, identifier: UserIdentifier, password: Secret<String>) -> Self {
        let expected = identifier.extra.get("user").and_then(|user| user.as_str().map(str::to_owned));
        let request = Login::new("m.login.password").identifier(identifier).password(password);
        Self { expected, ..Self::new(client, request) }
    }

    pub(super) fn token(client: &Client, token: Secret<String>) -> Self {
        Self::new(client, Login::new("m.login.token").token(token))
    }

    pub(super) fn appservice(client: &Client, user: String) -> Self {
        let request = Login::new("m.login.application_service").identifier(Self::user(user.clone()));
        Self { expected: Some(user), auth: Auth::AccessToken, ..Self::new(client, request) }
    }

    pub(super) fn user(user: String) -> UserIdentifier {
        UserIdentifier::new("m.id.user").extra("user", user)
    }

    pub(super) fn email(address: String) -> UserIdentifier {
        UserIdentifier::new("m.id.thirdparty").extra("medium", "email").extra("address", address)
    }

    /// By both names of the number: the specification has `phone`, and Synapse, which had `number`
    /// before, still wants to see that one.
    pub(super) fn phone(country: String, number: String) -> UserIdentifier {
        let identifier = UserIdentifier::new("m.id.phone").extra("country", country);
        identifier.extra("phone", number.as_str()).extra("number", number)
    }

    /// Takes up a device that exists, or makes one of this id.
    pub fn device_id(mut self, device_id: impl Into<DeviceId>) -> Self {
        self.request = self.request.device_id(device_id);
        self
    }

    /// How a new device is called in the user's list of devices.
    pub fn device_name(mut self, name: impl Into<String>) -> Self {
        self.request = self.request.initial_device_display_name(name);
        self
    }

    /// Whether to ask for an access token that ends soon and a refresh token. If not said, a
    /// client with a store asks, since it can keep what it gets.
    pub fn refresh_token(mut self, ask: bool) -> Self {
        self.request = self.request.refresh_token(ask);
        self
    }

    async fn run(self) -> Result<Session> {
        let Self { client, mut request, expected, auth } = self;
        if request.refresh_token.is_none() && client.inner.executor.keeper.has_store() {
            request = request.refresh_token(true);
        }
        if request.device_id.is_none() {
            request.device_id = client.inner.executor.login.left_device(expected.as_deref());
        }
        let answer = client.call(request).auth(auth).send().await?;
        if let Some(user) = expected.filter(|user| !is_asked_for(user, &answer.user_id)) {
            let reason = format!("asked for {user}, but the server logged in {}", answer.user_id);
            return Err(failure::setup("login", reason));
        }
        client.inner.adopt(session(&client, answer)).await
    }
}

fn session(client: &Client, answer: LoginResponse) -> Session {
    let mut session = Session::new(answer.user_id, client.base_url().as_str())
        .device_id(answer.device_id)
        .access_token(answer.access_token);
    session.refresh_token = answer.refresh_token;
    session.expires_at = Session::end_of_token(answer.expires_in_ms);
    session
}

/// A user id is asked for literally; a local part leaves the server's name open.
fn is_asked_for(user: &str, logged_in: &UserId) -> bool {
    !user.starts_with('@') || logged_in.as_str().eq_ignore_ascii_case(user)
}

impl IntoFuture for LoginBuilder {
    type Output = Result<Session>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for LoginBuilder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("LoginBuilder").field("type", &self.request.type_).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_for_somebody_else_is_noticed() {
        let alice = UserId::from("@alice:example.org");
        assert!(is_asked_for("alice", &alice));
        assert!(is_asked_for("@alice:example.org", &alice));
        assert!(is_asked_for("@Alice:Example.org", &alice));
        assert!(!is_asked_for("@alice:evil.org", &alice));
        assert!(!is_asked_for("@bob:example.org", &alice));
    }
}
