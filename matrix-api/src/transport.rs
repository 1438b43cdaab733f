//! One HTTP exchange. The only file that knows reqwest.
//!
//! Its rules cannot be switched off from outside: no redirect is followed here, TLS is 1.2 or
//! newer, certificates are checked, and no proxy is taken from the environment.

mod call;
mod fault;
mod lookup;
// Only files travel so.
#[cfg_attr(not(feature = "client-server"), allow(dead_code))]
mod source;
#[cfg(test)]
mod tests;

use std::{
    error::Error as StdError,
    future::poll_fn,
    io,
    net::IpAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header::CONTENT_LENGTH};
use http_body::Body as _;
use reqwest::Url;

use crate::error::{Sent, TransportKind};
pub(crate) use call::{Call, Payload};
pub(crate) use fault::{Cause, Fault};
pub(crate) use lookup::{Lookup, Private};
pub(crate) use source::{Broken, Source};
#[cfg(feature = "client-server")]
pub(crate) use source::{Origin, Watch, measure};

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
    /// The base URL of the server that it is for, if it is for one.
    pub(crate) home: Option<String>,
}

/// A lookup as reqwest wants it.
struct Resolver(Arc<dyn Lookup>);

impl reqwest::dns::Resolve for Resolver {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let lookup = self.0.clone();
        Box::pin(async move {
            let addresses = lookup.lookup(name.as_str().to_owned()).await?;
            Ok(Box::new(addresses.into_iter()) as reqwest::dns::Addrs)
        })
    }
}

/// A pool of connections. A clone shares it.
#[derive(Clone)]
pub(crate) struct Transport {
    client: reqwest::Client,
    lookup: Option<Arc<dyn Lookup>>,
    home: Option<Arc<Home>>,
}

/// The server that nearly all calls go to.
struct Home {
    /// Scheme, host and port.
    origin: String,
    url: Url,
}

impl Home {
    fn new(base: &str) -> Option<Self> {
        let url = Url::parse(base).ok()?;
        let host = base.find("://")? + 3;
        let end = base[host..].find('/').map_or(base.len(), |slash| host + slash);
        Some(Self { origin: base[..end].to_owned(), url })
    }

    /// The URL, if it is one of this server's: reading the host once more would take most of the time.
    fn url(&self, text: &str) -> Option<Url> {
        let path = text.strip_prefix(self.origin.as_str())?;
        // A second slash would make a host of what follows.
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let is_path = path.starts_with('/') && path.as_bytes().get(1).is_some_and(plain);
        is_path.then(|| self.url.join(path).ok()).flatten()
    }
}

/// The head of an answer, and its body still on the wire.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Incoming,
}

/// A body that is being received.
pub(crate) struct Incoming(reqwest::Body);

impl Incoming {
    /// The length that the server announced.
    pub(crate) fn announced(&self) -> Option<u64> {
        self.0.size_hint().exact()
    }

    /// The next piece, `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, Fault> {
        poll_fn(|context| self.poll_chunk(context)).await
    }

    pub(crate) fn poll_chunk(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Fault>> {
        loop {
            let Some(frame) = ready!(Pin::new(&mut self.0).poll_frame(context)) else {
                return Poll::Ready(Ok(None));
            };
            // What is no data are trailers, which nobody asked for.
            if let Ok(data) = frame.map_err(Fault::read)?.into_data() {
                return Poll::Ready(Ok(Some(data)));
            }
        }
    }
}

impl Fault {
    fn send(error: reqwest::Error) -> Self {
        let (kind, sent) = classify(&error);
        Self { kind, sent, waited: None, cause: Some(deepest(error)) }
    }

    fn read(error: reqwest::Error) -> Self {
        Self { kind: TransportKind::Interrupted, sent: Sent::Yes, waited: None, cause: Some(deepest(error)) }
    }
}

impl Transport {
    /// # Errors
    ///
    /// In words, if the proxy is no URL or TLS is needed and cannot be had.
    pub(crate) fn new(settings: &Settings) -> Result<Self, String> {
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .user_agent(&settings.user_agent)
            .connect_timeout(settings.connect_timeout);
        if let Some(proxy) = &settings.proxy {
            let proxy = reqwest::Proxy::all(proxy.as_str())
                .map_err(|_| "the proxy is not a URL like http://host:port".to_owned())?;
            builder = builder.proxy(proxy);
        }
        if let Some(lookup) = &settings.lookup {
            builder = builder.dns_resolver(Resolver(lookup.clone()));
        }
        let client = tls::configure(builder, settings.tls)?.build().map_err(|error| deepest(error).to_string())?;
        let home = settings.home.as_deref().and_then(Home::new).map(Arc::new);
        Ok(Self { client, lookup: settings.lookup.clone(), home })
    }

    fn admits(&self, url: &Url) -> bool {
        match (&self.lookup, literal(url)) {
            (Some(lookup), Some(address)) => lookup.admits(address),
            _ => true,
        }
    }

