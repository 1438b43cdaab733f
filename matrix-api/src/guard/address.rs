//! Which addresses a stranger may send us to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address belongs to the public Internet: not to this machine, this network, or a
/// range that is set aside.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let aside = match a {
        // This host, private, loopback; multicast and reserved, the broadcast address among them.
        0 | 10 | 127 | 224.. => true,
        // Shared by carriers.
        100 => (64..128).contains(&b),
        // Link-local, the metadata services of clouds among them.
        169 => b == 254,
        172 => (16..32).contains(&b),
        192 => b == 168 || (b == 0 && (c == 0 || c == 2)) || (b == 88 && c == 99),
        // Benchmarks and documentation.
        198 => b == 18 || b == 19 || (b == 51 && c == 100),
        203 => b == 0 && c == 113,
        _ => false,
    };
    !aside
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = carried(address) {
        return is_public_v4(inner);
    }
    let [first, second, ..] = address.segments();
    // Global unicast, without Teredo and its neighbours, and without documentation.
    let global = first & 0xe000 == 0x2000;
    let aside = match first {
        0x2001 => second < 0x0200 || second == 0x0db8,
        _ => first & 0xfff0 == 0x3ff0,
    };
    global && !aside
}

/// The IPv4 address that packets to this IPv6 address end up at.
fn carried(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let v4 = |high: u16, low: u16| Ipv4Addr::from((u32::from(high) << 16) | u32::from(low));
    match (a, b, c, d, e, f) {
        // Mapped, and translated by NAT64.
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => Some(v4(g, h)),
        // 6to4.
        (0x2002, high, low, ..) => Some(v4(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_public_internet_may_be_asked() {
        for address in
            ["1.1.1.1", "9.255.255.255", "100.63.0.1", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1"]
                .into_iter()
                .chain(["198.17.0.1", "198.20.0.1", "223.255.255.255", "2606:4700::1111", "2001:200::1", "2a00::1"])
                .chain(["::ffff:1.1.1.1", "64:ff9b::1.1.1.1", "2002:101:101::1"])
        {
            assert!(is_public(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn what_is_set_aside_may_not() {
        for address in ["0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.9.9.9", "169.254.169.254", "172.16.0.1"]
            .into_iter()
            .chain([
                "172.31.255.255",
                "192.0.0.1",
                "192.0.2.1",
                "192.168.0.1",
                "192.88.99.1",
                "198.18.0.1",
                "198.19.1.1",
            ])
            .chain(["198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"])
            .chain([
                "::",
                "::1",
                "fc00::1",
                "fd12::1",
                "fe80::1",
                "ff02::1",
                "100::1",
                "2001:db8::1",
                "2001::1",
                "3fff::1",
            ])
            .chain([
                "::ffff:127.0.0.1",
                "::ffff:10.0.0.1",
                "64:ff9b::10.0.0.1",
                "2002:7f00:1::1",
                "::7f00:1",
                "64:ff9b:1::1",
            ])
        {
            assert!(!is_public(address.parse().unwrap()), "{address}");
        }
    }
}
