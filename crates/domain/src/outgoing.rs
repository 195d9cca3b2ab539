//! HTTP clients for addresses that tenants set: a model's provider, a store, the services behind a tenant's own tools.
//!
//! A tenant's address is a stranger's. It gets a client that connects to public addresses alone, whatever the name resolves
//! to and when; a host that the operator allows although it is private gets another, so that the two never share a
//! resolver or a connection. Both follow no redirect and use no proxy: that is for the builder to say, which each kind of
//! service has its own of. The crawler and the operator's webhook have clients of their own.

use std::fmt;
use std::sync::{Arc, OnceLock};

use omniops_crawler::{AllowList, GuardedResolver, Refusal, SystemLookup, check_url};
use reqwest::{Client, ClientBuilder};
use url::Url;

use crate::{Error, Result};

/// One client for public hosts, one for those that the operator allows; made when first needed.
pub(crate) struct GuardedClients {
    builder: fn() -> ClientBuilder,
    made: OnceLock<Pair>,
}

struct Pair {
    public: Client,
    unrestricted: Client,
}

/// Why there is no client for an address.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoClient {
    /// The address is private, or none that is fetched.
    #[error("the address is refused")]
    Refused(#[from] Refusal),
    /// The machine's TLS set-up cannot be read.
    #[error("no HTTP client could be made")]
    Setup(#[from] reqwest::Error),
}

impl From<NoClient> for Error {
    fn from(error: NoClient) -> Self {
        Self::internal(error)
    }
}

impl GuardedClients {
    /// `builder` sets time limits and must neither follow redirects nor use a proxy; the resolver is set here.
    pub(crate) const fn new(builder: fn() -> ClientBuilder) -> Self {
        Self { builder, made: OnceLock::new() }
    }

    /// The client for an address that a tenant set, if it may be asked. To be called for each request: the operator's list
    /// and the address may have changed since it was saved.
    pub(crate) fn for_url(&self, url: &Url, allow: &AllowList) -> std::result::Result<&Client, NoClient> {
        check_url(url, allow)?;
        let pair = self.pair()?;
        Ok(if allow.allows(url) { &pair.unrestricted } else { &pair.public })
    }

    /// For addresses that the operator set: a service may run beside the server.
    pub(crate) fn trusted(&self) -> Result<&Client> {
        Ok(&self.pair().map_err(NoClient::from)?.unrestricted)
    }

    fn pair(&self) -> std::result::Result<&Pair, reqwest::Error> {
        if let Some(pair) = self.made.get() {
            return Ok(pair);
        }
        let lookup = Arc::new(SystemLookup);
        let client = |resolver: GuardedResolver| (self.builder)().dns_resolver(Arc::new(resolver)).build();
        let pair = Pair {
            public: client(GuardedResolver::public_only(lookup.clone()))?,
            unrestricted: client(GuardedResolver::unrestricted(lookup))?,
        };
        Ok(self.made.get_or_init(|| pair))
    }
}

impl fmt::Debug for GuardedClients {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GuardedClients").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use omniops_crawler::Refusal;

    use super::*;

    const CLIENTS: fn() -> GuardedClients = || GuardedClients::new(|| Client::builder().no_proxy());

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    /// A server on this machine that says yes to everything, and its port.
    async fn neighbour() -> u16 {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move { axum::serve(listener, axum::Router::new().fallback(|| async { "yes" })).await });
        port
    }

    #[test]
    fn a_private_address_has_no_client_unless_the_operator_allows_it() {
        let clients = CLIENTS();
        for private in ["http://127.0.0.1:8080/", "http://10.0.0.1/", "http://[::1]/", "http://2130706433/"] {
            let refused = clients.for_url(&url(private), &AllowList::default()).unwrap_err();
            assert!(matches!(refused, NoClient::Refused(Refusal::Private { .. })), "{private}: {refused:?}");
        }
        let refused = clients.for_url(&url("ftp://shop.example/"), &AllowList::default()).unwrap_err();
        assert!(matches!(refused, NoClient::Refused(Refusal::Scheme(_))), "{refused:?}");
        assert!(clients.for_url(&url("http://127.0.0.1:8080/"), &AllowList::new(["127.0.0.1:8080"])).is_ok());
        assert!(clients.for_url(&url("https://shop.example/"), &AllowList::default()).is_ok());
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_reached_by_the_operators_leave_alone() {
        let clients = CLIENTS();
        let address = url(&format!("http://localhost:{}/", neighbour().await));
        let stranger = clients.for_url(&address, &AllowList::default()).unwrap();
        assert!(stranger.get(address.clone()).send().await.unwrap_err().is_connect());
        let allowed = clients.for_url(&address, &AllowList::new(["localhost"])).unwrap();
        assert_eq!(allowed.get(address.clone()).send().await.unwrap().text().await.unwrap(), "yes");
        let trusted = clients.trusted().unwrap();
        assert_eq!(trusted.get(address).send().await.unwrap().text().await.unwrap(), "yes");
    }
}
