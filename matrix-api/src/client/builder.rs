use std::{borrow::Cow, fmt, future::Future, marker::PhantomData, sync::Arc, time::Duration};

use super::{
    Again, Client, Failure, Inner, Middleware, Observer,
    exchange::Executor,
    failure,
    rounds::{self, Hook},
    terms::{Limits, Terms},
};
#[cfg(feature = "reqwest")]
use crate::transport::Configure;
use crate::{
    BaseUrl, Result, RetryPolicy, Secret, Session, UserId,
    retry::Budget,
    service::{Homeserver, Service},
    session::{Keeper, Login, SessionStore},
    transport::{Settings, Transport, USER_AGENT},
};

const MIB: u64 = 1024 * 1024;

/// Sets up a [`Client`].
///
/// ```no_run
/// # async fn example(token: String) -> matrix_api::Result<()> {
/// let client = matrix_api::Client::builder()
///     .base_url("https://matrix.example.org")
///     .access_token(token)
///     .build()
///     .await?;
/// println!("I am {:?}", client.user_id());
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct ClientBuilder<S: Service = Homeserver> {
    base_url: Option<String>,
    #[cfg(feature = "client-server")]
    server_name: Option<String>,
    token: Option<Secret<String>>,
    user_id: Option<UserId>,
    session: Option<Session>,
    store: Option<Arc<dyn SessionStore>>,
    allow_http: bool,
    user_agent: String,
    proxy: Option<Secret<String>>,
    connect_timeout: Duration,
    #[cfg(feature = "reqwest")]
    reqwest: Option<Configure>,
    transport: Option<Transport>,
    terms: Terms,
    limits: Limits,
    strict: bool,
    hook: Option<Hook>,
    middleware: Vec<Arc<dyn Middleware>>,
    observer: Option<Observer>,
    service: PhantomData<fn() -> S>,
}

impl<S: Service> Default for ClientBuilder<S> {
    fn default() -> Self {
        Self {
            base_url: None,
            #[cfg(feature = "client-server")]
            server_name: None,
            token: None,
            user_id: None,
            session: None,
            store: None,
            allow_http: false,
            user_agent: USER_AGENT.to_owned(),
            proxy: None,
            connect_timeout: Duration::from_secs(10),
            #[cfg(feature = "reqwest")]
            reqwest: None,
            transport: None,
            terms: Terms {
                policy: RetryPolicy::default(),
                request: Duration::from_secs(30),
                idle: Duration::from_secs(20),
            },
            limits: Limits {
                json: 64 * MIB,
                long_poll: 512 * MIB,
                error: 512 * 1024,
                media: 512 * MIB,
                well_known: 64 * 1024,
            },
            strict: false,
            hook: None,
            middleware: Vec::new(),
            observer: None,
            service: PhantomData,
        }
    }
}

