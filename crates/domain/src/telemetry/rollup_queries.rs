//! All SQL that makes the rollups.
//!
//! Figures by model within a domain are counted from the turns, a quarter of an hour at a time; everything coarser is
//! summed up from those: by domain, for the tenant, and each of the three for the UTC day and month. Every statement takes the
//! place of what was there for its buckets before, so it may be repeated.

use omniops_postgres::{SystemTx, TenantTx};
use omniops_types::{TenantId, Timestamp};
use serde::Serialize;
use sqlx::types::Json;
use uuid::Uuid;

use super::course::Course;
use super::figures::{FigureColumns, Figures, figure_columns};
use crate::Result;

/// Tenants that have notes of changes, those that wait longest first, and then those with unfinished days.
pub(super) async fn tenants_with_changes(tx: &mut SystemTx, limit: i64) -> Result<Vec<TenantId>> {
    let ids = sqlx::query_scalar::<_, Uuid>(
        "select tenant_id from (
             select tenant_id, changed_at from chat_telemetry_changes
             union all
             select tenant_id, null from chat_telemetry_rollups
             where grain = 'day' and course is null and bucket > now() - interval '13 months'
         ) waiting
         group by tenant_id
         order by min(changed_at)
         limit $1",
    )
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(TenantId).collect())
}

/// Lets one process at a time make the tenant's rollups, until the transaction ends; false if another does.
pub(super) async fn try_lock(tx: &mut SystemTx, tenant: TenantId) -> Result<bool> {
    let locked =
        sqlx::query_scalar("select pg_try_advisory_xact_lock(hashtextextended('telemetry rollup ' || $1::text, 0))")
            .bind(tenant.uuid())
            .fetch_one(tx.conn())
            .await?;
    Ok(locked)
}

/// As [`try_lock`], but waits for its turn.
pub(super) async fn lock(tx: &mut SystemTx, tenant: TenantId) -> Result<()> {
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('telemetry rollup ' || $1::text, 0))")
        .bind(tenant.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Takes the notes about up to `limit` quarters of an hour, and gives those, the oldest first. Whatever a note is about
/// committed with the note, so the statements after this one see it.
pub(super) async fn take_changes(tx: &mut SystemTx, tenant: TenantId, limit: i64) -> Result<Vec<Timestamp>> {
    let buckets = sqlx::query_scalar::<_, Timestamp>(
        "with chosen as (
             select distinct bucket from chat_telemetry_changes where tenant_id = $1 order by bucket limit $2
         ), taken as (
             delete from chat_telemetry_changes c using chosen
             where c.tenant_id = $1 and c.bucket = chosen.bucket
         )
         select bucket from chosen order by bucket",
    )
    .bind(tenant.uuid())
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
    Ok(buckets)
}

/// Up to `limit` days whose rows lack what a release before this one did not know of; their months lack them too.
/// Those whose quarters of an hour are no longer kept stay as they are.
pub(super) async fn unfinished_days(tx: &mut SystemTx, tenant: TenantId, limit: i64) -> Result<Vec<Timestamp>> {
    let days = sqlx::query_scalar(
        "select bucket from chat_telemetry_rollups
         where tenant_id = $1 and grain = 'day' and course is null and bucket > now() - interval '13 months'
         order by bucket
         limit $2",
    )
    .bind(tenant.uuid())
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
    Ok(days)
}

/// Notes every quarter of an hour that has turns or figures as changed, within the months whose turns are kept; gives
/// how many those are. Older figures stay: there are no turns any more to count them from.
pub(super) async fn note_everything(tx: &mut SystemTx, tenant: TenantId) -> Result<u64> {
    let done = sqlx::query(
        "with kept as (
             select coalesce(min(to_date(right(inhrelid::regclass::text, 6), 'YYYYMM')), 'infinity')::timestamp
                        at time zone 'UTC' as since
             from pg_inherits where inhparent = 'chat_telemetry'::regclass
         )
         insert into chat_telemetry_changes (tenant_id, bucket)
         select $1, omniops_telemetry_bucket(created_at) from chat_telemetry where tenant_id = $1
         union
         select $1, bucket from chat_telemetry_model_rollups, kept
         where tenant_id = $1 and grain = 'quarter_hour' and bucket >= kept.since",
    )
    .bind(tenant.uuid())
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected())
}

