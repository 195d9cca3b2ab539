//! The guard against server-side request forgery: a crawler takes addresses from strangers and runs inside
//! the operator's network, so it must never reach what only that network may reach.
//!
//! A name is resolved, every address is checked, and the connection goes to exactly the addresses that were
//! checked: [`GuardedResolver`] *is* the HTTP client's resolver, so a name that answers differently a second
//! time (DNS rebinding) is checked a second time. Hosts of the [`AllowList`] use a client of their own.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

/// Why the guard let an address not through.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    #[error("only http and https addresses are fetched, not {0}:")]
    Scheme(String),
    #[error("an address with a user name or password is not fetched")]
    Credentials,
    #[error("the address has no host")]
    NoHost,
    #[error("{host} is a private address ({address}); list it in OMNIOPS_ALLOW_PRIVATE_HOSTS to allow it")]
    Private { host: String, address: IpAddr },
}

/// `host[:port]` entries that may be fetched although their addresses are private. Without a port, any port.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    entries: Vec<(String, Option<u16>)>,
}

impl AllowList {
    /// Reads `shop.local`, `127.0.0.1:8080`, `[::1]:8080`; an entry that is none of these matches nothing.
    pub fn new<S: AsRef<str>>(entries: impl IntoIterator<Item = S>) -> Self {
        Self { entries: entries.into_iter().filter_map(|entry| parse_entry(entry.as_ref().trim())).collect() }
    }

    /// Whether this address's host and port are listed.
    pub fn allows(&self, url: &Url) -> bool {
        let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default()) else {
            return false;
        };
        self.entries.iter().any(|(listed, on)| listed == host && on.is_none_or(|on| on == port))
    }
}

/// Brings an entry to the spelling that `Url` gives its hosts, so that `0x7f.1` and `127.0.0.1` are one.
fn parse_entry(entry: &str) -> Option<(String, Option<u16>)> {
    // `Url` drops a scheme's own port, so it is read from both schemes.
    let http = Url::parse(&format!("http://{entry}/")).ok()?;
    let https = Url::parse(&format!("https://{entry}/")).ok()?;
    if http.path() != "/" || http.query().is_some() || http.fragment().is_some() || !http.username().is_empty() {
        return None;
    }
    let has_port = entry.rsplit_once(':').is_some_and(|(_, port)| !port.contains(']') && !port.is_empty());
    let port = has_port.then(|| http.port().or_else(|| https.port())).flatten();
    Some((http.host_str()?.to_owned(), port))
}

/// Where names become addresses; a test scripts it.
#[async_trait]
pub trait Lookup: Send + Sync {
    async fn lookup(&self, host: &str) -> std::io::Result<Vec<IpAddr>>;
}

/// The operating system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn lookup(&self, host: &str) -> std::io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// Resolves names for the HTTP client and refuses those with a private address among their answers.
#[derive(Clone)]
pub struct GuardedResolver {
    lookup: Arc<dyn Lookup>,
    allow_private: bool,
}

impl fmt::Debug for GuardedResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedResolver").field("allow_private", &self.allow_private).finish_non_exhaustive()
    }
}

impl GuardedResolver {
    /// Gives public addresses only.
    pub fn public_only(lookup: Arc<dyn Lookup>) -> Self {
        Self { lookup, allow_private: false }
    }

    /// Gives any address: for the hosts of the allow-list.
    pub fn unrestricted(lookup: Arc<dyn Lookup>) -> Self {
        Self { lookup, allow_private: true }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let resolver = self.clone();
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let addresses = resolver.lookup.lookup(&host).await?;
            // One private address among public ones is refused as a whole: the client would try them all.
            if !resolver.allow_private
                && let Some(private) = addresses.iter().find(|address| !is_public(**address))
            {
                return Err(Refusal::Private { host, address: *private }.into());
            }
            let addresses: Addrs = Box::new(addresses.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(addresses)
        })
    }
}

/// What can be refused without resolving: scheme, credentials, and literal addresses in any notation
/// (`Url` has brought `http://2130706433/` and `http://0x7f.1/` to `127.0.0.1` by now).
pub fn check_url(url: &Url, allow: &AllowList) -> Result<(), Refusal> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(Refusal::Scheme(url.scheme().to_owned()));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Refusal::Credentials);
    }
    let address = match url.host() {
        None => return Err(Refusal::NoHost),
        Some(Host::Domain(_)) => return Ok(()),
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
    };
    if is_public(address) || allow.allows(url) {
        Ok(())
    } else {
        Err(Refusal::Private { host: url.host_str().unwrap_or_default().to_owned(), address })
    }
}

