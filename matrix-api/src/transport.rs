//! One HTTP exchange, over connections that are kept.
//!
//! Its rules cannot be switched off from outside: no redirect is followed here, nothing is sent again and nothing is
//! inflated. Over connections of our own, TLS is 1.2 or newer, certificates are checked, and no proxy is taken from
//! the environment; a caller who sets reqwest up answers for that.

mod call;
mod connect;
mod fault;
mod lookup;
#[cfg(feature = "reqwest")]
mod over_reqwest;
mod pool;
mod proxy;
// Only files travel so.
#[cfg_attr(not(feature = "client-server"), allow(dead_code))]
mod source;
mod target;
#[cfg(test)]
mod tests;
mod tls;

use std::{
    future::poll_fn,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, header::CONTENT_LENGTH};
use http_body::Body;

use crate::error::TransportKind;
pub(crate) use call::{Call, Payload};
pub(crate) use fault::{Cause, Fault};
pub(crate) use lookup::{Lookup, Private};
#[cfg(feature = "reqwest")]
pub(crate) use over_reqwest::Configure;
use pool::{Content, Pool};
pub(crate) use source::{Broken, Source};
#[cfg(feature = "client-server")]
pub(crate) use source::{Origin, Watch, measure};
pub(crate) use target::{Target, resolve};

/// What the client calls itself, unless it is told otherwise.
pub(crate) const USER_AGENT: &str = concat!("matrix-api/", env!("CARGO_PKG_VERSION"));

/// How the transport is set up.
pub(crate) struct Settings {
    pub(crate) user_agent: String,
    pub(crate) connect_timeout: Duration,
    /// May carry a password: never shown.
    pub(crate) proxy: Option<String>,
    /// Whether the base URL is https, so that missing TLS is an error of the set-up.
    pub(crate) tls: bool,
    /// In place of the system's name resolution.
    pub(crate) lookup: Option<Arc<dyn Lookup>>,
    /// Goes over reqwest, which this sets up. It knows nothing of a lookup, and so is never used with one.
    #[cfg(feature = "reqwest")]
    pub(crate) reqwest: Option<Configure>,
}

/// A pool of connections. A clone shares it.
#[derive(Clone)]
pub(crate) struct Transport {
    way: Way,
    lookup: Option<Arc<dyn Lookup>>,
}

#[derive(Clone)]
enum Way {
    Pool(Pool),
    #[cfg(feature = "reqwest")]
    Reqwest(over_reqwest::OverReqwest),
}

/// The head of an answer, and its body still on the wire.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Incoming,
}

/// A body that is being received.
pub(crate) enum Incoming {
    Hyper(hyper::body::Incoming),
    #[cfg(feature = "reqwest")]
    Reqwest(reqwest::Body),
}

impl Incoming {
    /// The length that the server announced.
    pub(crate) fn announced(&self) -> Option<u64> {
        match self {
            Self::Hyper(body) => body.size_hint().exact(),
            #[cfg(feature = "reqwest")]
            Self::Reqwest(body) => body.size_hint().exact(),
        }
    }

    /// The next piece, `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Fault> {
        poll_fn(|context| self.poll_chunk(context)).await
    }

    pub(crate) fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Fault>> {
        match self {
            Self::Hyper(body) => poll_data(body, context, |error| Fault::read(&error)),
            #[cfg(feature = "reqwest")]
            Self::Reqwest(body) => poll_data(body, context, |error| Fault::read(&error.without_url())),
        }
    }
}

fn poll_data<B: Body<Data = Bytes> + Unpin>(
    body: &mut B,
    context: &mut Context<'_>,
    fault: impl FnOnce(B::Error) -> Fault,
) -> Poll<Result<Option<Bytes>, Fault>> {
    loop {
        match ready!(Pin::new(&mut *body).poll_frame(context)) {
            None => return Poll::Ready(Ok(None)),
            Some(Err(error)) => return Poll::Ready(Err(fault(error))),
            // What is no data are trailers, which nobody asked for.
            Some(Ok(frame)) => {
                if let Ok(data) = frame.into_data() {
                    return Poll::Ready(Ok(Some(data)));
                }
            }
        }
    }
}

impl Transport {
    /// # Errors
    ///
    /// In words, if a setting is none or TLS is needed and cannot be had.
    pub(crate) fn new(settings: &Settings) -> Result<Self, String> {
        Ok(Self { way: Way::new(settings)?, lookup: settings.lookup.clone() })
    }

    fn admits(&self, url: &Uri) -> bool {
        match (&self.lookup, literal(url)) {
            (Some(lookup), Some(address)) => lookup.admits(address),
            _ => true,
        }
    }

    /// Sends the request and waits for the head of the answer.
    pub(crate) async fn execute(&self, call: &Call) -> Result<Answer, Fault> {
        if !self.admits(&call.url) {
            return Err(Fault::unsent(TransportKind::Forbidden, Private.to_string()));
        }
        let content = match &call.payload {
            Payload::Bytes(bytes) => Content::Bytes(bytes.clone()),
            Payload::Stream(source) => {
                let body = Box::pin(source.open())
                    .await
                    .ok_or_else(|| Fault::unsent(TransportKind::Other, "the upload cannot be read"))?;
                Content::Stream(Box::new(body))
            }
        };
        let mut request = Request::new(content);
        request.method_mut().clone_from(&call.method);
        request.uri_mut().clone_from(&call.url);
        request.headers_mut().clone_from(&call.headers);
        if matches!(call.method, Method::POST | Method::PUT | Method::PATCH) && request.body().is_end_stream() {
            // Some proxies refuse a write that does not say that it has no body.
            request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        match &self.way {
            Way::Pool(pool) => pool.send(request).await,
            #[cfg(feature = "reqwest")]
            Way::Reqwest(reqwest) => reqwest.send(request).await,
        }
    }
}

impl Way {
    fn new(settings: &Settings) -> Result<Self, String> {
        #[cfg(feature = "reqwest")]
        if let Some(configure) = &settings.reqwest {
            return over_reqwest::OverReqwest::new(settings, configure).map(Self::Reqwest);
        }
        Pool::new(settings).map(Self::Pool)
    }
}

/// The address that a URL names in place of a host.
fn literal(url: &Uri) -> Option<IpAddr> {
    url.host()?.trim_matches(['[', ']']).parse().ok()
}
