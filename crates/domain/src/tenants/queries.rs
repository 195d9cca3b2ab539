use omniops_postgres::{Result, SystemTx, TenantTx};
use omniops_types::{DomainId, TenantId};
use sqlx::FromRow;
use uuid::Uuid;

#[derive(FromRow)]
pub(super) struct TenantRow {
    pub id: Uuid,
    pub slug: String,
    pub name: String,
}

#[derive(FromRow)]
pub(super) struct DomainRow {
    pub id: Uuid,
    pub host: String,
    pub allowed_origins: Vec<String>,
}

pub(super) async fn insert_tenant(tx: &mut SystemTx, id: TenantId, slug: &str, name: &str) -> Result<()> {
    sqlx::query("insert into tenants (id, slug, name) values ($1, $2, $3)")
        .bind(id.uuid())
        .bind(slug)
        .bind(name)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn tenant_by_slug(tx: &mut SystemTx, slug: &str) -> Result<Option<TenantRow>> {
    let row = sqlx::query_as("select id, slug, name from tenants where slug = $1")
        .bind(slug)
        .fetch_optional(tx.conn())
        .await?;
    Ok(row)
}

pub(super) async fn tenant_by_id(tx: &mut SystemTx, id: Uuid) -> Result<Option<TenantRow>> {
    let row =
        sqlx::query_as("select id, slug, name from tenants where id = $1").bind(id).fetch_optional(tx.conn()).await?;
    Ok(row)
}

pub(super) async fn insert_domain(
    tx: &mut TenantTx,
    id: DomainId,
    host: &str,
    allowed_origins: &[String],
) -> Result<()> {
    sqlx::query("insert into domains (tenant_id, id, host, allowed_origins) values ($1, $2, $3, $4)")
        .bind(tx.tenant_id().uuid())
        .bind(id.uuid())
        .bind(host)
        .bind(allowed_origins)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn domain_of_host(tx: &mut TenantTx, host: &str) -> Result<Option<DomainId>> {
    let id = sqlx::query_scalar::<_, Uuid>("select id from domains where tenant_id = $1 and host = $2")
        .bind(tx.tenant_id().uuid())
        .bind(host)
        .fetch_optional(tx.conn())
        .await?;
    Ok(id.map(DomainId))
}

/// All of them: a tenant has a handful.
pub(super) async fn domains(tx: &mut TenantTx) -> Result<Vec<DomainRow>> {
    let rows =
        sqlx::query_as("select id, host, allowed_origins from domains order by host").fetch_all(tx.conn()).await?;
    Ok(rows)
}
