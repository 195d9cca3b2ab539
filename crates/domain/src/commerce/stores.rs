//! Connected stores, ready to be asked.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use omniops_crawler::AllowList;
use omniops_postgres::TenantTx;
use omniops_types::{DomainId, TenantId, Timestamp};
use omniops_woocommerce::{Client, Keys, Options, StoreAddress, http_client};

use super::Commerce;
use super::queries::{self, ConnectionRow};
use super::woocommerce::WooCommerce;
use crate::outgoing::{GuardedClients, NoClient};
use crate::{Domain, Error, Result, Settings, secrets};

/// Stores that are kept ready. One that falls out is made anew.
const MOST_STORES: u64 = 1_000;
const IDLE: Duration = Duration::from_secs(600);

/// What the process remembers of stores: connections to them, and their currencies.
pub(crate) struct Stores {
    ready: Cache<(TenantId, DomainId), Ready>,
    http: GuardedClients,
}

impl Default for Stores {
    fn default() -> Self {
        Self {
            ready: Cache::builder().max_capacity(MOST_STORES).time_to_idle(IDLE).build(),
            http: GuardedClients::new(|| http_client(&Options::default())),
        }
    }
}

#[derive(Clone)]
struct Ready {
    /// The connection's time stamp: another one is another connection.
    of: Timestamp,
    client: Arc<Client>,
}

/// The hosts that this connection may reach although they are private: those that the operator listed, and its own if the
/// operator connected it, outside production.
pub(super) fn allow_list(settings: &Settings, address: &StoreAddress, allow_own_host: bool) -> AllowList {
    let mut allowed = settings.allow_private_hosts.clone();
    let url = address.url();
    if allow_own_host
        && !settings.production
        && let (Some(host), Some(port)) = (url.host_str(), url.port_or_known_default())
    {
        allowed.push(format!("{host}:{port}"));
    }
    AllowList::new(allowed)
}

/// The store behind the domain; `None` when the tenant connected none. Whether it answers is seen when it is asked.
pub async fn connect(domain: &Domain, tenant: TenantId, domain_id: DomainId) -> Result<Option<Arc<dyn Commerce>>> {
    let mut tx = domain.database.tenant(tenant).await?;
    let client = client(domain, &mut tx, domain_id).await?;
    tx.commit().await?;
    Ok(client.map(|client| Arc::new(WooCommerce(client)) as Arc<dyn Commerce>))
}

/// The client for the domain's store, with the keys that are kept for it.
pub(super) async fn client(domain: &Domain, tx: &mut TenantTx, domain_id: DomainId) -> Result<Option<Arc<Client>>> {
    let place = (tx.tenant_id(), domain_id);
    let Some(row) = queries::connection(tx, domain_id).await? else {
        domain.stores.ready.invalidate(&place);
        return Ok(None);
    };
    if let Some(ready) = domain.stores.ready.get(&place).filter(|ready| ready.of == row.updated_at) {
        return Ok(Some(ready.client));
    }
    let Some(client) = open(domain, tx, &row).await?.map(Arc::new) else { return Ok(None) };
    domain.stores.ready.insert(place, Ready { of: row.updated_at, client: client.clone() });
    Ok(Some(client))
}

/// `None` for an address that the operator does not allow any more.
async fn open(domain: &Domain, tx: &mut TenantTx, row: &ConnectionRow) -> Result<Option<Client>> {
    let address: StoreAddress = row.base_url.parse().map_err(Error::internal)?;
    let allow = allow_list(&domain.settings, &address, row.allow_own_host);
    let http = match domain.stores.http.for_url(address.url(), &allow) {
        Ok(http) => http,
        Err(NoClient::Refused(refusal)) => {
            tracing::warn!(error = &refusal as &dyn std::error::Error, "a connected store is not asked");
            return Ok(None);
        }
        Err(error @ NoClient::Setup(_)) => return Err(error.into()),
    };
    let missing = || Error::internal("the keys of a connected store are not among the tenant's secrets");
    let keys = Keys {
        consumer_key: secrets::get(domain, tx, &row.consumer_key_name).await?.ok_or_else(missing)?,
        consumer_secret: secrets::get(domain, tx, &row.consumer_secret_name).await?.ok_or_else(missing)?,
    };
    Ok(Some(Client::new(http.clone(), address, keys, Options::default())))
}
