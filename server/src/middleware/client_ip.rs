//! Whose address a request counts against.
//!
//! It is the socket's, unless the socket belongs to a proxy that the operator named: only then is
//! `X-Forwarded-For` believed, and of it the last entry that is not such a proxy. Anybody can send the header.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::HeaderMap;

const FORWARDED_FOR: &str = "x-forwarded-for";

/// The client's address, in the request's extensions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

/// The addresses of the proxies in front of us.
pub type TrustedProxies = Arc<[IpAddr]>;

/// Finds the client's address.
pub async fn find(State(trusted): State<TrustedProxies>, mut request: Request, next: Next) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip());
    if let Some(peer) = peer {
        let ip = client(peer, request.headers(), &trusted);
        request.extensions_mut().insert(ClientIp(ip));
    }
    next.run(request).await
}

fn client(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> IpAddr {
    if !trusted.contains(&peer) {
        return peer;
    }
    let entries: Vec<IpAddr> = headers
        .get_all(FORWARDED_FOR)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|entry| entry.trim().parse().ok())
        .collect();
    entries.into_iter().rev().find(|ip| !trusted.contains(ip)).unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(FORWARDED_FOR.parse().unwrap(), value.parse().unwrap())])
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_stranger_cannot_forge_its_address() {
        assert_eq!(client(ip("203.0.113.9"), &headers("198.51.100.1"), &[ip("10.0.0.1")]), ip("203.0.113.9"));
    }

    #[test]
    fn behind_a_named_proxy_the_last_foreign_entry_counts() {
        let trusted = [ip("10.0.0.1"), ip("10.0.0.2")];
        let sent = headers("1.1.1.1, 203.0.113.9, 10.0.0.2");
        assert_eq!(client(ip("10.0.0.1"), &sent, &trusted), ip("203.0.113.9"));
    }

    #[test]
    fn a_proxy_that_says_nothing_counts_itself() {
        assert_eq!(client(ip("10.0.0.1"), &HeaderMap::new(), &[ip("10.0.0.1")]), ip("10.0.0.1"));
    }
}
