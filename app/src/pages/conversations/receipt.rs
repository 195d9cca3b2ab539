//! What an answer of the AI was made from, and what would be different today.

use leptos::prelude::*;
use leptos::task::spawn_local;
use omniops_types::{
    ConversationId, ErrorCode, MessageId, Permission, Receipt, ReceiptPassage, Replay, ReplayedAnswer,
};

use super::message::cited;
use super::state::use_inbox;
use crate::error::AppError;
use crate::i18n::use_messages;
use crate::pages::agent::trace::{facts, money, passages, trace};
use crate::rpc::agent as rpc;
use crate::state::session::{leave_if_signed_out, may};
use crate::ui::{Button, ButtonSize, Disclosure, Drawer, EmptyState, ErrorState, Icon, IconName, Skeleton};

/// Of which message the receipt is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReceiptOf {
    pub conversation: ConversationId,
    pub message: MessageId,
    pub confidence: Option<f32>,
}

/// Opens the receipt of a message.
#[component]
pub fn ReceiptButton(of: ReceiptOf) -> impl IntoView {
    let state = use_inbox();
    view! {
        <button
            type="button"
            class="flex cursor-pointer items-center gap-1 rounded-full px-1.5 py-0.5 text-xs font-medium text-muted hover:bg-base-200"
            aria-haspopup="dialog"
            on:click=move |_| state.receipt.set(Some(of))
        >
            <Icon name=IconName::Receipt class="size-3.5 shrink-0" />
            {use_messages().trace.receipt}
        </button>
    }
}

/// Stands once beside the transcript.
#[component]
pub fn ReceiptDrawer() -> impl IntoView {
    let state = use_inbox();
    let open = RwSignal::new(false);
    Effect::new(move || {
        if state.receipt.get().is_some() {
            open.set(true);
        }
    });
    Effect::new(move |was_open: Option<bool>| {
        let open = open.get();
        if was_open == Some(true) && !open {
            state.receipt.set(None);
        }
        open
    });
    view! {
        <Drawer id="receipt" title=use_messages().trace.receipt open=open wide=true>
            {move || state.receipt.get().map(|of| view! { <Content of=of /> }.into_any())}
        </Drawer>
    }
}

#[component]
fn Content(of: ReceiptOf) -> impl IntoView {
    let words = &use_messages().trace;
    let answer = RwSignal::new(None::<Result<Receipt, AppError>>);
    let load = move || {
        answer.set(None);
        spawn_local(async move {
            let receipt = rpc::receipt(of.conversation, of.message).await;
            if let Err(error) = &receipt {
                leave_if_signed_out(error);
            }
            let _ = answer.try_set(Some(receipt));
        });
    };
    Effect::new(load);
    move || match answer.get() {
        None => view! {
            <div class="flex flex-col gap-3 p-2" role="status" aria-label=use_messages().common.loading>
                <Skeleton class="h-10 w-full" />
                <Skeleton class="h-10 w-full" />
                <Skeleton class="h-24 w-full" />
            </div>
        }
        .into_any(),
        Some(Ok(receipt)) => view! {
            <div class="flex flex-col gap-4 p-2">
                {facts(&receipt, of.confidence)} {trace(&receipt, Vec::new(), Vec::new())} <ReplayPart of=of />
            </div>
        }
        .into_any(),
        Some(Err(error)) if error.code() == ErrorCode::NotFound => {
            view! { <EmptyState icon=IconName::Receipt title=words.no_receipt hint=words.no_receipt_hint /> }.into_any()
        }
        Some(Err(error)) => {
            view! { <ErrorState title=words.receipt_failed error=error on_retry=move |()| load() /> }.into_any()
        }
    }
}

