//! How a request travels.

mod answer;
mod builder;
mod call;
#[cfg(feature = "client-server")]
mod discover;
pub(crate) mod exchange;
mod failure;
#[cfg(feature = "client-server")]
pub(crate) mod files;
pub(crate) mod gather;
mod keep;
#[cfg(feature = "client-server")]
mod login;
#[cfg(feature = "loopback")]
mod loopback;
mod masquerade;
mod middleware;
#[cfg(feature = "oauth")]
pub(crate) mod oauth;
#[cfg(feature = "client-server")]
mod open;
mod pages;
#[cfg(any(feature = "loopback", feature = "oauth"))]
mod query;
#[cfg(feature = "client-server")]
mod register;
mod renew;
mod rounds;
mod route;
// Only files travel so.
#[cfg_attr(not(feature = "client-server"), allow(dead_code))]
pub(crate) mod slot;
#[cfg(feature = "client-server")]
mod support;
mod terms;
mod trace;
#[cfg(feature = "client-server")]
mod uia;

use std::{fmt, future::Future, marker::PhantomData, pin::Pin, sync::Arc};

use bytes::Bytes;
use http::{Method, Request as HttpRequest, Response as HttpResponse, StatusCode};

pub use answer::{FullResponse, Observation, Observer};
pub use builder::ClientBuilder;
pub use call::Call;
pub(crate) use call::Options;
use exchange::{CallInfo, Executor, Why};
#[cfg(feature = "client-server")]
pub use login::{AnyLogin, LoginBuilder};
use middleware::Tries;
pub use middleware::{Handled, Middleware, Onward};
#[cfg(feature = "oauth")]
pub use oauth::{DeviceCode, OAuth, OAuthClient, OAuthLogin, PendingLogin};
pub use pages::Pages;
pub use rounds::{Again, Failure};
use rounds::{Hook, Rounds};
#[cfg(feature = "client-server")]
pub use support::Support;
use terms::Terms;
#[cfg(feature = "client-server")]
pub use {
    register::Registration,
    uia::{Stage, Uia, UiaInfo, UiaSession, UiaStep},
};

use crate::{
    BaseUrl, DeviceId, Metadata, Plan, Request, Response, Result, Session, TxnId, UserId,
    error::{self, ApiError, DecodeFailure, Error, Received},
    escape::CustomRequest,
    request,
    service::{Homeserver, Service},
    transport::{self, Payload},
    wire,
};

/// The way to a server.
///
/// A clone is the same client: it shares the connections and the login.
///
/// ```no_run
/// use matrix_api::Client;
///
/// # async fn example() -> matrix_api::Result<()> {
/// let client = Client::from_env().await?;
/// client.room("!kitchen:example.org").send_text("Dinner is ready.").await?;
/// # Ok(())
/// # }
/// ```
///
/// `S` says which kind of server it talks to. A request for another kind does not compile:
///
/// ```compile_fail,E0271
/// # use matrix_api::{Client, client_server::GetVersions, service::Identity};
/// # async fn example(identity: Client<Identity>) {
/// identity.send(GetVersions::new()).await;
/// # }
/// ```
pub struct Client<S: Service = Homeserver> {
    pub(crate) inner: Arc<Inner>,
    /// Whether failures are not asked about: nobody asks about what the answerer does.
    quiet: bool,
    /// Whether its calls are some of many, which slow each other down.
    among_many: bool,
    service: PhantomData<fn() -> S>,
}

pub(crate) struct Inner {
    base: BaseUrl,
    pub(crate) executor: Arc<Executor>,
    #[cfg(feature = "client-server")]
    known: Arc<support::Known>,
    terms: Terms,
    strict: bool,
    hook: Option<Hook>,
    middleware: Vec<Arc<dyn Middleware>>,
    observer: Option<Observer>,
    #[cfg(feature = "client-server")]
    pub(crate) positions: crate::sync::Positions,
    #[cfg(feature = "client-server")]
    pub(crate) encryption: crate::room::Encryption,
    #[cfg(all(feature = "client-server", feature = "events"))]
    pub(crate) power_turns: crate::room::Turns,
}

/// An answer to a call that was described for error texts.
type Exchange = Pin<Box<dyn Future<Output = Result<(error::Call, Received)>> + Send>>;

