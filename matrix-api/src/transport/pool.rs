//! Connections of hyper's, kept for the next call.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{
    HeaderValue, Request,
    header::{ACCEPT, PROXY_AUTHORIZATION, USER_AGENT},
    uri::Scheme,
};
use http_body::{Body, Frame, SizeHint};
use hyper_util::{
    client::legacy,
    rt::{TokioExecutor, TokioTimer},
};

use super::{Answer, Fault, Incoming, Settings, connect::Connector, proxy::Proxy, source::Outgoing, tls::Tls};

/// How long a connection is kept that nobody uses.
const IDLE: Duration = Duration::from_secs(90);

const ANYTHING: HeaderValue = HeaderValue::from_static("*/*");

/// A pool of connections. A clone shares it.
#[derive(Clone)]
pub(super) struct Pool {
    client: legacy::Client<Connector, Content>,
    agent: HeaderValue,
    /// For the proxy that plain http is handed over to.
    authorization: Option<HeaderValue>,
}

impl Pool {
    /// # Errors
    ///
    /// In words, if a setting is none or TLS is needed and cannot be had.
    pub(super) fn new(settings: &Settings) -> Result<Self, String> {
        let agent = HeaderValue::from_str(&settings.user_agent)
            .map_err(|_| "the user agent has characters that a header cannot have".to_owned())?;
        let proxy = match &settings.proxy {
            Some(text) => Some(Proxy::parse(text).ok_or("the proxy is not a URL like http://host:port")?),
            None => None,
        };
        let encrypted = settings.tls || proxy.as_ref().is_some_and(|proxy| proxy.url.scheme() == Some(&Scheme::HTTPS));
        let connector = Connector::new(settings, &Tls::new(encrypted)?, &agent, proxy.as_ref());
        let mut builder = legacy::Client::builder(TokioExecutor::new());
        let client = builder.pool_timer(TokioTimer::new()).pool_idle_timeout(IDLE).build(connector);
        Ok(Self { client, agent, authorization: proxy.and_then(|proxy| proxy.authorization) })
    }

    /// Sends a request and waits for the head of the answer.
    pub(super) async fn send(&self, mut request: Request<Content>) -> Result<Answer, Fault> {
        let plain = request.uri().scheme() == Some(&Scheme::HTTP);
        let headers = request.headers_mut();
        headers.entry(ACCEPT).or_insert(ANYTHING);
        headers.entry(USER_AGENT).or_insert_with(|| self.agent.clone());
        if let (true, Some(authorization)) = (plain, &self.authorization) {
            headers.insert(PROXY_AUTHORIZATION, authorization.clone());
        }
        let (head, body) = self.client.request(request).await.map_err(Fault::send)?.into_parts();
        Ok(Answer { status: head.status, headers: head.headers, body: Incoming::Hyper(body) })
    }
}

/// What a request carries. Small: each connection has room for 32 requests.
pub(super) enum Content {
    Bytes(Bytes),
    Stream(Box<Outgoing>),
}

impl Body for Content {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        match self.get_mut() {
            Self::Bytes(bytes) if bytes.is_empty() => Poll::Ready(None),
            Self::Bytes(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Self::Stream(outgoing) => Pin::new(outgoing).poll_frame(context),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Bytes(bytes) => bytes.is_empty(),
            Self::Stream(outgoing) => outgoing.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Bytes(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Self::Stream(outgoing) => outgoing.size_hint(),
        }
    }
}
