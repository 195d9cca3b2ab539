//! All SQL that reads the rollups.
//!
//! Each of the three tables holds the same figures, the coarser ones already summed up; a query asks the coarsest that
//! knows its filters. Sums over a span take whole UTC days as days, and the rest as quarters of an hour.

use omniops_postgres::TenantTx;
use omniops_types::{BudgetSettings, DomainId, Granularity, Timestamp};
use sqlx::types::Json;
use uuid::Uuid;

use super::figures::{Figures, figure_columns};
use super::range::Span;
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

/// The rows that make up a span: from `$4`, whole days from `$5` to `$6`, until `$7`.
macro_rules! within_span {
    () => {
        "and ((r.grain = 'quarter_hour' and r.bucket >= $4 and r.bucket < $5)
              or (r.grain = 'day' and r.bucket >= $5 and r.bucket < $6)
              or (r.grain = 'quarter_hour' and r.bucket >= $6 and r.bucket < $7))"
    };
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
    let (first_day, last_day) = span.whole_days();
    let row = sqlx::query_as(statement)
        .bind(tx.tenant_id().uuid())
        .bind(filter.domain.map(DomainId::uuid))
        .bind(filter.model)
        .bind(span.from)
        .bind(first_day)
        .bind(last_day)
        .bind(span.to)
        .fetch_one(tx.conn())
        .await?;
    Ok(row)
}

/// What each calendar day of the span cost in micro-dollars, from the tenant's first turn on; days without turns are
/// nought.
pub(super) async fn daily_costs(
    tx: &mut TenantTx,
    filter: Filter<'_>,
    time_zone: &str,
    span: Span,
) -> Result<Vec<i64>> {
    let statement = on_rollups!(
        filter,
        "with spent as (
             select date_trunc('day', r.bucket at time zone $4) as day, sum(r.cost_micro_usd) as cost
             from",
        "and r.grain = 'quarter_hour' and r.bucket >= $5 and r.bucket < $6
             group by 1
         ), first as (
             select greatest($5, (select min(bucket) from chat_telemetry_rollups where tenant_id = $1 and grain = 'day'))
                        at time zone $4 as moment
         )
         select coalesce(spent.cost, 0)::bigint
         from first
         cross join generate_series(date_trunc('day', first.moment), ($6 at time zone $4) - interval '1 day',
                                    interval '1 day') as days (day)
         left join spent using (day)
         order by days.day"
    );
    let costs = sqlx::query_scalar(statement)
        .bind(tx.tenant_id().uuid())
        .bind(filter.domain.map(DomainId::uuid))
        .bind(filter.model)
        .bind(time_zone)
        .bind(span.from)
        .bind(span.to)
        .fetch_all(tx.conn())
        .await?;
    Ok(costs)
}

/// The rollups that make up a span, to be added up.
pub(super) async fn figures(tx: &mut TenantTx, filter: Filter<'_>, span: Span) -> Result<Vec<Figures>> {
    let statement = on_rollups!(filter, concat!("select ", figure_columns!(), " from"), within_span!());
    let (first_day, last_day) = span.whole_days();
    let rows = sqlx::query_as(statement)
        .bind(tx.tenant_id().uuid())
        .bind(filter.domain.map(DomainId::uuid))
        .bind(filter.model)
        .bind(span.from)
        .bind(first_day)
        .bind(last_day)
        .bind(span.to)
        .fetch_all(tx.conn())
        .await?;
    Ok(rows)
}

#[derive(sqlx::FromRow)]
pub(super) struct DomainRow {
    pub(super) domain_id: Uuid,
    #[sqlx(flatten)]
    pub(super) figures: Figures,
}

/// As [`figures`], by domain.
pub(super) async fn figures_by_domain(tx: &mut TenantTx, filter: Filter<'_>, span: Span) -> Result<Vec<DomainRow>> {
    let statement = match filter.model {
        None => concat!(
            "select domain_id, ",
            figure_columns!(),
            " from chat_telemetry_domain_rollups r
             where r.tenant_id = $1 and ($2::uuid is null or r.domain_id = $2) and $3::text is null ",
            within_span!()
        ),
        Some(_) => concat!(
            "select domain_id, ",
            figure_columns!(),
            " from chat_telemetry_model_rollups r
             where r.tenant_id = $1 and ($2::uuid is null or r.domain_id = $2) and r.model = $3 ",
            within_span!()
        ),
    };
    let (first_day, last_day) = span.whole_days();
    let rows = sqlx::query_as(statement)
        .bind(tx.tenant_id().uuid())
        .bind(filter.domain.map(DomainId::uuid))
        .bind(filter.model)
        .bind(span.from)
        .bind(first_day)
        .bind(last_day)
        .bind(span.to)
        .fetch_all(tx.conn())
        .await?;
    Ok(rows)
}

#[derive(sqlx::FromRow)]
pub(super) struct ModelRow {
    pub(super) provider: String,
    pub(super) model: String,
    #[sqlx(flatten)]
    pub(super) figures: Figures,
}

