//! Whom an address stands for when something is counted.

use std::net::{IpAddr, Ipv6Addr};

/// The network that one party holds: an IPv4 address by itself, an IPv6 address with the rest of its /64.
///
/// A line or a server is given a /64 at least, so that counting single IPv6 addresses would give whoever has one 2^64
/// allowances. An IPv4 address that came in through an IPv6 socket (`::ffff:203.0.113.9`) is the IPv4 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// The network of this address.
    pub fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(v4) => IpAddr::V4(v4),
            IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        Network::of(text.parse().unwrap())
    }

    #[test]
    fn an_ipv6_line_is_one_party_and_its_neighbour_another() {
        assert_eq!(network("2001:db8:1:2::1"), network("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
    }

    #[test]
    fn each_ipv4_address_is_a_party_however_it_came_in() {
        assert_ne!(network("203.0.113.9"), network("203.0.113.10"));
        assert_eq!(network("203.0.113.9"), network("::ffff:203.0.113.9"));
    }
}