impl<S: Service> ClientBuilder<S> {
    /// Nothing set yet. For a homeserver, [`Client::builder`] is shorter.
    ///
    /// ```
    /// use matrix_api::{ClientBuilder, service::Identity};
    ///
    /// let identity = ClientBuilder::<Identity>::new().base_url("https://id.example.org");
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the server is, such as `https://matrix.example.org` or, below a path,
    /// `https://example.org/matrix/`. Must be https, unless the host is this machine or
    /// [`allow_http`](Self::allow_http) is set.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// The name of the homeserver, such as `example.org`: [`build`](Self::build) finds out where
    /// it is, unless a base URL or a stored session says so. See [`Client::discover`].
    #[cfg(feature = "client-server")]
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.server_name = Some(name.into());
        self
    }

    /// Lets the token and everything else travel unencrypted.
    pub fn allow_http(mut self, allow: bool) -> Self {
        self.allow_http = allow;
        self
    }

    /// The token to use. For a homeserver, [`build`](Self::build) asks whose it is.
    pub fn access_token(mut self, token: impl Into<Secret<String>>) -> Self {
        self.token = Some(token.into());
        self
    }

    /// Who the token must belong to; if it is somebody else's, [`build`](Self::build) fails.
    pub fn user_id(mut self, user_id: impl Into<UserId>) -> Self {
        self.user_id = Some(user_id.into());
        self
    }

    /// Takes up a stored session: its base URL, unless one is set here, and its login. The
    /// server is not asked.
    pub fn session(mut self, session: Session) -> Self {
        self.session = Some(session);
        self
    }

    /// Where the client's session is kept. If no session and no token is set,
    /// [`build`](Self::build) takes up what is stored there; each change goes there as well. See
    /// [`Client::open`] for the shortest way.
    pub fn store(mut self, store: impl SessionStore) -> Self {
        self.store = Some(Arc::new(store));
        self
    }

    /// How the client names itself; `matrix-api/` and its version unless set.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// A proxy for every connection, such as `http://user:password@proxy.example.org:3128`.
    /// The environment's proxies are not used.
    pub fn proxy(mut self, url: impl Into<Secret<String>>) -> Self {
        self.proxy = Some(url.into());
        self
    }

    /// Sends everything over reqwest in place of the client's own connections, for what only reqwest has: proxies of
    /// other kinds, certificates of a client's own, the interface to use. Called with the other settings in place, once
    /// for each pool of connections. Whatever is done to it, no redirect is followed and nothing is sent again but by
    /// the rules of this client, and nothing is inflated.
    ///
    /// With feature `rustls`, TLS is set up already, and reqwest passes over its own settings of certificates: give
    /// `tls_backend_preconfigured` a configuration of rustls' with yours. What is set there is the caller's to answer
    /// for, and so are default headers and cookies, which go to every server that a file is fetched from.
    ///
    /// ```
    /// use matrix_api::{Client, reqwest};
    ///
    /// let builder = Client::builder()
    ///     .base_url("https://matrix.example.org")
    ///     .reqwest(|settings| settings.tcp_nodelay(false).pool_max_idle_per_host(2));
    /// ```
    #[cfg(feature = "reqwest")]
    pub fn reqwest(
        mut self,
        configure: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.reqwest = Some(Configure::new(configure));
        self
    }

    /// The most time for a connection to come about. 10 s unless set.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Connections that others have already, in place of ones of its own.
    #[cfg(any(feature = "openid", feature = "integrations"))]
    pub(crate) fn transport(mut self, transport: Transport) -> Self {
        self.transport = Some(transport);
        self
    }

    /// The most time from the start of an attempt to the beginning of its answer. 30 s unless
    /// set. A long poll gets the time that it asks of the server on top, an upload one second
    /// for every 64 KiB.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.terms.request = timeout;
        self
    }

    /// The most time between two pieces of an answer. 20 s unless set; the first piece of a long
    /// poll's answer gets the time that it asks of the server on top.
    pub fn idle_timeout(mut self, timeout: Duration) -> Self {
        self.terms.idle = timeout;
        self
    }

    /// The most bytes of a JSON answer, other than a long poll's. 64 MiB unless set.
    pub fn json_limit(mut self, bytes: u64) -> Self {
        self.limits.json = bytes;
        self
    }

    /// The most bytes of a long poll's answer. 512 MiB unless set.
    pub fn sync_limit(mut self, bytes: u64) -> Self {
        self.limits.long_poll = bytes;
        self
    }

    /// The most bytes of a download. 512 MiB unless set.
    pub fn media_limit(mut self, bytes: u64) -> Self {
        self.limits.media = bytes;
        self
    }

    /// The most bytes of any answer, refusals included.
    #[cfg_attr(not(any(feature = "integrations", feature = "openid")), allow(dead_code))]
    pub(crate) fn answer_limit(mut self, bytes: u64) -> Self {
        self.limits = Limits::all(bytes);
        self
    }

    /// When calls are tried again.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.terms.policy = policy;
        self
    }

    /// Asked about every call that has failed for good: what is to be done? It may use
    /// [`Failure::client`], to log in again for instance. See [`Again`].
    ///
    /// ```no_run
    /// use matrix_api::{Again, Client, Error};
    ///
    /// let builder = Client::builder().base_url("https://example.org").on_failure(|failure| async move {
    ///     match &failure.error {
    ///         Error::SessionEnded(_) => match failure.client().login_password("me", "secret").await {
    ///             Ok(_) => Again::Reauthenticate,
    ///             Err(_) => Again::GiveUp,
    ///         },
    ///         error if error.is_timeout() && failure.round < 3 => Again::Retry,
    ///         _ => Again::GiveUp,
    ///     }
    /// });
    /// ```
    pub fn on_failure<F>(mut self, decide: impl Fn(Failure<S>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Again> + Send + 'static,
    {
        self.hook = Some(rounds::hook(decide));
        self
    }

    /// Adds a middleware. The first one added is the outermost.
    pub fn middleware(mut self, middleware: impl Middleware) -> Self {
        self.middleware.push(Arc::new(middleware));
        self
    }

    /// Makes an error of everything in an answer that is not as its operation has it, unknown
    /// members included: for testing a server of your own.
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Called after each typed response was read.
    #[doc(hidden)]
    pub fn observer(mut self, observer: Observer) -> Self {
        self.observer = Some(observer);
        self
    }

    /// Makes the client. The network is used only to find a server by its name, and
    /// to ask a homeserver whose [`access_token`](Self::access_token) this is.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`](crate::Error::Rejected) if a setting cannot be used or the token is not
    /// that of the [`user_id`](Self::user_id); otherwise the failures of asking, and the store's.
    pub async fn build(mut self) -> Result<Client<S>> {
        let fresh = self.session.is_some() || self.token.is_some();
        if let (Some(store), false) = (&self.store, fresh) {
            self.session = store.load().await?;
        }
        #[cfg(feature = "client-server")]
        if let (Some(name), None, None) = (&self.server_name, &self.base_url, &self.session) {
            self.base_url = Some(self.discover(name).await?);
        }
        #[cfg(feature = "client-server")]
        let question = (self.token.is_some() && S::NAME == Homeserver::NAME).then(|| self.user_id.clone());
        let client = self.assemble()?;
        #[cfg(feature = "client-server")]
        if let Some(expected) = question {
            client.homeserver().check_token(expected).await?;
        }
        if fresh {
            client.inner.keep().await?;
        }
        Ok(client)
    }

    /// Everything but the question to the server.
    pub(crate) fn assemble(self) -> Result<Client<S>> {
        let base = self.checked_base()?;
        let login = Login::default();
        if let Some(session) = &self.session {
            login.adopt(session).map_err(|_| no_token())?;
        }
        if let Some(token) = self.token {
            login.set_token(token).map_err(|_| no_token())?;
        }
        let keeper = Keeper::new(self.store);
        let transport = match self.transport {
            Some(transport) => transport,
            None => Transport::new(&Settings {
                user_agent: self.user_agent,
                connect_timeout: self.connect_timeout,
                proxy: self.proxy.map(|proxy| proxy.expose().clone()),
                tls: base.is_https(),
                lookup: None,
                #[cfg(feature = "reqwest")]
                reqwest: self.reqwest,
            })
            .map_err(refuse)?,
        };
        let executor = Arc::new(Executor {
            transport,
            login,
            keeper,
            limits: self.limits,
            budget: Budget::default(),
            base: base.clone(),
            terms: self.terms.clone(),
        });
        Ok(Client::of(Inner {
            base,
            executor,
            #[cfg(feature = "client-server")]
            known: Default::default(),
            terms: self.terms,
            strict: self.strict,
            hook: self.hook,
            middleware: self.middleware,
            observer: self.observer,
            #[cfg(feature = "client-server")]
            positions: crate::sync::Positions::default(),
            #[cfg(feature = "client-server")]
            encryption: crate::room::Encryption::default(),
            #[cfg(all(feature = "client-server", feature = "events"))]
            power_turns: crate::room::Turns::default(),
        }))
    }

    /// A builder with the same connections, for a server beside ours, without the login.
    #[cfg(feature = "client-server")]
    pub(super) fn beside<T: Service>(&self, base_url: &str) -> ClientBuilder<T> {
        ClientBuilder {
            base_url: Some(base_url.to_owned()),
            allow_http: self.allow_http,
            user_agent: self.user_agent.clone(),
            proxy: self.proxy.clone(),
            connect_timeout: self.connect_timeout,
            #[cfg(feature = "reqwest")]
            reqwest: self.reqwest.clone(),
            terms: self.terms.clone(),
            limits: self.limits,
            middleware: self.middleware.clone(),
            ..ClientBuilder::default()
        }
    }

    #[cfg(feature = "client-server")]
    pub(super) fn allows_http(&self) -> bool {
        self.allow_http
    }

    fn checked_base(&self) -> Result<BaseUrl> {
        let stored = self.session.as_ref().map(|session| &session.base_url);
        let Some(text) = self.base_url.as_ref().or(stored) else {
            return Err(refuse("a base URL is needed, such as https://matrix.example.org"));
        };
        let base = BaseUrl::parse(text).map_err(|error| refuse(error.to_string()))?;
        if !(base.is_https() || self.allow_http || is_loopback(base.host())) {
            return Err(refuse("the base URL must be https, or allow_http(true) be set"));
        }
        Ok(base)
    }
}

impl<S: Service> Client<S> {
    pub(super) fn of(inner: Inner) -> Self {
        Self { inner: Arc::new(inner), quiet: false, among_many: false, service: PhantomData }
    }

    /// The same client as one for a homeserver; asked only where it is one.
    #[cfg(feature = "client-server")]
    fn homeserver(&self) -> Client {
        Client { inner: self.inner.clone(), quiet: true, among_many: false, service: PhantomData }
    }
}

/// This very machine, by name or address.
pub(super) fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    match host.parse::<std::net::IpAddr>() {
        Ok(address) => address.is_loopback(),
        Err(_) => {
            let name = host.trim_end_matches('.').to_ascii_lowercase();
            name == "localhost" || name.ends_with(".localhost")
        }
    }
}

