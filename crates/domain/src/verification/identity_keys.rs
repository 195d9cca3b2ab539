//! The keys with which a shop signs who its visitors are. One domain has at most two at a time, so that the shop can change
//! from one to the other without a moment in which its tokens are refused.

use std::fmt;

use omniops_postgres::TenantTx;
use omniops_types::{DomainId, IdentityKey, Permission};
use rand::TryRngCore;
use rand::rngs::OsRng;
use secrecy::SecretString;
use serde_json::json;

use super::queries;
use crate::accounts::{RequestMeta, random_password};
use crate::{Domain, Error, Principal, Result, audit, secrets};

/// Keys that a domain may have at a time.
pub const LIVE_KEYS: usize = 2;

/// A new key, shown this once.
#[derive(Clone)]
pub struct IssuedIdentityKey {
    /// Goes into the token's header as `kid`.
    pub kid: String,
    /// The text itself, not what its base64 stands for, is the key of HS256.
    pub secret: SecretString,
}

impl fmt::Debug for IssuedIdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedIdentityKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// Makes a key for the domain. `conflict` when it has two already: remove one, or rotate.
pub async fn create_identity_key(
    domain: &Domain,
    principal: &Principal,
    domain_id: DomainId,
    meta: &RequestMeta,
) -> Result<IssuedIdentityKey> {
    principal.require(Permission::SettingsWrite)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let host = locked_domain(&mut tx, domain_id).await?;
    if live_keys(&mut tx, domain_id).await?.len() >= LIVE_KEYS {
        return Err(Error::Conflict("this domain has two identity keys already; remove one first"));
    }
    let issued = issue(domain, &mut tx, principal, domain_id, &host, meta).await?;
    tx.commit().await?;
    Ok(issued)
}

/// Makes a key for the domain in place of its oldest; the newest of those that were there goes on working beside it.
pub async fn rotate_identity_key(
    domain: &Domain,
    principal: &Principal,
    domain_id: DomainId,
    meta: &RequestMeta,
) -> Result<IssuedIdentityKey> {
    principal.require(Permission::SettingsWrite)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let host = locked_domain(&mut tx, domain_id).await?;
    let live = live_keys(&mut tx, domain_id).await?;
    let outdated = live.len().saturating_sub(LIVE_KEYS - 1);
    for key in live.iter().take(outdated) {
        take_away(&mut tx, principal, domain_id, &host, &key.kid, meta).await?;
    }
    let issued = issue(domain, &mut tx, principal, domain_id, &host, meta).await?;
    tx.commit().await?;
    Ok(issued)
}

/// Ends a key at once: tokens that it signed are refused from now on.
pub async fn remove_identity_key(
    domain: &Domain,
    principal: &Principal,
    domain_id: DomainId,
    kid: &str,
    meta: &RequestMeta,
) -> Result<()> {
    principal.require(Permission::SettingsWrite)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let host = locked_domain(&mut tx, domain_id).await?;
    if !live_keys(&mut tx, domain_id).await?.iter().any(|key| key.kid == kid) {
        return Err(Error::NotFound("identity key"));
    }
    take_away(&mut tx, principal, domain_id, &host, kid, meta).await?;
    tx.commit().await?;
    Ok(())
}

/// The domain's keys, oldest first.
pub async fn identity_keys(domain: &Domain, principal: &Principal, domain_id: DomainId) -> Result<Vec<IdentityKey>> {
    principal.require(Permission::SettingsRead)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    queries::domain_host(&mut tx, domain_id).await?.ok_or(Error::NotFound("domain"))?;
    live_keys(&mut tx, domain_id).await
}

/// Where the key is kept among the tenant's secrets.
pub(super) fn secret_name(domain_id: DomainId, kid: &str) -> String {
    format!("{}{kid}", prefix(domain_id))
}

fn prefix(domain_id: DomainId) -> String {
    format!("identity.{domain_id}.")
}

async fn locked_domain(tx: &mut TenantTx, domain_id: DomainId) -> Result<String> {
    queries::lock_domain(tx, domain_id).await?.ok_or(Error::NotFound("domain"))
}

async fn live_keys(tx: &mut TenantTx, domain_id: DomainId) -> Result<Vec<IdentityKey>> {
    let prefix = prefix(domain_id);
    let secrets = secrets::summaries(tx, &prefix).await?;
    let mut keys: Vec<IdentityKey> = secrets
        .into_iter()
        .filter_map(|secret| {
            let kid = secret.name.strip_prefix(&prefix)?.to_owned();
            Some(IdentityKey { kid, created_at: secret.created_at })
        })
        .collect();
    keys.sort_by(|a, b| (a.created_at, &a.kid).cmp(&(b.created_at, &b.kid)));
    Ok(keys)
}

async fn issue(
    domain: &Domain,
    tx: &mut TenantTx,
    principal: &Principal,
    domain_id: DomainId,
    host: &str,
    meta: &RequestMeta,
) -> Result<IssuedIdentityKey> {
    let issued = IssuedIdentityKey { kid: new_kid()?, secret: SecretString::from(random_password()?) };
    secrets::put(domain, tx, &secret_name(domain_id, &issued.kid), &issued.secret).await?;
    let change = audit::Change {
        action: "identity_key.created",
        target: host,
        before: None,
        after: Some(json!({ "kid": issued.kid })),
    };
    audit::record_request(tx, principal, meta, change).await?;
    Ok(issued)
}

async fn take_away(
    tx: &mut TenantTx,
    principal: &Principal,
    domain_id: DomainId,
    host: &str,
    kid: &str,
    meta: &RequestMeta,
) -> Result<()> {
    secrets::remove(tx, &secret_name(domain_id, kid)).await?;
    let change = audit::Change {
        action: "identity_key.removed",
        target: host,
        before: Some(json!({ "kid": kid })),
        after: None,
    };
    audit::record_request(tx, principal, meta, change).await
}

/// 64 random bits: enough never to meet again, and short enough for a header.
fn new_kid() -> Result<String> {
    let mut bytes = [0_u8; 8];
    OsRng.try_fill_bytes(&mut bytes).map_err(Error::internal)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
