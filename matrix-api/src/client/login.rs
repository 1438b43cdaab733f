//! Logging in and out.

use std::env;

use super::{Client, failure};
use crate::{
    Error, Result, Secret, Session, UserId,
    client_server::{GetTokenOwner, GetTokenOwnerResponse, Login, Logout, types::UserIdentifier},
};

impl Client {
    /// A client from the environment: `MATRIX_HOMESERVER` is the base URL; `MATRIX_TOKEN` is an
    /// access token, or else `MATRIX_USER` and `MATRIX_PASSWORD` log in as a new device.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] if a variable is missing or cannot be used, and the failures of
    /// [`ClientBuilder::build`](crate::ClientBuilder::build) and
    /// [`login_password`](Self::login_password).
    pub async fn from_env() -> Result<Self> {
        from_variables(|name| env::var(name).ok()).await
    }

    /// Logs in with a password, as a new device, and keeps the login in this client and all its
    /// clones. The user is a user id or its local part.
    ///
    /// The session is handed over to be stored, so that the next start needs no password.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] with `M_FORBIDDEN` if the server does not accept user and password.
    pub async fn login_password(
        &self,
        user: impl Into<String>,
        password: impl Into<Secret<String>>,
    ) -> Result<Session> {
        let user = user.into();
        let mut identifier = UserIdentifier::new("m.id.user");
        identifier.extra.insert("user", user.clone());
        let request = Login::new("m.login.password").identifier(identifier).password(password);
        let answer = self.send(request).await?;
        if !is_asked_for(&user, &answer.user_id) {
            let reason = format!("asked for {user}, but the server logged in {}", answer.user_id);
            return Err(failure::setup("login", reason));
        }
        let session = Session::new(answer.user_id, self.base_url().as_str())
            .device_id(answer.device_id)
            .access_token(answer.access_token);
        self.adopt(&session)?;
        Ok(session)
    }

    /// Logs out: the token ends, and the device is gone from the account. The client forgets the
    /// login. A session that the server has ended already counts as logged out.
    ///
    /// # Errors
    ///
    /// The failures of sending; then the login is kept.
    pub async fn logout(&self) -> Result<()> {
        match self.send(Logout::new()).await {
            Ok(_) | Err(Error::SessionEnded(_)) => {
                self.inner.executor.login.clear();
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// Asks the server whose token this is. The answer is kept for [`user_id`](Self::user_id)
    /// and [`session`](Self::session).
    ///
    /// # Errors
    ///
    /// [`Error::NotLoggedIn`] without a token, [`Error::SessionEnded`] if it no longer holds.
    pub async fn whoami(&self) -> Result<GetTokenOwnerResponse> {
        let owner = self.send(GetTokenOwner::new()).await?;
        let login = &self.inner.executor.login;
        login.set_owner(owner.user_id.clone(), owner.device_id.clone());
        Ok(owner)
    }

    pub(super) async fn check_token(&self, expected: Option<UserId>) -> Result<()> {
        let owner = self.whoami().await?.user_id;
        match expected {
            Some(expected) if expected != owner => {
                Err(failure::setup("ClientBuilder", format!("the access token is that of {owner}, not of {expected}")))
            }
            _ => Ok(()),
        }
    }

    fn adopt(&self, session: &Session) -> Result<()> {
        let adopted = self.inner.executor.login.adopt(session);
        adopted.map_err(|_| failure::setup("login", "the server sent a token that is none"))
    }
}

/// A user id is asked for literally; a local part leaves the server's name open.
fn is_asked_for(user: &str, logged_in: &UserId) -> bool {
    !user.starts_with('@') || logged_in.as_str().eq_ignore_ascii_case(user)
}

async fn from_variables(get: impl Fn(&str) -> Option<String>) -> Result<Client> {
    let need = |name: &str| get(name).ok_or_else(|| failure::setup("Client::from_env", format!("{name} is not set")));
    let builder = Client::builder().base_url(need("MATRIX_HOMESERVER")?);
    if let Some(token) = get("MATRIX_TOKEN") {
        let builder = match get("MATRIX_USER") {
            Some(user) if user.starts_with('@') => builder.user_id(user),
            _ => builder,
        };
        return builder.access_token(token).build().await;
    }
    if get("MATRIX_USER").is_none() {
        let reason = "set MATRIX_TOKEN, or MATRIX_USER and MATRIX_PASSWORD";
        return Err(failure::setup("Client::from_env", reason));
    }
    let (user, password) = (need("MATRIX_USER")?, need("MATRIX_PASSWORD")?);
    let client = builder.build().await?;
    client.login_password(user, password).await?;
    Ok(client)
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

    async fn refusal(variables: &[(&str, &str)]) -> String {
        let get = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        from_variables(get).await.unwrap_err().to_string()
    }

    #[tokio::test]
    async fn the_environment_is_asked_for_what_is_missing() {
        let server = ("MATRIX_HOMESERVER", "http://localhost:1");
        assert_eq!(refusal(&[]).await, "Client::from_env: MATRIX_HOMESERVER is not set");
        assert_eq!(refusal(&[server]).await, "Client::from_env: set MATRIX_TOKEN, or MATRIX_USER and MATRIX_PASSWORD");
        assert_eq!(refusal(&[server, ("MATRIX_USER", "me")]).await, "Client::from_env: MATRIX_PASSWORD is not set");
    }
}
