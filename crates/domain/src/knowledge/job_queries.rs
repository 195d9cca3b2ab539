//! All SQL of crawl and re-embedding runs.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use omniops_postgres::{SystemTx, TenantTx};
use omniops_types::{CrawlProgress, DomainId, JobId, JobStatus, RunFailure, SourceId};
use serde_json::Value;
use uuid::Uuid;

use super::jobs::{Claim, Failure, JobKind, Tally};
use crate::{Error, Result};

#[derive(sqlx::FromRow)]
struct ClaimRow {
    tenant_id: Uuid,
    id: Uuid,
    source_id: Uuid,
    kind: String,
    attempts: i32,
    allow_own_host: bool,
}

#[derive(sqlx::FromRow)]
pub(super) struct SourceRow {
    pub domain_id: Uuid,
    pub kind: String,
    pub url: String,
    pub options: Value,
}

#[derive(sqlx::FromRow)]
struct ProgressRow {
    id: Uuid,
    status: String,
    url: String,
    pages_found: i64,
    pages_fetched: i64,
    pages_changed: i64,
    pages_failed: i64,
    chunks_embedded: i64,
    error_code: Option<String>,
    error: Option<String>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
}

#[derive(sqlx::FromRow)]
struct LatestRow {
    source_id: Uuid,
    #[sqlx(flatten)]
    progress: ProgressRow,
}

impl From<ProgressRow> for CrawlProgress {
    fn from(row: ProgressRow) -> Self {
        Self {
            job_id: row.id.into(),
            status: JobStatus::parse(&row.status).unwrap_or(JobStatus::Failed),
            url: row.url,
            pages_found: row.pages_found,
            pages_fetched: row.pages_fetched,
            pages_changed: row.pages_changed,
            pages_failed: row.pages_failed,
            chunks_embedded: row.chunks_embedded,
            error_code: row.error_code.as_deref().and_then(RunFailure::parse),
            error: row.error,
            started_at: row.started_at,
            finished_at: row.finished_at,
        }
    }
}

impl From<ClaimRow> for Claim {
    fn from(row: ClaimRow) -> Self {
        Self {
            tenant: row.tenant_id.into(),
            job: row.id.into(),
            source: row.source_id.into(),
            kind: if row.kind == JobKind::Reembed.as_str() { JobKind::Reembed } else { JobKind::Crawl },
            attempt: row.attempts,
            allow_own_host: row.allow_own_host,
        }
    }
}

/// Queues a run, or gives the live one of the same kind: a source has one at a time.
pub(super) async fn queue(
    tx: &mut TenantTx,
    id: Uuid,
    source: SourceId,
    kind: JobKind,
    allow_own_host: bool,
) -> Result<JobId> {
    let id: Uuid = sqlx::query_scalar(
        "with queued as (
                insert into content_refresh_jobs (tenant_id, id, source_id, kind, status, allow_own_host)
                values ($1, $2, $3, $4, 'queued', $5)
                on conflict (tenant_id, source_id, kind) where status in ('queued', 'running') do nothing
                returning id)
         select id from queued
          union all
         select id from content_refresh_jobs
          where source_id = $3 and kind = $4 and status in ('queued', 'running')
          limit 1",
    )
    .bind(tx.tenant_id().uuid())
    .bind(id)
    .bind(source.uuid())
    .bind(kind.as_str())
    .bind(allow_own_host)
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::Conflict("this source is being crawled right now"))?;
    Ok(id.into())
}

