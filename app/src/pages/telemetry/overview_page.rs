//! `/dashboard/telemetry`: the figures, looked at again every quarter of a minute.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use omniops_types::{ErrorCode, Freshness, Permission, TelemetryReport, TurnFilter};

use super::address;
use super::alerts::OpenAlerts;
use super::breakdown::{DomainsSection, ErrorsSection, LatencySection, ModelsSection, ToolsSection};
use super::chart::SeriesChart;
use super::filters::Filters;
use super::heat_map::HeatMap;
use super::tiles::Tiles;
use crate::error::AppError;
use crate::i18n::use_messages;
use crate::rpc::telemetry::{self as rpc, Shown, TelemetryOverview};
use crate::state::browser;
use crate::state::session::may;
use crate::ui::{Badge, ButtonLink, EmptyState, ErrorState, IconName, PageTitle, Skeleton, Tone, Tooltip};

/// Where it is set from where on something is an alert.
const THRESHOLDS: &str = "/dashboard/settings/agent#alerts";
const EVERY: Duration = Duration::from_secs(15);

#[component]
pub fn TelemetryPage() -> impl IntoView {
    let words = &use_messages().telemetry;
    if !may(Permission::AnalyticsRead) {
        return view! {
            <PageTitle text=words.page />
            <NoPermission />
        }
        .into_any();
    }
    let query = use_query_map();
    let shown = Memo::new(move |_| query.with(address::shown_of));
    let overview = Resource::new(move || shown.get(), rpc::read);
    let reload = Callback::new(move |()| overview.refetch());
    let is_filtered = move || shown.with_untracked(|shown| shown.domain.is_some() || shown.model.is_some());
    view! {
        <PageTitle text=words.page />
        <Transition fallback=PageSkeleton>
            {move || {
                overview
                    .get()
                    .map(|answer| match answer {
                        Ok(overview) => view! { <Figures overview=overview shown=shown /> }.into_any(),
                        Err(error) => {
                            view! { <NotLoaded error=error on_retry=reload is_filtered=is_filtered() /> }.into_any()
                        }
                    })
            }}
        </Transition>
    }
    .into_any()
}

#[component]
pub(super) fn NoPermission() -> impl IntoView {
    let words = &use_messages().telemetry;
    view! {
        <div class="flex flex-1 items-center justify-center">
            <h1 class="sr-only">{words.page}</h1>
            <EmptyState icon=IconName::Lock title=words.no_permission hint=words.no_permission_hint />
        </div>
    }
}

#[component]
fn NotLoaded(error: AppError, on_retry: Callback<()>, is_filtered: bool) -> impl IntoView {
    if error.code() == ErrorCode::Forbidden {
        return view! { <NoPermission /> }.into_any();
    }
    let words = &use_messages().telemetry;
    view! {
        <div class="flex flex-1 flex-col items-center justify-center">
            <h1 class="sr-only">{words.page}</h1>
            <ErrorState title=words.load_failed error=error on_retry=on_retry />
            // It may be a filter of the address: a domain that is no longer there.
            {is_filtered.then(|| view! { <ButtonLink href=address::BASE>{words.clear_filters}</ButtonLink> })}
        </div>
    }
    .into_any()
}

