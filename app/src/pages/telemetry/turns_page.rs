//! `/dashboard/telemetry/turns`: the rows behind a figure.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use omniops_types::{
    Cursor, ErrorCode, Page, Permission, TelemetryQuery, TelemetryTurn, TurnFallback, TurnFilter, TurnOutcome,
};

use super::address;
use super::figures::{duration, money, short};
use super::narrowed::Narrowed;
use super::overview_page::{BackLink, NoPermission};
use crate::i18n::use_messages;
use crate::rpc::telemetry::{self as rpc, ListedTurns, Shown};
use crate::state::session::{encode, may};
use crate::ui::{
    Badge, ButtonLink, Column, EmptyState, ErrorState, IconName, PageTitle, RelativeTime, SkeletonRows, Table, Tone,
};

/// The id of the region with the rows.
pub(super) const ROWS: &str = "turn-rows";

#[component]
pub fn TelemetryTurnsPage() -> impl IntoView {
    let words = &use_messages().telemetry;
    if !may(Permission::AnalyticsRead) {
        return view! {
            <PageTitle text=words.rows_page />
            <NoPermission />
        }
        .into_any();
    }
    let address = use_query_map();
    let asked = Memo::new(move |_| address.with(address::rows_of));
    let cursor = Memo::new(move |_| {
        address
            .with(|query| query.get_str("cursor").filter(|text| !text.is_empty()).map(|text| Cursor(text.to_owned())))
    });
    let page = Resource::new(
        move || (asked.get(), cursor.get()),
        |((query, filter), cursor)| rpc::turns(query, filter, cursor),
    );
    let reload = Callback::new(move |()| page.refetch());
    let back = move || {
        asked.with(|(query, _)| Shown { domain: query.domain.clone(), model: query.model.clone(), ..Shown::default() })
    };
    let csv = move || asked.with(|(query, filter)| address::turns_csv(query, filter));
    view! {
        <PageTitle text=words.rows_page />
        <header class="flex min-h-12 shrink-0 flex-wrap items-center gap-x-3 gap-y-2 border-b border-base-300 px-4 py-2">
            <h1 class="text-base font-semibold">{words.rows_page}</h1>
            <div class="ms-auto flex items-center gap-2">
                {move || view! { <BackLink shown=back() /> }}
                <a href=csv download="turns.csv" rel="external" class="btn btn-outline btn-sm h-7 border-base-300 px-2.5 font-medium">
                    {words.csv}
                </a>
            </div>
        </header>
        <div
            id=ROWS
            class="relative min-h-0 flex-1 overflow-y-auto p-4"
            tabindex="0"
            role="region"
            aria-label=words.page
        >
            <Transition fallback=|| view! { <SkeletonRows rows=8 /> }>
                {move || {
                    page.get()
                        .map(|answer| match answer {
                            Ok(ListedTurns { page, span }) => {
                                let asked = asked.get_untracked();
                                let is_first = cursor.get_untracked().is_none();
                                view! {
                                    <Narrowed asked=asked.clone() span=Some(span) />
                                    <Rows page=page asked=asked is_first=is_first />
                                }
                                    .into_any()
                            }
                            Err(error) if error.code() == ErrorCode::Forbidden => view! { <NoPermission /> }.into_any(),
                            Err(error) => {
                                // It may be a filter of the address: that can be taken away here.
                                view! {
                                    <Narrowed asked=asked.get_untracked() span=None />
                                    <ErrorState title=words.rows_failed error=error on_retry=reload />
                                }
                                    .into_any()
                            }
                        })
                }}
            </Transition>
        </div>
    }
    .into_any()
}

#[component]
fn Rows(page: Page<TelemetryTurn>, asked: (TelemetryQuery, TurnFilter), is_first: bool) -> impl IntoView {
    let words = &use_messages().telemetry;
    let Page { items, next_cursor } = page;
    if items.is_empty() {
        return view! { <EmptyState icon=IconName::Search title=words.rows_empty hint=words.rows_empty_hint /> }
            .into_any();
    }
    let here = address::turns(&asked.0, &asked.1);
    let next = next_cursor.map(|cursor| {
        let separator = if here.contains('?') { '&' } else { '?' };
        format!("{here}{separator}cursor={}", encode(&cursor.0))
    });
    let columns = vec![
        Column::text(words.time),
        Column::text(words.conversation),
        Column::text(words.outcome),
        Column::text(words.model),
        Column::text(words.error),
        Column::number(words.cost),
        Column::number(words.token_count),
        Column::number(words.first_words),
        Column::number(words.duration),
    ];
    view! {
        <Table caption=words.rows_page columns=columns>
            {items.into_iter().map(row).collect_view()}
        </Table>
        <nav class="mt-3 flex justify-end gap-2" aria-label=words.rows_page>
            {(!is_first).then(|| view! { <ButtonLink href=here>{words.first_page}</ButtonLink> })}
            {next.map(|next| view! { <ButtonLink href=next>{words.next_page}</ButtonLink> })}
        </nav>
    }
    .into_any()
}

fn row(turn: TelemetryTurn) -> impl IntoView {
    let words = &use_messages().telemetry;
    let tone = match turn.outcome {
        TurnOutcome::Failed => Tone::Bad,
        TurnOutcome::Declined | TurnOutcome::Escalated | TurnOutcome::Dropped => Tone::Warning,
        TurnOutcome::Answered | TurnOutcome::Clarified | TurnOutcome::Resolved => Tone::Good,
    };
    let conversation = match turn.conversation_number {
        Some(number) => {
            let href = format!("/dashboard/conversations/{}", turn.conversation_id);
            view! {
                <a href=href class="text-link hover:underline">
                    {format!("#{number}")}
                </a>
            }
            .into_any()
        }
        None => view! { <span class="text-muted">{words.erased}</span> }.into_any(),
    };
    let wrong = match (turn.error, turn.fallback) {
        (Some(error), TurnFallback::None) => error,
        (Some(error), fallback) => format!("{error}, {}", (words.fallback_of)(fallback)),
        (None, TurnFallback::None) => String::new(),
        (None, fallback) => (words.fallback_of)(fallback).to_owned(),
    };
    view! {
        <tr>
            <td>
                <RelativeTime at=turn.created_at />
            </td>
            <td>{conversation}</td>
            <td>
                <Badge tone=tone text=(words.outcome_of)(turn.outcome).to_owned() />
                {turn
                    .resolution
                    .map(|resolution| {
                        view! { <span class="block text-xs text-muted">{(words.resolution_of)(resolution)}</span> }
                    })}
            </td>
            <td class="whitespace-nowrap">{turn.model}</td>
            <td>{wrong}</td>
            <td class="text-end tabular-nums">{money(turn.cost)}</td>
            <td class="text-end tabular-nums">
                {short(i64::from(turn.prompt_tokens) + i64::from(turn.completion_tokens))}
            </td>
            <td class="text-end whitespace-nowrap tabular-nums">{duration(turn.first_delta_ms.map(f64::from))}</td>
            <td class="text-end whitespace-nowrap tabular-nums">{duration(Some(f64::from(turn.total_ms)))}</td>
        </tr>
    }
}
