//! The figures of the telemetry page.

use std::collections::BTreeMap;

use omniops_postgres::TenantTx;
use omniops_types::{
    CostProjection, DomainTelemetry, Freshness, Granularity, HeatCell, Latencies, LiveSessions, MicroUsd,
    ModelTelemetry, Objective, Percentiles, Permission, Spend, TelemetryChoices, TelemetryFigures, TelemetryPoint,
    TelemetryQuery, TelemetryRange, TelemetryReport, Timestamp, ToolTelemetry, TurnCount,
};
use uuid::Uuid;

use super::course::Course;
use super::figures::{Counts, Figures};
use super::projection::project;
use super::range::Span;
use super::report_queries::{self as queries, Calendar, Filter, ModelKey};
use super::rollup_queries::oldest_change;
use super::sketch::Sketch;
use super::timeline::{Hour, Offsets, Point, Timeline};
use crate::tenants::Host;
use crate::{Domain, Error, Principal, Result, ledger};

/// The share of turns that have to succeed (`docs/telemetry.md`).
const OBJECTIVE: f64 = 0.97;
/// How far the figures may be behind. They are counted every ten seconds.
pub(crate) const STALE_AFTER_SECONDS: i64 = 300;

/// The figures of the span and filters that the query names, up to now.
pub async fn report(domain: &Domain, principal: &Principal, query: &TelemetryQuery) -> Result<TelemetryReport> {
    report_at(domain, principal, query, None).await
}

/// As [`report`], with another moment for now.
pub async fn report_at(
    domain: &Domain,
    principal: &Principal,
    query: &TelemetryQuery,
    now: Option<Timestamp>,
) -> Result<TelemetryReport> {
    principal.require(Permission::AnalyticsRead)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let calendar = queries::calendar(&mut tx, now).await?;
    let span = Span::of(query, calendar.now)?;
    let granularity = span.granularity(query.granularity)?;
    let filter = Filter { domain: domain_of(&mut tx, query).await?, model: query.model.as_deref() };
    let zone = calendar.time_zone.as_str();

    // First, so that nothing is said to be counted that is not.
    let freshness = freshness(&mut tx, calendar.now).await?;
    let (today, month) = spends(&mut tx, filter, &calendar).await?;
    let projection = projection(&mut tx, filter, &calendar, today, month).await?;
    let by_model = by_model(&mut tx, filter, span).await?;
    let figures = sum(by_model.values());
    let timeline = timeline(&mut tx, filter, zone, span).await?;
    let domains = domains(&mut tx, &by_model).await?;
    let models = models(&by_model);
    let live = queries::live(&mut tx).await?;
    let budgets = queries::budgets(&mut tx).await?;
    tx.commit().await?;
    let budget = ledger::state_at(domain, principal.tenant_id, &budgets, now).await?;
    Ok(TelemetryReport {
        range: TelemetryRange { from: span.from, to: span.to, granularity, time_zone: calendar.time_zone },
        freshness,
        today,
        month,
        projection,
        latency: latencies(&figures),
        objective: objective(&figures),
        resolution_rate: resolution_rate(&figures),
        series: timeline.series(granularity).into_iter().map(point).collect(),
        domains,
        models,
        tools: tools(&figures),
        errors: counts(&figures.errors),
        fallbacks: counts(&figures.fallbacks),
        heat_map: timeline.heat_map().into_iter().map(heat_cell).collect(),
        live: LiveSessions {
            conversations: live.conversations,
            with_people: live.with_people,
            answering: live.answering,
        },
        budget,
        figures: told(&figures),
    })
}

/// What the filters can be set to.
pub async fn choices(domain: &Domain, principal: &Principal) -> Result<TelemetryChoices> {
    principal.require(Permission::AnalyticsRead)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let mut domains: Vec<String> = queries::hosts(&mut tx).await?.into_iter().map(|(_, host)| host).collect();
    domains.sort_unstable();
    let models = queries::models(&mut tx).await?;
    tx.commit().await?;
    Ok(TelemetryChoices { domains, models })
}

/// What a filter may say: Postgres takes no NUL in a text.
pub(super) fn check_text(field: &str, text: Option<&str>) -> Result<()> {
    if text.is_some_and(|text| text.contains('\0')) {
        return Err(Error::field(field, "must not contain NUL characters"));
    }
    Ok(())
}

/// The id of the domain that the query names; `not_found` if it is none of the tenant's.
pub(super) async fn domain_of(tx: &mut TenantTx, query: &TelemetryQuery) -> Result<Option<omniops_types::DomainId>> {
    check_text("model", query.model.as_deref())?;
    let Some(host) = &query.domain else { return Ok(None) };
    let host: Host = host.parse().map_err(|_| Error::NotFound("domain"))?;
    let id = queries::domain_of_host(tx, host.as_str()).await?;
    Ok(Some(id.ok_or(Error::NotFound("domain"))?))
}

