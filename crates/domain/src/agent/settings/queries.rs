//! All SQL about the agent's settings.

use omniops_postgres::TenantTx;
use omniops_types::AgentSettings;
use sqlx::types::Json;

use crate::Result;

/// The settings and their version; `None` where nobody ever changed any.
pub(super) async fn settings(tx: &mut TenantTx) -> Result<Option<(AgentSettings, i64)>> {
    let row = sqlx::query_as::<_, (Json<AgentSettings>, i64)>(
        "select settings, version from agent_settings where tenant_id = $1",
    )
    .bind(tx.tenant_id().uuid())
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|(settings, version)| (settings.0, version)))
}

/// Makes sure of a row and locks it against other writers; gives what [`settings`] does.
pub(super) async fn lock_settings(tx: &mut TenantTx, default: &AgentSettings) -> Result<(AgentSettings, i64)> {
    sqlx::query("insert into agent_settings (tenant_id, settings) values ($1, $2) on conflict do nothing")
        .bind(tx.tenant_id().uuid())
        .bind(Json(default))
        .execute(tx.conn())
        .await?;
    let (settings, version) = sqlx::query_as::<_, (Json<AgentSettings>, i64)>(
        "select settings, version from agent_settings where tenant_id = $1 for no key update",
    )
    .bind(tx.tenant_id().uuid())
    .fetch_one(tx.conn())
    .await?;
    Ok((settings.0, version))
}

/// Replaces the settings; gives their new version.
pub(super) async fn save_settings(tx: &mut TenantTx, settings: &AgentSettings) -> Result<i64> {
    let version = sqlx::query_scalar::<_, i64>(
        "update agent_settings set settings = $2, version = version + 1 where tenant_id = $1 returning version",
    )
    .bind(tx.tenant_id().uuid())
    .bind(Json(settings))
    .fetch_one(tx.conn())
    .await?;
    Ok(version)
}
