//! The transcript. The scroller runs from its foot up (`flex-col-reverse`), so that it starts at the newest message
//! without script, stays there when one arrives, and does not move when older ones are loaded above.

use leptos::html;
use leptos::prelude::*;
use omniops_types::TypingParty;

use super::message::{MessageRow, OutgoingRow};
use super::thread_state::ThreadState;
use crate::i18n::use_messages;
use crate::state::thread::Thread;
use crate::ui::{Button, ButtonSize, ButtonVariant, Icon, IconName};

/// How near the top older messages are fetched, and how far from the foot the way back is offered, in pixels.
const NEAR_TOP: i32 = 300;
const FAR_FROM_FOOT: i32 = 300;

#[component]
pub fn TranscriptView(thread: ThreadState) -> impl IntoView {
    let messages = use_messages();
    let words = &messages.thread;
    let scroller = NodeRef::<html::Div>::new();
    let away = RwSignal::new(false);
    let on_scroll = move |_| {
        let Some(scroller) = scroller.get_untracked() else { return };
        // 0 at the foot, negative above it.
        let above_foot = -scroller.scroll_top();
        away.set(above_foot > FAR_FROM_FOOT);
        if scroller.scroll_height() - scroller.client_height() - above_foot < NEAR_TOP {
            thread.load_older();
        }
    };
    let has_older = Memo::new(move |_| thread.thread.with(Thread::has_older));
    let rows = Memo::new(move |_| thread.thread.with(|thread| Rows(thread.rows())));
    let outgoing = Memo::new(move |_| thread.thread.with(|thread| thread.outgoing().to_vec()));
    view! {
        <div class="relative flex min-h-0 flex-1 flex-col">
            <div
                class="relative flex min-h-0 flex-1 flex-col-reverse overflow-y-auto overscroll-contain"
                node_ref=scroller
                on:scroll=on_scroll
                tabindex="0"
                role="region"
                aria-label=words.transcript
            >
                <div class="mx-auto flex w-full max-w-3xl flex-col px-3 pt-4 pb-3 sm:px-5">
                    <div class="flex justify-center pb-3 text-xs text-muted">
                        {move || {
                            if has_older.get() {
                                view! {
                                    <Button
                                        variant=ButtonVariant::Ghost
                                        size=ButtonSize::Small
                                        loading=thread.loading_older
                                        on_click=move |_| thread.load_older()
                                    >
                                        {words.load_older}
                                    </Button>
                                }
                                    .into_any()
                            } else {
                                words.beginning.into_any()
                            }
                        }}
                    </div>
                    <div role="log" aria-live="polite" aria-label=words.transcript class="flex flex-col">
                        <For
                            each=move || rows.get().0
                            key=|row| (row.message.id, row.previous_at, row.continued)
                            let:row
                        >
                            <MessageRow thread=thread row=row />
                        </For>
                    </div>
                    <For
                        each=move || outgoing.get()
                        key=|outgoing| (outgoing.client_id, outgoing.error.is_some())
                        let:outgoing
                    >
                        <OutgoingRow thread=thread outgoing=outgoing />
                    </For>
                    <TypingLine thread=thread />
                </div>
            </div>
            <Show when=move || away.get()>
                <div class="pointer-events-none absolute inset-x-0 bottom-3 flex justify-center">
                    <button
                        type="button"
                        class="btn btn-sm pointer-events-auto rounded-full border-base-300 bg-base-100 shadow-md"
                        on:click=move |_| {
                            if let Some(scroller) = scroller.get_untracked() {
                                scroller.set_scroll_top(0);
                            }
                        }
                    >
                        <Icon name=IconName::ArrowDown />
                        {words.jump_to_latest}
                    </button>
                </div>
            </Show>
        </div>
    }
}

/// Rows compare by what is drawn, so that typing and sends do not rebuild the list.
#[derive(Clone)]
struct Rows(Vec<crate::state::thread::Row>);

impl PartialEq for Rows {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self.0.iter().zip(&other.0).all(|(a, b)| std::sync::Arc::ptr_eq(&a.message, &b.message))
    }
}

#[component]
fn TypingLine(thread: ThreadState) -> impl IntoView {
    let words = &use_messages().thread;
    let customer = move || {
        let id = thread.id;
        thread.inbox().conversation(id, |row| row.customer.name.clone()).unwrap_or_default()
    };
    let text = move || {
        thread.thread.with(|thread| {
            thread.typing().next().map(|party| match party {
                TypingParty::Customer => (words.typing)(&customer()),
                TypingParty::Agent { name, .. } => (words.typing)(name),
                TypingParty::Ai => words.ai_typing.to_owned(),
            })
        })
    };
    view! {
        <p class="flex h-6 items-center gap-2 pt-2 text-xs text-muted" aria-live="polite">
            {move || {
                text()
                    .map(|text| {
                        view! {
                            <span class="loading loading-dots loading-xs" aria-hidden="true"></span>
                            {text}
                        }
                    })
            }}
        </p>
    }
}
