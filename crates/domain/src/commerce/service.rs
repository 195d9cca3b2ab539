//! Connecting a store to a domain.

use omniops_crawler::check_url;
use omniops_postgres::TenantTx;
use omniops_types::{DomainId, FieldErrors, Permission, StoreCheck, StoreConnection, StoreKind, StoreProblem};
use omniops_woocommerce::StoreAddress;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use super::queries::{self, ConnectionRow, Target};
use super::stores::{allow_list, client};
use crate::accounts::RequestMeta;
use crate::{Actor, Domain, Error, Principal, Result, audit, secrets};

/// The longest key, in characters; WooCommerce's have 43.
const MAX_KEY: usize = 200;
const MAX_ADDRESS: usize = 500;

/// A store to connect.
#[derive(Clone, Debug)]
pub struct NewConnection {
    pub kind: StoreKind,
    /// The store's home address, as people paste it. Must be spelled as the store has its own configured.
    pub base_url: String,
    /// May be left out when only other things change; not when the address does.
    pub keys: Option<StoreKeys>,
}

/// A pair of REST API keys that may read.
#[derive(Clone)]
pub struct StoreKeys {
    /// `ck_…`
    pub consumer_key: SecretString,
    /// `cs_…`
    pub consumer_secret: SecretString,
}

impl std::fmt::Debug for StoreKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("StoreKeys(hidden)")
    }
}

/// The store behind a domain; `None` when none is connected.
pub async fn connection(
    domain: &Domain,
    principal: &Principal,
    domain_id: DomainId,
) -> Result<Option<StoreConnection>> {
    principal.require(Permission::SettingsRead)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    match queries::connection(&mut tx, domain_id).await? {
        Some(row) => Ok(Some(described(&mut tx, row).await?)),
        None => Ok(None),
    }
}

/// Connects a store to a domain, in place of the one that was. The store is not asked: see [`check_connection`].
pub async fn set_connection(
    domain: &Domain,
    principal: &Principal,
    domain_id: DomainId,
    new: NewConnection,
    meta: &RequestMeta,
) -> Result<StoreConnection> {
    principal.require(Permission::SettingsWrite)?;
    let allow_own_host = matches!(principal.actor, Actor::CommandLine | Actor::System);
    let address = checked_address(domain, &new.base_url, allow_own_host)?;
    new.keys.as_ref().map_or(Ok(()), check_keys)?;

    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    if !queries::lock_domain(&mut tx, domain_id).await? {
        return Err(Error::NotFound("domain"));
    }
    let before = queries::connection(&mut tx, domain_id).await?;
    // Keys go to the address for which they were given. Who may change the address but never saw the keys must not have
    // them sent to a place of their own.
    if new.keys.is_none() && before.as_ref().is_none_or(|before| before.base_url != address.as_str()) {
        return Err(Error::field(
            "consumer_key",
            "enter the keys: they are only sent to the address they were given for",
        ));
    }
    let (consumer_key_name, consumer_secret_name) = secret_names(domain_id);
    if let Some(keys) = &new.keys {
        secrets::put(domain, &mut tx, &consumer_key_name, &trimmed(&keys.consumer_key)).await?;
        secrets::put(domain, &mut tx, &consumer_secret_name, &trimmed(&keys.consumer_secret)).await?;
    }
    let target = Target {
        kind: new.kind.as_str(),
        base_url: address.as_str(),
        consumer_key_name: &consumer_key_name,
        consumer_secret_name: &consumer_secret_name,
        allow_own_host,
    };
    let row = queries::upsert_connection(&mut tx, domain_id, target).await?;
    let mut after = facts(&row);
    if let Some(facts) = after.as_object_mut() {
        facts.insert("changed_keys".to_owned(), Value::Bool(new.keys.is_some()));
    }
    let target = domain_id.to_string();
    let change = audit::Change {
        action: "commerce.connected",
        target: &target,
        before: before.as_ref().map(facts),
        after: Some(after),
    };
    audit::record_request(&mut tx, principal, meta, change).await?;
    let connection = described(&mut tx, row).await?;
    tx.commit().await?;
    Ok(connection)
}

