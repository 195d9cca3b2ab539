//! Bars over time. Each leads to its turns; the table below says the same in words, for those who do not see bars.

use leptos::prelude::*;
use omniops_types::{
    Granularity, MicroUsd, TelemetryPoint, TelemetryQuery, TelemetryReport, Timestamp, TurnFilter, TurnOutcome,
};

use super::address;
use super::figures::{money, short};
use super::scale::{label_every, steps};
use crate::i18n::use_messages;
use crate::rpc::telemetry::Shown;
use crate::ui::{Choice, Column, Disclosure, Segmented, Table};

/// Labels below the bars at most.
const MOST_LABELS: usize = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Metric {
    Cost,
    Turns,
    Failures,
    Tokens,
}

impl Metric {
    const ALL: [Self; 4] = [Self::Cost, Self::Turns, Self::Failures, Self::Tokens];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Turns => "turns",
            Self::Failures => "failures",
            Self::Tokens => "tokens",
        }
    }

    const fn of(self, point: &TelemetryPoint) -> i64 {
        match self {
            Self::Cost => point.cost.0,
            Self::Turns => point.turns,
            Self::Failures => point.failed,
            Self::Tokens => point.prompt_tokens + point.completion_tokens,
        }
    }

    fn told(self, value: f64) -> String {
        match self {
            Self::Cost => money(MicroUsd(value.round() as i64)),
            Self::Turns | Self::Failures | Self::Tokens if value.fract() > 0.0 => format!("{value:.1}"),
            Self::Turns | Self::Failures | Self::Tokens => short(value as i64),
        }
    }
}

