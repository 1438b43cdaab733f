use std::{error, fmt, str::FromStr};

use http::{
    Uri,
    uri::{Parts, PathAndQuery, Scheme},
};

/// Where a service lives: scheme, host, port, and the path in front of every operation's path.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct BaseUrl {
    /// Without a slash at the end.
    text: Box<str>,
    uri: Uri,
}

impl BaseUrl {
    /// Reads a base URL such as `https://example.org` or `http://localhost:8008/matrix/`.
    ///
    /// # Errors
    ///
    /// When it is not `http` or `https`, has no host, or has user information, a query, a
    /// fragment, or dot segments.
    pub fn parse(text: &str) -> Result<Self, BaseUrlError> {
        if !text.is_ascii() {
            return Err(BaseUrlError("must be ASCII; write the host in its encoded form"));
        }
        if text.contains(['?', '#']) {
            return Err(BaseUrlError("must not have a query or a fragment"));
        }
        let uri: Uri = text.parse().map_err(|_| BaseUrlError("is not a valid URL"))?;
        check_scheme(&uri)?;
        check_authority(&uri)?;
        check_segments(uri.path())?;
        let text = text.strip_suffix('/').unwrap_or(text).into();
        Ok(Self { text, uri })
    }

    /// The URL, without a slash at the end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// It once more, read.
    #[cfg(feature = "client")]
    pub(crate) fn uri(&self) -> &Uri {
        &self.uri
    }

    /// The path in front of every operation's path: empty, or without a slash at the end.
    pub(super) fn prefix(&self) -> &str {
        let path = self.uri.path();
        path.strip_suffix('/').unwrap_or(path)
    }

    /// Scheme, host and port.
    pub(super) fn origin(&self) -> &str {
        &self.text[..self.text.len() - self.prefix().len()]
    }

    /// The URL of a path, with its query, on this service.
    pub(super) fn with(&self, path: PathAndQuery) -> Option<Uri> {
        let mut parts = Parts::default();
        parts.scheme = self.uri.scheme().cloned();
        parts.authority = self.uri.authority().cloned();
        parts.path_and_query = Some(path);
        Uri::from_parts(parts).ok()
    }

    /// The host, in brackets if it is an IPv6 address.
    #[must_use]
    pub fn host(&self) -> &str {
        self.uri.host().unwrap_or_default()
    }

    /// The port, named or by scheme.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.uri.port_u16().unwrap_or(if self.is_https() { 443 } else { 80 })
    }

    /// Whether the connection is encrypted.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.uri.scheme() == Some(&Scheme::HTTPS)
    }
}

fn check_scheme(uri: &Uri) -> Result<(), BaseUrlError> {
    match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTP || *scheme == Scheme::HTTPS => Ok(()),
        _ => Err(BaseUrlError("must start with https:// or http://")),
    }
}

fn check_authority(uri: &Uri) -> Result<(), BaseUrlError> {
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    if authority.contains('@') {
        return Err(BaseUrlError("must not have a user name or password"));
    }
    if uri.host().unwrap_or_default().is_empty() {
        return Err(BaseUrlError("must have a host"));
    }
    // The port parser reads "host:99999" and "host:" as no port at all.
    let port_is_due = authority.rsplit(']').next().is_some_and(|tail| tail.contains(':'));
    if port_is_due && uri.port_u16().is_none() {
        return Err(BaseUrlError("must have a port between 0 and 65535 after the colon"));
    }
    Ok(())
}

fn check_segments(path: &str) -> Result<(), BaseUrlError> {
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        return Ok(());
    }
    for segment in path[1..].split('/') {
        let plain = segment.to_ascii_lowercase().replace("%2e", ".");
        if plain.is_empty() || plain == "." || plain == ".." {
            return Err(BaseUrlError("must not have empty or dot segments in its path"));
        }
    }
    Ok(())
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.text)
    }
}

impl fmt::Debug for BaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, out)
    }
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;

    fn from_str(text: &str) -> Result<Self, BaseUrlError> {
        Self::parse(text)
    }
}

/// Why a text is no base URL. Never shows the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BaseUrlError(&'static str);

impl fmt::Display for BaseUrlError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the base URL {}", self.0)
    }
}

impl error::Error for BaseUrlError {}
