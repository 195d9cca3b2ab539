//! One conversation in the list.

use leptos::prelude::*;
use omniops_types::{AuthorKind, Conversation, ConversationId, ConversationStatus};

use super::address;
use super::state::use_inbox;
use crate::i18n::{Messages, use_messages};
use crate::state::clock::use_clock;
use crate::time;
use crate::ui::{Avatar, Icon, IconName, RelativeTime, TimeStyle};

/// The element that the keys `j` and `k` move focus to.
pub fn row_id(id: ConversationId) -> String {
    format!("row-{id}")
}

#[component]
pub fn ConversationRow(id: ConversationId) -> impl IntoView {
    let state = use_inbox();
    let row = Memo::new(move |_| state.conversation(id, Clone::clone));
    view! {
        <a
            href=move || address::href(state.filter.get(), Some(id))
            data-noscroll="true"
            id=row_id(id)
            aria-current=move || (state.selected.get() == Some(id)).then_some("page")
            class="flex gap-2.5 border-b border-base-300 px-3 py-2.5 -outline-offset-2 hover:bg-base-200 aria-[current=page]:bg-accent-soft"
            on:pointerenter=move |_| state.prefetch(id)
        >
            {move || row.get().map(|row| view! { <RowContent row=row /> })}
        </a>
    }
}

#[component]
fn RowContent(row: Conversation) -> impl IntoView {
    let messages = use_messages();
    let unread = row.unread > 0;
    let name_class = if unread { "truncate font-semibold" } else { "truncate font-medium" };
    let preview_class = if unread { "min-w-0 flex-1 truncate" } else { "min-w-0 flex-1 truncate text-muted" };
    let preview = match row.preview_author {
        AuthorKind::Customer | AuthorKind::System => row.preview.clone(),
        AuthorKind::Ai => format!("{}: {}", messages.inbox.ai, row.preview),
        AuthorKind::Agent => format!("↩ {}", row.preview),
    };
    view! {
        <Avatar name=row.customer.name.clone() class="size-8 text-[11px]" />
        <span class="flex min-w-0 flex-1 flex-col gap-0.5">
            <span class="flex items-baseline justify-between gap-2">
                <span class=name_class>{row.customer.name.clone()}</span>
                <span class="shrink-0 text-xs text-muted">
                    <RelativeTime at=row.last_activity_at style=TimeStyle::Short />
                </span>
            </span>
            <span class="flex items-center gap-2">
                <span class=preview_class>{preview}</span>
                {unread
                    .then(|| {
                        view! {
                            <span class="inline-flex h-4.5 min-w-4.5 shrink-0 items-center justify-center rounded-full bg-primary px-1 text-[11px] font-semibold text-primary-content tabular-nums">
                                <span aria-hidden="true">{row.unread}</span>
                                <span class="sr-only">{(messages.inbox.unread)(row.unread)}</span>
                            </span>
                        }
                    })}
            </span>
            <RowFoot row=row />
        </span>
    }
}

/// The state in a few words, who has it, its number.
#[component]
fn RowFoot(row: Conversation) -> impl IntoView {
    let messages = use_messages();
    let clock = use_clock();
    let waiting_since = row.waiting_since.filter(|_| row.status == ConversationStatus::Open);
    let state_text = move || match (waiting_since, clock.now()) {
        (Some(since), Some(now)) => {
            (messages.inbox.waiting)(&time::span(&messages.time, now.signed_duration_since(since)))
        }
        _ => status_text(messages, row.status).to_owned(),
    };
    let colour = match row.status {
        ConversationStatus::Open if waiting_since.is_some() => "text-warn",
        ConversationStatus::Pending => "text-link",
        ConversationStatus::Open | ConversationStatus::Snoozed | ConversationStatus::Resolved => "text-muted",
    };
    let icon = match row.status {
        ConversationStatus::Pending => Some(IconName::Bot),
        ConversationStatus::Resolved => Some(IconName::Check),
        ConversationStatus::Open | ConversationStatus::Snoozed => None,
    };
    view! {
        <span class="flex items-center gap-1.5 text-xs text-muted">
            <span class=format!("flex min-w-0 items-center gap-1 {colour}")>
                {icon.map(|name| view! { <Icon name=name class="size-3.5 shrink-0" /> })}
                <span class="truncate">{state_text}</span>
            </span>
            {row
                .assignee
                .map(|assignee| {
                    view! {
                        <span aria-hidden="true">"·"</span>
                        <span class="min-w-0 truncate">{assignee.name}</span>
                    }
                })} <span class="ms-auto shrink-0 tabular-nums">"#" {row.number}</span>
        </span>
    }
}

fn status_text(messages: &'static Messages, status: ConversationStatus) -> &'static str {
    if status == ConversationStatus::Pending { messages.inbox.ai_answering } else { (messages.status)(status) }
}
