//! The store of a domain that is named by its host, as the settings page and the API speak of it.

use omniops_types::{StoreCheck, StoreSettings, UpdateStore};
use secrecy::SecretString;

use super::service::{self, NewConnection, StoreKeys};
use crate::accounts::RequestMeta;
use crate::tenants::domain_named;
use crate::{Domain, Error, Principal, Result};

/// The store behind the tenant's domain of this host. `not_found` for a host that is not the tenant's.
pub async fn store_settings(domain: &Domain, principal: &Principal, host: &str) -> Result<StoreSettings> {
    let id = domain_named(domain, principal, host).await?;
    Ok(StoreSettings { connection: service::connection(domain, principal, id).await? })
}

/// Connects a store, in place of the one that was. The store is not asked: see [`check_store`].
pub async fn update_store(
    domain: &Domain,
    principal: &Principal,
    update: UpdateStore,
    meta: &RequestMeta,
) -> Result<StoreSettings> {
    let UpdateStore { domain: host, kind, base_url, consumer_key, consumer_secret } = update;
    let keys = match (consumer_key, consumer_secret) {
        (None, None) => None,
        (Some(key), Some(secret)) => {
            Some(StoreKeys { consumer_key: SecretString::from(key), consumer_secret: SecretString::from(secret) })
        }
        (None, Some(_)) => return Err(Error::field("consumer_key", "is missing: keys come in pairs")),
        (Some(_), None) => return Err(Error::field("consumer_secret", "is missing: keys come in pairs")),
    };
    let id = domain_named(domain, principal, &host).await?;
    let new = NewConnection { kind, base_url, keys };
    let connection = service::set_connection(domain, principal, id, new, meta).await?;
    Ok(StoreSettings { connection: Some(connection) })
}

/// Asks the connected store whether its products and orders may be read. `not_found` when none is connected.
pub async fn check_store(domain: &Domain, principal: &Principal, host: &str) -> Result<StoreCheck> {
    let id = domain_named(domain, principal, host).await?;
    service::check_connection(domain, principal, id).await
}

/// Disconnects the store and forgets its keys. `not_found` when none is connected.
pub async fn remove_store(domain: &Domain, principal: &Principal, host: &str, meta: &RequestMeta) -> Result<()> {
    let id = domain_named(domain, principal, host).await?;
    service::remove_connection(domain, principal, id, meta).await
}
