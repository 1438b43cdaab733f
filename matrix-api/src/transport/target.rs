//! Where a redirect leads.

use std::{borrow::Cow, net::Ipv4Addr};

use http::{Uri, uri::Scheme};

/// Where a redirect leads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) url: Uri,
    /// Safe to show, unlike the URL.
    pub(crate) origin: String,
    pub(crate) same_origin: bool,
    pub(crate) https: bool,
}

/// Reads a `Location` relative to the URL that gave it, as RFC 3986 has it. `None` if it is no http URL or carries
/// user information.
pub(crate) fn resolve(from: &Uri, location: &str) -> Option<Target> {
    let location = location.split_once('#').map_or(location, |(before, _)| before);
    let (scheme, authority, rest) = absolute(from, location.trim())?;
    let (path, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
    let rest = escaped(&format!("{}{query}", without_dots(path)));
    let url: Uri = format!("{scheme}://{authority}{rest}").parse().ok()?;
    let origin = Origin::of(&url)?;
    Some(Target {
        same_origin: Origin::of(from).is_some_and(|from| from == origin),
        https: origin.https,
        origin: origin.text(),
        url,
    })
}

/// Scheme, authority, and path with query: what a reference does not say is as before.
fn absolute<'a>(from: &'a Uri, location: &'a str) -> Option<(&'a str, &'a str, Cow<'a, str>)> {
    let (scheme, rest) = match scheme(location) {
        Some((scheme, rest)) => (scheme, Some(rest.strip_prefix("//")?)),
        None => (from.scheme_str()?, location.strip_prefix("//")),
    };
    if let Some(rest) = rest {
        let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        return Some((scheme, authority, path.into()));
    }
    let path = match location.bytes().next() {
        None => from.path_and_query()?.as_str().into(),
        Some(b'/') => location.into(),
        Some(b'?') => format!("{}{location}", from.path()).into(),
        Some(_) => {
            let folder = from.path().rfind('/').map_or("/", |end| &from.path()[..=end]);
            format!("{folder}{location}").into()
        }
    };
    Some((scheme, from.authority()?.as_str(), path))
}

/// Some servers forget to escape these, and browsers do not mind.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' ' => escaped.push_str("%20"),
            '"' => escaped.push_str("%22"),
            '<' => escaped.push_str("%3C"),
            '>' => escaped.push_str("%3E"),
            '`' => escaped.push_str("%60"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The scheme that a reference begins with, and what is after its colon.
fn scheme(location: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = location.split_at(location.find([':', '/', '?'])?);
    Some((scheme, rest.strip_prefix(':')?))
}

/// The path without `.` and `..`, which lead no further up than the root.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.strip_prefix('/').unwrap_or(path).split('/').peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                // A folder it stays.
                kept.extend(last.then_some(""));
            }
            segment => kept.push(segment),
        }
    }
    format!("/{}", kept.join("/"))
}

/// Scheme, host and port.
#[derive(PartialEq, Eq)]
struct Origin {
    https: bool,
    host: String,
    port: u16,
}

impl Origin {
    fn of(url: &Uri) -> Option<Self> {
        let https = match url.scheme() {
            Some(scheme) if *scheme == Scheme::HTTPS => true,
            Some(scheme) if *scheme == Scheme::HTTP => false,
            _ => return None,
        };
        let authority = url.authority().filter(|authority| !authority.as_str().contains('@'))?;
        let port = authority.as_str()[authority.host().len()..].strip_prefix(':').filter(|port| !port.is_empty());
        let port = port.map_or(Some(usual(https)), |port| port.parse().ok())?;
        let host = authority.host().to_ascii_lowercase();
        is_plain(&host).then_some(Self { https, host, port })
    }

    fn text(&self) -> String {
        let scheme = if self.https { "https" } else { "http" };
        if self.port == usual(self.https) {
            return format!("{scheme}://{}", self.host);
        }
        format!("{scheme}://{}:{}", self.host, self.port)
    }
}

/// Whether it is a host name or an address in its usual form. Resolvers also take `2130706433` and `0x7f.1` for
/// 127.0.0.1; no name ends in a number.
fn is_plain(host: &str) -> bool {
    let last = host.strip_suffix('.').unwrap_or(host).rsplit('.').next().unwrap_or_default();
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits(last) || last.starts_with("0x");
    !last.is_empty() && (!number || host.parse::<Ipv4Addr>().is_ok())
}

const fn usual(https: bool) -> u16 {
    if https { 443 } else { 80 }
}