/// Queues a re-embedding for every source that has passages without a vector in the space and no live run.
pub(super) async fn queue_reembeddings(tx: &mut SystemTx, space_id: i16) -> Result<u64> {
    let done = sqlx::query(
        "insert into content_refresh_jobs (tenant_id, id, source_id, kind, status)
         select s.tenant_id, gen_random_uuid(), s.id, 'reembed', 'queued'
           from knowledge_sources s
          where exists (
                select from scraped_pages p
                  join page_chunks c on c.tenant_id = p.tenant_id and c.page_id = p.id
                  left join page_embeddings e on e.tenant_id = c.tenant_id and e.chunk_id = c.id and e.space_id = $1
                 where p.tenant_id = s.tenant_id and p.source_id = s.id and e.chunk_id is null)
         on conflict (tenant_id, source_id, kind) where status in ('queued', 'running') do nothing",
    )
    .bind(space_id)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// Queues a re-embedding for the sources of a domain, except where one is under way or was begun within `pause`.
pub(super) async fn queue_reembedding_of(tx: &mut TenantTx, domain_id: DomainId, pause: Duration) -> Result<u64> {
    let done = sqlx::query(
        "insert into content_refresh_jobs (tenant_id, id, source_id, kind, status)
         select s.tenant_id, gen_random_uuid(), s.id, 'reembed', 'queued'
           from knowledge_sources s
          where s.domain_id = $1
            and not exists (
                select from content_refresh_jobs j
                 where j.tenant_id = s.tenant_id and j.source_id = s.id and j.kind = 'reembed'
                   and j.created_at > now() - make_interval(secs => $2))
         on conflict (tenant_id, source_id, kind) where status in ('queued', 'running') do nothing",
    )
    .bind(domain_id.uuid())
    .bind(pause.as_secs_f64())
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// Takes the oldest run that waits or whose process died, or that one run if it is such a one.
pub(super) async fn claim(tx: &mut SystemTx, only: Option<JobId>, silence: Duration) -> Result<Option<Claim>> {
    let row: Option<ClaimRow> = sqlx::query_as(
        "update content_refresh_jobs j
            set status = 'running', attempts = j.attempts + 1, started_at = coalesce(j.started_at, now()),
                heartbeat_at = now(), pages_found = 0, pages_fetched = 0, pages_changed = 0, pages_failed = 0,
                chunks_embedded = 0, failures = '[]'
           from (select tenant_id, id
                   from content_refresh_jobs
                  where (status = 'queued'
                         or (status = 'running' and heartbeat_at < now() - make_interval(secs => $2)))
                    and ($1::uuid is null or id = $1)
                  order by created_at
                  limit 1
                    for update skip locked) next
          where j.tenant_id = next.tenant_id and j.id = next.id
         returning j.tenant_id, j.id, j.source_id, j.kind, j.attempts, j.allow_own_host",
    )
    .bind(only.map(JobId::uuid))
    .bind(silence.as_secs_f64())
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(Claim::from))
}

pub(super) async fn source(tx: &mut TenantTx, id: SourceId) -> Result<Option<SourceRow>> {
    Ok(sqlx::query_as("select domain_id, kind, url, options from knowledge_sources where id = $1")
        .bind(id.uuid())
        .fetch_optional(tx.conn())
        .await?)
}

/// Writes how far the run is; false when the run is no longer this process's.
pub(super) async fn report(tx: &mut TenantTx, claim: &Claim, tally: &Tally) -> Result<bool> {
    let done = sqlx::query(
        "update content_refresh_jobs
            set heartbeat_at = now(), pages_found = $3, pages_fetched = $4, pages_changed = $5, pages_failed = $6,
                chunks_embedded = $7, failures = $8
          where id = $1 and attempts = $2 and status = 'running'",
    )
    .bind(claim.job.uuid())
    .bind(claim.attempt)
    .bind(tally.found)
    .bind(tally.fetched)
    .bind(tally.changed)
    .bind(tally.failed)
    .bind(tally.embedded)
    .bind(sqlx::types::Json(&tally.failures))
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Shows that the process is alive.
pub(super) async fn beat(tx: &mut TenantTx, claim: &Claim) -> Result<()> {
    sqlx::query(
        "update content_refresh_jobs set heartbeat_at = now() where id = $1 and attempts = $2 and status = 'running'",
    )
    .bind(claim.job.uuid())
    .bind(claim.attempt)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Ends a run: well, or with why it failed as a code and in words. False when it is no longer this process's.
pub(super) async fn finish(tx: &mut TenantTx, claim: &Claim, failure: Option<(RunFailure, String)>) -> Result<bool> {
    let status = if failure.is_some() { JobStatus::Failed } else { JobStatus::Succeeded };
    let (code, reason) = failure.unzip();
    let done = sqlx::query(
        "update content_refresh_jobs
            set status = $3, error_code = $4, error = $5, finished_at = now(), heartbeat_at = now()
          where id = $1 and attempts = $2 and status = 'running'",
    )
    .bind(claim.job.uuid())
    .bind(claim.attempt)
    .bind(status.as_str())
    .bind(code.map(RunFailure::as_str))
    .bind(reason)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Puts a run back for the next worker: this one is shutting down.
pub(super) async fn release(tx: &mut TenantTx, claim: &Claim) -> Result<()> {
    sqlx::query(
        "update content_refresh_jobs set status = 'queued', attempts = attempts - 1
          where id = $1 and attempts = $2 and status = 'running'",
    )
    .bind(claim.job.uuid())
    .bind(claim.attempt)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn progress(tx: &mut TenantTx, job: JobId) -> Result<Option<CrawlProgress>> {
    let row: Option<ProgressRow> = sqlx::query_as(
        "select j.id, j.status, s.url, j.pages_found, j.pages_fetched, j.pages_changed, j.pages_failed,
                j.chunks_embedded, j.error_code, j.error, j.started_at, j.finished_at
           from content_refresh_jobs j
           join knowledge_sources s on s.tenant_id = j.tenant_id and s.id = j.source_id
          where j.id = $1",
    )
    .bind(job.uuid())
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(CrawlProgress::from))
}

/// The newest crawl of each source that was ever crawled.
pub(super) async fn latest_crawls(tx: &mut TenantTx) -> Result<HashMap<SourceId, CrawlProgress>> {
    let rows: Vec<LatestRow> = sqlx::query_as(
        "select distinct on (j.source_id) j.source_id, j.id, j.status, s.url, j.pages_found, j.pages_fetched,
                j.pages_changed, j.pages_failed, j.chunks_embedded, j.error_code, j.error, j.started_at, j.finished_at
           from content_refresh_jobs j
           join knowledge_sources s on s.tenant_id = j.tenant_id and s.id = j.source_id
          where j.kind = 'crawl'
          order by j.source_id, j.created_at desc",
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (row.source_id.into(), row.progress.into())).collect())
}

pub(super) async fn failures(tx: &mut TenantTx, job: JobId) -> Result<Option<Vec<Failure>>> {
    let row: Option<sqlx::types::Json<Vec<Failure>>> =
        sqlx::query_scalar("select failures from content_refresh_jobs where id = $1")
            .bind(job.uuid())
            .fetch_optional(tx.conn())
            .await?;
    Ok(row.map(|json| json.0))
}

/// Ends a live run; its worker notices with its next report.
pub(super) async fn cancel(tx: &mut TenantTx, job: JobId) -> Result<bool> {
    let done = sqlx::query(
        "update content_refresh_jobs set status = 'cancelled', finished_at = now()
          where id = $1 and status in ('queued', 'running')",
    )
    .bind(job.uuid())
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Ends the live runs of a source; their workers notice with their next report.
pub(super) async fn cancel_all_of(tx: &mut TenantTx, source: SourceId) -> Result<()> {
    sqlx::query(
        "update content_refresh_jobs set status = 'cancelled', finished_at = now()
          where source_id = $1 and status in ('queued', 'running')",
    )
    .bind(source.uuid())
    .execute(tx.conn())
    .await?;
    Ok(())
}
