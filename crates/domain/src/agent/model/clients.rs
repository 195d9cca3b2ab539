//! HTTP clients for addresses that tenants set: no redirects, no proxy, no private hosts but those allowed.

use std::sync::Arc;
use std::time::Duration;

use omniops_crawler::{AllowList, GuardedResolver, SystemLookup};
use omniops_llm::http_client_builder;
use url::Url;

use crate::{Error, Result};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// One client for public hosts, one for those that the operator allows.
#[derive(Clone, Debug)]
pub(crate) struct GuardedClients {
    public: reqwest::Client,
    unrestricted: reqwest::Client,
    allow: Arc<AllowList>,
}

impl GuardedClients {
    pub(super) fn new(allow_private_hosts: &[String]) -> Result<Self> {
        let lookup = Arc::new(SystemLookup);
        Ok(Self {
            public: client(GuardedResolver::public_only(lookup.clone()))?,
            unrestricted: client(GuardedResolver::unrestricted(lookup))?,
            allow: Arc::new(AllowList::new(allow_private_hosts)),
        })
    }

    pub(crate) fn allow(&self) -> &AllowList {
        &self.allow
    }

    /// The client for an address that a tenant set; `check_url` refuses literal private addresses beside it.
    pub(crate) fn for_url(&self, url: &Url) -> &reqwest::Client {
        if self.allow.allows(url) { &self.unrestricted } else { &self.public }
    }

    /// For addresses that the operator set.
    pub(super) fn trusted(&self) -> &reqwest::Client {
        &self.unrestricted
    }
}

fn client(resolver: GuardedResolver) -> Result<reqwest::Client> {
    http_client_builder(CONNECT_TIMEOUT)
        .tcp_nodelay(true)
        .dns_resolver(Arc::new(resolver))
        .build()
        .map_err(Error::internal)
}
