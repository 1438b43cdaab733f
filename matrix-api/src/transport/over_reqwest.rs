//! The same over reqwest, for what only that can do.

use std::{fmt, sync::Arc};

use http::Request;
use reqwest::{Body, Client, ClientBuilder, Url, redirect, retry};

use super::{Answer, Fault, Incoming, Settings, fault, pool::Content, tls::Tls};
use crate::error::{Sent, TransportKind};

/// Sets reqwest up, before the rules that nobody can switch off.
#[derive(Clone)]
pub(crate) struct Configure(Arc<dyn Fn(ClientBuilder) -> ClientBuilder + Send + Sync>);

impl Configure {
    pub(crate) fn new(configure: impl Fn(ClientBuilder) -> ClientBuilder + Send + Sync + 'static) -> Self {
        Self(Arc::new(configure))
    }
}

impl fmt::Debug for Configure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Configure")
    }
}

/// A pool of connections. A clone shares it.
#[derive(Clone)]
pub(super) struct OverReqwest(Client);

impl OverReqwest {
    /// # Errors
    ///
    /// In words, if a setting is none or TLS is needed and cannot be had.
    pub(super) fn new(settings: &Settings, configure: &Configure) -> Result<Self, String> {
        let mut builder =
            Client::builder().no_proxy().user_agent(&settings.user_agent).connect_timeout(settings.connect_timeout);
        if let Some(proxy) = &settings.proxy {
            let proxy = reqwest::Proxy::all(proxy.as_str())
                .map_err(|_| "the proxy is not a URL like http://host:port".to_owned())?;
            builder = builder.proxy(proxy);
        }
        builder = Tls::new(settings.tls)?.for_reqwest(builder);
        builder = (configure.0)(builder);
        builder = builder.redirect(redirect::Policy::none()).retry(retry::never()).referer(false);
        // On by default as soon as any crate asks reqwest for them.
        builder = builder.no_gzip().no_brotli().no_zstd().no_deflate();
        #[cfg(any(feature = "rustls", feature = "native-tls"))]
        let builder = builder.tls_version_min(reqwest::tls::Version::TLS_1_2);
        builder.build().map(Self).map_err(|error| fault::deepest(&error.without_url()).to_string())
    }

    /// Sends a request and waits for the head of the answer.
    pub(super) async fn send(&self, request: Request<Content>) -> Result<Answer, Fault> {
        let (head, content) = request.into_parts();
        let url = Url::parse(&head.uri.to_string());
        let url = url.map_err(|_| Fault::unsent(TransportKind::Other, "the URL is not valid"))?;
        let mut request = reqwest::Request::new(head.method, url);
        *request.headers_mut() = head.headers;
        *request.body_mut() = match content {
            Content::Bytes(bytes) if bytes.is_empty() => None,
            Content::Bytes(bytes) => Some(bytes.into()),
            Content::Stream(outgoing) => Some(Body::wrap(*outgoing)),
        };
        let mut response = self.0.execute(request).await.map_err(failed)?;
        Ok(Answer {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body: Incoming::Reqwest(response.into()),
        })
    }
}

fn failed(error: reqwest::Error) -> Fault {
    let error = error.without_url();
    let (kind, sent) = if error.is_builder() {
        (TransportKind::Other, Sent::No)
    } else if error.is_connect() {
        // Its own limit for a connection is an error of its own.
        let kind = if error.is_timeout() { TransportKind::Timeout } else { fault::unreachable(&error) };
        (kind, Sent::No)
    } else if error.is_timeout() {
        (TransportKind::Timeout, Sent::Maybe)
    } else {
        (TransportKind::Interrupted, Sent::Maybe)
    };
    Fault { kind, sent, waited: None, cause: Some(fault::deepest(&error)) }
}
