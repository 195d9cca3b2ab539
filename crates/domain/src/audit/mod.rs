//! The configuration audit log: who changed what, from which value to which. Rows are added in the transaction of the
//! change, so that neither exists without the other, and are never changed.

mod queries;

use omniops_postgres::{SystemTx, TenantTx};
use omniops_types::TenantId;
use serde_json::Value;

use crate::accounts::RequestMeta;
use crate::{Principal, Result};

/// One change of the configuration. Never carries a secret.
#[derive(Clone, Debug, PartialEq)]
pub struct Change<'a> {
    /// `<area>.<what happened>`: `api_key.created`.
    pub action: &'static str,
    /// The thing that changed: an id, a host.
    pub target: &'a str,
    /// Absent when it was not there before.
    pub before: Option<Value>,
    /// Absent when it is gone.
    pub after: Option<Value>,
}

/// Writes the change down.
pub async fn record(tx: &mut TenantTx, principal: &Principal, change: Change<'_>) -> Result<()> {
    let entry = queries::Entry { tenant: tx.tenant_id(), principal, meta: None, change };
    Ok(queries::insert(tx.conn(), entry).await?)
}

/// Writes the change down with the address and the request that it came from.
pub async fn record_request(
    tx: &mut TenantTx,
    principal: &Principal,
    meta: &RequestMeta,
    change: Change<'_>,
) -> Result<()> {
    let entry = queries::Entry { tenant: tx.tenant_id(), principal, meta: Some(meta), change };
    Ok(queries::insert(tx.conn(), entry).await?)
}

/// Writes a change down that had to cross tenants: a new tenant, a user.
pub(crate) async fn record_system(
    tx: &mut SystemTx,
    tenant: TenantId,
    principal: &Principal,
    change: Change<'_>,
) -> Result<()> {
    let entry = queries::Entry { tenant, principal, meta: None, change };
    Ok(queries::insert(tx.conn(), entry).await?)
}
