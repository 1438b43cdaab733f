//! Making an account.

use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
};

use super::{
    Client, failure,
    uia::{Stage, Uia},
};
use crate::{DeviceId, Object, Result, Secret, Session, client_server::Register};

impl Client {
    /// Makes an account, and logs in as it. A server that wants nothing more, or only a
    /// registration token, is content with what can be given here; otherwise say how its other
    /// stages are answered.
    ///
    /// ```no_run
    /// # async fn example(client: matrix_api::Client) -> matrix_api::Result<()> {
    /// let session = client.register("bot", "secret").registration_token("abcd-efgh").await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_USER_IN_USE`, `M_INVALID_USERNAME`,
    /// `M_EXCLUSIVE` or `M_FORBIDDEN`, and those of [`uia`](Self::uia).
    pub fn register(&self, username: impl Into<String>, password: impl Into<Secret<String>>) -> Registration {
        Registration::new(self, Register::new().username(username).password(password))
    }

    /// Makes a guest account, where the server allows that. It has no password and ends with its
    /// token.
    ///
    /// # Errors
    ///
    /// [`Error::Api`](crate::Error::Api) with `M_FORBIDDEN` or `M_GUEST_ACCESS_FORBIDDEN`.
    pub fn register_guest(&self) -> Registration {
        Registration::new(self, Register::new().kind("guest"))
    }
}

/// An account that is about to be made: it is when awaited.
#[must_use = "nothing is sent before it is awaited"]
pub struct Registration {
    client: Client,
    request: Register,
    answers: Uia<()>,
}

impl Registration {
    fn new(client: &Client, request: Register) -> Self {
        Self { client: client.clone(), request, answers: client.uia(()) }
    }

    /// The token that admits a new account: see [`Uia::registration_token`].
    pub fn registration_token(mut self, token: impl Into<Secret<String>>) -> Self {
        self.answers = self.answers.registration_token(token);
        self
    }

    /// Says that the user has agreed to the server's terms.
    pub fn agree_to_terms(mut self) -> Self {
        self.answers = self.answers.agree_to_terms();
        self
    }

    /// Asked about every other stage: see [`Uia::on_stage`].
    pub fn on_stage<F>(mut self, answer: impl Fn(Stage) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Option<Object>> + Send + 'static,
    {
        self.answers = self.answers.on_stage(answer);
        self
    }

    /// The id of the first device; the server makes one unless it is set.
    pub fn device_id(mut self, device_id: impl Into<DeviceId>) -> Self {
        self.request = self.request.device_id(device_id);
        self
    }

    /// How the first device is called in the user's list of devices.
    pub fn device_name(mut self, name: impl Into<String>) -> Self {
        self.request = self.request.initial_device_display_name(name);
        self
    }

    /// Whether to ask for an access token that ends soon and a refresh token. If not said, a
    /// client with a store asks.
    pub fn refresh_token(mut self, ask: bool) -> Self {
        self.request = self.request.refresh_token(ask);
        self
    }

    async fn run(self) -> Result<Session> {
        let Self { client, mut request, answers } = self;
        if request.refresh_token.is_none() && client.inner.executor.keeper.has_store() {
            request = request.refresh_token(true);
        }
        let answer = answers.with(request).await?;
        let Some(token) = answer.access_token else {
            return Err(failure::setup(
                "register",
                format!("{} was made, but the server gave no token", answer.user_id),
            ));
        };
        let mut session = Session::new(answer.user_id, client.base_url().as_str()).access_token(token);
        session.device_id = answer.device_id;
        session.refresh_token = answer.refresh_token;
        session.expires_at = Session::end_of_token(answer.expires_in_ms);
        client.inner.adopt(session).await
    }
}

impl IntoFuture for Registration {
    type Output = Result<Session>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Registration").field("username", &self.request.username).finish_non_exhaustive()
    }
}
