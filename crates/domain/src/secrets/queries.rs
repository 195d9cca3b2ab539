//! All SQL about tenants' keys and secrets.

use omniops_postgres::{SystemTx, TenantTx};
use omniops_types::{TenantId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use super::SecretSummary;
use crate::Result;

/// A sealed secret with the key that it is sealed under.
#[derive(FromRow)]
pub(super) struct SecretRow {
    pub sealed: Vec<u8>,
    pub wrapped_key: Vec<u8>,
}

/// A tenant's wrapped data key.
pub(super) struct KeyRow {
    pub tenant: TenantId,
    pub wrapped: Vec<u8>,
}

#[derive(FromRow)]
struct SummaryRow {
    name: String,
    hint: Option<String>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl From<SummaryRow> for SecretSummary {
    fn from(row: SummaryRow) -> Self {
        let SummaryRow { name, hint, created_at, updated_at } = row;
        Self { name, hint, created_at, updated_at }
    }
}

pub(super) async fn wrapped_key(tx: &mut TenantTx) -> Result<Option<Vec<u8>>> {
    let wrapped = sqlx::query_scalar::<_, Vec<u8>>("select wrapped from tenant_keys where tenant_id = $1")
        .bind(tx.tenant_id().uuid())
        .fetch_optional(tx.conn())
        .await?;
    Ok(wrapped)
}

pub(super) async fn insert_key_if_none(tx: &mut TenantTx, master_key_id: &str, wrapped: &[u8]) -> Result<()> {
    sqlx::query(
        "insert into tenant_keys (tenant_id, master_key_id, wrapped) values ($1, $2, $3)
         on conflict (tenant_id) do nothing",
    )
    .bind(tx.tenant_id().uuid())
    .bind(master_key_id)
    .bind(wrapped)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn secret(tx: &mut TenantTx, name: &str) -> Result<Option<SecretRow>> {
    let row = sqlx::query_as::<_, SecretRow>(
        "select s.sealed, k.wrapped as wrapped_key
         from tenant_secrets s
         join tenant_keys k on k.tenant_id = s.tenant_id
         where s.tenant_id = $1 and s.name = $2",
    )
    .bind(tx.tenant_id().uuid())
    .bind(name)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row)
}

pub(super) async fn upsert_secret(tx: &mut TenantTx, name: &str, sealed: &[u8], hint: Option<&str>) -> Result<()> {
    sqlx::query(
        "insert into tenant_secrets (tenant_id, name, sealed, hint) values ($1, $2, $3, $4)
         on conflict (tenant_id, name) do update set sealed = excluded.sealed, hint = excluded.hint",
    )
    .bind(tx.tenant_id().uuid())
    .bind(name)
    .bind(sealed)
    .bind(hint)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete_secret(tx: &mut TenantTx, name: &str) -> Result<bool> {
    let done = sqlx::query("delete from tenant_secrets where tenant_id = $1 and name = $2")
        .bind(tx.tenant_id().uuid())
        .bind(name)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn summary(tx: &mut TenantTx, name: &str) -> Result<Option<SecretSummary>> {
    let row = sqlx::query_as::<_, SummaryRow>(
        "select name, hint, created_at, updated_at from tenant_secrets where tenant_id = $1 and name = $2",
    )
    .bind(tx.tenant_id().uuid())
    .bind(name)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(SecretSummary::from))
}

pub(super) async fn summaries(tx: &mut TenantTx, prefix: &str) -> Result<Vec<SecretSummary>> {
    let rows = sqlx::query_as::<_, SummaryRow>(
        "select name, hint, created_at, updated_at from tenant_secrets
         where tenant_id = $1 and starts_with(name, $2)
         order by name",
    )
    .bind(tx.tenant_id().uuid())
    .bind(prefix)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(SecretSummary::from).collect())
}

/// Data keys after this tenant's that other master keys wrap, by tenant, locked: whoever rotates at the same time waits.
pub(super) async fn lock_keys_under_others(
    tx: &mut SystemTx,
    master_key_id: &str,
    after: Option<TenantId>,
    limit: i64,
) -> Result<Vec<KeyRow>> {
    let rows = sqlx::query_as::<_, (Uuid, Vec<u8>)>(
        "select tenant_id, wrapped from tenant_keys
         where master_key_id <> $1 and ($2::uuid is null or tenant_id > $2)
         order by tenant_id
         limit $3
         for update",
    )
    .bind(master_key_id)
    .bind(after.map(TenantId::uuid))
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|(tenant, wrapped)| KeyRow { tenant: tenant.into(), wrapped }).collect())
}

/// Counts the data keys that none of these master keys wraps.
pub(super) async fn count_keys_under_others(tx: &mut SystemTx, master_key_ids: &[String]) -> Result<u64> {
    let count = sqlx::query_scalar::<_, i64>("select count(*) from tenant_keys where master_key_id <> all($1)")
        .bind(master_key_ids)
        .fetch_one(tx.conn())
        .await?;
    Ok(count.unsigned_abs())
}

pub(super) async fn update_key(tx: &mut SystemTx, tenant: TenantId, master_key_id: &str, wrapped: &[u8]) -> Result<()> {
    sqlx::query("update tenant_keys set master_key_id = $2, wrapped = $3 where tenant_id = $1")
        .bind(tenant.uuid())
        .bind(master_key_id)
        .bind(wrapped)
        .execute(tx.conn())
        .await?;
    Ok(())
}