impl<S: Service> Client<S> {
    /// Sends a request, or a reference to one, and reads its response.
    ///
    /// It is sent again where that cannot do anything twice; see [`RetryPolicy`](crate::RetryPolicy).
    /// A request that takes a transaction id and has none gets a fresh one, the same for every
    /// attempt; [`Error::txn_id`] hands it back. Dropping the future gives the call up; the
    /// server may still carry it out.
    ///
    /// Whatever implements [`Request`] can be sent, an operation of your own too:
    ///
    /// ```no_run
    /// use matrix_api::{
    ///     Client, Idempotency, Metadata, Request, Response, UserId, http::Method, service::Homeserver,
    ///     wire::{DecodeError, Path, Reply},
    /// };
    ///
    /// /// How many fish a user has.
    /// struct CountFish(UserId);
    ///
    /// struct Fish(i64);
    ///
    /// impl Request for CountFish {
    ///     type To = Homeserver;
    ///     type Response = Fish;
    ///     const METADATA: &'static Metadata =
    ///         &Metadata::new("countFish", Method::GET, "/_matrix/client/unstable/org.example/{userId}/fish")
    ///             .idempotency(Idempotency::Always);
    ///
    ///     fn path(&self, path: &mut Path<'_>) {
    ///         path.set("userId", &self.0);
    ///     }
    /// }
    ///
    /// impl Response for Fish {
    ///     fn read(reply: &mut Reply<'_>) -> Result<Self, DecodeError> {
    ///         reply.get("fish").map(Self)
    ///     }
    /// }
    ///
    /// # async fn example(client: Client) -> matrix_api::Result<()> {
    /// let Fish(count) = client.send(CountFish("@me:example.org".into())).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn send<R: Request<To = S>>(&self, request: R) -> Result<R::Response> {
        Ok(self.call(request).begin()?.end::<R::Response>().await?.value)
    }

    /// As [`send`](Self::send), and hands over status, headers and the body as it came.
    ///
    /// # Errors
    ///
    /// See [`Error`].
    pub async fn send_full<R: Request<To = S>>(&self, request: R) -> Result<FullResponse<R::Response>> {
        self.call(request).begin()?.end().await
    }

    /// What [`send`](Self::send) would send, with secrets as `***`. Without a network.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`] if the request has a value that must not be sent.
    pub fn plan<R: Request<To = S>>(&self, request: &R) -> Result<Plan> {
        let txn = TxnId::from(Plan::TXN_ID);
        let encoded = request::encode_redacted(&self.inner.base, request, &txn)?;
        self.plan_of(&R::METADATA.into(), encoded)
    }

    /// A request that this crate has no type for: any method, any path of the server.
    ///
    /// The path is that of the server, such as `/_matrix/client/v3/account/whoami`, with
    /// everything that needs it already percent-encoded; the path of the base URL goes before it.
    pub fn request(&self, method: Method, path: impl Into<String>) -> CustomRequest<S> {
        CustomRequest::new(self.clone(), method, path.into())
    }

    /// Where the server is.
    pub fn base_url(&self) -> &BaseUrl {
        &self.inner.base
    }

    pub(crate) fn plan_of(&self, info: &CallInfo, mut encoded: HttpRequest<Bytes>) -> Result<Plan> {
        self.inner.masquerade(info, &mut encoded)?;
        let logged_in = self.inner.executor.login.has_token();
        Ok(Plan::new(info.operation.clone(), info.auth, logged_in, encoded))
    }

    /// The same client for calls that are some of many.
    #[cfg(feature = "client-server")]
    pub(crate) fn among_many(&self) -> Self {
        Self { among_many: true, ..self.clone() }
    }

    /// The same client for the answerer of failures.
    fn quiet(inner: Arc<Inner>) -> Self {
        Self { inner, quiet: true, among_many: false, service: PhantomData }
    }

    pub(crate) fn exchange(&self, info: CallInfo, mut options: Options, request: HttpRequest<Bytes>) -> Exchange {
        if options.hook.is_none() && !self.quiet {
            options.hook = self.inner.hook.clone();
        }
        #[cfg(feature = "client-server")]
        if self.among_many {
            let policy = options.policy.as_ref().unwrap_or(&self.inner.terms.policy);
            options.policy = Some(policy.among_many());
        }
        self.inner.exchange(info, options, request)
    }
}

impl Client {
    /// Sets up a client for a homeserver. For other services see [`ClientBuilder::new`].
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    /// Takes up a stored session, without asking the server whether it still holds.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`] if the session's base URL or token cannot be used.
    pub fn restore(session: Session) -> Result<Self> {
        Self::builder().session(session).assemble()
    }

    /// The login, to be stored; `None` if there is none.
    pub fn session(&self) -> Option<Session> {
        self.inner.session()
    }

    /// Who is logged in, as far as is known without asking.
    pub fn user_id(&self) -> Option<UserId> {
        self.inner.executor.login.user_id()
    }

    /// The device of the login, as far as is known without asking.
    pub fn device_id(&self) -> Option<DeviceId> {
        self.inner.executor.login.device_id()
    }

    /// The server's files.
    #[cfg(feature = "client-server")]
    pub fn media(&self) -> crate::Media {
        crate::Media::new(self.clone())
    }