/// Counts the turns of these quarters of an hour by model and domain.
pub(super) async fn count_turns(tx: &mut SystemTx, tenant: TenantId, buckets: &[Timestamp]) -> Result<()> {
    sqlx::query(
        "delete from chat_telemetry_model_rollups
         where tenant_id = $1 and grain = 'quarter_hour' and bucket = any($2)",
    )
    .bind(tenant.uuid())
    .bind(buckets)
    .execute(tx.conn())
    .await?;
    sqlx::query(
        "insert into chat_telemetry_model_rollups (tenant_id, grain, bucket, domain_id, provider, model, turns, answered,
                                                   clarified, resolved, declined, escalated, dropped, failed,
                                                   prompt_tokens, cached_input_tokens, completion_tokens,
                                                   reasoning_tokens, cost_micro_usd, unpriced, steps, searches,
                                                   zero_results, conversations, confirmed, assumed, waiting, thumbs_up,
                                                   thumbs_down, errors, fallbacks, tools, total_bins, total_counts,
                                                   first_bins, first_counts)
         with turns as materialized (
             select changed.bucket, t.*, s.state as resolution
             from unnest($2::timestamptz[]) as changed (bucket)
             join chat_telemetry t
               on t.tenant_id = $1
              and t.created_at >= changed.bucket and t.created_at < changed.bucket + interval '15 minutes'
             left join ai_resolutions s
               on s.tenant_id = $1 and s.conversation_id = t.conversation_id and s.turn_id = t.id
         ), counted as (
             select bucket, domain_id, provider, model,
                    count(*) as turns,
                    count(*) filter (where outcome = 'answered') as answered,
                    count(*) filter (where outcome = 'clarified') as clarified,
                    count(*) filter (where outcome = 'resolved') as resolved,
                    count(*) filter (where outcome = 'declined') as declined,
                    count(*) filter (where outcome = 'escalated') as escalated,
                    count(*) filter (where outcome = 'dropped') as dropped,
                    count(*) filter (where outcome = 'failed') as failed,
                    sum(prompt_tokens) as prompt_tokens,
                    sum(cached_input_tokens) as cached_input_tokens,
                    sum(completion_tokens) as completion_tokens,
                    sum(reasoning_tokens) as reasoning_tokens,
                    sum(cost_micro_usd)::bigint as cost_micro_usd,
                    count(*) filter (where not price_known) as unpriced,
                    sum(steps) as steps,
                    sum(searches) as searches,
                    sum(zero_results) as zero_results,
                    count(resolution) as conversations,
                    count(*) filter (where resolution = 'confirmed') as confirmed,
                    count(*) filter (where resolution = 'assumed') as assumed,
                    count(*) filter (where resolution = 'waiting') as waiting
             from turns
             group by bucket, domain_id, provider, model
         ), thumbs as (
             select t.bucket, t.domain_id, t.provider, t.model,
                    count(*) filter (where f.rating = 'up') as thumbs_up,
                    count(*) filter (where f.rating = 'down') as thumbs_down
             from turns t
             join message_feedback f on f.tenant_id = $1 and f.message_id = t.reply_id
             group by t.bucket, t.domain_id, t.provider, t.model
         ), errors as (
             select bucket, domain_id, provider, model, jsonb_object_agg(error_code, turns) as errors
             from (select bucket, domain_id, provider, model, error_code, count(*) as turns
                   from turns where error_code is not null
                   group by bucket, domain_id, provider, model, error_code) e
             group by bucket, domain_id, provider, model
         ), fallbacks as (
             select bucket, domain_id, provider, model, jsonb_object_agg(fallback, turns) as fallbacks
             from (select bucket, domain_id, provider, model, fallback, count(*) as turns
                   from turns where fallback <> 'none'
                   group by bucket, domain_id, provider, model, fallback) f
             group by bucket, domain_id, provider, model
         ), tools as (
             select bucket, domain_id, provider, model,
                    jsonb_object_agg(name, jsonb_build_array(calls, failed, ms)) as tools
             from (select t.bucket, t.domain_id, t.provider, t.model, call ->> 'name' as name, count(*) as calls,
                          count(*) filter (where not (call ->> 'ok')::boolean) as failed,
                          sum((call ->> 'ms')::bigint) as ms
                   from turns t cross join lateral jsonb_array_elements(t.tool_calls) as call
                   group by t.bucket, t.domain_id, t.provider, t.model, call ->> 'name') c
             group by bucket, domain_id, provider, model
         ), totals as (
             select bucket, domain_id, provider, model,
                    array_agg(bin order by bin) as bins, array_agg(turns order by bin) as counts
             from (select bucket, domain_id, provider, model, omniops_sketch_bin(total_ms) as bin, count(*) as turns
                   from turns
                   group by bucket, domain_id, provider, model, bin) b
             group by bucket, domain_id, provider, model
         ), firsts as (
             select bucket, domain_id, provider, model,
                    array_agg(bin order by bin) as bins, array_agg(turns order by bin) as counts
             from (select bucket, domain_id, provider, model, omniops_sketch_bin(first_delta_ms) as bin,
                          count(*) as turns
                   from turns where first_delta_ms is not null
                   group by bucket, domain_id, provider, model, bin) b
             group by bucket, domain_id, provider, model
         )
         select $1, 'quarter_hour', bucket, domain_id, provider, model,
                c.turns, c.answered, c.clarified, c.resolved, c.declined, c.escalated, c.dropped, c.failed,
                c.prompt_tokens, c.cached_input_tokens, c.completion_tokens, c.reasoning_tokens, c.cost_micro_usd,
                c.unpriced, c.steps, c.searches, c.zero_results, c.conversations, c.confirmed, c.assumed, c.waiting,
                coalesce(thumbs_up, 0), coalesce(thumbs_down, 0),
                coalesce(errors, '{}'), coalesce(fallbacks, '{}'), coalesce(tools, '{}'),
                totals.bins, totals.counts, coalesce(firsts.bins, '{}'), coalesce(firsts.counts, '{}')
         from counted c
         join totals using (bucket, domain_id, provider, model)
         left join firsts using (bucket, domain_id, provider, model)
         left join thumbs using (bucket, domain_id, provider, model)
         left join errors using (bucket, domain_id, provider, model)
         left join fallbacks using (bucket, domain_id, provider, model)
         left join tools using (bucket, domain_id, provider, model)",
    )
    .bind(tenant.uuid())
    .bind(buckets)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The span of one row: a quarter of an hour, a UTC day, or a UTC month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grain {
    QuarterHour,
    Day,
    Month,
}

