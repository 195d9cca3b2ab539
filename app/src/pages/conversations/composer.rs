//! Where an agent writes: a reply to the customer or a note for the team.

use leptos::ev::KeyboardEvent;
use leptos::html;
use leptos::prelude::*;
use leptos::task::spawn_local;
use omniops_types::{AiState, ConversationStatus, MessageKind};

use super::drafts;
use super::row::row_id;
use super::state::Draft;
use super::thread_state::{ThreadState, now_ms};
use crate::i18n::use_messages;
use crate::rpc::conversations as rpc;
use crate::state::browser::focus_by_id;
use crate::ui::{Button, ButtonVariant, IconName, Textarea};

/// The longest message that the server takes, in characters.
const MAX_CHARS: usize = 10_000;
/// "Typing" is told again this often while one types.
const TYPING_EVERY_MS: i64 = 3_000;

#[component]
pub fn Composer(thread: ThreadState) -> impl IntoView {
    let messages = use_messages();
    if !thread.writable {
        return view! {
            <p class="shrink-0 border-t border-base-300 bg-base-200 px-4 py-3 text-center text-balance text-muted">
                {messages.composer.read_only}
            </p>
        }
        .into_any();
    }
    view! { <ComposerForm thread=thread /> }.into_any()
}

#[component]
fn ComposerForm(thread: ThreadState) -> impl IntoView {
    let messages = use_messages();
    let words = &messages.composer;
    let state = thread.inbox();
    let draft = state.take_draft(thread.id);
    let kind = RwSignal::new(draft.as_ref().map_or(MessageKind::Reply, |draft| draft.kind));
    let text = RwSignal::new(draft.map(|draft| draft.text).unwrap_or_default());
    let node = NodeRef::<html::Textarea>::new();
    let is_note = move || kind.get() == MessageKind::Note;
    let length = Memo::new(move |_| text.with(|text| text.trim().chars().count()));
    let too_long = Signal::derive(move || length.get() > MAX_CHARS);
    let unsendable = Signal::derive(move || length.get() == 0 || too_long.get());
    let typing_told = StoredValue::new(0_i64);

    let tell_typing = move |typing: bool| {
        if typing {
            let now = now_ms();
            if kind.get_untracked() == MessageKind::Note || now - typing_told.get_value() < TYPING_EVERY_MS {
                return;
            }
            typing_told.set_value(now);
        } else if typing_told.get_value() == 0 {
            return;
        } else {
            typing_told.set_value(0);
        }
        spawn_local(async move {
            // Ephemeral: one that is lost is not missed.
            let _ = rpc::typing(thread.id, typing).await;
        });
    };
    let send = move || {
        if unsendable.get_untracked() {
            return;
        }
        thread.send(kind.get_untracked(), text.with_untracked(|text| text.trim().to_owned()));
        text.set(String::new());
        tell_typing(false);
    };
    let on_key = move |event: KeyboardEvent| match event.key().as_str() {
        "Enter" if event.ctrl_key() || event.meta_key() => {
            event.prevent_default();
            send();
        }
        "Escape" => {
            event.stop_propagation();
            focus_by_id(&row_id(thread.id));
        }
        _ => {}
    };

    Effect::new(move || {
        let Some(wanted) = state.compose.get() else { return };
        state.compose.set(None);
        kind.set(wanted);
        if let Some(node) = node.get_untracked() {
            // A field that has gone cannot take focus.
            let _ = node.focus();
        }
    });
    Effect::new(move || {
        let Some(draft) = state.restore.get() else { return };
        state.restore.set(None);
        kind.set(draft.kind);
        // What has been written since stays, below.
        text.update(|text| *text = if text.is_empty() { draft.text } else { format!("{}\n\n{text}", draft.text) });
        if let Some(node) = node.get_untracked() {
            // A field that has gone cannot take focus.
            let _ = node.focus();
        }
    });
    // From here on only in the browser.
    Effect::new(move || {
        if let Some(draft) = drafts::take(state.me, thread.id) {
            state.restore.set(Some(draft));
        }
        let leaves = window_event_listener_untyped("pagehide", move |_| {
            let (kind, text) = (kind.get_untracked(), text.get_untracked());
            drafts::keep(state.me, thread.id, &Draft { kind, text });
        });
        // The browser shows the page again as it was, with the text in its field.
        let returns = window_event_listener_untyped("pageshow", move |_| {
            drafts::take(state.me, thread.id);
        });
        on_cleanup(move || {
            leaves.remove();
            returns.remove();
        });
    });
    on_cleanup(move || {
        if let (Some(kind), Some(text)) = (kind.try_get_untracked(), text.try_get_untracked()) {
            state.keep_draft(thread.id, Draft { kind, text });
        }
    });

    let row = Memo::new(move |_| state.conversation(thread.id, Clone::clone));
    let placeholder = Signal::derive(move || {
        if is_note() {
            words.note_placeholder.to_owned()
        } else {
            row.with(|row| (words.reply_placeholder)(row.as_ref().map_or("", |row| row.customer.name.as_str())))
        }
    });
    let hint = move || {
        if too_long.get() {
            return Some((words.too_long)(&MAX_CHARS.to_string()));
        }
        row.with(|row| match row {
            _ if is_note() => None,
            Some(row) if row.status == ConversationStatus::Resolved => Some(words.resolved_hint.to_owned()),
            Some(row) if row.ai_state == AiState::Active => Some(words.ai_active_hint.to_owned()),
            _ => None,
        })
    };
    let label = Signal::derive(move || Some(if is_note() { words.note_label } else { words.reply_label }.to_owned()));
    view! {
        <form
            class="mx-auto w-full max-w-3xl shrink-0 px-3 pb-3 sm:px-5 sm:pb-4"
            aria-label=words.region
            on:submit=move |event| {
                event.prevent_default();
                send();
            }
        >
            <div
                class="rounded-xl border shadow-xs focus-within:outline-2 focus-within:-outline-offset-1 focus-within:outline-link"
                class=("border-note-edge", is_note)
                class=("bg-note", is_note)
                class=("border-base-300", move || !is_note())
                class=("bg-base-100", move || !is_note())
            >
                <KindSwitch kind=kind />
                <Textarea
                    id="composer"
                    label=label
                    value=text
                    placeholder=placeholder
                    rows=2
                    bare=true
                    node=node
                    invalid=too_long
                    on_key=on_key
                    on_typing=move |()| tell_typing(true)
                />
                <div class="flex items-center justify-between gap-3 px-2 pb-2">
                    <p class="min-w-0 ps-1 text-xs text-muted" class=("text-danger", move || too_long.get())>
                        {hint}
                    </p>
                    <div class="flex shrink-0 items-center gap-2">
                        <span class="text-xs text-muted max-sm:hidden">
                            <kbd class="font-sans">"Ctrl"</kbd>
                            " "
                            <kbd class="font-sans">"↵"</kbd>
                            " "
                            {words.hint}
                        </span>
                        <Button variant=ButtonVariant::Primary icon=IconName::Send submit=true disabled=unsendable>
                            {move || if is_note() { words.add_note } else { words.send }}
                        </Button>
                    </div>
                </div>
            </div>
        </form>
    }
}

#[component]
fn KindSwitch(kind: RwSignal<MessageKind>) -> impl IntoView {
    let words = &use_messages().composer;
    let option = move |value: MessageKind, label: &'static str| {
        view! {
            <label class="cursor-pointer rounded-md px-2 py-1 text-xs font-medium text-muted has-checked:bg-base-content/10 has-checked:text-base-content has-focus-visible:outline-2 has-focus-visible:outline-link">
                <input
                    type="radio"
                    name="message-kind"
                    class="sr-only"
                    value=value.as_str()
                    checked=kind.get_untracked() == value
                    prop:checked=move || kind.get() == value
                    on:change=move |_| kind.set(value)
                />
                {label}
            </label>
        }
    };
    view! {
        <fieldset class="flex gap-1 px-2 pt-2">
            <legend class="sr-only">{words.mode}</legend>
            {option(MessageKind::Reply, words.reply)}
            {option(MessageKind::Note, words.note)}
        </fieldset>
    }
}
