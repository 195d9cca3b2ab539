//! The list of conversations: filters above, rows below, the next page on the way down.

use leptos::html;
use leptos::prelude::*;
use omniops_types::{Conversation, ConversationFilter, ConversationStatus, ConversationView, Page};

use super::address;
use super::row::ConversationRow;
use super::state::{InboxState, use_inbox};
use super::views::{CountsResource, ViewTabs};
use crate::error::AppError;
use crate::i18n::use_messages;
use crate::state::browser::use_go;
use crate::ui::{
    Button, ButtonLink, ButtonSize, Choice, EmptyState, ErrorState, IconButton, IconName, Select, SkeletonRows,
};

pub type PageResource = Resource<(ConversationFilter, Result<Page<Conversation>, AppError>)>;

/// How near the end of the list the next page is fetched, in pixels.
const NEAR_END: i32 = 600;

#[component]
pub fn ListPane(page: PageResource, counts: CountsResource) -> impl IntoView {
    let messages = use_messages();
    let state = use_inbox();
    let scroller = NodeRef::<html::Div>::new();
    let pending = RwSignal::new(false);
    Effect::new(move || {
        state.filter.track();
        if let Some(scroller) = scroller.get() {
            scroller.set_scroll_top(0);
        }
    });
    let on_scroll = move |_| {
        let Some(scroller) = scroller.get_untracked() else { return };
        if scroller.scroll_height() - scroller.scroll_top() - scroller.client_height() < NEAR_END {
            state.load_more();
        }
    };
    view! {
        <div class="flex shrink-0 flex-col gap-2 border-b border-base-300 px-3 pt-2.5 pb-2.5">
            <div class="flex h-7 items-center justify-between">
                <h1 class="text-base font-semibold tracking-tight">{messages.inbox.page}</h1>
                <div class="max-sm:hidden">
                    <IconButton
                        icon=IconName::Keyboard
                        label=messages.keys.heading.to_owned()
                        class="text-muted"
                        on_click=move |_| state.keys_open.set(true)
                    />
                </div>
            </div>
            <div class="-mx-1 xl:hidden">
                <ViewTabs counts=counts />
            </div>
            <Filters />
        </div>
        <div
            class="relative min-h-0 flex-1 overflow-y-auto overscroll-contain"
            class=("opacity-60", move || pending.get())
            node_ref=scroller
            on:scroll=on_scroll
            role="region"
            aria-label=messages.inbox.list
            aria-busy=move || if pending.get() { "true" } else { "false" }
            tabindex="0"
        >
            <Transition fallback=|| view! { <SkeletonRows rows=8 /> } set_pending=pending>
                {move || {
                    page.get()
                        .map(|(filter, answer)| match answer {
                            Ok(loaded) => {
                                state.inbox.update(|inbox| inbox.load(filter, loaded));
                                view! { <Rows filter=filter /> }.into_any()
                            }
                            Err(error) => {
                                view! {
                                    <ErrorState
                                        title=messages.inbox.load_failed
                                        error=error
                                        on_retry=move |()| page.refetch()
                                    />
                                }
                                    .into_any()
                            }
                        })
                }}
            </Transition>
        </div>
    }
}

#[component]
fn Rows(filter: ConversationFilter) -> impl IntoView {
    let messages = use_messages();
    let state = use_inbox();
    let order = Memo::new(move |_| state.inbox.with(|inbox| inbox.order().to_vec()).unwrap_or_default());
    let more = Memo::new(move |_| state.inbox.with(|inbox| inbox.next_cursor().is_some()) == Some(true));
    let empty = Memo::new(move |_| order.with(Vec::is_empty));
    view! {
        <Show when=move || !empty.get() fallback=move || view! { <NothingHere filter=filter /> }>
            <ul>
                <For each=move || order.get() key=|id| *id let:id>
                    <li class="lazy-row">
                        <ConversationRow id=id />
                    </li>
                </For>
            </ul>
            <div class="flex justify-center p-4 text-xs text-muted">
                {move || {
                    if more.get() {
                        view! {
                            <Button
                                size=ButtonSize::Small
                                loading=state.loading_more
                                on_click=move |_| state.load_more()
                            >
                                {messages.common.load_more}
                            </Button>
                        }
                            .into_any()
                    } else {
                        messages.inbox.end_of_list.into_any()
                    }
                }}
            </div>
        </Show>
    }
}

