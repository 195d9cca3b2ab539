//! Wrapping the tenants' data keys under a new master key.

use omniops_types::TenantId;
use omniops_vault::VaultError;

use super::queries;
use crate::{Domain, Result, chain};

/// Keys that one transaction wraps anew.
const BATCH: i64 = 200;

/// What a rotation did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rotation {
    /// Data keys that are under the first master key now and were not before.
    pub rewrapped: u64,
    /// Tenants whose data key could not be read: its master key is not set any more, or it was changed.
    pub unreadable: Vec<TenantId>,
}

/// Wraps every tenant's data key under the first master key, batch by batch; what is under it already stays. Secrets are
/// not touched, so whoever reads one meanwhile is not disturbed. For the operator's command.
pub async fn rotate(domain: &Domain) -> Result<Rotation> {
    let master = domain.vault.wrapping_key().ok_or(VaultError::Locked)?.to_string();
    let mut rotation = Rotation::default();
    let mut after = None;
    loop {
        let mut tx = domain.database.system("wrap the tenants' data keys under a new master key").await?;
        let keys = queries::lock_keys_under_others(&mut tx, &master, after, BATCH).await?;
        let Some(last) = keys.last() else { return Ok(rotation) };
        after = Some(last.tenant);
        for key in &keys {
            match domain.vault.rewrap(key.tenant, &key.wrapped) {
                Ok(rewrapped) => {
                    let wrapped = rewrapped.as_deref().unwrap_or(&key.wrapped);
                    queries::update_key(&mut tx, key.tenant, &master, wrapped).await?;
                    rotation.rewrapped += 1;
                }
                Err(error) => {
                    tracing::error!(tenant = %key.tenant, error = chain(&error), "a data key cannot be read");
                    rotation.unreadable.push(key.tenant);
                }
            }
        }
        tx.commit().await?;
    }
}
