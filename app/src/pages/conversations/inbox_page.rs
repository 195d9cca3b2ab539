//! The panes beside each other; on a phone one at a time.

use leptos::prelude::*;
use leptos_router::components::Outlet;
use omniops_types::DEFAULT_LIMIT;

use super::keyboard::{KeySheet, follow_keys};
use super::list::ListPane;
use super::state::InboxState;
use super::views::ViewsPane;
use crate::i18n::use_messages;
use crate::rpc::conversations as rpc;
use crate::state::live::use_live;
use crate::ui::PageTitle;

#[component]
pub fn InboxPage() -> impl IntoView {
    let state = InboxState::provide();
    let page = Resource::new(
        move || state.filter.get(),
        |filter| async move { (filter, rpc::list(filter, None, DEFAULT_LIMIT).await) },
    );
    let counts = Resource::new(|| (), |()| rpc::counts());
    let live = use_live();
    Effect::new(move || {
        state.follow(live);
        follow_keys(state);
    });
    let one_open = move || state.selected.get().is_some();
    view! {
        <PageTitle text=use_messages().inbox.page />
        <div class="flex min-h-0 flex-1">
            <ViewsPane counts=counts />
            <div
                class="flex min-h-0 w-full min-w-0 shrink-0 flex-col border-e border-base-300 md:w-80 lg:w-88"
                class=("max-md:hidden", one_open)
            >
                <ListPane page=page counts=counts />
            </div>
            <div class="flex min-h-0 min-w-0 flex-1" class=("max-md:hidden", move || !one_open())>
                <Outlet />
            </div>
        </div>
        <KeySheet />
    }
}
