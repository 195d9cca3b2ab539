use omniops_postgres::TenantTx;
use omniops_vault::DataKey;

use super::queries;
use crate::{Domain, Error, Result};

/// The tenant's data key; made when there is none yet. Two transactions that make the first one get the same.
pub(crate) async fn data_key(domain: &Domain, tx: &mut TenantTx) -> Result<DataKey> {
    let tenant = tx.tenant_id();
    if let Some(wrapped) = queries::wrapped_key(tx).await? {
        return Ok(domain.vault.unwrap(tenant, &wrapped)?);
    }
    let (_, wrapped) = domain.vault.new_data_key(tenant)?;
    let master = domain.vault.wrapping_key().ok_or(omniops_vault::VaultError::Locked)?;
    // Waits for the other one, where two are first, and leaves the key that was committed.
    queries::insert_key_if_none(tx, &master.to_string(), &wrapped).await?;
    let wrapped = queries::wrapped_key(tx).await?.ok_or_else(|| Error::internal("a key just made is not there"))?;
    Ok(domain.vault.unwrap(tenant, &wrapped)?)
}
