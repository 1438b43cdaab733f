//! Which hosts serve a domain's federation, as DNS says it.

#[cfg(test)]
mod tests;

use std::{io, net::SocketAddr};

use hickory_resolver::{TokioResolver, proto::rr::RData};

/// The names under which homeservers stand, the newer one first.
const SERVICES: [&str; 2] = ["_matrix-fed._tcp", "_matrix._tcp"];

/// At most this many hosts are tried.
const MOST: usize = 8;

/// Asks DNS for services.
pub(super) struct Srv(TokioResolver);

/// One host that serves a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Target {
    priority: u16,
    weight: u16,
    host: String,
    port: u16,
}

impl Srv {
    /// As the system is configured.
    ///
    /// # Errors
    ///
    /// In words, if the system's configuration cannot be read.
    pub(super) fn new() -> Result<Self, String> {
        let resolver = TokioResolver::builder_tokio().and_then(|builder| builder.build());
        Ok(Self(resolver.map_err(|error| format!("no DNS: {error}"))?))
    }

    /// The hosts and ports to try, in that order. `None` if there is no record.
    pub(super) async fn targets(&self, domain: &str) -> io::Result<Option<Vec<(String, u16)>>> {
        for service in SERVICES {
            let found = self.of(service, domain).await?;
            if !found.is_empty() {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Where a target is. Targets are names of DNS and nothing else.
    pub(super) async fn addresses(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        match self.0.lookup_ip(host).await {
            Ok(found) => Ok(found.iter().map(|address| SocketAddr::new(address, port)).collect()),
            Err(error) => Err(io::Error::other(format!("asking DNS for a target of a service: {error}"))),
        }
    }

    async fn of(&self, service: &str, domain: &str) -> io::Result<Vec<(String, u16)>> {
        let lookup = match self.0.srv_lookup(format!("{service}.{domain}.")).await {
            Ok(lookup) => lookup,
            Err(error) if error.is_no_records_found() => return Ok(Vec::new()),
            Err(error) => return Err(io::Error::other(format!("asking DNS for {service}: {error}"))),
        };
        let targets = lookup.answers().iter().filter_map(|record| match &record.data {
            RData::SRV(srv) => {
                Some(Target { priority: srv.priority, weight: srv.weight, host: srv.target.to_utf8(), port: srv.port })
            }
            _ => None,
        });
        Ok(in_order(targets.collect(), || getrandom::u32().unwrap_or(0)))
    }
}

/// By priority, and where it is equal by chance, as often as the weights say (RFC 2782).
fn in_order(mut targets: Vec<Target>, mut roll: impl FnMut() -> u32) -> Vec<(String, u16)> {
    // A single dot says that there is no such service here.
    targets.retain(|target| target.host != "." && target.port != 0);
    let mut ordered = Vec::new();
    while let Some(priority) = targets.iter().map(|target| target.priority).min() {
        let rivals: Vec<_> = (0..targets.len()).filter(|&at| targets[at].priority == priority).collect();
        // One more than its weight, so that those of weight 0 have a chance.
        let weight = |at: usize| u64::from(targets[at].weight) + 1;
        let mut left = u64::from(roll()) % rivals.iter().map(|&at| weight(at)).sum::<u64>();
        let chosen = rivals.iter().copied().find(|&at| {
            let hit = left < weight(at);
            left = left.saturating_sub(weight(at));
            hit
        });
        let target = targets.remove(chosen.unwrap_or(rivals[0]));
        ordered.push((target.host, target.port));
    }
    ordered.truncate(MOST);
    ordered
}