/// Whatever committed before the oldest change that is not counted yet, is.
pub(super) async fn freshness(tx: &mut TenantTx, now: Timestamp) -> Result<Freshness> {
    let as_of = oldest_change(tx).await?.map_or(now, |oldest| oldest.min(now));
    let behind_seconds = (now - as_of).num_seconds();
    Ok(Freshness { as_of, behind_seconds, is_stale: behind_seconds > STALE_AFTER_SECONDS })
}

/// Of today and of this month.
pub(super) async fn spends(tx: &mut TenantTx, filter: Filter<'_>, calendar: &Calendar) -> Result<(Spend, Spend)> {
    let mut spends = [Spend::default(); 2];
    let spans =
        [Span { from: calendar.today, to: calendar.tomorrow }, Span { from: calendar.month, to: calendar.next_month }];
    for (spend, span) in spends.iter_mut().zip(spans) {
        let (turns, cost) = queries::spend(tx, filter, span).await?;
        *spend = Spend { since: Some(span.from), turns, cost: MicroUsd(cost) };
    }
    let [today, month] = spends;
    Ok((today, month))
}

pub(super) async fn projection(
    tx: &mut TenantTx,
    filter: Filter<'_>,
    calendar: &Calendar,
    today: Spend,
    month: Spend,
) -> Result<CostProjection> {
    let (starts, costs): (Vec<_>, Vec<_>) = daily_costs(tx, filter, calendar).await?.into_iter().unzip();
    let in_days = |span: chrono::TimeDelta| span.num_seconds() as f64 / 86_400.0;
    let ahead = in_days(calendar.next_month - calendar.now);
    let projection = project(month.cost, &costs, ahead, (today.cost, in_days(calendar.now - calendar.today)));
    let before = starts.len().saturating_sub(projection.days as usize);
    let since = starts.get(before).copied();
    Ok(CostProjection { since, ..projection })
}

/// The starts of the last 28 whole days, with what each cost; days without turns are nought.
async fn daily_costs(tx: &mut TenantTx, filter: Filter<'_>, calendar: &Calendar) -> Result<Vec<(Timestamp, MicroUsd)>> {
    let span = Span { from: calendar.four_weeks_ago, to: calendar.today };
    let days = timeline(tx, filter, &calendar.time_zone, span).await?.series(Granularity::Day);
    Ok(days.iter().map(|day| (day.start, MicroUsd(day.slot.cost_micro_usd))).collect())
}

/// What each quarter of an hour of the span held.
async fn timeline(tx: &mut TenantTx, filter: Filter<'_>, time_zone: &str, span: Span) -> Result<Timeline> {
    let offsets = Offsets::new(queries::offsets(tx, time_zone, span).await?);
    let courses = queries::courses(tx, filter, span).await?;
    let days: Vec<(Timestamp, Course)> = courses
        .iter()
        .map(|(day, bytes)| Course::from_bytes(bytes).map(|course| (*day, course)))
        .collect::<Option<_>>()
        .ok_or_else(|| Error::internal("a day's course in the rollups cannot be read"))?;
    Ok(Timeline::new(span, offsets, days.iter().map(|(day, course)| (*day, course.slots()))))
}

/// The span's figures, as fine as they are kept: everything else is a sum of these.
async fn by_model(tx: &mut TenantTx, filter: Filter<'_>, span: Span) -> Result<BTreeMap<ModelKey, Figures>> {
    let mut sums: BTreeMap<ModelKey, Figures> = BTreeMap::new();
    for row in queries::figures_by_model(tx, filter, span).await? {
        sums.entry(row.key).or_default().add(&row.figures);
    }
    Ok(sums)
}

async fn domains(tx: &mut TenantTx, by_model: &BTreeMap<ModelKey, Figures>) -> Result<Vec<DomainTelemetry>> {
    let hosts: BTreeMap<Uuid, String> = queries::hosts(tx).await?.into_iter().collect();
    let mut sums: BTreeMap<Uuid, Figures> = BTreeMap::new();
    for (key, figures) in by_model {
        sums.entry(key.domain_id).or_default().add(figures);
    }
    let mut domains: Vec<DomainTelemetry> = sums
        .iter()
        .map(|(id, figures)| DomainTelemetry {
            domain_id: (*id).into(),
            host: hosts.get(id).cloned(),
            figures: told(figures),
            latency: latencies(figures),
        })
        .collect();
    domains.sort_by_key(|domain| std::cmp::Reverse((domain.figures.cost, domain.figures.turns)));
    Ok(domains)
}