#[component]
pub fn SeriesChart(report: Memo<TelemetryReport>, shown: Memo<Shown>) -> impl IntoView {
    let words = &use_messages().telemetry;
    // Quotes cost nothing: what there is to see of them is how many.
    let first = if report.with_untracked(|report| report.figures.cost.0 > 0) { Metric::Cost } else { Metric::Turns };
    let metric_name = RwSignal::new(first.as_str().to_owned());
    let metric = Memo::new(move |_| {
        let name = metric_name.get();
        Metric::ALL.into_iter().find(|metric| metric.as_str() == name).unwrap_or(Metric::Cost)
    });
    let series = Memo::new(move |_| report.with(|report| (report.series.clone(), report.range.clone())));
    let named = |metric: Metric| match metric {
        Metric::Cost => words.cost,
        Metric::Turns => words.turns.name,
        Metric::Failures => words.failures,
        Metric::Tokens => words.all_tokens,
    };
    let choices = Metric::ALL.map(|metric| Choice::new(metric.as_str(), named(metric))).to_vec();
    let href = move |start: Timestamp, end: Timestamp, metric: Metric| {
        let shown = shown.get_untracked();
        let query = TelemetryQuery {
            from: Some(start),
            to: Some(end),
            domain: shown.domain,
            model: shown.model,
            granularity: None,
        };
        let outcome = (metric == Metric::Failures).then_some(TurnOutcome::Failed);
        address::turns(&query, &TurnFilter { outcome, ..TurnFilter::default() })
    };
    view! {
        <section aria-labelledby="over-time" class="rounded-xl border border-base-300 p-4">
            <div class="mb-3 flex flex-wrap items-center justify-between gap-2">
                <div>
                    <h2 id="over-time" class="font-semibold">
                        {words.over_time}
                    </h2>
                    <p class="text-xs text-muted">{words.over_time_hint}</p>
                </div>
                <Segmented name="telemetry-metric" legend=words.metric choices=choices value=metric_name bare=true />
            </div>
            {move || {
                let metric = metric.get();
                series
                    .with(|(points, range)| {
                        let ends = ends(points, range.to);
                        let largest = points.iter().map(|point| metric.of(point)).max().unwrap_or_default();
                        let (step, lines) = steps(largest as f64);
                        let top = step * lines as f64;
                        let every = label_every(points.len(), MOST_LABELS);
                        view! {
                            <div class="flex gap-2" aria-hidden="true">
                                <div class="flex h-44 flex-col-reverse justify-between text-end text-xs text-muted tabular-nums">
                                    {(0..=if largest > 0 { lines } else { 0 })
                                        .map(|line| {
                                            view! {
                                                <span class="-my-2 leading-4">{metric.told(step * line as f64)}</span>
                                            }
                                        })
                                        .collect_view()}
                                </div>
                                <div class="min-w-0 flex-1">
                                    <div class="relative h-44 border-b border-base-content/40">
                                        <div class="absolute inset-0 flex flex-col justify-between">
                                            {(0..if largest > 0 { lines } else { 0 })
                                                .map(|_| view! { <span class="block border-t border-base-300"></span> })
                                                .collect_view()}
                                            <span></span>
                                        </div>
                                        <div class="absolute inset-0 flex items-end gap-px">
                                            {points
                                                .iter()
                                                .zip(&ends)
                                                .map(|(point, end)| {
                                                    let value = metric.of(point);
                                                    let height = format!("{:.2}%", value as f64 / top * 100.0);
                                                    let title = format!(
                                                        "{}: {}",
                                                        point.local.replace('T', " "),
                                                        metric.told(value as f64),
                                                    );
                                                    view! {
                                                        <a
                                                            href=href(point.start, *end, metric)
                                                            title=title
                                                            tabindex="-1"
                                                            class="flex h-full min-w-0 flex-1 items-end hover:bg-base-200"
                                                        >
                                                            <span
                                                                class="block w-full rounded-t-xs bg-primary"
                                                                style:height=height
                                                            ></span>
                                                        </a>
                                                    }
                                                })
                                                .collect_view()}
                                        </div>
                                    </div>
                                    <div class="mt-1 flex text-xs text-muted tabular-nums">
                                        {points
                                            .iter()
                                            .step_by(every)
                                            .map(|point| {
                                                let share = every.min(points.len()) as f64 / points.len() as f64;
                                                view! {
                                                    <span
                                                        class="block shrink-0 overflow-hidden whitespace-nowrap"
                                                        style:width=format!("{:.3}%", share * 100.0)
                                                    >
                                                        {label(&point.local, range.granularity)}
                                                    </span>
                                                }
                                            })
                                            .collect_view()}
                                    </div>
                                </div>
                            </div>
                        }
                    })
            }}
            <div class="mt-3">
                <Disclosure title=words.as_table>
                    <Table
                        caption=words.over_time
                        columns=vec![
                            Column::text(words.time),
                            Column::number(words.cost),
                            Column::number(words.turns.name),
                            Column::number(words.failures),
                            Column::number(words.all_tokens),
                        ]
                    >
                        {move || {
                            series
                                .with(|(points, range)| {
                                    let ends = ends(points, range.to);
                                    points
                                        .iter()
                                        .zip(ends)
                                        .map(|(point, end)| {
                                            view! {
                                                <tr>
                                                    <td class="whitespace-nowrap tabular-nums">
                                                        <a
                                                            href=href(point.start, end, Metric::Turns)
                                                            class="text-link hover:underline"
                                                        >
                                                            {point.local.replace('T', " ")}
                                                        </a>
                                                    </td>
                                                    <td class="text-end tabular-nums">{money(point.cost)}</td>
                                                    <td class="text-end tabular-nums">{point.turns}</td>
                                                    <td class="text-end tabular-nums">{point.failed}</td>
                                                    <td class="text-end tabular-nums">
                                                        {Metric::Tokens.of(point)}
                                                    </td>
                                                </tr>
                                            }
                                        })
                                        .collect_view()
                                })
                        }}
                    </Table>
                </Disclosure>
            </div>
        </section>
    }
}

/// Where each point ends: where the next one begins.
fn ends(points: &[TelemetryPoint], to: Timestamp) -> Vec<Timestamp> {
    points.iter().skip(1).map(|point| point.start).chain([to]).collect()
}

/// Of `2026-11-23T14:00` the hour; at midnight, and where a point is a day, the day.
fn label(local: &str, granularity: Granularity) -> String {
    match local.split_once('T') {
        Some((date, time)) if granularity == Granularity::Day || time == "00:00" => {
            date.get(5..).unwrap_or(date).to_owned()
        }
        Some((_, time)) => time.to_owned(),
        None => local.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_the_hour_and_at_midnight_the_day() {
        assert_eq!(label("2026-11-23T14:30", Granularity::Hour), "14:30");
        assert_eq!(label("2026-11-23T00:00", Granularity::Hour), "11-23");
        assert_eq!(label("2026-11-23T14:30", Granularity::Day), "11-23");
    }
}