/// Whether an address belongs to the public Internet. Ranges: the IANA special-purpose registries.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local() // 169.254/16, the clouds' metadata services among it
        || address.is_documentation()
        || address.is_multicast()
        || a == 0 // "this network"
        || (a == 100 && (64..128).contains(&b)) // 100.64/10, carrier-grade NAT
        || (a == 192 && b == 0 && c == 0) // protocol assignments
        || (a == 192 && b == 88 && c == 99) // 6to4 relays
        || (a == 198 && (b == 18 || b == 19)) // benchmarking
        || a >= 240; // reserved and broadcast
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = embedded_v4(address) {
        return is_public_v4(inner);
    }
    let [first, second, ..] = address.segments();
    // Only 2000::/3 is global unicast; loopback, unspecified, ULA, link-local, site-local and multicast are outside.
    let global = (first & 0xe000) == 0x2000;
    let protocol_assignment = first == 0x2001 && second < 0x0200; // Teredo, ORCHID, benchmarking
    let documentation = (first == 0x2001 && second == 0x0db8) || (first == 0x3fff && second < 0x1000);
    global && !protocol_assignment && !documentation
}

/// The IPv4 address that a translating IPv6 address leads to: mapped, compatible, NAT64, 6to4.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = address.segments();
    let low = || Ipv4Addr::from((u32::from(g) << 16) | u32::from(h));
    match (a, b, c, d, e, f) {
        (0, 0, 0, 0, 0, 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => Some(low()),
        (0, 0, 0, 0, 0, 0) if address != Ipv6Addr::LOCALHOST && address != Ipv6Addr::UNSPECIFIED => Some(low()),
        (0x2002, ..) => Some(Ipv4Addr::from((u32::from(b) << 16) | u32::from(c))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(url: &str) -> bool {
        check_url(&Url::parse(url).unwrap(), &AllowList::default()).is_err()
    }

    #[test]
    fn private_literals_are_refused_in_every_notation() {
        for url in [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://0/",
            "http://10.1.2.3/",
            "http://172.31.0.1/",
            "http://192.168.1.1/",
            "http://169.254.169.254/latest/meta-data/",
            "http://100.100.100.200/",
            "http://198.18.0.1/",
            "http://255.255.255.255/",
            "http://[::1]/",
            "http://[::]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:a9fe:a9fe]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[64:ff9b:1::a00:1]/",
            "http://[2002:7f00:1::]/",
            "http://[::7f00:1]/",
            "http://[fc00::1]/",
            "http://[fd00:ec2::254]/",
            "http://[fe80::1]/",
            "http://[ff02::1]/",
            "http://[2001:db8::1]/",
            "http://127。0。0。1/",
        ] {
            assert!(refused(url), "{url} got through");
        }
    }

    #[test]
    fn other_schemes_and_credentials_are_refused() {
        for url in ["file:///etc/passwd", "ftp://example.com/", "gopher://example.com/", "http://user:pw@example.com/"]
        {
            assert!(refused(url), "{url} got through");
        }
    }

    #[test]
    fn public_addresses_pass() {
        for url in
            ["http://example.com/", "https://1.1.1.1/", "http://[2606:4700::1111]/", "http://[64:ff9b::101:101]/"]
        {
            assert!(!refused(url), "{url} was refused");
        }
    }

    #[test]
    fn the_allow_list_is_exact_about_the_port() {
        let allow = AllowList::new(["127.0.0.1:8080", "shop.local", "[::1]:99", "10.0.0.1:80"]);
        let allows = |url: &str| allow.allows(&Url::parse(url).unwrap());
        assert!(allows("http://127.0.0.1:8080/a"));
        assert!(allows("http://2130706433:8080/a"), "the same address in another notation");
        assert!(!allows("http://127.0.0.1:8081/"));
        assert!(!allows("http://127.0.0.1/"));
        assert!(allows("https://shop.local:444/"));
        assert!(!allows("http://evil.shop.local/"));
        assert!(allows("http://[::1]:99/"));
        assert!(!allows("http://[::1]/"));
        assert!(allows("http://10.0.0.1/"), "80 is the scheme's own port");
        assert!(!allows("https://10.0.0.1/"));
    }

    #[test]
    fn an_entry_that_is_no_host_matches_nothing() {
        assert_eq!(AllowList::new(["", "http://x/", "a/b", "u@h"]), AllowList::default());
    }
}