    /// A room, to act in. Says nothing about whether it exists.
    #[cfg(feature = "client-server")]
    pub fn room(&self, id: impl Into<crate::RoomId>) -> crate::Room {
        crate::Room::new(self.clone(), id.into())
    }
}

impl Inner {
    /// Not generic and boxed, so that the loop is compiled here and not in every crate that
    /// sends something.
    fn exchange(self: &Arc<Self>, info: CallInfo, options: Options, mut request: HttpRequest<Bytes>) -> Exchange {
        let inner = self.clone();
        Box::pin(async move {
            #[cfg(feature = "client-server")]
            inner.check_support(&info)?;
            #[cfg(feature = "client-server")]
            inner.check_proposal(&info).await?;
            inner.masquerade(&info, &mut request)?;
            let terms = options.terms(&inner.terms);
            request.headers_mut().extend(options.headers);
            let mut rounds = Rounds::new(&inner, &terms.policy);
            loop {
                let error = match inner.round(&info, &terms, &mut request, options.hook.is_some()).await {
                    Ok(done) => return Ok(done),
                    Err(error) => error,
                };
                #[cfg(feature = "client-server")]
                let error = inner.judge_support(&info, error).await;
                let (Some(hook), Some(round), true) = (&options.hook, rounds.next(), info.streams.is_whole()) else {
                    return Err(error);
                };
                let again = hook(&inner, error.clone(), round).await;
                if !rounds.follow(again, &error).await {
                    return Err(error);
                }
            }
        })
    }

    /// Through the middleware to the server and back. With `keep`, the request can be sent once more.
    async fn round(
        &self,
        info: &CallInfo,
        terms: &Terms,
        request: &mut HttpRequest<Bytes>,
        keep: bool,
    ) -> Result<(error::Call, Received)> {
        if self.middleware.is_empty() {
            return self.deliver(info, terms, request, keep).await;
        }
        let mut call = error::Call::new(info.operation.clone(), request);
        call.repeatable = info.is_repeatable();
        let mut response: HttpResponse<Bytes> = Onward::new(self, info, terms).run(request.clone()).await?;
        if let Some(Tries(attempts)) = response.extensions_mut().remove() {
            call.attempts = attempts;
        }
        let (head, body) = response.into_parts();
        if head.status.is_success() || (info.redirect && head.status.is_redirection()) {
            return Ok((call, Received { status: head.status, headers: head.headers, body }));
        }
        // A middleware's own answer.
        let refusal = ApiError::read(head.status, &head.headers, body);
        Err(failure::error(call, Why::Refused(refusal)))
    }

    /// To the server and back, as often as the terms allow.
    async fn deliver(
        &self,
        info: &CallInfo,
        terms: &Terms,
        request: &mut HttpRequest<Bytes>,
        keep: bool,
    ) -> Result<(error::Call, Received)> {
        if !middleware::is_at(&self.base, request) {
            return Err(failure::setup(info.operation.clone(), "a middleware sent the request to another server"));
        }
        let mut call = error::Call::new(info.operation.clone(), request);
        call.repeatable = info.is_repeatable();
        let mut sent = transport::Call::of(request, keep);
        if let Some(upload) = &info.streams.upload {
            sent.payload = Payload::Stream(upload.clone());
        }
        let ended = self.executor.exchange(info, terms, &mut sent).await;
        call.attempts = ended.attempts;
        match ended.result {
            Ok(received) => Ok((call, received)),
            Err(why) => Err(failure::error(call, why)),
        }
    }

    fn observe(&self, metadata: &'static Metadata, status: StatusCode) {
        if let Some(observer) = &self.observer {
            observer(&Observation { operation: metadata.id, service: metadata.service, status: status.as_u16() });
        }
    }
}

/// Reads an answer; what cannot be read is kept in the error.
pub(crate) fn read<T: Response>(call: error::Call, received: Received, strict: bool) -> Result<FullResponse<T>> {
    match request::decode(received.status, &received.headers, received.body.clone()) {
        Ok(value) => {
            if let Some(error) = strict.then(|| wire::refusal(&T::SHAPE, &received.body)).flatten() {
                return Err(Error::Decode(DecodeFailure::new(call, received, error)));
            }
            Ok(FullResponse { value, status: received.status, headers: received.headers, body: received.body })
        }
        Err(error) => Err(Error::Decode(DecodeFailure::new(call, received, error))),
    }
}

impl<S: Service> Clone for Client<S> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone(), quiet: self.quiet, among_many: self.among_many, service: PhantomData }
    }
}

impl<S: Service> fmt::Debug for Client<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Client")
            .field("service", &S::NAME)
            .field("base_url", &self.inner.base)
            .field("user_id", &self.inner.executor.login.user_id())
            .finish_non_exhaustive()
    }
}
