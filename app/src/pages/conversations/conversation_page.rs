//! The conversation pane: header, transcript, composer, and the customer beside them.

use leptos::prelude::*;
use omniops_types::{ConversationDetail, ErrorCode, EventData};

use super::address;
use super::composer::Composer;
use super::customer_panel::CustomerPanel;
use super::header::ConversationHeader;
use super::receipt::ReceiptDrawer;
use super::state::use_inbox;
use super::thread_state::ThreadState;
use super::transcript::TranscriptView;
use crate::error::AppError;
use crate::i18n::use_messages;
use crate::state::live::{LiveItem, use_live};
use crate::ui::{ButtonLink, EmptyState, ErrorState, IconName, PageTitle, Skeleton};

/// What stands in the pane while no conversation is open.
#[component]
pub fn NothingSelected() -> impl IntoView {
    let words = &use_messages().inbox;
    view! {
        <div class="flex flex-1 items-center justify-center">
            <EmptyState icon=IconName::Inbox title=words.none_selected hint=words.none_selected_hint />
        </div>
    }
}

#[component]
pub fn ConversationPage() -> impl IntoView {
    let state = use_inbox();
    let detail = Resource::new(
        move || state.selected.get(),
        move |id| async move {
            match id {
                Some(id) => state.open(id).await,
                None => Err(AppError::local(ErrorCode::NotFound, "the address names no conversation")),
            }
        },
    );
    let live = use_live();
    let erased = RwSignal::new(None);
    Effect::new(move || {
        live.listen(move |item| {
            if let LiveItem::Event(event) = item
                && event.data == EventData::ConversationErased
            {
                erased.set(event.conversation_id);
            }
        });
    });
    let selected = move || match state.selected.get() {
        id if id.is_some() && id == erased.get() => {
            Some(Err(AppError::local(ErrorCode::NotFound, "the visitor deleted this conversation")))
        }
        _ => detail.get(),
    };
    view! {
        <Suspense fallback=PaneSkeleton>
            {move || {
                selected()
                    .map(|answer| match answer {
                        Ok(detail) => view! { <Pane detail=detail /> }.into_any(),
                        Err(error) => {
                            view! { <PaneError error=error on_retry=move |()| detail.refetch() /> }.into_any()
                        }
                    })
            }}
        </Suspense>
    }
}

#[component]
fn Pane(detail: ConversationDetail) -> impl IntoView {
    let state = use_inbox();
    let thread = ThreadState::new(state, detail);
    let live = use_live();
    Effect::new(move || thread.follow(live));
    let name = Memo::new(move |_| state.conversation(thread.id, |row| row.customer.name.clone()).unwrap_or_default());
    view! {
        <PageTitle text=name />
        <section class="flex min-h-0 min-w-0 flex-1 flex-col" aria-label=move || name.get()>
            <ConversationHeader thread=thread />
            <TranscriptView thread=thread />
            <Composer thread=thread />
        </section>
        <CustomerPanel thread=thread />
        <ReceiptDrawer />
    }
}

#[component]
fn PaneError(error: AppError, #[prop(into)] on_retry: Callback<()>) -> impl IntoView {
    let messages = use_messages();
    let state = use_inbox();
    let back = move || address::href(state.filter.get(), None);
    view! {
        <div class="flex flex-1 flex-col items-center justify-center">
            {if error.code() == ErrorCode::NotFound {
                view! {
                    <EmptyState
                        icon=IconName::Search
                        title=messages.thread.not_found
                        hint=messages.thread.not_found_hint
                    >
                        <ButtonLink href=Signal::derive(back)>{messages.thread.back}</ButtonLink>
                    </EmptyState>
                }
                    .into_any()
            } else {
                view! { <ErrorState title=messages.thread.load_failed error=error on_retry=on_retry /> }.into_any()
            }}
        </div>
    }
}

#[component]
fn PaneSkeleton() -> impl IntoView {
    let panel_open = use_inbox().panel_open;
    view! {
        <div class="flex min-w-0 flex-1 flex-col" role="status" aria-label=use_messages().common.loading>
            <div class="flex h-14 items-center gap-3 border-b border-base-300 px-4">
                <Skeleton class="size-8 rounded-full" />
                <Skeleton class="h-4 w-40" />
            </div>
            <div class="mx-auto flex w-full max-w-3xl flex-1 flex-col justify-end gap-4 px-3 py-4 sm:px-5">
                <Skeleton class="h-12 w-3/5 rounded-2xl" />
                <Skeleton class="h-20 w-2/3 self-end rounded-2xl" />
                <Skeleton class="h-10 w-2/5 rounded-2xl" />
                <Skeleton class="mt-4 h-32 w-full rounded-xl" />
            </div>
        </div>
        <Show when=move || panel_open.get()>
            <div class="hidden w-72 shrink-0 flex-col gap-4 border-s border-base-300 p-4 xl:flex">
                <div class="flex items-center gap-3">
                    <Skeleton class="size-10 rounded-full" />
                    <Skeleton class="h-4 w-28" />
                </div>
                <Skeleton class="h-8 w-2/5" />
                <Skeleton class="h-8 w-1/4" />
                <Skeleton class="h-8 w-4/5" />
            </div>
        </Show>
    }
}
