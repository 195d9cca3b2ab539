//! Taking a conversation over from the AI, and handing it back.

use leptos::prelude::*;
use omniops_types::{AiState, Conversation, ConversationPatch, ConversationStatus, UserId};

use super::state::use_inbox;
use crate::i18n::use_messages;
use crate::ui::{Button, IconName};

/// The AI stops, the conversation is mine and waits for a person.
fn take_over(me: UserId) -> ConversationPatch {
    ConversationPatch {
        ai_state: Some(AiState::Silenced),
        status: Some(ConversationStatus::Open),
        assignee: Some(Some(me)),
        ..ConversationPatch::default()
    }
}

/// The AI answers the customer's next message.
fn hand_back() -> ConversationPatch {
    ConversationPatch {
        ai_state: Some(AiState::Active),
        status: Some(ConversationStatus::Pending),
        assignee: Some(None),
        ..ConversationPatch::default()
    }
}

struct Action {
    label: &'static str,
    hint: &'static str,
    icon: IconName,
    patch: ConversationPatch,
}

/// What can be done with the AI in this state; nothing once it is resolved.
fn action(row: &Conversation, me: UserId) -> Option<Action> {
    let words = &use_messages().thread;
    if row.status == ConversationStatus::Resolved {
        return None;
    }
    Some(match row.ai_state {
        AiState::Active => {
            Action { label: words.take_over, hint: words.take_over_hint, icon: IconName::User, patch: take_over(me) }
        }
        AiState::Silenced => {
            Action { label: words.hand_back, hint: words.hand_back_hint, icon: IconName::Bot, patch: hand_back() }
        }
    })
}

/// The words stand beside the icon where the pane has room for them.
#[component]
pub fn AiAction(row: Conversation) -> impl IntoView {
    let state = use_inbox();
    let id = row.id;
    action(&row, state.me).map(|action| {
        view! {
            <Button icon=action.icon title=action.hint on_click=move |_| state.change(id, action.patch)>
                <span class="@max-xl:sr-only">{action.label}</span>
            </Button>
        }
    })
}