impl Grain {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::QuarterHour => "quarter_hour",
            Self::Day => "day",
            Self::Month => "month",
        }
    }
}

/// What tells the rows of one bucket apart: nothing, the domain, or the domain with provider and model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(untagged)]
pub(super) enum Key {
    Tenant {},
    Domain { domain_id: Uuid },
    Model { domain_id: Uuid, provider: String, model: String },
}

/// A row of a rollup, but for its tenant and grain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rollup {
    pub(super) bucket: Timestamp,
    pub(super) key: Key,
    pub(super) figures: Figures,
    /// Of a day.
    pub(super) course: Option<Course>,
}

#[derive(sqlx::FromRow)]
struct RollupRow {
    bucket: Timestamp,
    domain_id: Uuid,
    provider: String,
    model: String,
    #[sqlx(flatten)]
    figures: Figures,
}

/// The rows of a grain from `from` until `to`, by model and domain; days without their courses.
pub(super) async fn by_model(
    tx: &mut SystemTx,
    tenant: TenantId,
    grain: Grain,
    (from, to): (Timestamp, Timestamp),
) -> Result<Vec<Rollup>> {
    let rows = sqlx::query_as::<_, RollupRow>(concat!(
        "select bucket, domain_id, provider, model, ",
        figure_columns!(),
        " from chat_telemetry_model_rollups
         where tenant_id = $1 and grain = $2 and bucket >= $3 and bucket < $4"
    ))
    .bind(tenant.uuid())
    .bind(grain.as_str())
    .bind(from)
    .bind(to)
    .fetch_all(tx.conn())
    .await?;
    let rollup = |row: RollupRow| {
        let key = Key::Model { domain_id: row.domain_id, provider: row.provider, model: row.model };
        Rollup { bucket: row.bucket, key, figures: row.figures, course: None }
    };
    Ok(rows.into_iter().map(rollup).collect())
}

