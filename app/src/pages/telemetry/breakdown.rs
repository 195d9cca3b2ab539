//! Latencies, models, domains, tools and errors, each with its rows.

use leptos::prelude::*;
use omniops_types::{Latencies, Percentiles, TelemetryFigures, TelemetryReport, TurnFallback, TurnFilter};

use super::address;
use super::figures::{duration, money, percent, short};
use crate::i18n::telemetry::Defined;
use crate::i18n::use_messages;
use crate::rpc::telemetry::Shown;
use crate::ui::{Column, Icon, IconName, Table};

/// A heading with its definition.
#[component]
fn Heading(id: &'static str, defined: Defined) -> impl IntoView {
    view! {
        <h2 id=id class="mb-2 flex items-center gap-1 font-semibold" title=defined.definition>
            {defined.name}
            <Icon name=IconName::Help class="size-3.5 text-muted" />
            <span class="sr-only">{defined.definition}</span>
        </h2>
    }
}

/// A link to the rows of a part.
fn link(href: String, text: String) -> impl IntoView {
    view! {
        <a href=href class="text-link hover:underline">
            {text}
        </a>
    }
}

#[component]
pub fn LatencySection(report: Memo<TelemetryReport>) -> impl IntoView {
    let words = &use_messages().telemetry;
    let latency = Memo::new(move |_| report.with(|report| report.latency));
    let row = move |name: &'static str, part: fn(&Latencies) -> Percentiles| {
        view! {
            <tr>
                <th scope="row" class="text-start font-normal">
                    {name}
                </th>
                <td class="text-end tabular-nums">{move || duration(part(&latency.get()).p50)}</td>
                <td class="text-end tabular-nums">{move || duration(part(&latency.get()).p95)}</td>
                <td class="text-end tabular-nums">{move || duration(part(&latency.get()).p99)}</td>
                <td class="text-end tabular-nums">{move || short(part(&latency.get()).count)}</td>
            </tr>
        }
    };
    view! {
        <div class="min-w-0">
            <Heading id="latency" defined=words.latency />
            <Table
                caption=words.latency.name
                columns=vec![
                    Column::text(words.latency.name),
                    Column::number("p50"),
                    Column::number("p95"),
                    Column::number("p99"),
                    Column::number(words.turns.name),
                ]
            >
                {row(words.first_words, |latencies| latencies.first_token)}
                {row(words.total, |latencies| latencies.total)}
            </Table>
        </div>
    }
}

/// The columns that models and domains share.
fn columns(first: &'static str) -> Vec<Column> {
    let words = &use_messages().telemetry;
    vec![
        Column::text(first),
        Column::number(words.cost),
        Column::number(words.turns.name),
        Column::number(words.success_short),
        Column::number(words.all_tokens),
        Column::number("p95"),
    ]
}

fn cells(figures: &TelemetryFigures, latency: &Latencies) -> impl IntoView + use<> {
    let counted = figures.turns - figures.dropped;
    let success = (counted > 0).then(|| (counted - figures.failed) as f64 / counted as f64);
    let texts = [
        money(figures.cost),
        short(figures.turns),
        percent(success),
        short(figures.prompt_tokens + figures.completion_tokens),
        duration(latency.total.p95),
    ];
    texts.map(|text| view! { <td class="text-end whitespace-nowrap tabular-nums">{text}</td> }).collect_view()
}

#[component]
pub fn ModelsSection(report: Memo<TelemetryReport>, shown: Memo<Shown>) -> impl IntoView {
    let words = &use_messages().telemetry;
    let models = Memo::new(move |_| report.with(|report| report.models.clone()));
    let unpriced = move || report.with(|report| report.figures.unpriced);
    view! {
        <div class="min-w-0">
            <h2 id="models" class="mb-2 font-semibold">
                {words.models}
            </h2>
            <Table caption=words.models columns=columns(words.model)>
                {move || {
                    models
                        .get()
                        .into_iter()
                        .map(|model| {
                            let narrowed = Shown { model: Some(model.model.clone()), ..shown.get() };
                            view! {
                                <tr>
                                    <td>
                                        {link(address::overview(&narrowed), model.model)} " "
                                        <span class="text-xs text-muted">{model.provider}</span>
                                    </td>
                                    {cells(&model.figures, &model.latency)}
                                </tr>
                            }
                        })
                        .collect_view()
                }}
            </Table>
            <p class="mt-1 text-xs text-warn empty:hidden">
                {move || match unpriced() {
                    0 => String::new(),
                    turns => (words.unpriced)(turns),
                }}
            </p>
        </div>
    }
}

