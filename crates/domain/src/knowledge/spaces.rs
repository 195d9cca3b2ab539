//! Embedding spaces: which vectors may be compared, and which of them answer.

use omniops_embedding::Space;
use omniops_postgres::TenantTx;
use omniops_types::DomainId;

use super::ingest_queries as queries;
use crate::{Domain, Result};

/// A space with its row's number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSpace {
    pub id: i16,
    pub space: Space,
}

/// The space that answers for a domain: the last one that covered all its passages. None before the first crawl.
pub async fn active_space(tx: &mut TenantTx, domain_id: DomainId) -> Result<Option<StoredSpace>> {
    queries::active_space(tx, domain_id).await
}

/// The number of the embedder's space, made when it is new.
pub(super) async fn current_space(domain: &Domain) -> Result<i16> {
    let mut tx = domain.database.system("embedding spaces belong to no tenant").await?;
    let id = queries::get_or_create_space(&mut tx, domain.embedder.space()).await?;
    tx.commit().await?;
    Ok(id)
}

/// Makes the space the one that answers, if it covers every passage of the domain.
pub(super) async fn activate_if_complete(tx: &mut TenantTx, domain_id: DomainId, space_id: i16) -> Result<bool> {
    if queries::passages_without_vector(tx, domain_id, space_id).await? > 0 {
        return Ok(false);
    }
    queries::activate_space(tx, domain_id, space_id).await?;
    Ok(true)
}