#[component]
fn Figures(overview: TelemetryOverview, shown: Memo<Shown>) -> impl IntoView {
    let words = &use_messages().telemetry;
    let overview = RwSignal::new(overview);
    let report = Memo::new(move |_| overview.with(|overview| overview.report.clone()));
    let choices = Memo::new(move |_| overview.with(|overview| overview.choices.clone()));
    let alerts = Memo::new(move |_| overview.with(|overview| overview.alerts.clone()));
    let nothing = Memo::new(move |_| report.with(|report| report.figures.turns == 0));
    Effect::new(move || {
        let look = move || {
            if browser::is_visible() {
                let asked = shown.get_untracked();
                spawn_local(async move {
                    // A look that fails is made again by itself; one that comes after the filters changed is too late.
                    if let Ok(newer) = rpc::read(asked.clone()).await
                        && shown.try_get_untracked() == Some(asked)
                    {
                        let _ = overview.try_set(newer);
                    }
                });
            }
        };
        if let Ok(every) = set_interval_with_handle(look, EVERY) {
            on_cleanup(move || every.clear());
        }
    });
    let csv = move || report.with(|report| address::series_csv(&report.range, &shown.get()));
    let rows_csv = move || {
        report
            .with(|report| address::turns_csv(&address::query_of(&report.range, &shown.get()), &TurnFilter::default()))
    };
    view! {
        <header class="flex min-h-12 shrink-0 flex-wrap items-center gap-x-3 gap-y-2 border-b border-base-300 px-4 py-2">
            <h1 class="text-base font-semibold">{words.page}</h1>
            <FreshnessBadge report=report />
            <div class="ms-auto flex flex-wrap items-center gap-2">
                <Filters shown=shown choices=choices />
                <a href=csv download="telemetry.csv" rel="external" class="btn btn-outline btn-sm h-8 border-base-300 px-3 font-medium">
                    {words.csv}
                </a>
                <a href=rows_csv download="turns.csv" rel="external" class="btn btn-outline btn-sm h-8 border-base-300 px-3 font-medium">
                    {words.turns.name} " " {words.csv}
                </a>
            </div>
        </header>
        <div class="@container relative min-h-0 flex-1 overflow-y-auto" tabindex="0" role="region" aria-label=words.page>
            <div class="mx-auto flex max-w-7xl flex-col gap-5 p-4">
                <OpenAlerts alerts=alerts />
                <Tiles report=report shown=shown />
                <Show
                    when=move || !nothing.get()
                    fallback=move || {
                        view! { <EmptyState icon=IconName::Bot title=words.empty hint=words.empty_hint /> }
                    }
                >
                    <SeriesChart report=report shown=shown />
                    <div class="grid items-start gap-5 @4xl:grid-cols-2">
                        <LatencySection report=report />
                        <ErrorsSection report=report shown=shown />
                        <ModelsSection report=report shown=shown />
                        <DomainsSection report=report shown=shown />
                    </div>
                    <HeatMap report=report shown=shown />
                    <ToolsSection report=report shown=shown />
                </Show>
                <p class="flex flex-wrap justify-between gap-x-4 text-xs text-muted">
                    {move || report.with(|report| (words.zone)(&report.range.time_zone))}
                    {may(Permission::SettingsRead)
                        .then(|| {
                            view! {
                                <a href=THRESHOLDS class="text-link hover:underline">
                                    {words.set_thresholds}
                                </a>
                            }
                        })}
                </p>
            </div>
        </div>
    }
}

/// Whether the figures are up to date; turns when they lag.
#[component]
fn FreshnessBadge(report: Memo<TelemetryReport>) -> impl IntoView {
    let words = &use_messages().telemetry;
    let freshness: Memo<Freshness> = Memo::new(move |_| report.with(|report| report.freshness));
    // Within a minute is what counting every ten seconds gives.
    let text = move || match freshness.get().behind_seconds {
        ..60 => words.fresh.to_owned(),
        seconds => (words.behind)(seconds),
    };
    view! {
        <Tooltip text=words.freshness_hint>
            <span aria-live="polite">
                {move || {
                    let tone = if freshness.get().is_stale { Tone::Bad } else { Tone::Good };
                    view! { <Badge tone=tone text=text() /> }
                }}
            </span>
        </Tooltip>
    }
}

#[component]
fn PageSkeleton() -> impl IntoView {
    view! {
        <div role="status" aria-label=use_messages().common.loading class="@container flex min-h-0 flex-1 flex-col overflow-hidden">
            <div class="flex h-12 shrink-0 items-center border-b border-base-300 px-4">
                <Skeleton class="h-4 w-32" />
            </div>
            <div class="mx-auto flex w-full max-w-7xl flex-col gap-5 p-4">
                <div class="grid grid-cols-2 gap-3 @2xl:grid-cols-3 @5xl:grid-cols-5">
                    {(0..10).map(|_| view! { <Skeleton class="h-24 w-full rounded-xl" /> }).collect_view()}
                </div>
                <Skeleton class="h-64 w-full rounded-xl" />
            </div>
        </div>
    }
}

/// Leads back from the rows to the figures.
#[component]
pub(super) fn BackLink(shown: Shown) -> impl IntoView {
    let words = &use_messages().telemetry;
    let href = address::overview(&shown);
    view! { <ButtonLink href=href>{words.rows_back}</ButtonLink> }
}
