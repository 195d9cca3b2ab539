//! The figures of the telemetry page.

use std::collections::BTreeMap;

use omniops_postgres::TenantTx;
use omniops_types::{
    CostProjection, DomainTelemetry, Freshness, HeatCell, Latencies, LiveSessions, MicroUsd, ModelTelemetry, Objective,
    Percentiles, Permission, Spend, TelemetryChoices, TelemetryFigures, TelemetryPoint, TelemetryQuery, TelemetryRange,
    TelemetryReport, Timestamp, ToolTelemetry, TurnCount,
};
use uuid::Uuid;

use super::figures::Figures;
use super::projection::project;
use super::range::Span;
use super::report_queries::{self as queries, Calendar, Filter, HeatRow, PointRow};
use super::rollup_queries::oldest_change;
use super::sketch::Sketch;
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
    let figures = sum(&queries::figures(&mut tx, filter, span).await?);
    let series = queries::series(&mut tx, filter, zone, span, granularity).await?;
    let heat_map = queries::heat_map(&mut tx, filter, zone, span).await?;
    let domains = domains(&mut tx, filter, span).await?;
    let models = models(&mut tx, filter, span).await?;
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
        series: series.into_iter().map(point).collect(),
        domains,
        models,
        tools: tools(&figures),
        errors: counts(&figures.errors),
        fallbacks: counts(&figures.fallbacks),
        heat_map: heat_map.into_iter().map(heat_cell).collect(),
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

/// The id of the domain that the query names; `not_found` if it is none of the tenant's.
pub(super) async fn domain_of(tx: &mut TenantTx, query: &TelemetryQuery) -> Result<Option<omniops_types::DomainId>> {
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
        *spend = Spend { turns, cost: MicroUsd(cost) };
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
    let span = Span { from: calendar.four_weeks_ago, to: calendar.today };
    let costs = queries::daily_costs(tx, filter, &calendar.time_zone, span).await?;
    let days: Vec<MicroUsd> = costs.into_iter().map(MicroUsd).collect();
    let in_days = |span: chrono::TimeDelta| span.num_seconds() as f64 / 86_400.0;
    let ahead = in_days(calendar.next_month - calendar.now);
    Ok(project(month.cost, &days, ahead, (today.cost, in_days(calendar.now - calendar.today))))
}

async fn domains(tx: &mut TenantTx, filter: Filter<'_>, span: Span) -> Result<Vec<DomainTelemetry>> {
    let hosts: BTreeMap<Uuid, String> = queries::hosts(tx).await?.into_iter().collect();
    let mut sums: BTreeMap<Uuid, Figures> = BTreeMap::new();
    for row in queries::figures_by_domain(tx, filter, span).await? {
        sums.entry(row.domain_id).or_default().add(&row.figures);
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

async fn models(tx: &mut TenantTx, filter: Filter<'_>, span: Span) -> Result<Vec<ModelTelemetry>> {
    let mut sums: BTreeMap<(String, String), Figures> = BTreeMap::new();
    for row in queries::figures_by_model(tx, filter, span).await? {
        sums.entry((row.provider, row.model)).or_default().add(&row.figures);
    }
    let mut models: Vec<ModelTelemetry> = sums
        .into_iter()
        .map(|((provider, model), figures)| ModelTelemetry {
            provider,
            model,
            figures: told(&figures),
            latency: latencies(&figures),
        })
        .collect();
    models.sort_by_key(|model| std::cmp::Reverse((model.figures.cost, model.figures.turns)));
    Ok(models)
}

pub(super) fn sum(rows: &[Figures]) -> Figures {
    let mut sum = Figures::default();
    rows.iter().for_each(|row| sum.add(row));
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

fn point(row: PointRow) -> TelemetryPoint {
    TelemetryPoint {
        start: row.start,
        local: row.local,
        turns: row.turns,
        failed: row.failed,
        cost: MicroUsd(row.cost_micro_usd),
        prompt_tokens: row.prompt_tokens,
        completion_tokens: row.completion_tokens,
        searches: row.searches,
        zero_results: row.zero_results,
    }
}

fn heat_cell(row: HeatRow) -> HeatCell {
    HeatCell {
        weekday: row.weekday,
        hour: row.hour,
        turns: row.turns,
        searches: row.searches,
        zero_results: row.zero_results,
        tool_calls: row.tool_calls,
        tool_failures: row.tool_failures,
    }
}