/// The same question on today's knowledge.
#[component]
fn ReplayPart(of: ReceiptOf) -> impl IntoView {
    let messages = use_messages();
    let words = &messages.trace;
    // With the model, or the search alone; nothing while none is under way.
    let running = RwSignal::new(None::<bool>);
    let answer = RwSignal::new(None::<Result<Replay, AppError>>);
    let run = move |with_model: bool| {
        if running.get_untracked().is_some() {
            return;
        }
        running.set(Some(with_model));
        answer.set(None);
        spawn_local(async move {
            let replay = Box::pin(rpc::replay(of.conversation, of.message, with_model)).await;
            if let Err(error) = &replay {
                leave_if_signed_out(error);
            }
            let _ = answer.try_set(Some(replay));
            let _ = running.try_set(None);
        });
    };
    let runs = move |with_model| Signal::derive(move || running.get() == Some(with_model));
    let busy = Signal::derive(move || running.get().is_some());
    view! {
        <section class="flex flex-col gap-3 border-t border-base-300 pt-4" aria-labelledby="replay-heading">
            <div>
                <h3 id="replay-heading" class="font-semibold">
                    {words.replay}
                </h3>
                <p class="text-muted">{words.replay_lead}</p>
            </div>
            <div class="flex flex-wrap items-center gap-2">
                <Button size=ButtonSize::Small loading=runs(false) disabled=busy on_click=move |_| run(false)>
                    {words.replay_search}
                </Button>
                {may(Permission::ConversationsWrite)
                    .then(|| {
                        view! {
                            <Button size=ButtonSize::Small loading=runs(true) disabled=busy on_click=move |_| run(true)>
                                {words.replay_model}
                            </Button>
                            <span class="text-xs text-muted">{words.replay_costs}</span>
                        }.into_any()
                    })}
            </div>
            <div role="status" class="empty:hidden">
                {move || running.get().map(|_| view! { <Skeleton class="h-24 w-full" /> }.into_any())}
                {move || {
                    answer
                        .get()
                        .map(|answer| match answer {
                            Ok(replay) => differences(replay),
                            Err(error) => {
                                view! { <ErrorState title=words.replay_failed error=error /> }.into_any()
                            }
                        })
                }}
            </div>
        </section>
    }
}

fn differences(replay: Replay) -> AnyView {
    let words = &use_messages().trace;
    let Replay { same, changed, gone, lost, new, text_then, now } = replay;
    let unchanged = changed.is_empty() && gone.is_empty() && lost.is_empty() && new.is_empty();
    let groups: [(&str, Vec<ReceiptPassage>, bool); 5] = [
        (words.new, new, true),
        (words.changed, changed, true),
        (words.gone, gone, true),
        (words.lost, lost, true),
        (words.same, same, false),
    ];
    let groups = groups.into_iter().filter(|(_, found, _)| !found.is_empty()).map(|(title, found, open)| {
        let count = found.len().to_string();
        view! {
            <Disclosure title=title note=count open=open>
                {passages(found, Vec::new())}
            </Disclosure>
        }
        .into_any()
    });
    view! {
        <p class="pb-1 font-medium">{if unchanged { words.nothing_changed } else { words.something_changed }}</p>
        <div class="flex flex-col">{groups.collect_view()}</div>
        {now.map(|now| answers(text_then, now))}
    }
    .into_any()
}

/// What was said then and what would be said now.
fn answers(then: String, now: ReplayedAnswer) -> AnyView {
    let words = &use_messages().trace;
    let ReplayedAnswer { text, sources, receipt } = now;
    let cost = money(receipt.cost);
    view! {
        <div class="mt-3 grid gap-3 sm:grid-cols-2">
            <div class="min-w-0">
                <h4 class="mb-1 text-xs font-medium text-muted">{words.said_then}</h4>
                <p class="rounded-lg bg-base-200 p-2.5 break-words whitespace-pre-wrap">{then}</p>
            </div>
            <div class="min-w-0">
                <h4 class="mb-1 text-xs font-medium text-muted">{words.said_now} " · " {cost}</h4>
                <p class="rounded-lg bg-accent-soft p-2.5 break-words whitespace-pre-wrap">{cited(&text, &sources)}</p>
            </div>
        </div>
        <div class="mt-2">{trace(&receipt, Vec::new(), Vec::new())}</div>
    }
    .into_any()
}
