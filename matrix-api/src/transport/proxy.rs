//! A proxy that every connection goes over.

use http::{HeaderValue, Uri, uri::Scheme};

use crate::{base64, wire::route::percent_decode};

/// A proxy that every connection goes over.
pub(super) struct Proxy {
    pub(super) url: Uri,
    /// User and password, for the proxy alone.
    pub(super) authorization: Option<HeaderValue>,
}

impl Proxy {
    /// Reads `http://user:password@host:port`; without a scheme it is http. `None` if it is no such URL.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let rest = rest.trim_end_matches('/');
        let (user, place) = match rest.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, rest),
        };
        let url: Uri = format!("{scheme}://{place}/").parse().ok()?;
        // A port that is none would be the usual one.
        let port = &url.authority()?.as_str()[url.host()?.len()..];
        let fits = url.path_and_query()?.as_str() == "/" && !url.host()?.is_empty();
        let fits = fits && (port.is_empty() || url.port_u16().is_some());
        if !fits || !(url.scheme() == Some(&Scheme::HTTP) || url.scheme() == Some(&Scheme::HTTPS)) {
            return None;
        }
        let authorization = match user {
            Some(user) => Some(basic(user)?),
            None => None,
        };
        Some(Self { url, authorization })
    }
}

/// What HTTP calls basic, of `user:password` as a URL writes it.
fn basic(user: &str) -> Option<HeaderValue> {
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let plain = format!("{}:{}", percent_decode(name, false)?, percent_decode(password, false)?);
    let mut value = HeaderValue::try_from(format!("Basic {}", base64::padded(plain.as_bytes()))).ok()?;
    value.set_sensitive(true);
    Some(value)
}
