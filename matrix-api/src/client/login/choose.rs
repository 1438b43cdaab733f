//! A login by whatever the server offers.

use std::{
    fmt,
    future::{Future, IntoFuture},
    pin::Pin,
};

use super::super::{Client, failure};
use crate::{Error, Result, Secret, Session, client_server::GetLoginFlows};

type Opener = Box<dyn FnOnce(&str) + Send>;
#[cfg(feature = "oauth")]
type Shower = Box<dyn FnOnce(&crate::DeviceCode) + Send>;

/// A login that is about to happen, by what the server offers of what it was given: see
/// [`Client::login`].
#[must_use = "nothing is sent before it is awaited"]
pub struct AnyLogin {
    client: Client,
    password: Option<(String, Secret<String>)>,
    browser: Option<Opener>,
    #[cfg(feature = "oauth")]
    device_code: Option<Shower>,
    device_name: Option<String>,
    #[cfg(feature = "oauth")]
    scopes: Vec<String>,
}

impl Client {
    /// Logs in by a way that the server offers: say which ones you could go, and await it.
    ///
    /// A server that leaves its logins to an authorization server is logged in to by OAuth 2.0,
    /// with a code on another device or with a browser; any other one with a password or else by
    /// single sign-on with a browser.
    ///
    /// ```no_run
    /// # async fn example(client: matrix_api::Client) -> matrix_api::Result<()> {
    /// client
    ///     .login()
    ///     .password("me", "secret")
    ///     .browser(|url| println!("Please open {url}"))
    ///     .device_name("My bot")
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] if the server offers none of the ways, and the errors of the one that
    /// was gone.
    pub fn login(&self) -> AnyLogin {
        AnyLogin {
            client: self.clone(),
            password: None,
            browser: None,
            #[cfg(feature = "oauth")]
            device_code: None,
            device_name: None,
            #[cfg(feature = "oauth")]
            scopes: Vec::new(),
        }
    }
}

impl AnyLogin {
    /// A user id or its local part, and the password.
    pub fn password(mut self, user: impl Into<String>, password: impl Into<Secret<String>>) -> Self {
        self.password = Some((user.into(), password.into()));
        self
    }

    /// Opens a browser of this machine at a URL, or tells the user to.
    #[cfg(feature = "loopback")]
    pub fn browser(mut self, open: impl FnOnce(&str) + Send + 'static) -> Self {
        self.browser = Some(Box::new(open));
        self
    }

    /// Tells the user to type a code on another device. Goes before a browser.
    #[cfg(feature = "oauth")]
    pub fn device_code(mut self, show: impl FnOnce(&crate::DeviceCode) + Send + 'static) -> Self {
        self.device_code = Some(Box::new(show));
        self
    }

    /// How a new device is called, where that can be said beforehand; OAuth 2.0 shows the name
    /// of the program instead, which this then is.
    pub fn device_name(mut self, name: impl Into<String>) -> Self {
        self.device_name = Some(name.into());
        self
    }

    /// Asks for more than the client-server API where the login is by OAuth 2.0: see
    /// [`OAuthLogin::scope`](crate::OAuthLogin::scope).
    #[cfg(feature = "oauth")]
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scopes.push(scope.into());
        self
    }

    async fn run(self) -> Result<Session> {
        #[cfg(feature = "oauth")]
        let this = match self.client.oauth().await {
            Ok(oauth) => match self.by_oauth(&oauth).await? {
                Ok(session) => return Ok(session),
                Err(this) => this,
            },
            // Before Matrix 1.15 there was nothing to ask for.
            Err(Error::Unsupported(_)) => self,
            Err(error) if error.status().is_some_and(|status| status.as_u16() == 404) => self,
            Err(error) => return Err(error),
        };
        #[cfg(not(feature = "oauth"))]
        let this = self;
        this.by_flows().await
    }

    /// Gives itself back if none of its ways leads through OAuth.
    #[cfg(feature = "oauth")]
    async fn by_oauth(mut self, oauth: &crate::OAuth) -> Result<Result<Session, Self>> {
        let mut login = oauth.login();
        if let Some(name) = &self.device_name {
            login = login.name(name.as_str());
        }
        for scope in &self.scopes {
            login = login.scope(scope.as_str());
        }
        let offered = oauth.metadata().device_authorization_endpoint.is_some();
        if let Some(show) = self.device_code.take_if(|_| offered) {
            return login.device_code(show).await.map(Ok);
        }
        #[cfg(feature = "loopback")]
        if let Some(open) = self.browser.take() {
            return login.browser(open).await.map(Ok);
        }
        Ok(Err(self))
    }

    async fn by_flows(self) -> Result<Session> {
        let flows: Vec<String> = match self.client.send(GetLoginFlows::new()).await {
            Ok(answer) => answer.flows.into_iter().map(|flow| flow.type_).collect(),
            // Where all logins are by OAuth.
            Err(Error::Unsupported(_)) => vec!["OAuth 2.0".to_owned()],
            Err(error) => return Err(error),
        };
        let offers = |flow: &str| flows.iter().any(|offered| offered == flow);
        let login = match (self.password, self.browser) {
            (Some((user, password)), _) if offers("m.login.password") => self.client.login_password(user, password),
            #[cfg(feature = "loopback")]
            (_, Some(open)) if offers("m.login.sso") => self.client.sign_on(None, open).await?,
            _ => {
                return Err(failure::setup(
                    "Client::login",
                    format!("the server offers {}; none of them can be used with what was given", flows.join(", ")),
                ));
            }
        };
        match self.device_name {
            Some(name) => login.device_name(name).await,
            None => login.await,
        }
    }
}

impl IntoFuture for AnyLogin {
    type Output = Result<Session>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.run())
    }
}

impl fmt::Debug for AnyLogin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("AnyLogin").field("device_name", &self.device_name).finish_non_exhaustive()
    }
}
