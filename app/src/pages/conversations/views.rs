//! Which list: a pane of its own where there is room, a row of tabs where there is not. Counts are live.

use leptos::prelude::*;
use omniops_types::{ConversationCounts, ConversationFilter, ConversationStatus, ConversationView};

use super::address;
use super::state::{InboxState, use_inbox};
use crate::error::AppError;
use crate::i18n::use_messages;
use crate::state::inbox::Inbox;
use crate::ui::{Icon, IconName, TabLink, Tabs};

pub type CountsResource = Resource<Result<ConversationCounts, AppError>>;

/// The counts, once they are there. Read it inside a `Suspense` or `Transition` only: until then the server writes none.
fn live_counts(state: InboxState, counts: CountsResource) -> Option<ConversationCounts> {
    let loaded = counts.get()?.ok();
    if let Some(loaded) = loaded
        && state.inbox.with_untracked(|inbox| inbox.counts().is_none()) == Some(true)
    {
        state.inbox.update(|inbox| inbox.set_counts(loaded));
    }
    state.inbox.with(Inbox::counts).flatten()
}

const fn count_of(counts: ConversationCounts, view: ConversationView) -> i64 {
    match view {
        ConversationView::Mine => counts.mine,
        ConversationView::Unassigned => counts.unassigned,
        ConversationView::All => counts.all,
    }
}

const fn count_of_status(counts: ConversationCounts, status: ConversationStatus) -> i64 {
    match status {
        ConversationStatus::Open => counts.open,
        ConversationStatus::Pending => counts.pending,
        ConversationStatus::Snoozed => counts.snoozed,
        ConversationStatus::Resolved => counts.resolved,
    }
}

const fn plain(view: ConversationView) -> ConversationFilter {
    ConversationFilter { view, status: None, assignee: None }
}

const fn dot(status: ConversationStatus) -> &'static str {
    match status {
        ConversationStatus::Open => "bg-warning",
        ConversationStatus::Pending => "bg-primary",
        ConversationStatus::Snoozed => "bg-muted",
        ConversationStatus::Resolved => "bg-online",
    }
}

/// A list that the pane leads to.
#[derive(Clone, Copy)]
struct ViewLink {
    filter: ConversationFilter,
    label: &'static str,
    icon: Option<IconName>,
    /// The colour of a status, where there is no icon.
    dot: &'static str,
    count: fn(ConversationCounts, ConversationFilter) -> i64,
}

#[component]
pub fn ViewsPane(counts: CountsResource) -> impl IntoView {
    let messages = use_messages();
    let by_view = [
        (ConversationView::Mine, IconName::User),
        (ConversationView::Unassigned, IconName::Users),
        (ConversationView::All, IconName::Inbox),
    ]
    .map(|(view, icon)| ViewLink {
        filter: plain(view),
        label: (messages.view)(view),
        icon: Some(icon),
        dot: "",
        count: |counts, filter| count_of(counts, filter.view),
    });
    let by_status: Vec<ViewLink> = ConversationStatus::ALL
        .iter()
        .map(|status| ViewLink {
            filter: ConversationFilter { status: Some(*status), ..plain(ConversationView::All) },
            label: (messages.status)(*status),
            icon: None,
            dot: dot(*status),
            count: |counts, filter| filter.status.map_or(0, |status| count_of_status(counts, status)),
        })
        .collect();
    let links = StoredValue::new((by_view, by_status));
    let lists = move |counts: Option<CountsResource>| {
        let (by_view, by_status) = links.get_value();
        view! {
            <ViewList links=by_view.to_vec() counts=counts />
            <div>
                <h2 class="px-2.5 pb-1 text-xs font-medium text-muted">{messages.inbox.status}</h2>
                <ViewList links=by_status counts=counts />
            </div>
        }
    };
    view! {
        <nav
            aria-label=messages.inbox.views
            class="relative hidden w-52 shrink-0 flex-col gap-4 overflow-y-auto border-e border-base-300 bg-base-200 p-2.5 xl:flex"
        >
            <Transition fallback=move || lists(None)>{move || lists(Some(counts))}</Transition>
        </nav>
    }
}

#[component]
fn ViewList(links: Vec<ViewLink>, counts: Option<CountsResource>) -> impl IntoView {
    let state = use_inbox();
    view! {
        <ul class="flex flex-col gap-0.5">
            {links
                .into_iter()
                .map(|link| {
                    view! {
                        <li>
                            <a
                                href=move || address::href(link.filter, state.selected.get())
                                class="flex items-center gap-2.5 rounded-md px-2.5 py-1.5 hover:bg-base-300 aria-[current=page]:bg-base-300 aria-[current=page]:font-medium"
                                aria-current=move || (state.filter.get() == link.filter).then_some("page")
                                data-noscroll="true"
                            >
                                <span class="flex size-4 shrink-0 items-center justify-center text-muted">
                                    {match link.icon {
                                        Some(name) => view! { <Icon name=name /> }.into_any(),
                                        None => {
                                            view! { <span class=format!("size-2 rounded-full {}", link.dot)></span> }
                                                .into_any()
                                        }
                                    }}
                                </span>
                                <span class="min-w-0 flex-1 truncate">{link.label}</span>
                                <span class="text-xs text-muted tabular-nums">
                                    {counts
                                        .map(|counts| {
                                            move || {
                                                live_counts(state, counts).map(|counts| (link.count)(counts, link.filter))
                                            }
                                        })}
                                </span>
                            </a>
                        </li>
                    }
                })
                .collect_view()}
        </ul>
    }
}

/// The three views as tabs, above the list.
#[component]
pub fn ViewTabs(counts: CountsResource) -> impl IntoView {
    let messages = use_messages();
    let state = use_inbox();
    let tabs = Signal::derive(move || {
        let filter = state.filter.get();
        let counts = live_counts(state, counts);
        ConversationView::ALL
            .iter()
            .map(|view| TabLink {
                label: (messages.view)(*view).to_owned(),
                href: address::href(plain(*view), None),
                current: filter.view == *view,
                count: counts.map(|counts| count_of(counts, *view)),
            })
            .collect::<Vec<_>>()
    });
    view! {
        <Transition>
            <Tabs label=messages.inbox.views tabs=tabs />
        </Transition>
    }
}
