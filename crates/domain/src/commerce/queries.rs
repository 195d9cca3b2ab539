//! All SQL about connected stores.

use omniops_postgres::TenantTx;
use omniops_types::{DomainId, Timestamp};
use sqlx::FromRow;

use crate::Result;

#[derive(Clone, Debug, FromRow)]
pub(super) struct ConnectionRow {
    pub kind: String,
    pub base_url: String,
    pub consumer_key_name: String,
    pub consumer_secret_name: String,
    pub allow_own_host: bool,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Whether the tenant has this domain. Held to the end of the transaction, so that two changes of its connection wait for
/// each other.
pub(super) async fn lock_domain(tx: &mut TenantTx, domain_id: DomainId) -> Result<bool> {
    let found =
        sqlx::query_scalar::<_, bool>("select true from domains where tenant_id = $1 and id = $2 for no key update")
            .bind(tx.tenant_id().uuid())
            .bind(domain_id.uuid())
            .fetch_optional(tx.conn())
            .await?;
    Ok(found.is_some())
}

pub(super) async fn connection(tx: &mut TenantTx, domain_id: DomainId) -> Result<Option<ConnectionRow>> {
    let row = sqlx::query_as(
        "select kind, base_url, consumer_key_name, consumer_secret_name, allow_own_host, created_at, updated_at
         from commerce_connections
         where tenant_id = $1 and domain_id = $2",
    )
    .bind(tx.tenant_id().uuid())
    .bind(domain_id.uuid())
    .fetch_optional(tx.conn())
    .await?;
    Ok(row)
}

/// What a connection is set to.
pub(super) struct Target<'a> {
    pub kind: &'a str,
    pub base_url: &'a str,
    pub consumer_key_name: &'a str,
    pub consumer_secret_name: &'a str,
    pub allow_own_host: bool,
}

pub(super) async fn upsert_connection(
    tx: &mut TenantTx,
    domain_id: DomainId,
    target: Target<'_>,
) -> Result<ConnectionRow> {
    let row = sqlx::query_as(
        "insert into commerce_connections
             (tenant_id, domain_id, kind, base_url, consumer_key_name, consumer_secret_name, allow_own_host)
         values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (tenant_id, domain_id) do update
         set kind = excluded.kind,
             base_url = excluded.base_url,
             consumer_key_name = excluded.consumer_key_name,
             consumer_secret_name = excluded.consumer_secret_name,
             allow_own_host = excluded.allow_own_host
         returning kind, base_url, consumer_key_name, consumer_secret_name, allow_own_host, created_at, updated_at",
    )
    .bind(tx.tenant_id().uuid())
    .bind(domain_id.uuid())
    .bind(target.kind)
    .bind(target.base_url)
    .bind(target.consumer_key_name)
    .bind(target.consumer_secret_name)
    .bind(target.allow_own_host)
    .fetch_one(tx.conn())
    .await?;
    Ok(row)
}

pub(super) async fn delete_connection(tx: &mut TenantTx, domain_id: DomainId) -> Result<()> {
    sqlx::query("delete from commerce_connections where tenant_id = $1 and domain_id = $2")
        .bind(tx.tenant_id().uuid())
        .bind(domain_id.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}
