//! Server names to clients for their federation API.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use http::{HeaderMap, header::CACHE_CONTROL};
use tokio::time::Instant;

use super::lookup::{Guarded, PORT};
use crate::{
    Client, Error, Result, ServerName,
    error::Rejected,
    federation::GetWellKnown,
    guard::{ByName, Host, Place, Rules, is_public},
    service::{Federation, ServerName as AtServerName},
    transport::Transport,
};

/// How many servers are remembered at most.
const MOST: usize = 1024;

/// How long a server's own word on where it is holds, unless it says for how long.
const USUAL: Duration = Duration::from_secs(24 * 3600);
const LONGEST: Duration = Duration::from_secs(48 * 3600);
const SHORTEST: Duration = Duration::from_secs(5 * 60);

/// How long it is remembered that a server says nothing, and that it could not be asked.
const NOTHING: Duration = Duration::from_secs(3600);
const NOBODY: Duration = Duration::from_secs(120);

/// Finds servers, and remembers where they are.
pub(super) struct Directory {
    rules: Rules,
    /// Goes where a host's name leads.
    by_name: Transport,
    /// Goes where a domain's service records lead.
    by_service: Transport,
    known: Mutex<HashMap<Place, Arc<Entry>>>,
}

/// A server; locked while it is looked for, so that many callers look once.
type Entry = tokio::sync::Mutex<Option<Found>>;

#[derive(Clone)]
struct Found {
    client: Client<Federation>,
    until: Instant,
}

impl Directory {
    pub(super) fn new(rules: Rules) -> Result<Self> {
        let by_name = rules.connections(ByName { private: rules.private }).map_err(refuse)?;
        let by_service = Guarded {
            private: rules.private,
            #[cfg(feature = "srv")]
            srv: super::srv::Srv::new().map_err(refuse)?,
        };
        let by_service = rules.connections(by_service).map_err(refuse)?;
        Ok(Self::with(rules, by_name, by_service))
    }

    pub(super) fn with(rules: Rules, by_name: Transport, by_service: Transport) -> Self {
        Self { rules, by_name, by_service, known: Mutex::default() }
    }

    /// A client for the server of this name.
    pub(super) async fn client(&self, name: &ServerName) -> Result<Client<Federation>> {
        let place = Place::parse(name.as_str()).ok_or_else(|| refuse("the token names no valid server"))?;
        let entry = self.entry(&place);
        let mut entry = entry.lock().await;
        if let Some(found) = entry.as_ref().filter(|found| Instant::now() < found.until) {
            return Ok(found.client.clone());
        }
        let (target, holds) = self.look(&place).await?;
        let client = self.federation(&target)?;
        *entry = Some(Found { client: client.clone(), until: Instant::now() + holds });
        Ok(client)
    }

    /// The server's entry. Room for a new one is made by forgetting those that nobody waits for.
    fn entry(&self, place: &Place) -> Arc<Entry> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(entry) = known.get(place) {
            return entry.clone();
        }
        if known.len() >= MOST {
            known.retain(|_, entry| Arc::strong_count(entry) > 1);
        }
        known.entry(place.clone()).or_default().clone()
    }

    /// Where the server itself says it is, and for how long that holds.
    async fn look(&self, place: &Place) -> Result<(Place, Duration)> {
        let (Host::Name(host), None) = (&place.host, place.port) else { return Ok((place.clone(), LONGEST)) };
        let asked: Client<AtServerName> =
            self.rules.client(&format!("{}://{host}", self.rules.scheme()), &self.by_name)?;
        match asked.send_full(GetWellKnown::new()).await {
            Ok(answer) => match answer.value.server.as_ref().map(ServerName::as_str).and_then(Place::parse) {
                Some(target) => Ok((target, lifetime(&answer.headers))),
                None => Ok((place.clone(), NOTHING)),
            },
            Err(Error::Transport(_)) => Ok((place.clone(), NOBODY)),
            Err(error) if error.status().is_some_and(|status| status.is_server_error()) => Ok((place.clone(), NOBODY)),
            Err(_) => Ok((place.clone(), NOTHING)),
        }
    }

    fn federation(&self, place: &Place) -> Result<Client<Federation>> {
        let scheme = self.rules.scheme();
        let host = &place.host;
        if let Host::Address(address) = host {
            if !(self.rules.private || is_public(*address)) {
                return Err(refuse("the server's address is not a public one"));
            }
            let port = place.port.unwrap_or(PORT);
            return self.rules.client(&format!("{scheme}://{host}:{port}"), &self.by_name);
        }
        match place.port {
            Some(port) => self.rules.client(&format!("{scheme}://{host}:{port}"), &self.by_name),
            // Without a port, that of the address counts, and the `Host` header has none.
            None => self.rules.client(&format!("{scheme}://{host}"), &self.by_service),
        }
    }
}

/// How long an answer says that it holds, within bounds.
fn lifetime(headers: &HeaderMap) -> Duration {
    let directives = headers.get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut lifetime = USUAL;
    for directive in directives.flat_map(|value| value.split(',')).map(str::trim) {
        let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
        if name.eq_ignore_ascii_case("no-store") || name.eq_ignore_ascii_case("no-cache") {
            return SHORTEST;
        }
        if name.eq_ignore_ascii_case("max-age") {
            lifetime = value.trim_matches('"').parse().map_or(lifetime, Duration::from_secs);
        }
    }
    lifetime.clamp(SHORTEST, LONGEST)
}

pub(super) fn refuse(reason: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Rejected::new("openid::Verifier", reason).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_holds_within_bounds() {
        let rows = [
            (&[][..], USUAL),
            (&["max-age=3600"], Duration::from_secs(3600)),
            (&["public, Max-Age=\"7200\""], Duration::from_secs(7200)),
            (&["public", "max-age=3600"], Duration::from_secs(3600)),
            (&["max-age=1"], SHORTEST),
            (&["max-age=99999999999"], LONGEST),
            (&["max-age=x"], USUAL),
            (&["max-age=3600, no-store"], SHORTEST),
            (&["no-cache"], SHORTEST),
        ];
        for (values, lasts) in rows {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CACHE_CONTROL, http::HeaderValue::from_static(value));
            }
            assert_eq!(lifetime(&headers), lasts, "{values:?}");
        }
    }
}