fn refuse(reason: impl Into<Cow<'static, str>>) -> crate::Error {
    failure::setup("ClientBuilder", reason)
}

fn no_token() -> crate::Error {
    refuse("the access token must be visible ASCII characters without spaces")
}

impl<S: Service> fmt::Debug for ClientBuilder<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ClientBuilder")
            .field("service", &S::NAME)
            .field("user_id", &self.user_id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(url: &str, allow_http: bool) -> Result<String, String> {
        let builder = ClientBuilder::<Homeserver>::new().base_url(url);
        match builder.allow_http(allow_http).assemble() {
            Ok(client) => Ok(client.base_url().as_str().to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn plain_http_is_for_this_machine_only() {
        for here in [
            "http://localhost:8008",
            "http://LOCALHOST",
            "http://a.localhost",
            "http://127.0.0.1:1",
            "http://127.8.8.8",
            "http://[::1]:8008",
        ] {
            assert_eq!(built(here, false).as_deref(), Ok(here));
        }
        let refusal = "ClientBuilder: the base URL must be https, or allow_http(true) be set";
        for elsewhere in [
            "http://example.org",
            "http://localhost.example.org",
            "http://notlocalhost",
            "http://10.0.0.1",
            "http://[::2]",
        ] {
            assert_eq!(built(elsewhere, false), Err(refusal.to_owned()), "{elsewhere}");
            assert_eq!(built(elsewhere, true).as_deref(), Ok(elsewhere));
        }
    }

    #[test]
    fn the_slash_at_the_end_does_not_matter_and_the_path_stays() {
        assert_eq!(built("https://a.org/", false).as_deref(), Ok("https://a.org"));
        assert_eq!(built("https://a.org/sub/", false).as_deref(), Ok("https://a.org/sub"));
    }

    #[test]
    fn settings_that_cannot_be_used_are_refused() {
        let refused = |builder: ClientBuilder| builder.assemble().unwrap_err().to_string();
        assert_eq!(
            refused(ClientBuilder::new()),
            "ClientBuilder: a base URL is needed, such as https://matrix.example.org"
        );
        let builder = || ClientBuilder::new().base_url("http://localhost");
        assert_eq!(
            refused(builder().access_token("can\nary")),
            "ClientBuilder: the access token must be visible ASCII characters without spaces"
        );
        assert_eq!(
            refused(builder().proxy("canary user:canary@ proxy")),
            "ClientBuilder: the proxy is not a URL like http://host:port"
        );
    }

    #[test]
    fn debug_shows_no_secret() {
        let builder = ClientBuilder::<Homeserver>::new()
            .base_url("http://localhost")
            .access_token("canary")
            .proxy("http://canary:canary@localhost");
        assert!(!format!("{builder:?}").contains("canary"));
        let client = builder.assemble().unwrap();
        assert!(!format!("{client:?}").contains("canary"));
    }
}