#[component]
pub fn DomainsSection(report: Memo<TelemetryReport>, shown: Memo<Shown>) -> impl IntoView {
    let words = &use_messages().telemetry;
    let domains = Memo::new(move |_| report.with(|report| report.domains.clone()));
    view! {
        <div class="min-w-0">
            <h2 id="domains" class="mb-2 font-semibold">
                {words.domains}
            </h2>
            <Table caption=words.domains columns=columns(words.domain)>
                {move || {
                    domains
                        .get()
                        .into_iter()
                        .map(|domain| {
                            let name = match domain.host {
                                Some(host) => {
                                    let narrowed = Shown { domain: Some(host.clone()), ..shown.get() };
                                    link(address::overview(&narrowed), host).into_any()
                                }
                                None => words.gone_domain.into_any(),
                            };
                            view! {
                                <tr>
                                    <td>{name}</td>
                                    {cells(&domain.figures, &domain.latency)}
                                </tr>
                            }
                        })
                        .collect_view()
                }}
            </Table>
        </div>
    }
}

#[component]
pub fn ToolsSection(report: Memo<TelemetryReport>, shown: Memo<Shown>) -> impl IntoView {
    let words = &use_messages().telemetry;
    let tools = Memo::new(move |_| report.with(|report| (report.tools.clone(), report.range.clone())));
    let none = move || tools.with(|(tools, _)| tools.is_empty());
    view! {
        <div class="min-w-0">
            <Heading id="tools" defined=words.tools />
            <Show when=move || !none() fallback=move || view! { <p class="text-muted">{words.no_tools}</p> }>
            <Table
                caption=words.tools.name
                columns=vec![
                    Column::text(words.tool),
                    Column::number(words.calls),
                    Column::number(words.failed),
                    Column::number(words.average),
                ]
            >
                {move || {
                    tools
                        .with(|(tools, range)| {
                            let query = address::query_of(range, &shown.get_untracked());
                            tools
                                .iter()
                                .map(|tool| {
                                    let filter = TurnFilter { tool: Some(tool.name.clone()), ..TurnFilter::default() };
                                    view! {
                                        <tr>
                                            <td>{link(address::turns(&query, &filter), tool.name.clone())}</td>
                                            <td class="text-end tabular-nums">{short(tool.calls)}</td>
                                            <td class="text-end tabular-nums">{short(tool.failed)}</td>
                                            <td class="text-end tabular-nums">
                                                {duration(Some(tool.average_ms as f64))}
                                            </td>
                                        </tr>
                                    }
                                })
                                .collect_view()
                        })
                }}
            </Table>
            </Show>
        </div>
    }
}

fn count_row(name: impl IntoView, turns: i64) -> impl IntoView {
    view! {
        <tr>
            <td>{name}</td>
            <td class="text-end tabular-nums">{short(turns)}</td>
        </tr>
    }
}

#[component]
pub fn ErrorsSection(report: Memo<TelemetryReport>, shown: Memo<Shown>) -> impl IntoView {
    let words = &use_messages().telemetry;
    let wrong = Memo::new(move |_| {
        report.with(|report| (report.errors.clone(), report.fallbacks.clone(), report.range.clone()))
    });
    let nothing = move || wrong.with(|(errors, fallbacks, _)| errors.is_empty() && fallbacks.is_empty());
    view! {
        <div class="min-w-0">
            <Heading id="errors" defined=words.errors />
            <Show when=move || !nothing() fallback=move || view! { <p class="text-muted">{words.no_errors}</p> }>
                <Table
                    caption=words.errors.name
                    columns=vec![Column::text(words.error), Column::number(words.turns.name)]
                >
                    {move || {
                        wrong
                            .with(|(errors, fallbacks, range)| {
                                let query = address::query_of(range, &shown.get_untracked());
                                let errors = errors
                                    .iter()
                                    .map(|error| {
                                        let filter = TurnFilter {
                                            error: Some(error.name.clone()),
                                            ..TurnFilter::default()
                                        };
                                        count_row(link(address::turns(&query, &filter), error.name.clone()), error.turns)
                                    })
                                    .collect_view();
                                let fallbacks = fallbacks
                                    .iter()
                                    .filter_map(|fallback| Some((TurnFallback::parse(&fallback.name)?, fallback.turns)))
                                    .map(|(fallback, turns)| {
                                        let filter = TurnFilter { fallback: Some(fallback), ..TurnFilter::default() };
                                        let name = format!("{}: {}", words.fallbacks, (words.fallback_of)(fallback));
                                        count_row(link(address::turns(&query, &filter), name), turns)
                                    })
                                    .collect_view();
                                (errors, fallbacks)
                            })
                    }}
                </Table>
            </Show>
        </div>
    }
}
