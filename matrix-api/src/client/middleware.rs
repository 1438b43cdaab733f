//! Code of a caller's around every call.

use std::{future::Future, pin::Pin, sync::Arc};

use bytes::Bytes;
use http::{Request as HttpRequest, Response as HttpResponse};

use super::{Inner, exchange::CallInfo, terms::Terms};
use crate::{BaseUrl, Metadata, Result, error};

/// A future that is handed on.
pub type Handled<'a> = Pin<Box<dyn Future<Output = Result<HttpResponse<Bytes>>> + Send + 'a>>;

/// Code around every call of a client: for metrics, headers of your own, recording and replaying.
///
/// It stands around the call with all its retries. The request has no token yet: that is added
/// further in, attempt by attempt. Bodies are as they are sent, passwords included, so whoever
/// records them keeps the record for themselves. Files that travel as streams, those of
/// `Client::media`, pass by: of them only the heads are here, with empty bodies.
///
/// ```
/// use matrix_api::{Client, Handled, Middleware, Onward, bytes::Bytes, http::{HeaderValue, Request}};
///
/// struct Traceable;
///
/// impl Middleware for Traceable {
///     fn handle<'a>(&'a self, mut request: Request<Bytes>, next: Onward<'a>) -> Handled<'a> {
///         request.headers_mut().insert("x-request-id", HeaderValue::from_static("42"));
///         Box::pin(async move {
///             let response = next.run(request).await?;
///             println!("{}", response.status());
///             Ok(response)
///         })
///     }
/// }
///
/// let builder = Client::builder().base_url("https://example.org").middleware(Traceable);
/// ```
pub trait Middleware: Send + Sync + 'static {
    /// Handles a call: changes the request and sends it [onward](Onward::run), looks at what
    /// comes back, or answers by itself.
    ///
    /// A request whose scheme, host or port was changed is refused.
    fn handle<'a>(&'a self, request: HttpRequest<Bytes>, next: Onward<'a>) -> Handled<'a>;
}

/// The rest of a call's way.
#[derive(Clone, Copy)]
pub struct Onward<'a> {
    rest: &'a [Arc<dyn Middleware>],
    inner: &'a Inner,
    info: &'a CallInfo,
    terms: &'a Terms,
}

impl<'a> Onward<'a> {
    pub(crate) fn new(inner: &'a Inner, info: &'a CallInfo, terms: &'a Terms) -> Self {
        Self { rest: &inner.middleware, inner, info, terms }
    }

    /// The operation's id, or method and path of a request without a type.
    pub fn operation(&self) -> &'a str {
        &self.info.operation
    }

    /// What is known of the operation; `None` for a request without a type.
    pub fn metadata(&self) -> Option<&'static Metadata> {
        self.info.metadata
    }

    /// Sends the request on, to the next middleware or to the server.
    ///
    /// A response of this crate's own loop is a success; everything else is an error.
    pub fn run(self, request: HttpRequest<Bytes>) -> Handled<'a> {
        match self.rest.split_first() {
            Some((first, rest)) => first.handle(request, Self { rest, ..self }),
            None => Box::pin(self.execute(request)),
        }
    }

    async fn execute(self, mut request: HttpRequest<Bytes>) -> Result<HttpResponse<Bytes>> {
        let (call, received) = self.inner.deliver(self.info, self.terms, &mut request, false).await?;
        let mut response = HttpResponse::new(received.body);
        *response.status_mut() = received.status;
        *response.headers_mut() = received.headers;
        response.extensions_mut().insert(Tries(call.attempts));
        Ok(response)
    }
}

/// The attempts that a response took, kept beside it.
#[derive(Clone)]
pub(crate) struct Tries(pub(crate) Vec<error::Attempt>);

/// The token goes to the client's own server only.
pub(super) fn is_at(base: &BaseUrl, request: &HttpRequest<Bytes>) -> bool {
    let uri = request.uri();
    if uri.scheme() == base.uri().scheme() && uri.authority() == base.uri().authority() {
        return true;
    }
    let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("https") { 443 } else { 80 });
    uri.scheme_str() == Some(if base.is_https() { "https" } else { "http" })
        && uri.host().is_some_and(|host| host.eq_ignore_ascii_case(base.host()))
        && port == base.port()
        && !uri.authority().is_some_and(|authority| authority.as_str().contains('@'))
}
