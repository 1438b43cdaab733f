//! Integration managers: the services from which users put bots, bridges and widgets into their rooms.
//!
//! A manager learns who somebody is from an OpenID token of their homeserver, and then has a token of its own for
//! them. An [`IntegrationManager`] carries that one, and never the homeserver's:
//!
//! ```no_run
//! use matrix_api::{Client, Error, client_server::RequestOpenIdToken, error::IntegrationErrorKind};
//! use matrix_api::integration_manager::IntegrationManager;
//!
//! # async fn example(client: Client) -> matrix_api::Result<()> {
//! let me = client.whoami().await?.user_id;
//! let token = client.send(RequestOpenIdToken::new(me)).await?.token;
//!
//! let manager = IntegrationManager::discover("example.org").await?;
//! manager.register(&token).await?;
//! match manager.account().await {
//!     Ok(account) => println!("the manager knows {}", account.user_id),
//!     Err(Error::Integration(failed)) if failed.kind() == IntegrationErrorKind::TermsNotSigned => {
//!         // Whoever asks for it has to show these to the user first.
//!         let terms = manager.terms().await?;
//!         manager.accept(terms.policies.values().filter_map(|policy| policy.url("en"))).await?;
//!     }
//!     Err(error) => return Err(error),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! What the manager says in its own way is an [`Error::Integration`] with a
//! [kind](crate::error::IntegrationErrorKind). The address of a manager is something that a stranger may have
//! published: unless it is told otherwise, an `IntegrationManager` speaks https only, reads no more than 64 KiB, and
//! connects to no address of this machine or of a private network.
//!
//! Facts: [MSC1957](https://github.com/matrix-org/matrix-spec-proposals/blob/main/proposals/1957-integrations-discovery.md)
//! (discovery), [MSC1961](https://github.com/matrix-org/matrix-spec-proposals/blob/main/proposals/1961-integrations-auth.md)
//! (accounts), [MSC2140](https://github.com/matrix-org/matrix-spec-proposals/blob/main/proposals/2140-terms-of-service-2.md)
//! (terms).

mod judge;

use std::{fmt, time::Duration};

pub use crate::generated::client_server::types::OpenidToken;
use crate::{
    Client, Error, Request, Result, Secret, ServerName, UserId,
    error::{IntegrationError, IntegrationErrorKind as Kind, Rejected},
    guard::{ByName, Place, Rules, is_of},
    integrations::{
        AcceptIntegrationTerms, DiscoverIntegrationManager, GetIntegrationAccount, GetIntegrationAccountResponse,
        GetIntegrationTerms, LogoutIntegrationAccount, RegisterIntegrationAccount,
        types::{Terms, TermsPolicy},
    },
    service::{Integrations, ServerName as AtServerName},
    transport::{self, Transport},
};

/// An integration manager, and the user's login there. A clone shares both.
#[derive(Clone)]
pub struct IntegrationManager {
    client: Client<Integrations>,
    rules: Rules,
    connections: Transport,
}

/// Sets up an [`IntegrationManager`].
#[derive(Clone, Default)]
#[must_use]
pub struct IntegrationManagerBuilder {
    rules: Rules,
    token: Option<Secret<String>>,
}

impl IntegrationManager {
    /// The manager that a domain offers, which it publishes under `/.well-known/matrix/integrations`.
    ///
    /// # Errors
    ///
    /// [`Error::Integration`] with [`NoManager`](Kind::NoManager) if the domain has an answer, but no manager.
    /// [`Error::Rejected`] if the name is no server name, or its manager's URL must not be used.
    pub async fn discover(domain: impl Into<ServerName>) -> Result<Self> {
        Self::builder().discover(domain).await
    }

    /// The manager at this URL, of which scheme, host and port count: managers have the API at their root, whatever
    /// path they name.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] if the URL is not https, or TLS cannot be set up.
    pub fn at(url: &str) -> Result<Self> {
        Self::builder().at(url)
    }

    /// A manager with rules of its own, or with a token from before.
    pub fn builder() -> IntegrationManagerBuilder {
        IntegrationManagerBuilder::default()
    }