    /// Sends the request and waits for the head of the answer.
    pub(crate) async fn execute(&self, call: &Call) -> Result<Answer, Fault> {
        let home = self.home.as_ref().and_then(|home| home.url(&call.url));
        let url = home.map_or_else(|| Url::parse(&call.url), Ok);
        let url = url.map_err(|_| Fault::unsent(TransportKind::Other, "the URL is not valid"))?;
        if !self.admits(&url) {
            return Err(Fault::unsent(TransportKind::Forbidden, Private.to_string()));
        }
        let mut request = reqwest::Request::new(call.method.clone(), url);
        request.headers_mut().clone_from(&call.headers);
        match &call.payload {
            Payload::Bytes(bytes) if bytes.is_empty() => say_empty(&mut request),
            Payload::Bytes(bytes) => *request.body_mut() = Some(bytes.clone().into()),
            Payload::Stream(source) => {
                let body = Box::pin(source.open())
                    .await
                    .ok_or_else(|| Fault::unsent(TransportKind::Other, "the upload cannot be read"))?;
                match source.length() {
                    Some(0) => say_empty(&mut request),
                    _ => *request.body_mut() = Some(reqwest::Body::wrap(body)),
                }
            }
        }
        let mut response = self.client.execute(request).await.map_err(Fault::send)?;
        Ok(Answer {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            body: Incoming(response.into()),
        })
    }
}

/// The address that a URL names in place of a host.
fn literal(url: &Url) -> Option<IpAddr> {
    // The parser has written every form of an IPv4 address in the usual one.
    url.host_str()?.trim_matches(['[', ']']).parse().ok()
}

/// Some proxies refuse a write that does not say that it has no body.
fn say_empty(request: &mut reqwest::Request) {
    if matches!(*request.method(), Method::POST | Method::PUT | Method::PATCH) {
        request.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    }
}

/// Where a redirect leads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) url: String,
    /// Safe to show, unlike the URL.
    pub(crate) origin: String,
    pub(crate) same_origin: bool,
    pub(crate) https: bool,
}

/// Reads a `Location` relative to the URL that gave it. `None` if it is no http URL or carries
/// user information.
pub(crate) fn resolve(from: &str, location: &str) -> Option<Target> {
    let from = Url::parse(from).ok()?;
    let mut to = from.join(location).ok()?;
    let http = matches!(to.scheme(), "http" | "https");
    if !http || !to.username().is_empty() || to.password().is_some() {
        return None;
    }
    to.set_fragment(None);
    Some(Target {
        origin: to.origin().ascii_serialization(),
        same_origin: from.origin() == to.origin(),
        https: to.scheme() == "https",
        url: to.into(),
    })
}

/// What went wrong, and whether it is certain that nothing was sent.
fn classify(error: &reqwest::Error) -> (TransportKind, Sent) {
    if error.is_builder() {
        (TransportKind::Other, Sent::No)
    } else if error.is_connect() {
        let kind = if error.is_timeout() {
            TransportKind::Timeout
        } else if chain(error).any(is_forbidden) {
            TransportKind::Forbidden
        } else if chain(error).any(is_invalid) {
            TransportKind::Tls
        } else {
            TransportKind::Connect
        };
        (kind, Sent::No)
    } else if error.is_timeout() {
        (TransportKind::Timeout, Sent::Maybe)
    } else {
        (TransportKind::Interrupted, Sent::Maybe)
    }
}

/// What a guarded lookup says of a host that must not be asked.
fn is_forbidden(error: &(dyn StdError + 'static)) -> bool {
    error.is::<Private>()
}

/// TLS libraries report a certificate that does not hold, and a peer that does not speak TLS,
/// as invalid data.
fn is_invalid(error: &(dyn StdError + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::InvalidData)
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| cause(error))
}

/// An I/O error names as its source not what it wraps, but the source of that.
fn cause<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

/// The innermost cause is the one that says something; the outer ones are reqwest's and hyper's
/// own layers, and reqwest's name the URL.
fn deepest(error: reqwest::Error) -> Cause {
    let error = error.without_url();
    let text = chain(&error).last().map(ToString::to_string);
    Cause::new(text.unwrap_or_default())
}

#[cfg(feature = "rustls")]
mod tls {
    use std::sync::{Arc, OnceLock};

    use rustls::{ClientConfig, RootCertStore, crypto::ring};
    use rustls_platform_verifier::BuilderVerifierExt as _;

    /// Reading the platform's certificates takes long, and every client trusts the same ones.
    static PLATFORM: OnceLock<ClientConfig> = OnceLock::new();

    /// Hands over a ready configuration, so that no process-wide default provider is needed or
    /// touched.
    pub(super) fn configure(builder: reqwest::ClientBuilder, needed: bool) -> Result<reqwest::ClientBuilder, String> {
        let config = match platform() {
            Err(_) if !needed => config(false),
            config => config,
        };
        Ok(builder.tls_backend_preconfigured(config.map_err(|error| format!("no TLS: {error}"))?))
    }

    fn platform() -> Result<ClientConfig, rustls::Error> {
        match PLATFORM.get() {
            Some(config) => Ok(config.clone()),
            None => config(true).inspect(|config| drop(PLATFORM.set(config.clone()))),
        }
    }

    /// With the platform's certificates, or with none for a machine that has none and a base URL
    /// that needs none: then every https server is refused.
    fn config(platform: bool) -> Result<ClientConfig, rustls::Error> {
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])?;
        let builder = if platform {
            builder.with_platform_verifier()?
        } else {
            builder.with_root_certificates(RootCertStore::empty())
        };
        let mut config = builder.with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

#[cfg(all(feature = "native-tls", not(feature = "rustls")))]
mod tls {
    pub(super) fn configure(builder: reqwest::ClientBuilder, _needed: bool) -> Result<reqwest::ClientBuilder, String> {
        Ok(builder.tls_version_min(reqwest::tls::Version::TLS_1_2))
    }
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
mod tls {
    pub(super) fn configure(builder: reqwest::ClientBuilder, needed: bool) -> Result<reqwest::ClientBuilder, String> {
        if needed {
            return Err("https needs the feature `rustls` or `native-tls`".to_owned());
        }
        Ok(builder)
    }
}
