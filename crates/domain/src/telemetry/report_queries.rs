//! All SQL that reads the rollups.
//!
//! Each of the three tables holds the same figures, the coarser ones already summed up; a query asks the coarsest that
//! knows its filters. Sums over a span take whole UTC months as months, whole days around them as days, and the rest as
//! quarters of an hour; what is told by time is read from the days' courses.

use omniops_postgres::TenantTx;
use omniops_types::{BudgetSettings, DomainId, Timestamp};
use sqlx::postgres::PgRow;
use sqlx::types::Json;
use uuid::Uuid;

use super::figures::{Figures, figure_columns};
use super::range::{Parts, Span};
use crate::Result;

/// Which turns; absent parts leave nothing out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Filter<'a> {
    pub(super) domain: Option<DomainId>,
    pub(super) model: Option<&'a str>,
}

/// The statement on the coarsest table that knows the filter. `$2` is the domain and `$3` the model, whichever it is.
macro_rules! on_rollups {
    ($filter:expr, $before:expr, $after:expr) => {
        match ($filter.domain, $filter.model) {
            (None, None) => concat!(
                $before,
                " chat_telemetry_rollups r where r.tenant_id = $1 and $2::uuid is null and $3::text is null ",
                $after
            ),
            (Some(_), None) => concat!(
                $before,
                " chat_telemetry_domain_rollups r where r.tenant_id = $1 and r.domain_id = $2 and $3::text is null ",
                $after
            ),
            (_, Some(_)) => concat!(
                $before,
                " chat_telemetry_model_rollups r
                  where r.tenant_id = $1 and ($2::uuid is null or r.domain_id = $2) and r.model = $3 ",
                $after
            ),
        }
    };
}

/// The rows that make up a span: from `$4` quarters of an hour, from `$5` days, from `$6` months, from `$7` days, from `$8`
/// quarters until `$9`.
macro_rules! within_span {
    () => {
        "and ((r.grain = 'quarter_hour' and r.bucket >= $4 and r.bucket < $5)
              or (r.grain = 'day' and r.bucket >= $5 and r.bucket < $6)
              or (r.grain = 'month' and r.bucket >= $6 and r.bucket < $7)
              or (r.grain = 'day' and r.bucket >= $7 and r.bucket < $8)
              or (r.grain = 'quarter_hour' and r.bucket >= $8 and r.bucket < $9))"
    };
}

/// All rows of a statement with [`within_span`].
async fn of_span<T>(tx: &mut TenantTx, statement: &'static str, filter: Filter<'_>, span: Span) -> Result<Vec<T>>
where
    T: for<'r> sqlx::FromRow<'r, PgRow> + Send + Unpin,
{
    let Parts { from, first_day, first_month, last_month, last_day, to } = span.parts();
    let rows = sqlx::query_as(statement)
        .bind(tx.tenant_id().uuid())
        .bind(filter.domain.map(DomainId::uuid))
        .bind(filter.model)
        .bind(from)
        .bind(first_day)
        .bind(first_month)
        .bind(last_month)
        .bind(last_day)
        .bind(to)
        .fetch_all(tx.conn())
        .await?;
    Ok(rows)
}

/// The tenant's zone, and what its calendar says of a moment.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Calendar {
    pub(super) time_zone: String,
    pub(super) now: Timestamp,
    pub(super) today: Timestamp,
    pub(super) tomorrow: Timestamp,
    pub(super) month: Timestamp,
    pub(super) next_month: Timestamp,
    /// Midnight 28 days before today.
    pub(super) four_weeks_ago: Timestamp,
}

/// The calendar at `now`, or at the transaction's own time.
pub(super) async fn calendar(tx: &mut TenantTx, now: Option<Timestamp>) -> Result<Calendar> {
    let row = sqlx::query_as::<_, Calendar>(
        "select t.time_zone, moment.now,
                local.day at time zone t.time_zone as today,
                (local.day + interval '1 day') at time zone t.time_zone as tomorrow,
                local.month at time zone t.time_zone as month,
                (local.month + interval '1 month') at time zone t.time_zone as next_month,
                (local.day - interval '28 days') at time zone t.time_zone as four_weeks_ago
         from tenants t
         cross join (select coalesce($2, now()) as now) moment
         cross join lateral (
             select date_trunc('day', moment.now at time zone t.time_zone) as day,
                    date_trunc('month', moment.now at time zone t.time_zone) as month
         ) local
         where t.id = $1",
    )
    .bind(tx.tenant_id().uuid())
    .bind(now)
    .fetch_one(tx.conn())
    .await?;
    Ok(row)
}

pub(super) async fn domain_of_host(tx: &mut TenantTx, host: &str) -> Result<Option<DomainId>> {
    let id = sqlx::query_scalar::<_, Uuid>("select id from domains where tenant_id = $1 and host = $2")
        .bind(tx.tenant_id().uuid())
        .bind(host)
        .fetch_optional(tx.conn())
        .await?;
    Ok(id.map(DomainId))
}

/// The tenant's domains with their hosts.
pub(super) async fn hosts(tx: &mut TenantTx) -> Result<Vec<(Uuid, String)>> {
    let rows = sqlx::query_as("select id, host from domains where tenant_id = $1")
        .bind(tx.tenant_id().uuid())
        .fetch_all(tx.conn())
        .await?;
    Ok(rows)
}

/// The models of the last 90 days.
pub(super) async fn models(tx: &mut TenantTx) -> Result<Vec<String>> {
    let models = sqlx::query_scalar(
        "select distinct model from chat_telemetry_model_rollups
         where tenant_id = $1 and grain = 'day' and bucket > now() - interval '90 days'
         order by model",
    )
    .bind(tx.tenant_id().uuid())
    .fetch_all(tx.conn())
    .await?;
    Ok(models)
}

