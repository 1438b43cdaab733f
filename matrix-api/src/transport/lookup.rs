//! Where a host is, in place of the system's name resolution.

use std::{
    error::Error as StdError,
    fmt, io,
    net::{IpAddr, SocketAddr},
    pin::Pin,
};

/// Finds where a host is. The port of an address counts only where the URL names none; port 0
/// stands for the usual one.
pub(crate) trait Lookup: Send + Sync + 'static {
    fn lookup(&self, host: String) -> Pin<Box<dyn Future<Output = io::Result<Vec<SocketAddr>>> + Send + '_>>;

    /// Whether an address may be asked that a URL names without the detour of a host name: nobody
    /// looks those up, neither in a base URL nor where a redirect leads.
    fn admits(&self, address: IpAddr) -> bool;
}

/// A host has addresses that must not be asked, and no others.
#[derive(Debug)]
pub(crate) struct Private;

impl fmt::Display for Private {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("it has private addresses only")
    }
}

impl StdError for Private {}