#[component]
fn NothingHere(filter: ConversationFilter) -> impl IntoView {
    let messages = use_messages();
    let words = &messages.inbox;
    let plain = |view| address::href(ConversationFilter { view, status: None, assignee: None }, None);
    let filtered = filter.status.is_some() || filter.assignee.is_some();
    let (icon, title, hint, action) = if filtered {
        let action = Some((plain(filter.view), words.clear_filters));
        (IconName::Search, words.empty_filtered, words.empty_filtered_hint, action)
    } else {
        match filter.view {
            ConversationView::Mine => (
                IconName::Check,
                words.empty_mine,
                words.empty_mine_hint,
                Some((plain(ConversationView::Unassigned), words.show_unassigned)),
            ),
            ConversationView::Unassigned => (
                IconName::Check,
                words.empty_unassigned,
                words.empty_unassigned_hint,
                Some((plain(ConversationView::All), words.show_all)),
            ),
            ConversationView::All => (IconName::Inbox, words.empty_all, words.empty_all_hint, None),
        }
    };
    view! {
        <EmptyState icon=icon title=title hint=hint>
            {action
                .map(|(href, label)| {
                    view! {
                        <ButtonLink href=href>{label}</ButtonLink>
                    }
                })}
        </EmptyState>
    }
}

#[component]
fn Filters() -> impl IntoView {
    let messages = use_messages();
    let state = use_inbox();
    let navigate = use_go();
    let go = move |filter: ConversationFilter| navigate(&address::href(filter, state.selected.get_untracked()));
    let statuses: Vec<Choice> = std::iter::once(Choice::new("", messages.inbox.any_status))
        .chain(ConversationStatus::ALL.iter().map(|status| Choice::new(status.as_str(), (messages.status)(*status))))
        .collect();
    let people = Signal::derive(move || people_choices(state, messages.inbox.anyone, messages.inbox.me));
    view! {
        <div class="grid grid-cols-2 gap-2">
            <Select
                label=messages.inbox.status
                choices=statuses
                value=Signal::derive(move || state.filter.get().status.map(ConversationStatus::as_str).unwrap_or_default().to_owned())
                on_change=move |value: String| {
                    let filter = state.filter.get_untracked();
                    go(ConversationFilter { status: ConversationStatus::parse(&value), ..filter });
                }
            />
            <Transition fallback=move || {
                view! {
                    <Select
                        label=messages.inbox.assignee
                        choices=vec![Choice::new("", messages.inbox.anyone)]
                        value=String::new()
                        on_change=|_| ()
                    />
                }
            }>
                <Select
                    label=messages.inbox.assignee
                    choices=people
                    value=Signal::derive(move || state.filter.get().assignee.map(|id| id.to_string()).unwrap_or_default())
                    on_change=move |value: String| {
                        // Whose conversations: that question is about all of them.
                        let filter = ConversationFilter {
                            view: ConversationView::All,
                            assignee: value.parse().ok(),
                            ..state.filter.get_untracked()
                        };
                        go(filter);
                    }
                />
            </Transition>
        </div>
    }
}

/// Anyone, me, then the others.
fn people_choices(state: InboxState, anyone: &str, me: &str) -> Vec<Choice> {
    let mut choices = vec![Choice::new("", anyone), Choice::new(state.me.to_string(), me)];
    let others = state.agents().into_iter().filter(|agent| agent.id != state.me);
    choices.extend(others.map(|agent| Choice::new(agent.id.to_string(), agent.name)));
    choices
}
