//! One figure each: a value, what puts it into proportion, its definition, and the rows that it counts.

use leptos::prelude::*;
use omniops_types::{BudgetUse, Rating, TelemetryQuery, TelemetryReport, Timestamp, TurnFilter, TurnOutcome};

use super::address;
use super::figures::{money, percent, short};
use crate::i18n::telemetry::Defined;
use crate::i18n::use_messages;
use crate::rpc::telemetry::Shown;
use crate::ui::{Icon, IconName, Meter, MeterPart};

/// A figure. `href` leads to the rows that it counts, where they are of the page's range.
#[component]
fn Tile(
    defined: Defined,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] note: Signal<String>,
    #[prop(optional, into)] href: Option<Signal<String>>,
    /// Something that is not as it should be.
    #[prop(optional, into)]
    bad: Signal<bool>,
) -> impl IntoView {
    let value_class = move || {
        let colour = if bad.get() { " text-danger" } else { "" };
        format!("mt-1 block text-xl font-semibold tabular-nums{colour}")
    };
    let figure = view! { <span class=value_class>{move || value.get()}</span> };
    view! {
        <div class="relative min-w-0 rounded-xl border border-base-300 p-3 has-[a:hover]:bg-base-200">
            <Name defined=defined />
            <dd class="min-w-0">
                {match href {
                    Some(href) => {
                        view! {
                            <a href=move || href.get() class="after:absolute after:inset-0 after:rounded-xl">
                                {figure}
                            </a>
                        }
                            .into_any()
                    }
                    None => figure.into_any(),
                }}
                <span class="mt-0.5 block text-xs text-muted tabular-nums">{move || note.get()}</span>
            </dd>
        </div>
    }
}

/// A figure's name with its definition.
#[component]
fn Name(defined: Defined) -> impl IntoView {
    view! {
        <dt class="flex items-center gap-1 text-muted" title=defined.definition>
            <span class="min-w-0">{defined.name}</span>
            <Icon name=IconName::Help class="size-3.5 shrink-0" />
            <span class="sr-only">{defined.definition}</span>
        </dt>
    }
}

/// From when on a figure counts.
type Moment = fn(&TelemetryReport) -> Option<Timestamp>;

/// The turns up to now since a moment, with the page's filters or without any.
fn since(moment: Option<Timestamp>, shown: Option<Shown>) -> String {
    let Shown { domain, model, .. } = shown.unwrap_or_default();
    let query = TelemetryQuery { from: moment, domain, model, ..TelemetryQuery::default() };
    address::turns(&query, &TurnFilter::default())
}

/// The turns that one looks for behind a figure that counts some of them; all where it counts none, because a list
/// without a row tells nothing.
fn counted(filters: &[(i64, TurnFilter)]) -> TurnFilter {
    filters.iter().find(|(turns, _)| *turns > 0).map(|(_, filter)| filter.clone()).unwrap_or_default()
}