/// Disconnects the domain's store and forgets its keys. `not_found` when there is none.
pub async fn remove_connection(
    domain: &Domain,
    principal: &Principal,
    domain_id: DomainId,
    meta: &RequestMeta,
) -> Result<()> {
    principal.require(Permission::SettingsWrite)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    if !queries::lock_domain(&mut tx, domain_id).await? {
        return Err(Error::NotFound("domain"));
    }
    let Some(row) = queries::connection(&mut tx, domain_id).await? else {
        return Err(Error::NotFound("connection"));
    };
    queries::delete_connection(&mut tx, domain_id).await?;
    secrets::remove(&mut tx, &row.consumer_key_name).await?;
    secrets::remove(&mut tx, &row.consumer_secret_name).await?;
    let target = domain_id.to_string();
    let change =
        audit::Change { action: "commerce.disconnected", target: &target, before: Some(facts(&row)), after: None };
    audit::record_request(&mut tx, principal, meta, change).await?;
    tx.commit().await?;
    Ok(())
}

/// Asks the connected store whether it lets its products and orders be read. `not_found` when none is connected.
pub async fn check_connection(domain: &Domain, principal: &Principal, domain_id: DomainId) -> Result<StoreCheck> {
    principal.require(Permission::SettingsWrite)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let store = client(domain, &mut tx, domain_id).await?.ok_or(Error::NotFound("connection"))?;
    // No transaction stays open while a stranger thinks.
    tx.commit().await?;
    Ok(match store.check().await {
        Ok(info) => StoreCheck::Works { name: info.name, currency: info.currency },
        Err(error) => {
            tracing::info!(error = &error as &dyn std::error::Error, "a store failed its check");
            StoreCheck::Fails { problem: problem(&error) }
        }
    })
}

fn problem(error: &omniops_woocommerce::Error) -> StoreProblem {
    use omniops_woocommerce::Error;
    match error {
        Error::Unauthorized { .. } | Error::Forbidden { .. } => StoreProblem::KeysRefused,
        Error::NoApi => StoreProblem::NoApi,
        Error::Redirected => StoreProblem::Redirected,
        Error::RateLimited { .. } => StoreProblem::Busy,
        error if error.is_temporary() => StoreProblem::Unavailable,
        _ => StoreProblem::Unusable,
    }
}

fn checked_address(domain: &Domain, text: &str, allow_own_host: bool) -> Result<StoreAddress> {
    let address: StoreAddress =
        text.parse().map_err(|error: omniops_woocommerce::Error| Error::field("base_url", &error.to_string()))?;
    if address.as_str().len() > MAX_ADDRESS {
        return Err(Error::field("base_url", "at most 500 characters"));
    }
    let allow = allow_list(&domain.settings, &address, allow_own_host);
    check_url(address.url(), &allow).map_err(|refusal| Error::field("base_url", &refusal.to_string()))?;
    Ok(address)
}

fn check_keys(keys: &StoreKeys) -> Result<()> {
    let mut errors = FieldErrors::new();
    for (field, key, prefix) in
        [("consumer_key", &keys.consumer_key, "ck_"), ("consumer_secret", &keys.consumer_secret, "cs_")]
    {
        let key = key.expose_secret().trim();
        if !key.starts_with(prefix)
            || key.len() > MAX_KEY
            || !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        {
            errors.insert(field.to_owned(), format!("must be a key that begins with {prefix}"));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::InvalidFields(errors)) }
}

fn trimmed(key: &SecretString) -> SecretString {
    SecretString::from(key.expose_secret().trim())
}

/// Under which names the keys of a domain's store are kept.
fn secret_names(domain_id: DomainId) -> (String, String) {
    (format!("commerce.{domain_id}.consumer_key"), format!("commerce.{domain_id}.consumer_secret"))
}

/// For the audit log: everything but the keys.
fn facts(row: &ConnectionRow) -> Value {
    json!({ "kind": row.kind, "base_url": row.base_url, "allow_own_host": row.allow_own_host })
}

async fn described(tx: &mut TenantTx, row: ConnectionRow) -> Result<StoreConnection> {
    let key = secrets::summary(tx, &row.consumer_key_name).await?;
    Ok(StoreConnection {
        // The only one there is.
        kind: StoreKind::WooCommerce,
        base_url: row.base_url,
        key_hint: key.and_then(|key| key.hint),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}