    /// Logs in with a fresh OpenID token of the user's homeserver. The manager's token is carried from here on, in
    /// place of one from before, and handed out to be stored for [`token`](IntegrationManagerBuilder::token).
    ///
    /// # Errors
    ///
    /// [`TokenRefused`](Kind::TokenRefused) if the OpenID token proves nothing. Dimension answers a token that it cannot
    /// verify with a web page and status 500, which is an [`Error::Api`].
    pub async fn register(&self, token: &OpenidToken) -> Result<Secret<String>> {
        let answer = self.ask(RegisterIntegrationAccount::new(token.clone())).await?;
        let set = self.client.inner.executor.login.set_token(answer.token.clone());
        set.map_err(|_| refuse("the manager sent a token that is none"))?;
        Ok(answer.token)
    }

    /// Who is logged in.
    ///
    /// # Errors
    ///
    /// [`TokenRefused`](Kind::TokenRefused) and [`TermsNotSigned`](Kind::TermsNotSigned); [`Error::NotLoggedIn`] without
    /// a token.
    pub async fn account(&self) -> Result<GetIntegrationAccountResponse> {
        self.ask(GetIntegrationAccount::new()).await
    }

    /// What users of the manager have to agree to; no policy means nothing.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn terms(&self) -> Result<Terms> {
        Ok(self.ask(GetIntegrationTerms::new()).await?.terms)
    }

    /// Says that the user has agreed to the policies with these URLs, any language's. What was accepted before stays so.
    ///
    /// # Errors
    ///
    /// [`TokenRefused`](Kind::TokenRefused); [`Error::NotLoggedIn`] without a token.
    pub async fn accept(&self, urls: impl IntoIterator<Item = impl Into<String>>) -> Result<()> {
        self.ask(AcceptIntegrationTerms::new(urls)).await.map(drop)
    }

    /// Ends the login, here and at the manager. One that the manager has ended already counts as logged out.
    ///
    /// # Errors
    ///
    /// [`TermsNotSigned`](Kind::TermsNotSigned) at a Dimension, which keeps the login until the terms are accepted, and
    /// so does this manager; [`Error::NotLoggedIn`] without a token.
    pub async fn logout(&self) -> Result<()> {
        match self.ask(LogoutIntegrationAccount::new()).await {
            Err(Error::Integration(failed)) if failed.kind() == Kind::TokenRefused => {}
            done => done.map(drop)?,
        }
        self.client.inner.executor.login.end(false);
        Ok(())
    }

    /// Has the manager find out whose OpenID token it is, by a login that ends at once. The login of this manager is
    /// not touched.
    ///
    /// `openid::Verifier` (feature `openid`) asks the homeserver itself, and trusts nobody in between; a manager is for
    /// those who already trust it and cannot reach homeservers.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] says that the token proves nothing: the manager does not accept it, or names a user of
    /// another server than the token's. Any other error says that the manager could not tell.
    pub async fn verify(&self, token: &OpenidToken) -> Result<UserId> {
        let visitor =
            Self { client: self.rules.client(self.client.base_url().as_str(), &self.connections)?, ..self.clone() };
        match visitor.register(token).await {
            Err(Error::Integration(failed)) if failed.kind() == Kind::TokenRefused => {
                return Err(refuse("the manager does not accept the token"));
            }
            done => done?,
        };
        let account = visitor.account().await;
        // A login that cannot be ended is of no use to anybody: the token is forgotten here.
        let _ = visitor.logout().await;
        let user_id = account?.user_id;
        if !is_of(&user_id, &token.matrix_server_name) {
            return Err(refuse("the manager names a user that is not of the token's server"));
        }
        Ok(user_id)
    }

    /// The client that it acts through, for the manager's other operations.
    pub fn client(&self) -> &Client<Integrations> {
        &self.client
    }

    async fn ask<R: Request<To = Integrations>>(&self, request: R) -> Result<R::Response> {
        self.client.send(request).await.map_err(|error| judge::manager(R::METADATA.id, error))
    }
}

