//! All SQL of sources. Row-level security confines every statement to the transaction's tenant.

use omniops_postgres::TenantTx;
use omniops_types::{DomainId, SourceId, SourceKind};
use serde_json::Value;
use uuid::Uuid;

use crate::Result;

pub(super) async fn upsert_source(
    tx: &mut TenantTx,
    id: Uuid,
    domain_id: DomainId,
    kind: SourceKind,
    url: &str,
    options: &Value,
) -> Result<SourceId> {
    let id: Uuid = sqlx::query_scalar(
        "insert into knowledge_sources (tenant_id, id, domain_id, kind, url, options)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (tenant_id, domain_id, url) do update set kind = excluded.kind, options = excluded.options
         returning id",
    )
    .bind(tx.tenant_id().uuid())
    .bind(id)
    .bind(domain_id.uuid())
    .bind(kind.as_str())
    .bind(url)
    .bind(options)
    .fetch_one(tx.conn())
    .await?;
    Ok(id.into())
}

/// A source with the host of its domain.
#[derive(sqlx::FromRow)]
pub(super) struct ListedSource {
    pub id: Uuid,
    pub kind: String,
    pub url: String,
    pub host: String,
}

pub(super) async fn sources(tx: &mut TenantTx) -> Result<Vec<ListedSource>> {
    let rows = sqlx::query_as(
        "select s.id, s.kind, s.url, d.host
           from knowledge_sources s
           join domains d on d.tenant_id = s.tenant_id and d.id = s.domain_id
          order by d.host, s.url",
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// A source that is no more.
#[derive(sqlx::FromRow)]
pub(super) struct GoneSource {
    pub kind: String,
    pub url: String,
    pub options: Value,
}

/// Deletes a source with what is left of it.
pub(super) async fn delete_source(tx: &mut TenantTx, source: SourceId) -> Result<Option<GoneSource>> {
    Ok(sqlx::query_as("delete from knowledge_sources where id = $1 returning kind, url, options")
        .bind(source.uuid())
        .fetch_optional(tx.conn())
        .await?)
}

/// Deletes up to `limit` pages of a source with their passages and vectors; gives how many.
pub(super) async fn delete_some_pages(tx: &mut TenantTx, source: SourceId, limit: i64) -> Result<u64> {
    let done = sqlx::query(
        "delete from scraped_pages where id in (select id from scraped_pages where source_id = $1 limit $2)",
    )
    .bind(source.uuid())
    .bind(limit)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}
