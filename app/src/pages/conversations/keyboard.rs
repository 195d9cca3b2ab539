//! Single-key actions, and the sheet that lists them.

use leptos::ev;
use leptos::prelude::*;
use omniops_types::{ConversationId, MessageKind, Permission};

use super::row::row_id;
use super::state::{InboxState, use_inbox};
use crate::i18n::use_messages;
use crate::state::browser::{self, focus_by_id};
use crate::state::session::may;
use crate::ui::Dialog;

/// Listens for the keys while the inbox is there. Call it from an effect.
pub fn follow_keys(state: InboxState) {
    let writable = may(Permission::ConversationsWrite);
    let handle = window_event_listener(ev::keydown, move |event| {
        let with_modifier = event.ctrl_key() || event.meta_key() || event.alt_key();
        if with_modifier || browser::is_typing(&event) || browser::has_open_dialog() {
            return;
        }
        let selected = state.selected.get_untracked();
        match (event.key().as_str(), selected) {
            ("j", _) => step(state, 1),
            ("k", _) => step(state, -1),
            ("?", _) => state.keys_open.set(true),
            ("r", Some(_)) if writable => state.compose.set(Some(MessageKind::Reply)),
            ("n", Some(_)) if writable => state.compose.set(Some(MessageKind::Note)),
            ("e", Some(id)) if writable => state.toggle_resolved(id),
            ("a", Some(id)) if writable => state.assign(id, Some(state.me)),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || handle.remove());
}

/// Moves focus along the list: from the focused row, else from the open conversation.
fn step(state: InboxState, by: isize) {
    let from = focused_row().or(state.selected.get_untracked());
    let next = state.inbox.with_untracked(|inbox| inbox.neighbour(from, by)).flatten();
    if let Some(next) = next {
        state.prefetch(next);
        focus_by_id(&row_id(next));
    }
}

fn focused_row() -> Option<ConversationId> {
    document().active_element()?.id().strip_prefix("row-")?.parse().ok()
}

#[component]
pub fn KeySheet() -> impl IntoView {
    let words = &use_messages().keys;
    let state = use_inbox();
    let keys = [
        ("J", words.next),
        ("K", words.previous),
        ("↵", words.open),
        ("R", words.reply),
        ("N", words.note),
        ("E", words.resolve),
        ("A", words.assign),
        ("Ctrl ↵", words.send),
        ("Esc", words.back),
        ("?", words.sheet),
    ];
    view! {
        <Dialog id="keys" title=words.heading open=state.keys_open>
            <dl class="grid grid-cols-[auto_1fr] items-center gap-x-4 gap-y-2">
                {keys
                    .into_iter()
                    .map(|(key, meaning)| {
                        view! {
                            <dt>
                                <kbd class="kbd kbd-sm">{key}</kbd>
                            </dt>
                            <dd>{meaning}</dd>
                        }
                    })
                    .collect_view()}
            </dl>
        </Dialog>
    }
}
