//! One call on terms of its own.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, header};

use super::{
    Again, Client, Exchange, Failure, FullResponse, Inner,
    exchange::{CallInfo, Streams},
    failure, read,
    rounds::{self, Hook},
    terms::Terms,
};
use crate::{
    Auth, Metadata, Request, Response, Result, RetryPolicy, error, request,
    service::{Homeserver, Service},
    transport::Source,
};

/// What one call does in its own way.
#[derive(Clone, Default)]
pub(crate) struct Options {
    pub(crate) policy: Option<RetryPolicy>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) hook: Option<Hook>,
    pub(crate) strict: bool,
    pub(crate) headers: HeaderMap,
    /// Whether the token goes along, where that is not as the operation has it.
    pub(crate) auth: Option<Auth>,
    pub(crate) streams: Streams,
    /// Why the call must not be made.
    pub(crate) refusal: Option<&'static str>,
}

impl Options {
    /// The client's terms, where the call has none of its own.
    pub(crate) fn terms(&self, own: &Terms) -> Terms {
        Terms {
            policy: self.policy.as_ref().unwrap_or(&own.policy).clone(),
            request: self.timeout.unwrap_or(own.request),
            idle: own.idle,
        }
    }

    /// The headers that the transport and the login answer for are not a caller's to set.
    pub(crate) fn header(&mut self, name: &str, value: &str) {
        const KEPT: [HeaderName; 5] = [
            header::AUTHORIZATION,
            header::HOST,
            header::CONTENT_LENGTH,
            header::TRANSFER_ENCODING,
            header::CONNECTION,
        ];
        match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            (Ok(name), _) if KEPT.contains(&name) => {
                self.refusal = Some("a header of this name is set by the client itself");
            }
            (Ok(name), Ok(value)) => {
                self.headers.append(name, value);
            }
            (Err(_), _) => self.refusal = Some("the name of a header has characters that it must not have"),
            (_, Err(_)) => self.refusal = Some("a header's value must be printable ASCII"),
        }
    }
}

/// A request with terms of its own: see [`Client::call`].
#[must_use = "nothing is sent before `send`"]
pub struct Call<R, S: Service = Homeserver> {
    client: Client<S>,
    request: R,
    pub(super) options: Options,
}

impl<S: Service> Client<S> {
    /// A request that is sent on terms of its own.
    ///
    /// ```no_run
    /// use std::time::Duration;
    /// use matrix_api::{Client, RetryPolicy, client_server::GetCapabilities};
    ///
    /// # async fn example(client: Client) -> matrix_api::Result<()> {
    /// let capabilities = client
    ///     .call(GetCapabilities::new())
    ///     .retry(RetryPolicy::none())
    ///     .timeout(Duration::from_secs(2))
    ///     .send()
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn call<R: Request<To = S>>(&self, request: R) -> Call<R, S> {
        Call { client: self.clone(), request, options: Options::default() }
    }
}

impl<R: Request<To = S>, S: Service> Call<R, S> {
    /// When this call is tried again, in place of the client's policy.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.policy = Some(policy);
        self
    }

    /// The most time from the start of an attempt to the beginning of its answer, in place of
    /// [`ClientBuilder::request_timeout`](crate::ClientBuilder::request_timeout).
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.options.timeout = Some(timeout);
        self
    }

    /// Adds a header. Those that the client answers for, such as `Authorization`, are refused
    /// when the call is sent.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.options.header(name, value);
        self
    }

    /// Asked if this call fails, in place of
    /// [`ClientBuilder::on_failure`](crate::ClientBuilder::on_failure).
    pub fn on_failure<F>(mut self, decide: impl Fn(Failure<S>) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Again> + Send + 'static,
    {
        self.options.hook = Some(rounds::hook(decide));
        self
    }

    /// Makes an error of everything in the answer that is not as the operation has it, unknown
    /// members included.
    pub fn strict(mut self) -> Self {
        self.options.strict = true;
        self
    }

    /// Whether the token goes along.
    #[cfg(feature = "client-server")]
    pub(crate) fn auth(mut self, auth: Auth) -> Self {
        self.options.auth = Some(auth);
        self
    }

    /// Sends it and reads the response.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn send(self) -> Result<R::Response> {
        Ok(self.begin()?.end::<R::Response>().await?.value)
    }

    /// As [`send`](Self::send), and hands over status, headers and the body as it came.
    ///
    /// # Errors
    ///
    /// See [`Error`](crate::Error).
    pub async fn send_full(self) -> Result<FullResponse<R::Response>> {
        self.begin()?.end().await
    }

    /// Sends it, and leaves what comes back unread.
    #[cfg(feature = "client-server")]
    pub(crate) async fn exchange(self) -> Result<(error::Call, error::Received)> {
        self.begin()?.exchange.await
    }

    /// Everything before the first byte is sent. Not `async`, so that the request is not kept while an answer is
    /// waited for.
    pub(super) fn begin(self) -> Result<Begun> {
        let Self { client, request, options } = self;
        if let Some(reason) = options.refusal {
            return Err(failure::setup(R::METADATA.id, reason));
        }
        let encoded = request::encode_fresh(&client.inner.base, &request)?;
        let mut info = CallInfo::from(R::METADATA);
        info.auth = options.auth.unwrap_or(info.auth);
        if let Some(most) = options.streams.upload.as_ref().and_then(Source::excess) {
            return Err(failure::too_large(error::Call::new(R::METADATA.id, &encoded), most));
        }
        info.streams = options.streams.clone();
        let strict = options.strict || client.inner.strict;
        let exchange = client.exchange(info, options, encoded);
        Ok(Begun { inner: client.inner, metadata: R::METADATA, strict, exchange })
    }
}

/// A call on its way.
pub(super) struct Begun {
    inner: Arc<Inner>,
    metadata: &'static Metadata,
    strict: bool,
    exchange: Exchange,
}

impl Begun {
    /// Waits for the answer and reads it.
    pub(super) async fn end<T: Response>(self) -> Result<FullResponse<T>> {
        let (call, received) = self.exchange.await?;
        let response = read(call, received, self.strict)?;
        self.inner.observe(self.metadata, response.status);
        Ok(response)
    }
}

impl<R: Request, S: Service> fmt::Debug for Call<R, S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Call").field("operation", &R::METADATA.id).finish_non_exhaustive()
    }
}