/// As [`figures`], by model.
pub(super) async fn figures_by_model(tx: &mut TenantTx, filter: Filter<'_>, span: Span) -> Result<Vec<ModelRow>> {
    let (first_day, last_day) = span.whole_days();
    let rows = sqlx::query_as(concat!(
        "select provider, model, ",
        figure_columns!(),
        " from chat_telemetry_model_rollups r
         where r.tenant_id = $1 and ($2::uuid is null or r.domain_id = $2) and ($3::text is null or r.model = $3) ",
        within_span!()
    ))
    .bind(tx.tenant_id().uuid())
    .bind(filter.domain.map(DomainId::uuid))
    .bind(filter.model)
    .bind(span.from)
    .bind(first_day)
    .bind(last_day)
    .bind(span.to)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// One point of the series.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct PointRow {
    pub(super) start: Timestamp,
    pub(super) local: String,
    pub(super) turns: i64,
    pub(super) failed: i64,
    pub(super) cost_micro_usd: i64,
    pub(super) prompt_tokens: i64,
    pub(super) completion_tokens: i64,
    pub(super) searches: i64,
    pub(super) zero_results: i64,
}

/// The series of a span, in order. Points are cut from quarters of an hour, each of which lies in one hour and one day of
/// any zone; so a day on which the clock is changed is as long as it is.
pub(super) async fn series(
    tx: &mut TenantTx,
    filter: Filter<'_>,
    time_zone: &str,
    span: Span,
    granularity: Granularity,
) -> Result<Vec<PointRow>> {
    let statement = on_rollups!(
        filter,
        "with counted as (
             select bucket, turns, failed, cost_micro_usd, prompt_tokens, completion_tokens, searches, zero_results
             from",
        "and r.grain = 'quarter_hour' and r.bucket >= $5 and r.bucket < $6
         ), quarters as (
             select quarter,
                    greatest($5, case when $7 = '15m' then quarter else date_trunc($7, quarter, $4) end) as start
             from generate_series($5, $6 - interval '15 minutes', interval '15 minutes') as quarter
         )
         select q.start, to_char(q.start at time zone $4, 'YYYY-MM-DD\"T\"HH24:MI') as local,
                coalesce(sum(c.turns), 0)::bigint as turns,
                coalesce(sum(c.failed), 0)::bigint as failed,
                coalesce(sum(c.cost_micro_usd), 0)::bigint as cost_micro_usd,
                coalesce(sum(c.prompt_tokens), 0)::bigint as prompt_tokens,
                coalesce(sum(c.completion_tokens), 0)::bigint as completion_tokens,
                coalesce(sum(c.searches), 0)::bigint as searches,
                coalesce(sum(c.zero_results), 0)::bigint as zero_results
         from quarters q
         left join counted c on c.bucket = q.quarter
         group by q.start
         order by q.start"
    );
    let rows = sqlx::query_as(statement)
        .bind(tx.tenant_id().uuid())
        .bind(filter.domain.map(DomainId::uuid))
        .bind(filter.model)
        .bind(time_zone)
        .bind(span.from)
        .bind(span.to)
        .bind(granularity.as_str())
        .fetch_all(tx.conn())
        .await?;
    Ok(rows)
}

/// One hour of the week.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub(super) struct HeatRow {
    pub(super) weekday: i16,
    pub(super) hour: i16,
    pub(super) turns: i64,
    pub(super) searches: i64,
    pub(super) zero_results: i64,
    pub(super) tool_calls: i64,
    pub(super) tool_failures: i64,
}

pub(super) async fn heat_map(
    tx: &mut TenantTx,
    filter: Filter<'_>,
    time_zone: &str,
    span: Span,
) -> Result<Vec<HeatRow>> {
    let statement = on_rollups!(
        filter,
        "with counted as (
             select r.bucket at time zone $4 as local, r.turns, r.searches, r.zero_results, r.tools
             from",
        "and r.grain = 'quarter_hour' and r.bucket >= $5 and r.bucket < $6
         )
         select extract(isodow from local)::smallint as weekday, extract(hour from local)::smallint as hour,
                sum(turns)::bigint as turns, sum(searches)::bigint as searches,
                sum(zero_results)::bigint as zero_results,
                coalesce(sum(tools.calls), 0)::bigint as tool_calls,
                coalesce(sum(tools.failed), 0)::bigint as tool_failures
         from counted
         cross join lateral (
             select sum((value ->> 0)::bigint) as calls, sum((value ->> 1)::bigint) as failed
             from jsonb_each(counted.tools)
         ) tools
         group by 1, 2
         order by 1, 2"
    );
    let rows = sqlx::query_as(statement)
        .bind(tx.tenant_id().uuid())
        .bind(filter.domain.map(DomainId::uuid))
        .bind(filter.model)
        .bind(time_zone)
        .bind(span.from)
        .bind(span.to)
        .fetch_all(tx.conn())
        .await?;
    Ok(rows)
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
