//! The hours of the week as a table of grounds. Five steps of one colour, each number on hover and in the cell's name.

use std::collections::HashMap;

use leptos::prelude::*;
use omniops_types::{HeatCell, TelemetryReport, TurnFilter};

use super::address;
use super::figures::short;
use super::scale::level;
use crate::i18n::use_messages;
use crate::rpc::telemetry::Shown;
use crate::ui::{Choice, Icon, IconName, Segmented};

/// From nothing to the most.
const GROUNDS: [&str; 5] =
    ["bg-base-200", "bg-primary/15", "bg-primary/30", "bg-primary/45", "bg-primary text-primary-content"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Metric {
    Turns,
    Searches,
    NoResults,
    ToolCalls,
    ToolFailures,
}

impl Metric {
    const ALL: [Self; 5] = [Self::Turns, Self::Searches, Self::NoResults, Self::ToolCalls, Self::ToolFailures];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Turns => "turns",
            Self::Searches => "searches",
            Self::NoResults => "no_results",
            Self::ToolCalls => "tool_calls",
            Self::ToolFailures => "tool_failures",
        }
    }

    const fn of(self, cell: &HeatCell) -> i64 {
        match self {
            Self::Turns => cell.turns,
            Self::Searches => cell.searches,
            Self::NoResults => cell.zero_results,
            Self::ToolCalls => cell.tool_calls,
            Self::ToolFailures => cell.tool_failures,
        }
    }
}

#[component]
pub fn HeatMap(report: Memo<TelemetryReport>, shown: Memo<Shown>) -> impl IntoView {
    let words = &use_messages().telemetry;
    let metric_name = RwSignal::new(Metric::Turns.as_str().to_owned());
    let metric = Memo::new(move |_| {
        let name = metric_name.get();
        Metric::ALL.into_iter().find(|metric| metric.as_str() == name).unwrap_or(Metric::Turns)
    });
    let named = |metric: Metric| match metric {
        Metric::Turns => words.turns.name,
        Metric::Searches => words.searches,
        Metric::NoResults => words.no_results,
        Metric::ToolCalls => words.tool_calls,
        Metric::ToolFailures => words.tool_failures,
    };
    let choices = Metric::ALL.map(|metric| Choice::new(metric.as_str(), named(metric))).to_vec();
    let cells = Memo::new(move |_| report.with(|report| (report.heat_map.clone(), report.range.clone())));
    view! {
        <section aria-labelledby="heat-map" class="rounded-xl border border-base-300 p-4">
            <div class="mb-3 flex flex-wrap items-center justify-between gap-2">
                <h2 id="heat-map" class="flex items-center gap-1 font-semibold" title=words.heat_map.definition>
                    {words.heat_map.name}
                    <Icon name=IconName::Help class="size-3.5 text-muted" />
                    <span class="sr-only">{words.heat_map.definition}</span>
                </h2>
                <div class="max-w-full overflow-x-auto">
                    <div class="w-max">
                        <Segmented name="heat-metric" legend=words.metric choices=choices value=metric_name bare=true />
                    </div>
                </div>
            </div>
            <div class="overflow-x-auto" tabindex="0" role="region" aria-label=words.heat_map.name>
                <table class="w-full min-w-[42rem] table-fixed border-separate border-spacing-0.5 text-center text-xs tabular-nums">
                    <caption class="sr-only">{move || format!("{}: {}", words.heat_map.name, named(metric.get()))}</caption>
                    <thead class="text-muted">
                        <tr>
                            <td class="w-9"></td>
                            {(0..24).map(|hour| view! { <th scope="col" class="font-normal">{hour}</th> }).collect_view()}
                        </tr>
                    </thead>
                    <tbody>
                        {move || {
                            let metric = metric.get();
                            cells
                                .with(|(cells, range)| {
                                    let query = address::query_of(range, &shown.get_untracked());
                                    let largest = cells.iter().map(|cell| metric.of(cell)).max().unwrap_or_default();
                                    let by_hour: HashMap<(i16, i16), i64> = cells
                                        .iter()
                                        .map(|cell| ((cell.weekday, cell.hour), metric.of(cell)))
                                        .collect();
                                    words
                                        .weekdays
                                        .iter()
                                        .zip(1_i16..)
                                        .map(|(name, weekday)| {
                                            let hours = (0..24_i16)
                                                .map(|hour| {
                                                    let value = by_hour.get(&(weekday, hour)).copied().unwrap_or_default();
                                                    let ground = GROUNDS.get(level(value, largest)).copied().unwrap_or_default();
                                                    let name = format!("{name} {hour}:00: {value}");
                                                    let filter = TurnFilter {
                                                        weekday: Some(weekday),
                                                        hour: Some(hour),
                                                        ..TurnFilter::default()
                                                    };
                                                    view! {
                                                        <td class=format!("h-6 rounded-sm p-0 {ground}")>
                                                            {(value > 0)
                                                                .then(|| {
                                                                    view! {
                                                                        <a
                                                                            href=address::turns(&query, &filter)
                                                                            class="flex h-6 items-center justify-center"
                                                                            title=name.clone()
                                                                            aria-label=name
                                                                        >
                                                                            {short(value)}
                                                                        </a>
                                                                    }
                                                                })}
                                                        </td>
                                                    }
                                                })
                                                .collect_view();
                                            view! {
                                                <tr>
                                                    <th scope="row" class="text-start font-normal text-muted">
                                                        {*name}
                                                    </th>
                                                    {hours}
                                                </tr>
                                            }
                                        })
                                        .collect_view()
                                })
                        }}
                    </tbody>
                </table>
            </div>
            <p class="mt-2 flex items-center justify-end gap-1 text-xs text-muted" aria-hidden="true">
                {words.less}
                {GROUNDS.map(|ground| view! { <span class=format!("size-3 rounded-sm {ground}")></span> }).collect_view()}
                {words.more}
            </p>
        </section>
    }
}