impl TermsPolicy {
    /// Where the policy's text stands in this language, such as `en`; this is also what
    /// [`accept`](IntegrationManager::accept) takes.
    #[must_use]
    pub fn url(&self, language: &str) -> Option<&str> {
        self.extra.get(language)?.get("url")?.as_str()
    }

    /// What the policy is called in this language.
    #[must_use]
    pub fn name(&self, language: &str) -> Option<&str> {
        self.extra.get(language)?.get("name")?.as_str()
    }
}

impl IntegrationManagerBuilder {
    /// The manager's token from an earlier [`register`](IntegrationManager::register). A homeserver's must never stand
    /// here: it would be sent to the manager.
    pub fn token(mut self, token: impl Into<Secret<String>>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Lets managers stand on this machine and in private networks. Whoever can say where a manager is can then make
    /// this process send requests there.
    pub fn allow_private_addresses(mut self, allow: bool) -> Self {
        self.rules.private = allow;
        self
    }

    /// Lets the manager's token travel unencrypted, and looks for what domains publish by plain http: for tests against
    /// a manager on this machine.
    pub fn allow_http(mut self, allow: bool) -> Self {
        self.rules.http = allow;
        self
    }

    /// The most time for an answer. 10 s unless set; a call is tried again for as long at most.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.rules.timeout = Some(timeout);
        self
    }

    /// As [`IntegrationManager::at`].
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] if the URL or the token cannot be used, or TLS cannot be set up.
    pub fn at(self, url: &str) -> Result<IntegrationManager> {
        let connections = self.connections()?;
        self.with(url, connections)
    }

    /// As [`IntegrationManager::discover`].
    ///
    /// # Errors
    ///
    /// Those of [`IntegrationManager::discover`], and [`Error::Rejected`] if the token cannot be used.
    pub async fn discover(self, domain: impl Into<ServerName>) -> Result<IntegrationManager> {
        let connections = self.connections()?;
        let home = self.home(&domain.into())?;
        let asked =
            self.rules.client::<AtServerName>(&home, &connections)?.send(DiscoverIntegrationManager::new()).await;
        let id = DiscoverIntegrationManager::METADATA.id;
        match asked.map_err(|error| judge::domain(id, error))?.integrations_widget {
            Some(widget) => self.with(&widget.data.api_url, connections),
            None => Err(IntegrationError::new(Kind::NoManager, id).into()),
        }
    }

    fn connections(&self) -> Result<Transport> {
        self.rules.connections(ByName { private: self.rules.private }).map_err(refuse)
    }

    /// The web server of the domain. A port is that of federation; only where plain http is allowed, for tests, it is
    /// the web server's.
    fn home(&self, domain: &ServerName) -> Result<String> {
        let place = Place::parse(domain.as_str()).ok_or_else(|| refuse("the domain is no valid server name"))?;
        let scheme = self.rules.scheme();
        Ok(match place.port.filter(|_| self.rules.http) {
            Some(port) => format!("{scheme}://{}:{port}", place.host),
            None => format!("{scheme}://{}", place.host),
        })
    }

    fn with(self, url: &str, connections: Transport) -> Result<IntegrationManager> {
        let root = url.parse().ok().and_then(|url| transport::resolve(&url, "/"));
        let root = root.ok_or_else(|| refuse("the manager's URL is no http URL"))?;
        if !(root.https || self.rules.http) {
            return Err(refuse("the manager's URL must be https, or allow_http(true) be set"));
        }
        let client = self.rules.client::<Integrations>(&root.origin, &connections)?;
        if let Some(token) = self.token {
            let set = client.inner.executor.login.set_token(token);
            set.map_err(|_| refuse("the token must be visible ASCII characters without spaces"))?;
        }
        Ok(IntegrationManager { client, rules: self.rules, connections })
    }
}

fn refuse(reason: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Rejected::new("IntegrationManager", reason).into()
}

impl fmt::Debug for IntegrationManager {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("IntegrationManager").field("base_url", self.client.base_url()).finish_non_exhaustive()
    }
}

impl fmt::Debug for IntegrationManagerBuilder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("IntegrationManagerBuilder").field("rules", &self.rules).finish_non_exhaustive()
    }
}
