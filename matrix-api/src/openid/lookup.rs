//! Host names to addresses, past the guard.

use std::{error, fmt, io, net::SocketAddr, pin::Pin};

#[cfg(feature = "srv")]
use super::srv::Srv;
use super::{guard::is_public, place::PORT};
use crate::transport::Lookup;

/// Looks a host up by its name alone, or first by the services that DNS says it has.
pub(super) struct Guarded {
    /// Whether private addresses will do.
    pub(super) private: bool,
    pub(super) way: Way,
}

pub(super) enum Way {
    /// By name; the port is the URL's.
    Name,
    /// By service record, and if there is none, by name and with the usual port.
    #[cfg(not(feature = "srv"))]
    Service,
    #[cfg(feature = "srv")]
    Service(Box<Srv>),
}

/// Every address of a host is one that must not be asked.
#[derive(Debug)]
pub(crate) struct Private;

impl fmt::Display for Private {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("it has private addresses only")
    }
}

impl error::Error for Private {}

impl Lookup for Guarded {
    fn lookup(&self, host: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + '_>> {
        Box::pin(async move {
            let mut addresses = self.find(host).await?;
            let some = !addresses.is_empty();
            addresses.retain(|address| self.private || is_public(address.ip()));
            if some && addresses.is_empty() {
                return Err(io::Error::new(io::ErrorKind::PermissionDenied, Private));
            }
            Ok(addresses)
        })
    }
}

impl Guarded {
    async fn find(&self, host: String) -> io::Result<Vec<SocketAddr>> {
        match &self.way {
            Way::Name => by_name(&host, 0).await,
            #[cfg(not(feature = "srv"))]
            Way::Service => by_name(&host, PORT).await,
            #[cfg(feature = "srv")]
            Way::Service(srv) => match srv.targets(&host).await? {
                Some(targets) => by_targets(targets).await,
                None => by_name(&host, PORT).await,
            },
        }
    }
}

/// As the system resolves names. With port 0, the URL's own port counts.
async fn by_name(host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
    Ok(tokio::net::lookup_host((host, port)).await?.collect())
}

/// The addresses of all targets that have some, in the order of the targets.
#[cfg(feature = "srv")]
async fn by_targets(targets: Vec<(String, u16)>) -> io::Result<Vec<SocketAddr>> {
    let mut found = Vec::new();
    let mut failure = None;
    for (host, port) in targets {
        match by_name(&host, port).await {
            Ok(addresses) => found.extend(addresses),
            Err(error) => failure = Some(error),
        }
    }
    match failure {
        Some(error) if found.is_empty() => Err(error),
        _ => Ok(found),
    }
}
