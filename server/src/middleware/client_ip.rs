//! Whose address a request counts against.
//!
//! It is the socket's, unless the socket belongs to a proxy that the operator named (`OMNIOPS_TRUSTED_PROXIES`). Only
//! then is `X-Forwarded-For` believed, and only from its end: each proxy appends the address that it was asked from, so
//! the last entry that is not a named proxy is the client, and whatever stands before it the client may have made up.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use http::HeaderMap;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The client's address, in the request's extensions. Never an IPv4 address in IPv6's clothes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

/// The addresses of the proxies in front of us.
#[derive(Debug)]
pub struct TrustedProxies(Vec<IpAddr>);

impl TrustedProxies {
    pub fn new(addresses: &[IpAddr]) -> Self {
        Self(addresses.iter().map(IpAddr::to_canonical).collect())
    }

    /// Whose request this is; nobody's where it did not come over the network.
    pub fn client_of(&self, request: &Request) -> Option<ClientIp> {
        let ConnectInfo(peer) = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
        Some(ClientIp(self.client(peer.ip(), request.headers())))
    }

    /// Walks from the socket towards the client, and stops at the first address that is not a proxy's. An entry that is
    /// no address ends the walk: what stands before it was not written by a proxy of ours.
    fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut nearest = peer.to_canonical();
        let mut entries = headers
            .get_all(FORWARDED_FOR)
            .into_iter()
            .rev()
            .flat_map(|line| line.to_str().unwrap_or_default().rsplit(','))
            .map(address);
        while self.0.contains(&nearest) {
            match entries.next().flatten() {
                Some(before) => nearest = before,
                None => break,
            }
        }
        nearest
    }
}

/// `203.0.113.9`, `2001:db8::1`, and what some proxies make of them: `203.0.113.9:4711`, `[2001:db8::1]:4711`.
fn address(entry: &str) -> Option<IpAddr> {
    let entry = entry.trim();
    let ip = match entry.parse::<SocketAddr>() {
        Ok(with_port) => with_port.ip(),
        Err(_) => entry.trim_start_matches('[').trim_end_matches(']').parse().ok()?,
    };
    Some(ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The client that a request from `peer` with these header lines is from, behind 10.0.0.1 and 10.0.0.2.
    fn client(peer: &str, lines: &[&str]) -> String {
        let trusted = TrustedProxies::new(&["10.0.0.1", "::ffff:10.0.0.2"].map(|ip| ip.parse().unwrap()));
        let headers = lines.iter().map(|line| (FORWARDED_FOR.parse().unwrap(), line.parse().unwrap())).collect();
        trusted.client(peer.parse().unwrap(), &headers).to_string()
    }

    #[test]
    fn a_stranger_cannot_forge_its_address() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
    }

    #[test]
    fn behind_a_named_proxy_the_last_foreign_entry_counts() {
        assert_eq!(client("10.0.0.1", &["1.1.1.1, 203.0.113.9, 10.0.0.2"]), "203.0.113.9");
    }

    #[test]
    fn several_lines_are_one_list() {
        assert_eq!(client("10.0.0.1", &["1.1.1.1", "203.0.113.9", "10.0.0.2"]), "203.0.113.9");
    }

    #[test]
    fn what_stands_before_garbage_is_not_believed() {
        assert_eq!(client("10.0.0.1", &["1.1.1.1, unknown"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["1.1.1.1, unknown, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(client("10.0.0.1", &["1.1.1.1", ""]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &["garbage, 203.0.113.9"]), "203.0.113.9");
    }

    #[test]
    fn a_port_and_the_clothes_of_ipv6_are_taken_off() {
        assert_eq!(client("10.0.0.1", &["1.1.1.1, 203.0.113.9:4711"]), "203.0.113.9");
        assert_eq!(client("::ffff:10.0.0.1", &["[2001:db8::1]:4711"]), "2001:db8::1");
        assert_eq!(client("10.0.0.1", &["::ffff:203.0.113.9"]), "203.0.113.9");
        assert_eq!(client("::ffff:203.0.113.9", &["1.1.1.1"]), "203.0.113.9");
    }

    #[test]
    fn a_proxy_that_says_nothing_counts_itself() {
        assert_eq!(client("10.0.0.1", &[]), "10.0.0.1");
    }
}