fn models(by_model: &BTreeMap<ModelKey, Figures>) -> Vec<ModelTelemetry> {
    let mut sums: BTreeMap<(&str, &str), Figures> = BTreeMap::new();
    for (key, figures) in by_model {
        sums.entry((&key.provider, &key.model)).or_default().add(figures);
    }
    let mut models: Vec<ModelTelemetry> = sums
        .into_iter()
        .map(|((provider, model), figures)| ModelTelemetry {
            provider: provider.to_owned(),
            model: model.to_owned(),
            figures: told(&figures),
            latency: latencies(&figures),
        })
        .collect();
    models.sort_by_key(|model| std::cmp::Reverse((model.figures.cost, model.figures.turns)));
    models
}

pub(super) fn sum<'a>(rows: impl IntoIterator<Item = &'a Figures>) -> Figures {
    let mut sum = Figures::default();
    rows.into_iter().for_each(|row| sum.add(row));
    sum
}

fn told(figures: &Figures) -> TelemetryFigures {
    let counts = &figures.counts;
    TelemetryFigures {
        turns: counts.turns,
        answered: counts.answered,
        clarified: counts.clarified,
        resolved: counts.resolved,
        declined: counts.declined,
        escalated: counts.escalated,
        dropped: counts.dropped,
        failed: counts.failed,
        prompt_tokens: counts.prompt_tokens,
        cached_input_tokens: counts.cached_input_tokens,
        completion_tokens: counts.completion_tokens,
        reasoning_tokens: counts.reasoning_tokens,
        cost: MicroUsd(counts.cost_micro_usd),
        unpriced: counts.unpriced,
        steps: counts.steps,
        searches: counts.searches,
        zero_results: counts.zero_results,
        thumbs_up: counts.thumbs_up,
        thumbs_down: counts.thumbs_down,
        conversations: counts.conversations,
        confirmed: counts.confirmed,
        assumed: counts.assumed,
        waiting: counts.waiting,
    }
}

fn latencies(figures: &Figures) -> Latencies {
    Latencies { total: percentiles(&figures.total), first_token: percentiles(&figures.first) }
}

fn percentiles(sketch: &Sketch) -> Percentiles {
    Percentiles {
        count: sketch.count(),
        p50: sketch.quantile(0.50),
        p95: sketch.quantile(0.95),
        p99: sketch.quantile(0.99),
    }
}

fn objective(figures: &Figures) -> Objective {
    let counted = figures.counts.turns - figures.counts.dropped;
    let succeeded = counted - figures.counts.failed;
    let of_counted = |part: i64| (counted > 0).then(|| part as f64 / counted as f64);
    Objective {
        target: OBJECTIVE,
        counted,
        succeeded,
        success_rate: of_counted(succeeded),
        error_budget_left: of_counted(figures.counts.failed).map(|failed| 1.0 - failed / (1.0 - OBJECTIVE)),
    }
}

/// The share of the conversations with the AI that are settled without a person.
fn resolution_rate(figures: &Figures) -> Option<f64> {
    let Counts { conversations, confirmed, assumed, .. } = figures.counts;
    (conversations > 0).then(|| (confirmed + assumed) as f64 / conversations as f64)
}

fn tools(figures: &Figures) -> Vec<ToolTelemetry> {
    let mut tools: Vec<ToolTelemetry> = figures
        .tools
        .iter()
        .map(|(name, tool)| ToolTelemetry {
            name: name.clone(),
            calls: tool.calls,
            failed: tool.failed,
            average_ms: tool.ms / tool.calls.max(1),
        })
        .collect();
    tools.sort_by_key(|tool| std::cmp::Reverse(tool.calls));
    tools
}

fn counts(turns: &BTreeMap<String, i64>) -> Vec<TurnCount> {
    let mut counts: Vec<TurnCount> =
        turns.iter().map(|(name, turns)| TurnCount { name: name.clone(), turns: *turns }).collect();
    counts.sort_by_key(|count| std::cmp::Reverse(count.turns));
    counts
}

fn point(point: Point) -> TelemetryPoint {
    let Point { start, local, slot } = point;
    TelemetryPoint {
        start,
        local,
        turns: slot.turns,
        failed: slot.failed,
        cost: MicroUsd(slot.cost_micro_usd),
        prompt_tokens: slot.prompt_tokens,
        completion_tokens: slot.completion_tokens,
        searches: slot.searches,
        zero_results: slot.zero_results,
        conversations: slot.conversations,
        confirmed: slot.confirmed,
        assumed: slot.assumed,
        waiting: slot.waiting,
    }
}

fn heat_cell(hour: Hour) -> HeatCell {
    let Hour { weekday, hour, slot } = hour;
    HeatCell {
        weekday,
        hour,
        turns: slot.turns,
        searches: slot.searches,
        zero_results: slot.zero_results,
        tool_calls: slot.tool_calls,
        tool_failures: slot.tool_failures,
    }
}
