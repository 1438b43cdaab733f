//! How a connection comes about: name, address, proxy, TLS.

use std::{
    error::Error as StdError,
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderMap, HeaderValue, Uri, header::USER_AGENT, uri::Scheme};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector, dns::Name, proxy::Tunnel};
use tower_service::Service;

use super::{
    Lookup, Settings,
    proxy::Proxy,
    tls::{Over, SPOKEN, Tls},
};
use crate::error::TransportKind;

/// A server that has vanished without a word is found out after a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const KEEP_ALIVE_RETRIES: u32 = 3;
/// And sooner where it owes an answer to what was sent.
#[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

type Tcp = HttpConnector<Names>;
type BoxError = Box<dyn StdError + Send + Sync>;
type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Connects to servers. A clone shares everything.
#[derive(Clone)]
pub(super) struct Connector(Arc<Inner>);

struct Inner {
    direct: Over<Tcp>,
    proxied: Option<Proxied>,
    limit: Duration,
}

/// Over a proxy, plain http is handed over and https goes through a tunnel.
struct Proxied {
    proxy: Uri,
    tunnel: Over<Tunnel<Over<Tcp>>>,
}

impl Connector {
    pub(super) fn new(settings: &Settings, tls: &Tls, agent: &HeaderValue, proxy: Option<&Proxy>) -> Self {
        let mut tcp = HttpConnector::new_with_resolver(Names(settings.lookup.clone()));
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEP_ALIVE));
        tcp.set_keepalive_interval(Some(KEEP_ALIVE));
        tcp.set_keepalive_retries(Some(KEEP_ALIVE_RETRIES));
        #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
        tcp.set_tcp_user_timeout(Some(UNACKNOWLEDGED));
        // Shared out among the addresses of a host.
        tcp.set_connect_timeout(Some(settings.connect_timeout));
        let direct = tls.over(tcp);
        let proxied = proxy.map(|proxy| {
            let named = HeaderMap::from_iter([(USER_AGENT, agent.clone())]);
            let tunnel = Tunnel::new(proxy.url.clone(), direct.clone()).with_headers(named);
            let tunnel = match &proxy.authorization {
                Some(value) => tunnel.with_auth(value.clone()),
                None => tunnel,
            };
            Proxied { proxy: proxy.url.clone(), tunnel: tls.over(tunnel) }
        });
        Self(Arc::new(Inner { direct, proxied, limit: settings.connect_timeout }))
    }
}

/// Without TLS, what must be encrypted is not sent at all: the connector below would send it in the clear.
pub(super) fn fits(spoken: bool, to: &Uri, proxy: Option<&Uri>) -> io::Result<()> {
    let encrypted = |url: &Uri| url.scheme() == Some(&Scheme::HTTPS);
    if spoken || !(encrypted(to) || proxy.is_some_and(encrypted)) {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::InvalidData, "https needs the feature `rustls` or `native-tls`"))
}

impl Inner {
    async fn connect(&self, to: Uri) -> Result<Stream, BoxError> {
        fits(SPOKEN, &to, self.proxied.as_ref().map(|proxied| &proxied.proxy))?;
        let Some(Proxied { proxy, tunnel }) = &self.proxied else {
            return Ok(Stream::new(self.direct.clone().call(to).await?, false));
        };
        if to.scheme() == Some(&Scheme::HTTPS) {
            return Ok(Stream::new(tunnel.clone().call(to).await?, false));
        }
        Ok(Stream::new(self.direct.clone().call(proxy.clone()).await?, true))
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = Unreachable;
    type Future = Boxed<Result<Stream, Unreachable>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Unreachable>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let inner = self.0.clone();
        Box::pin(async move {
            match tokio::time::timeout(inner.limit, inner.connect(to)).await {
                Ok(Ok(stream)) => Ok(stream),
                Ok(Err(error)) => Err(Unreachable::new(error)),
                Err(elapsed) => Err(Unreachable { kind: TransportKind::Timeout, source: elapsed.into() }),
            }
        })
    }
}

/// No connection came about, so nothing was sent.
#[derive(Debug)]
pub(super) struct Unreachable {
    pub(super) kind: TransportKind,
    source: BoxError,
}

impl Unreachable {
    fn new(source: BoxError) -> Self {
        Self { kind: super::fault::unreachable(&*source), source }
    }
}

impl fmt::Display for Unreachable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("no connection")
    }
}

impl StdError for Unreachable {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&*self.source)
    }
}

/// Host names to addresses: as the system does, or by a lookup of ours.
#[derive(Clone)]
pub(super) struct Names(Option<Arc<dyn Lookup>>);

impl Service<Name> for Names {
    type Response = std::vec::IntoIter<SocketAddr>;
    type Error = io::Error;
    type Future = Boxed<io::Result<Self::Response>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Self::Future {
        let lookup = self.0.clone();
        Box::pin(async move {
            let addresses = match lookup {
                Some(lookup) => lookup.lookup(name.as_str().to_owned()).await?,
                // Port 0 stands for that of the URL.
                None => tokio::net::lookup_host((name.as_str(), 0)).await?.collect(),
            };
            Ok(addresses.into_iter())
        })
    }
}

trait Io: Read + Write + Connection + Send {}

impl<T: Read + Write + Connection + Send> Io for T {}

/// A connection, whatever it consists of: what is built upon it is built once.
pub(super) struct Stream {
    io: Pin<Box<dyn Io>>,
    /// Whether a proxy at the other end passes requests on, so that they must say where to.
    forwarded: bool,
}

impl Stream {
    fn new(io: impl Io + 'static, forwarded: bool) -> Self {
        Self { io: Box::pin(io), forwarded }
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        self.io.connected().proxy(self.forwarded)
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        self.io.as_mut().poll_read(context, buffer)
    }
}

impl Write for Stream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.io.as_mut().poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.as_mut().poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.io.as_mut().poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.io.as_mut().poll_write_vectored(context, buffers)
    }
}
