//! Which servers may take part in a room.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::{
    events::RoomServerAcl,
    glob::{self, host},
};

impl RoomServerAcl {
    /// Whether a server may not take part. Its port does not count, and neither does upper or lower case.
    ///
    /// ```
    /// use matrix_api::events::RoomServerAcl;
    ///
    /// let acl = RoomServerAcl::all().deny(["*.evil.example"]).allow_ip_literals(false);
    /// assert!(acl.denies("chat.evil.example:8448") && acl.denies("192.0.2.1"));
    /// assert!(!acl.denies("example.org"));
    /// ```
    #[must_use]
    pub fn denies(&self, server: impl AsRef<str>) -> bool {
        let server = server.as_ref();
        if !self.allow_ip_literals.unwrap_or(true) && is_ip_literal(host(server)) {
            return true;
        }
        let listed =
            |list: &Option<Vec<String>>| list.iter().flatten().any(|pattern| glob::fits_server(pattern, server));
        listed(&self.deny) || !listed(&self.allow)
    }
}

fn is_ip_literal(host: &str) -> bool {
    let inside = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    inside.parse::<Ipv6Addr>().is_ok() || host.parse::<Ipv4Addr>().is_ok() || host.starts_with('[')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_and_addresses() {
        let names = [
            ("example.org", "example.org", false),
            ("example.org:8448", "example.org", false),
            ("192.0.2.1:80", "192.0.2.1", true),
            ("[::1]:8448", "[::1]", true),
            ("[::1]", "[::1]", true),
            ("::1", "::1", true),
            ("1.2.3.4.example.org", "1.2.3.4.example.org", false),
            ("example.org:", "example.org", false),
            ("", "", false),
        ];
        for (server, name, ip) in names {
            assert_eq!((host(server), is_ip_literal(host(server))), (name, ip), "{server}");
        }
    }

    #[test]
    fn who_is_denied() {
        let acl = RoomServerAcl::all().deny(["evil.example", "*.evil.example", "b?d.org"]);
        for denied in ["evil.example", "EVIL.example:1", "a.b.evil.example", "bad.org", "bod.org:8448"] {
            assert!(acl.denies(denied), "{denied}");
        }
        for allowed in ["good.example", "evil.example.org", "notevil.example", "bd.org", "192.0.2.1", "[::1]:80"] {
            assert!(!acl.denies(allowed), "{allowed}");
        }
        let closed = acl.clone().allow_ip_literals(false);
        assert!(closed.denies("192.0.2.1") && closed.denies("[::1]:80") && !closed.denies("good.example"));
        // Who is not on the list is not let in, and an empty list lets nobody in.
        let few = RoomServerAcl::new().allow(["*.good.example"]);
        assert!(few.denies("good.example") && !few.denies("x.good.example"));
        assert!(RoomServerAcl::new().denies("good.example"));
    }
}