#[component]
pub fn Tiles(report: Memo<TelemetryReport>, shown: Memo<Shown>) -> impl IntoView {
    let words = &use_messages().telemetry;
    let rows = move |filter: fn(&TelemetryReport) -> TurnFilter| {
        Signal::derive(move || {
            report.with(|report| address::turns(&address::query_of(&report.range, &shown.get()), &filter(report)))
        })
    };
    let of = move |text: fn(&TelemetryReport) -> String| Signal::derive(move || report.with(text));
    let rows_since = move |moment: Moment| Signal::derive(move || since(report.with(moment), Some(shown.get())));
    let failed = |report: &TelemetryReport| {
        let failed = TurnFilter { outcome: Some(TurnOutcome::Failed), ..TurnFilter::default() };
        counted(&[(report.figures.failed, failed)])
    };
    let in_vain = |report: &TelemetryReport| {
        let in_vain = TurnFilter { zero_results: Some(true), ..TurnFilter::default() };
        counted(&[(report.figures.zero_results, in_vain)])
    };
    let rated = |report: &TelemetryReport| {
        let rated = |rating| TurnFilter { rating: Some(rating), ..TurnFilter::default() };
        let (up, down) = (report.figures.thumbs_up, report.figures.thumbs_down);
        counted(&[(down, rated(Rating::Down)), (up, rated(Rating::Up))])
    };
    let conversations = |_: &TelemetryReport| TurnFilter { last_in_conversation: Some(true), ..TurnFilter::default() };
    let all = |_: &TelemetryReport| TurnFilter::default();
    let projection_note = move || {
        let projection = report.with(|report| report.projection);
        match (projection.low, projection.high) {
            _ if projection.cost.0 == 0 && projection.since.is_none() => words.no_costs.to_owned(),
            (Some(low), Some(high)) => (words.projection_range)(&money(low), &money(high), projection.days),
            _ => words.no_range.to_owned(),
        }
    };
    let over_budget =
        move || report.with(|report| report.budget.month.limit.is_some_and(|limit| report.projection.cost > limit));
    let below_objective =
        move || report.with(|report| report.objective.success_rate.is_some_and(|rate| rate < report.objective.target));
    view! {
        <dl class="grid grid-cols-2 gap-3 @2xl:grid-cols-3 @5xl:grid-cols-4 @7xl:grid-cols-6">
            <Tile
                defined=words.today
                value=of(|report| money(report.today.cost))
                note=Signal::derive(move || (words.turns_of)(report.with(|report| report.today.turns)))
                href=rows_since(|report| report.today.since)
            />
            <Tile
                defined=words.month
                value=of(|report| money(report.month.cost))
                note=Signal::derive(move || (words.turns_of)(report.with(|report| report.month.turns)))
                href=rows_since(|report| report.month.since)
            />
            <Tile
                defined=words.projection
                value=of(|report| money(report.projection.cost))
                note=Signal::derive(projection_note)
                // What is spent, and the days that tell what will be.
                href=rows_since(|report| match (report.month.since, report.projection.since) {
                    (Some(month), Some(first)) => Some(month.min(first)),
                    (month, _) => month,
                })
                bad=Signal::derive(over_budget)
            />
            <Tile
                defined=words.success
                value=of(|report| percent(report.objective.success_rate))
                note=Signal::derive(move || {
                    let objective = report.with(|report| report.objective);
                    (words.success_note)(&percent(Some(objective.target)), &percent(objective.error_budget_left))
                })
                href=rows(failed)
                bad=Signal::derive(below_objective)
            />
            <Tile
                defined=words.live
                value=of(|report| report.live.conversations.to_string())
                note=Signal::derive(move || {
                    let live = report.with(|report| report.live);
                    (words.live_note)(live.with_people, live.answering)
                })
                href=Signal::derive(|| "/dashboard/conversations".to_owned())
            />
            <Tile
                defined=words.resolved
                value=of(|report| percent(report.resolution_rate))
                note=Signal::derive(move || {
                    let figures = report.with(|report| report.figures);
                    (words.resolved_note)(figures.confirmed, figures.assumed, figures.conversations, figures.waiting)
                })
                href=rows(conversations)
            />
            <Tile
                defined=words.turns
                value=of(|report| short(report.figures.turns))
                note=Signal::derive(move || {
                    let figures = report.with(|report| report.figures);
                    (words.turns_note)(figures.declined, figures.escalated)
                })
                href=rows(all)
            />
            <Tile
                defined=words.tokens
                value=of(|report| short(report.figures.prompt_tokens + report.figures.completion_tokens))
                note=Signal::derive(move || {
                    let figures = report.with(|report| report.figures);
                    (words.tokens_note)(
                        &short(figures.prompt_tokens),
                        &short(figures.cached_input_tokens),
                        &short(figures.completion_tokens),
                        &short(figures.reasoning_tokens),
                    )
                })
                href=rows(all)
            />
            <Tile
                defined=words.zero_results
                value=of(|report| short(report.figures.zero_results))
                note=Signal::derive(move || (words.of_searches)(report.with(|report| report.figures.searches)))
                href=rows(in_vain)
            />
            <Tile
                defined=words.thumbs
                value=of(|report| format!("+{} −{}", report.figures.thumbs_up, report.figures.thumbs_down))
                note=Signal::derive(move || (words.turns_of)(report.with(|report| report.figures.turns)))
                href=rows(rated)
            />
            <BudgetTile report=report />
        </dl>
    }
}

/// What is gone of the day's and the month's budget, with the turns of each.
#[component]
fn BudgetTile(report: Memo<TelemetryReport>) -> impl IntoView {
    let words = &use_messages().telemetry;
    let line = move |label: &'static str, part: fn(&TelemetryReport) -> BudgetUse, moment: Moment| {
        let used = Signal::derive(move || report.with(part));
        let text = Signal::derive(move || {
            let used = used.get();
            match used.limit {
                Some(limit) => (words.budget_of)(&money(used.gone()), &money(limit)),
                None => format!("{}, {}", money(used.gone()), words.no_budget),
            }
        });
        let parts = Signal::derive(move || {
            let used = used.get();
            let whole = used.limit.map_or(0, |limit| limit.0).max(1);
            vec![MeterPart { share: used.gone().0 as f64 / whole as f64, class: "bg-primary" }]
        });
        view! {
            <div class="mt-1">
                <p class="flex flex-wrap justify-between gap-x-2 text-xs">
                    <a href=move || since(report.with(moment), None) class="text-link hover:underline">
                        {label}
                    </a>
                    <span class="text-muted tabular-nums">{move || text.get()}</span>
                </p>
                <Show when=move || used.get().limit.is_some()>
                    <Meter label=label text=text parts=parts />
                </Show>
            </div>
        }
    };
    view! {
        // Two wide, so that the tiles fill the last row whatever the width.
        <div class="col-span-2 min-w-0 rounded-xl border border-base-300 p-3">
            <Name defined=words.budget />
            <dd>
                {line(words.this_day, |report| report.budget.day, |report| report.today.since)}
                {line(words.this_month, |report| report.budget.month, |report| report.month.since)}
            </dd>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_that_counts_nothing_leads_to_all_turns() {
        let failed = TurnFilter { outcome: Some(TurnOutcome::Failed), ..TurnFilter::default() };
        let rated = TurnFilter { rating: Some(Rating::Up), ..TurnFilter::default() };
        assert_eq!(counted(&[(0, failed.clone())]), TurnFilter::default());
        assert_eq!(counted(&[(3, failed.clone()), (1, rated.clone())]), failed);
        assert_eq!(counted(&[(0, failed), (1, rated.clone())]), rated);
    }

    #[test]
    fn the_turns_since_a_moment_end_now_and_keep_the_filters() {
        let moment = Some("2026-10-31T23:00:00Z".parse().unwrap());
        let shown = Shown { model: Some("small".to_owned()), ..Shown::default() };
        assert_eq!(since(moment, Some(shown)), "/dashboard/telemetry/turns?from=2026-10-31T23%3A00%3A00Z&model=small");
        assert_eq!(since(moment, None), "/dashboard/telemetry/turns?from=2026-10-31T23%3A00%3A00Z");
    }
}
