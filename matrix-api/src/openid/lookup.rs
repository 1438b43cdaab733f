//! Host names to addresses, past the guard.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
};

#[cfg(feature = "srv")]
use super::srv::Srv;
use crate::{
    guard::{admitted, is_public, resolve},
    transport::Lookup,
};

/// The port of a homeserver whose name and DNS give none.
pub(super) const PORT: u16 = 8448;

/// Looks a host up by the services that DNS says it has, and if there are none, by its name and with the usual port.
pub(super) struct Guarded {
    /// Whether private addresses will do.
    pub(super) private: bool,
    #[cfg(feature = "srv")]
    pub(super) srv: Srv,
}

impl Lookup for Guarded {
    fn lookup(&self, host: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + '_>> {
        Box::pin(async move { admitted(self.private, self.find(host).await?) })
    }

    fn admits(&self, address: IpAddr) -> bool {
        self.private || is_public(address)
    }
}

impl Guarded {
    async fn find(&self, host: String) -> io::Result<Vec<SocketAddr>> {
        #[cfg(feature = "srv")]
        if let Some(targets) = self.srv.targets(&host).await? {
            return by_targets(&self.srv, targets).await;
        }
        resolve(&host, PORT).await
    }
}

/// The addresses of all targets that have some, in the order of the targets.
#[cfg(feature = "srv")]
async fn by_targets(srv: &Srv, targets: Vec<(String, u16)>) -> io::Result<Vec<SocketAddr>> {
    let mut found = Vec::new();
    let mut failure = None;
    for (host, port) in targets {
        match srv.addresses(&host, port).await {
            Ok(addresses) => found.extend(addresses),
            Err(error) => failure = Some(error),
        }
    }
    match failure {
        Some(error) if found.is_empty() => Err(error),
        _ => Ok(found),
    }
}
