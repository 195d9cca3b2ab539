//! Following a tenant's event log.

use omniops_postgres::{Subscription, event_position};
use omniops_types::{Permission, TenantId};

use crate::{Domain, Principal, Result};

/// From where to follow the log: from `wanted`, as far as the log has got; without it, from the log's end.
pub async fn position(domain: &Domain, tenant: TenantId, wanted: Option<i64>) -> Result<i64> {
    let mut tx = domain.database.tenant(tenant).await?;
    let end = event_position(&mut tx).await?;
    tx.commit().await?;
    Ok(wanted.map_or(end, |wanted| wanted.clamp(0, end)))
}

/// All that happens at the caller's tenant after the event with this number.
pub async fn subscribe(domain: &Domain, principal: &Principal, after: i64) -> Result<Subscription> {
    principal.require(Permission::ConversationsRead)?;
    Ok(domain.database.hub().subscribe(principal.tenant_id, Some(after)).await?)
}