/// What the tenant lets its AI cost.
pub(super) async fn budgets(tx: &mut TenantTx) -> Result<BudgetSettings> {
    let budgets = sqlx::query_scalar::<_, Option<Json<BudgetSettings>>>(
        "select settings -> 'budgets' from agent_settings where tenant_id = $1",
    )
    .bind(tx.tenant_id().uuid())
    .fetch_optional(tx.conn())
    .await?;
    Ok(budgets.flatten().map(|budgets| budgets.0).unwrap_or_default())
}

/// Turns and micro-dollars of a span.
pub(super) async fn spend(tx: &mut TenantTx, filter: Filter<'_>, span: Span) -> Result<(i64, i64)> {
    let statement = on_rollups!(
        filter,
        "select coalesce(sum(r.turns), 0)::bigint, coalesce(sum(r.cost_micro_usd), 0)::bigint from",
        within_span!()
    );
    let sums: Vec<(i64, i64)> = of_span(tx, statement, filter, span).await?;
    Ok(sums.into_iter().next().unwrap_or_default())
}

/// The rollups that make up a span, to be added up.
pub(super) async fn figures(tx: &mut TenantTx, filter: Filter<'_>, span: Span) -> Result<Vec<Figures>> {
    let statement = on_rollups!(filter, concat!("select ", figure_columns!(), " from"), within_span!());
    of_span(tx, statement, filter, span).await
}

/// What tells the figures of [`figures_by_model`] apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
pub(super) struct ModelKey {
    pub(super) domain_id: Uuid,
    pub(super) provider: String,
    pub(super) model: String,
}

#[derive(sqlx::FromRow)]
pub(super) struct ModelRow {
    #[sqlx(flatten)]
    pub(super) key: ModelKey,
    #[sqlx(flatten)]
    pub(super) figures: Figures,
}

/// As [`figures`], by model within a domain.
pub(super) async fn figures_by_model(tx: &mut TenantTx, filter: Filter<'_>, span: Span) -> Result<Vec<ModelRow>> {
    let statement = concat!(
        "select domain_id, provider, model, ",
        figure_columns!(),
        " from chat_telemetry_model_rollups r
         where r.tenant_id = $1 and ($2::uuid is null or r.domain_id = $2) and ($3::text is null or r.model = $3) ",
        within_span!()
    );
    of_span(tx, statement, filter, span).await
}

/// The courses of the UTC days that the span touches, with the days' starts; more than one a day where the filter does not
/// tell models' domains or providers apart.
pub(super) async fn courses(tx: &mut TenantTx, filter: Filter<'_>, span: Span) -> Result<Vec<(Timestamp, Vec<u8>)>> {
    let statement = on_rollups!(
        filter,
        "select r.bucket, r.course from",
        "and r.grain = 'day' and r.bucket >= $4 and r.bucket < $5 and r.course is not null"
    );
    let (first, last) = span.days_around();
    let rows = sqlx::query_as(statement)
        .bind(tx.tenant_id().uuid())
        .bind(filter.domain.map(DomainId::uuid))
        .bind(filter.model)
        .bind(first)
        .bind(last)
        .fetch_all(tx.conn())
        .await?;
    Ok(rows)
}

/// The zone's offset from UTC in seconds at the start of each UTC day that the span touches, and on days on which it
/// changes at each quarter of an hour.
pub(super) async fn offsets(tx: &mut TenantTx, time_zone: &str, span: Span) -> Result<Vec<(Timestamp, i32)>> {
    let (first, last) = span.days_around();
    let rows = sqlx::query_as(
        "with days as (
             select day, seconds, lead(seconds) over (order by day) as next
             from generate_series($2::timestamptz, $3, interval '1 day') as day
             cross join lateral (
                 select extract(epoch from (day at time zone $1) - (day at time zone 'UTC'))::integer as seconds
             ) zone
         )
         select day, seconds from days
         union all
         select quarter, extract(epoch from (quarter at time zone $1) - (quarter at time zone 'UTC'))::integer
         from days
         cross join generate_series(day, day + interval '23:45', interval '15 minutes') as quarter
         where seconds <> next",
    )
    .bind(time_zone)
    .bind(first)
    .bind(last)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// What the zone's clocks show at both ends of a span: `2026-11-23 14:00`.
pub(super) async fn local_ends(tx: &mut TenantTx, time_zone: &str, span: Span) -> Result<(String, String)> {
    let ends = sqlx::query_as(
        "select to_char($2::timestamptz at time zone $1, 'YYYY-MM-DD HH24:MI'),
                to_char($3::timestamptz at time zone $1, 'YYYY-MM-DD HH24:MI')",
    )
    .bind(time_zone)
    .bind(span.from)
    .bind(span.to)
    .fetch_one(tx.conn())
    .await?;
    Ok(ends)
}

/// What is going on at this moment.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub(super) struct LiveRow {
    pub(super) conversations: i64,
    pub(super) with_people: i64,
    pub(super) answering: i64,
}

pub(super) async fn live(tx: &mut TenantTx) -> Result<LiveRow> {
    let row = sqlx::query_as(
        "select active.conversations, active.with_people, waiting.answering
         from (select count(*) as conversations, count(*) filter (where ai_state = 'silenced') as with_people
               from conversations
               where tenant_id = $1 and last_activity_at > now() - interval '5 minutes') active
         cross join (select count(*) as answering
                     from chat_requests
                     where tenant_id = $1 and response is null and leased_until > now()) waiting",
    )
    .bind(tx.tenant_id().uuid())
    .fetch_one(tx.conn())
    .await?;
    Ok(row)
}
