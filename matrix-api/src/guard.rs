//! Talking to servers that strangers name: where these may stand, and how much they may say.

mod address;
mod place;

use std::{io, net::IpAddr, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

pub(crate) use address::is_public;
#[cfg(feature = "openid")]
pub(crate) use place::Host;
pub(crate) use place::Place;

use crate::{
    Client, ClientBuilder, Result, RetryPolicy, ServerName, UserId,
    service::Service,
    transport::{Lookup, Private, Settings, Transport, USER_AGENT},
};

/// The most bytes of an answer, and what is read of a longer refusal.
const CAP: u64 = 64 * 1024;

/// What is allowed beyond https to public addresses.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rules {
    pub(crate) http: bool,
    pub(crate) private: bool,
    pub(crate) timeout: Option<Duration>,
}

impl Rules {
    /// What is spoken with a server of which only the name is known.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.http { "http" } else { "https" }
    }

    /// Connections that go where the lookup leads.
    ///
    /// # Errors
    ///
    /// In words, if TLS is needed and cannot be had.
    pub(crate) fn connections(&self, lookup: impl Lookup) -> Result<Transport, String> {
        Transport::new(&Settings {
            user_agent: USER_AGENT.to_owned(),
            connect_timeout: Duration::from_secs(5),
            proxy: None,
            tls: !self.http,
            lookup: Some(Arc::new(lookup)),
            #[cfg(feature = "reqwest")]
            reqwest: None,
        })
    }

    /// A client for a server.
    ///
    /// # Errors
    ///
    /// [`Error::Rejected`](crate::Error::Rejected) if the URL cannot be used.
    pub(crate) fn client<S: Service>(&self, url: &str, connections: &Transport) -> Result<Client<S>> {
        let timeout = self.timeout.unwrap_or(Duration::from_secs(10));
        ClientBuilder::<S>::new()
            .base_url(url)
            .allow_http(self.http)
            .transport(connections.clone())
            .request_timeout(timeout)
            .retry(RetryPolicy::default().total(timeout.saturating_mul(2)))
            .answer_limit(CAP)
            .assemble()
    }
}

/// Whether a user is one of a server's own. Servers vouch for no others.
pub(crate) fn is_of(user: &UserId, server: &ServerName) -> bool {
    let named = user.server_name().is_some_and(|name| name.eq_ignore_ascii_case(server.as_str()));
    named && UserId::parse(user.as_str()).is_ok()
}

/// Host names to addresses, as the system resolves them, past the guard.
pub(crate) struct ByName {
    /// Whether private addresses will do.
    pub(crate) private: bool,
}

impl Lookup for ByName {
    fn lookup(&self, host: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + '_>> {
        // With port 0, the URL's own port counts.
        Box::pin(async move { admitted(self.private, resolve(&host, 0).await?) })
    }

    fn admits(&self, address: IpAddr) -> bool {
        self.private || is_public(address)
    }
}

/// Those of a host's addresses that may be asked.
pub(crate) fn admitted(private: bool, mut addresses: Vec<SocketAddr>) -> io::Result<Vec<SocketAddr>> {
    let some = !addresses.is_empty();
    addresses.retain(|address| private || is_public(address.ip()));
    if some && addresses.is_empty() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, Private));
    }
    Ok(addresses)
}

/// As the system resolves names.
pub(crate) async fn resolve(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok(tokio::net::lookup_host((host, port)).await?.collect())
}