/// One of the three tables of rollups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Tenant,
    Domain,
    Model,
}

/// The rows as the table's own columns, for `jsonb_populate_recordset`.
#[derive(Serialize)]
struct RollupColumns<'a> {
    tenant_id: Uuid,
    grain: &'static str,
    bucket: Timestamp,
    #[serde(flatten)]
    key: &'a Key,
    #[serde(flatten)]
    figures: FigureColumns<'a>,
    /// As Postgres reads bytes: `\\x` and hexadecimal digits.
    course: Option<String>,
}

/// Replaces these buckets of a table by `rollups`; a bucket without any is left empty.
pub(super) async fn replace(
    tx: &mut SystemTx,
    tenant: TenantId,
    (level, grain): (Level, Grain),
    buckets: &[Timestamp],
    rollups: &[Rollup],
) -> Result<()> {
    let (delete, insert) = match level {
        Level::Tenant => (
            "delete from chat_telemetry_rollups where tenant_id = $1 and grain = $2 and bucket = any($3)",
            "insert into chat_telemetry_rollups
             select * from jsonb_populate_recordset(null::chat_telemetry_rollups, $1)",
        ),
        Level::Domain => (
            "delete from chat_telemetry_domain_rollups where tenant_id = $1 and grain = $2 and bucket = any($3)",
            "insert into chat_telemetry_domain_rollups
             select * from jsonb_populate_recordset(null::chat_telemetry_domain_rollups, $1)",
        ),
        Level::Model => (
            "delete from chat_telemetry_model_rollups where tenant_id = $1 and grain = $2 and bucket = any($3)",
            "insert into chat_telemetry_model_rollups
             select * from jsonb_populate_recordset(null::chat_telemetry_model_rollups, $1)",
        ),
    };
    sqlx::query(delete).bind(tenant.uuid()).bind(grain.as_str()).bind(buckets).execute(tx.conn()).await?;
    let rows: Vec<_> = rollups
        .iter()
        .map(|rollup| RollupColumns {
            tenant_id: tenant.uuid(),
            grain: grain.as_str(),
            bucket: rollup.bucket,
            key: &rollup.key,
            figures: rollup.figures.columns(),
            course: rollup.course.as_ref().map(|course| hexadecimal(&course.to_bytes())),
        })
        .collect();
    sqlx::query(insert).bind(Json(rows)).execute(tx.conn()).await?;
    Ok(())
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 + 2 * bytes.len());
    text.push_str("\\x");
    for byte in bytes {
        for digit in [byte >> 4, byte & 0xf] {
            text.extend(char::from_digit(u32::from(digit), 16));
        }
    }
    text
}

/// When the oldest change was made that the tenant's rollups do not hold yet: one that is noted, or something that happened
/// to a conversation, or did not, and was not looked at.
pub(super) async fn oldest_change(tx: &mut TenantTx) -> Result<Option<Timestamp>> {
    let oldest = sqlx::query_scalar(
        "select least((select min(changed_at) from chat_telemetry_changes where tenant_id = $1),
                      (select min(due_at) from ai_resolutions where tenant_id = $1 and due_at <= now()))",
    )
    .bind(tx.tenant_id().uuid())
    .fetch_one(tx.conn())
    .await?;
    Ok(oldest)
}
