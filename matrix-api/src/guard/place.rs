//! Where a server name leads.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

/// A server name, taken apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) host: Host,
    pub(crate) port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Host {
    Address(IpAddr),
    /// In lower case.
    Name(String),
}

impl Place {
    /// `None` if it is no server name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        if let Some(rest) = name.strip_prefix('[') {
            let (host, rest) = rest.split_once(']')?;
            let host = Host::Address(host.parse::<Ipv6Addr>().ok()?.into());
            return Some(Self { host, port: port(rest)? });
        }
        let (host, rest) = name.split_at(name.find(':').unwrap_or(name.len()));
        let port = port(rest)?;
        match host.parse::<IpAddr>() {
            Ok(address) => Some(Self { host: Host::Address(address), port }),
            Err(_) if is_dns_name(host) => Some(Self { host: Host::Name(host.to_ascii_lowercase()), port }),
            Err(_) => None,
        }
    }
}

impl fmt::Display for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(IpAddr::V6(address)) => write!(out, "[{address}]"),
            Self::Address(address) => write!(out, "{address}"),
            Self::Name(name) => out.write_str(name),
        }
    }
}

/// What follows the host: nothing, or a colon and a port.
fn port(rest: &str) -> Option<Option<u16>> {
    let Some(digits) = rest.strip_prefix(':') else { return rest.is_empty().then_some(None) };
    let plain = (1..=5).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|&port: &u16| plain && port != 0).map(Some)
}

/// Letters, digits, `-` and `.`, and a last label that is no number: browsers and URL parsers
/// read `127.1` and `0x7f000001` as addresses.
fn is_dns_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let labels_fit = name.split('.').all(|label| (1..=63).contains(&label.len()) && label.bytes().all(fits));
    let last = name.rsplit('.').next().unwrap_or_default();
    let number = last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x") || last.starts_with("0X");
    name.len() <= 253 && labels_fit && !number
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(name: &str) -> Option<(String, Option<u16>)> {
        Place::parse(name).map(|place| (place.host.to_string(), place.port))
    }

    #[test]
    fn a_server_name_is_a_host_and_maybe_a_port() {
        let rows = [
            ("example.org", "example.org", None),
            ("Example.ORG:8448", "example.org", Some(8448)),
            ("localhost:1", "localhost", Some(1)),
            ("1.2.3.4", "1.2.3.4", None),
            ("1.2.3.4:65535", "1.2.3.4", Some(65535)),
            ("[::1]", "[::1]", None),
            ("[2001:DB8:0::1]:443", "[2001:db8::1]", Some(443)),
            ("xn--e1afmkfd.example", "xn--e1afmkfd.example", None),
        ];
        for (name, host, port) in rows {
            assert_eq!(read(name), Some((host.to_owned(), port)), "{name}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for name in
            ["", ":80", "a:", "a:0", "a:65536", "a:+80", "a:8a", "a:080808", "a/b", "a?b", "a#b", "a@b", "a b", "a%62"]
                .into_iter()
                .chain([
                    "::1",
                    "[::1",
                    "[::1]x",
                    "[1.2.3.4]",
                    "[fe80::1%25eth0]",
                    "a..b",
                    ".a",
                    "a.",
                    "a:b:1",
                    "ä.org",
                    "a_b.org",
                ])
                .chain(["127.1", "2130706433", "0x7f000001", "1.2.3.4.5", "1.2.3.0x4", "a.1"])
        {
            assert_eq!(read(name), None, "{name}");
        }
        assert_eq!(read(&format!("{}.org", "a".repeat(64))), None);
    }
}
