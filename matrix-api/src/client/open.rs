//! From nothing, the environment or a stored session to a client.

use std::{env, path::Path};

use super::{Client, ClientBuilder, failure};
use crate::{FileStore, Result, Session, SessionStore};

impl Client {
    /// A client from the environment: `MATRIX_HOMESERVER` is the base URL or the
    /// server's name; `MATRIX_TOKEN` is an access token, or else `MATRIX_USER` and `MATRIX_PASSWORD` log in as a new device.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`](crate::Error::Rejected) if a variable is missing or cannot be used, and
    /// the failures of [`ClientBuilder::build`] and [`login_password`](Self::login_password).
    pub async fn from_env() -> Result<Self> {
        Environment { helper: "Client::from_env", get: &variable }.log_in(Self::builder(), None).await
    }

    /// A client whose session is kept in a file: goes on where the session in the file stopped, or
    /// else logs in from the environment as [`from_env`](Self::from_env) does and keeps that.
    ///
    /// The file is a [`FileStore`]: only its owner can read it, and only one client at a time can
    /// use it. Later changes, new tokens and how far a sync has come, go there as well. If a
    /// session has ended but its device remains, the device is taken up again.
    ///
    /// With a session in the file the environment need not say anything; if it names another
    /// homeserver or user, that is an error.
    ///
    /// ```no_run
    /// # async fn example() -> matrix_api::Result<()> {
    /// let client = matrix_api::Client::open("bot/session.json").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Store`](crate::Error::Store) if the file is in use or cannot be used, and those of
    /// [`from_env`](Self::from_env).
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        let store = FileStore::open(path)?;
        Environment { helper: "Client::open", get: &variable }.open(store).await
    }
}

fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

/// A base URL, and not a server's name.
fn is_url(server: &str) -> bool {
    server.contains("://")
}

/// Variables, and whom to name if one is missing.
struct Environment<'a> {
    helper: &'static str,
    get: &'a (dyn Fn(&str) -> Option<String> + Sync),
}

impl Environment<'_> {
    fn get(&self, name: &str) -> Option<String> {
        (self.get)(name)
    }

    fn need(&self, name: &str) -> Result<String> {
        self.get(name).ok_or_else(|| self.refuse(format!("{name} is not set")))
    }

    fn refuse(&self, reason: String) -> crate::Error {
        failure::setup(self.helper, reason)
    }

    async fn open(&self, store: impl SessionStore) -> Result<Client> {
        let stored = store.load().await?;
        if let Some(session) = &stored {
            self.check(session)?;
        }
        let builder = Client::builder().store(store);
        match stored {
            Some(session) if session.access_token.is_some() => builder.build().await,
            stored => self.log_in(builder, stored).await,
        }
    }

    /// A session of another account must not be taken for the one that was meant.
    fn check(&self, session: &Session) -> Result<()> {
        let user = self.get("MATRIX_USER").filter(|user| user.starts_with('@'));
        if let Some(user) = user.filter(|user| *user != session.user_id.as_str()) {
            return Err(self.refuse(format!("the stored session is that of {}, not of {user}", session.user_id)));
        }
        let server = self
            .get("MATRIX_HOMESERVER")
            .filter(|server| is_url(server))
            .map(|url| url.trim_end_matches('/').to_owned());
        match server.filter(|url| *url != session.base_url.trim_end_matches('/')) {
            Some(url) => Err(self.refuse(format!("the stored session is at {}, not at {url}", session.base_url))),
            None => Ok(()),
        }
    }

    async fn log_in(&self, builder: ClientBuilder, ended: Option<Session>) -> Result<Client> {
        let builder = match ended {
            Some(session) => builder.session(session),
            None => {
                let server = self.need("MATRIX_HOMESERVER")?;
                if is_url(&server) { builder.base_url(server) } else { builder.server_name(server) }
            }
        };
        if let Some(token) = self.get("MATRIX_TOKEN") {
            let builder = match self.get("MATRIX_USER") {
                Some(user) if user.starts_with('@') => builder.user_id(user),
                _ => builder,
            };
            return builder.access_token(token).build().await;
        }
        if self.get("MATRIX_USER").is_none() {
            return Err(self.refuse("set MATRIX_TOKEN, or MATRIX_USER and MATRIX_PASSWORD".to_owned()));
        }
        let (user, password) = (self.need("MATRIX_USER")?, self.need("MATRIX_PASSWORD")?);
        let client = builder.build().await?;
        client.login_password(user, password).await?;
        Ok(client)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::{ErrorKind, StoreFuture};

    /// Holds what it was made with.
    struct Fixed(Mutex<Option<Session>>);

    impl SessionStore for Fixed {
        fn load(&self) -> StoreFuture<'_, Option<Session>> {
            let session = self.0.lock().unwrap().clone();
            Box::pin(async { Ok(session) })
        }

        fn save<'a>(&'a self, session: &'a Session) -> StoreFuture<'a, ()> {
            *self.0.lock().unwrap() = Some(session.clone());
            Box::pin(async { Ok(()) })
        }

        fn clear(&self) -> StoreFuture<'_, ()> {
            *self.0.lock().unwrap() = None;
            Box::pin(async { Ok(()) })
        }
    }

    async fn open(stored: Option<Session>, variables: &[(&str, &str)]) -> Result<Client> {
        let get = |name: &str| {
            let found = variables.iter().find(|(variable, _)| *variable == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Environment { helper: "open", get: &get }.open(Fixed(Mutex::new(stored))).await
    }

    async fn refusal(stored: Option<Session>, variables: &[(&str, &str)]) -> String {
        let error = open(stored, variables).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Rejected);
        error.to_string()
    }

    #[tokio::test]
    async fn the_environment_is_asked_for_what_is_missing() {
        let server = ("MATRIX_HOMESERVER", "http://localhost:1");
        assert_eq!(refusal(None, &[]).await, "open: MATRIX_HOMESERVER is not set");
        assert_eq!(refusal(None, &[server]).await, "open: set MATRIX_TOKEN, or MATRIX_USER and MATRIX_PASSWORD");
        assert_eq!(refusal(None, &[server, ("MATRIX_USER", "me")]).await, "open: MATRIX_PASSWORD is not set");
        let ended = Session::new("@me:b", "http://localhost:1");
        assert_eq!(refusal(Some(ended), &[]).await, "open: set MATRIX_TOKEN, or MATRIX_USER and MATRIX_PASSWORD");
    }

    #[tokio::test]
    async fn a_stored_session_needs_no_environment_and_is_not_mistaken() {
        let session = Session::new("@me:b", "http://localhost:1").access_token("t").next_batch("s1");
        let stored = || Some(session.clone());
        assert_eq!(open(stored(), &[]).await.unwrap().session(), stored());
        let same = [("MATRIX_HOMESERVER", "http://localhost:1/"), ("MATRIX_USER", "@me:b"), ("MATRIX_PASSWORD", "x")];
        assert_eq!(open(stored(), &same).await.unwrap().session(), stored());
        assert_eq!(open(stored(), &[("MATRIX_USER", "me")]).await.unwrap().session(), stored());

        let other = refusal(stored(), &[("MATRIX_USER", "@you:b")]).await;
        assert_eq!(other, "open: the stored session is that of @me:b, not of @you:b");
        let other = refusal(stored(), &[("MATRIX_HOMESERVER", "https://c")]).await;
        assert_eq!(other, "open: the stored session is at http://localhost:1, not at https://c");
    }
}
