//! Above the transcript: who it is, where it stands, what can be done.

use leptos::prelude::*;
use omniops_types::{AiState, AuthorKind, Conversation, ConversationStatus};

use super::address;
use super::ai_actions::AiAction;
use super::state::use_inbox;
use super::thread_state::ThreadState;
use crate::i18n::use_messages;
use crate::state::browser::focus_by_id;
use crate::ui::{
    Avatar, Badge, Button, ButtonVariant, Icon, IconButton, IconName, Menu, MenuAction, MenuDivider, Tone,
};

/// Below this width the customer panel comes as a drawer.
const PANEL_FROM_PX: f64 = 1280.0;

const RESOLVE_ID: &str = "resolve";

#[component]
pub fn ConversationHeader(thread: ThreadState) -> impl IntoView {
    let state = use_inbox();
    let row = Memo::new(move |_| state.conversation(thread.id, lasting));
    view! {
        // What fits is a matter of this pane's width, not of the window's. Its menu stands over the transcript below.
        <div class="@container relative z-20 shrink-0 border-b border-base-300">
            <div class="flex h-14 items-center gap-2 px-2 sm:px-4">
                {move || row.get().map(|row| view! { <HeaderContent thread=thread row=row /> })}
            </div>
        </div>
    }
}

/// The row without what every message changes, so that the buttons are not rebuilt under someone's fingers.
fn lasting(row: &Conversation) -> Conversation {
    Conversation {
        preview: String::new(),
        preview_author: AuthorKind::System,
        unread: 0,
        waiting_since: None,
        last_activity_at: row.created_at,
        version: 0,
        ..row.clone()
    }
}

#[component]
fn HeaderContent(thread: ThreadState, row: Conversation) -> impl IntoView {
    let messages = use_messages();
    let words = &messages.thread;
    let state = use_inbox();
    let id = row.id;
    let tone = match row.status {
        ConversationStatus::Open => Tone::Warning,
        ConversationStatus::Pending => Tone::Accent,
        ConversationStatus::Snoozed => Tone::Neutral,
        ConversationStatus::Resolved => Tone::Good,
    };
    let resolved = row.status == ConversationStatus::Resolved;
    let online = move || thread.thread.with(crate::state::thread::Thread::customer_online);
    let toggle_panel = move |_| {
        let width = window().inner_width().ok().and_then(|width| width.as_f64()).unwrap_or_default();
        if width >= PANEL_FROM_PX {
            state.panel_open.update(|open| *open = !*open);
        } else {
            state.panel_drawer.set(true);
        }
    };
    view! {
        <a
            href=move || address::href(state.filter.get(), None)
            data-noscroll="true"
            class="btn btn-ghost btn-square btn-sm md:hidden"
            aria-label=words.back
        >
            <Icon name=IconName::ArrowLeft />
        </a>
        <span class="@max-md:hidden max-md:hidden">
            <Avatar name=row.customer.name.clone() />
        </span>
        <div class="flex min-w-0 flex-1 flex-col">
            <h1 class="flex min-w-0 items-center gap-1.5 font-semibold">
                <span class="truncate">{row.customer.name.clone()}</span>
                <Show when=online>
                    <span class="size-2 shrink-0 rounded-full bg-online" title=words.customer_online>
                        <span class="sr-only">{words.customer_online}</span>
                    </span>
                </Show>
            </h1>
            <p class="flex min-w-0 items-center gap-1.5 text-xs text-muted">
                <Badge tone=tone text=(messages.status)(row.status).to_owned() />
                <span class="shrink-0 tabular-nums @max-xl:hidden">"#" {row.number}</span>
                <span
                    class="truncate"
                    title=row.assignee.as_ref().map(|assignee| (words.assigned_to)(&assignee.name))
                >
                    {match (&row.assignee, row.ai_state) {
                        (Some(assignee), _) => assignee.name.clone(),
                        // The badge says it already.
                        (None, _) if row.status == ConversationStatus::Pending => String::new(),
                        (None, AiState::Active) => (messages.ai_state)(AiState::Active).to_owned(),
                        (None, AiState::Silenced) => messages.inbox.unassigned.to_owned(),
                    }}
                </span>
            </p>
        </div>
        <div class="flex shrink-0 items-center gap-1.5">
            {thread
                .writable
                .then(|| {
                    view! {
                        <AiAction row=row.clone() />
                        <AssignMenu row=row.clone() />
                        <Button
                            variant=if resolved { ButtonVariant::Secondary } else { ButtonVariant::Primary }
                            icon=if resolved { IconName::Reopen } else { IconName::Check }
                            title=if resolved { words.reopen } else { words.resolve }
                            attr:id=RESOLVE_ID
                            on_click=move |_| {
                                state.toggle_resolved(id);
                                // The button is another one now: focus goes on where it was.
                                request_animation_frame(|| focus_by_id(RESOLVE_ID));
                            }
                        >
                            <span class="@max-md:sr-only">{if resolved { words.reopen } else { words.resolve }}</span>
                        </Button>
                    }
                })}
            <IconButton
                icon=IconName::Panel
                label=words.customer_panel.to_owned()
                class="text-muted"
                on_click=toggle_panel
            />
        </div>
    }
}

/// Who has it.
#[component]
fn AssignMenu(row: Conversation) -> impl IntoView {
    let messages = use_messages();
    let words = &messages.thread;
    let state = use_inbox();
    let id = row.id;
    let assignee = row.assignee.as_ref().map(|assignee| assignee.id);
    let me = state.me;
    let others = move || state.agents().into_iter().filter(move |agent| agent.id != me);
    view! {
        <Menu
            id="assign-menu"
            label=words.assign
            class="btn btn-outline btn-sm h-8 border-base-300 bg-base-100 px-2.5 font-medium"
            align_end=true
            trigger=move || {
                view! {
                    <Icon name=IconName::UserPlus />
                    <span class="@max-xl:sr-only">{words.assign}</span>
                }
            }
        >
            <MenuAction
                label=words.assign_to_me
                icon=IconName::User
                checked=Signal::from(assignee == Some(me))
                on_click=move |()| state.assign(id, Some(me))
            />
            {others()
                .map(|agent| {
                    view! {
                        <MenuAction
                            label=agent.name
                            icon=IconName::User
                            checked=Signal::from(assignee == Some(agent.id))
                            on_click=move |()| state.assign(id, Some(agent.id))
                        />
                    }
                })
                .collect_view()}
            <MenuDivider />
            <MenuAction
                label=words.unassign
                icon=IconName::Close
                disabled=Signal::from(assignee.is_none())
                on_click=move |()| state.assign(id, None)
            />
        </Menu>
    }
}
