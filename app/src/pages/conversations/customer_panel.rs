//! Who the customer is, as far as it is known. Beside the conversation, or in a drawer where there is no room.

use leptos::prelude::*;
use omniops_types::{Channel, Conversation};

use super::state::use_inbox;
use super::text::{safe_href, short_address};
use super::thread_state::ThreadState;
use crate::i18n::{Locale, use_messages};
use crate::ui::{Avatar, Drawer, RelativeTime};

#[component]
pub fn CustomerPanel(thread: ThreadState) -> impl IntoView {
    let words = &use_messages().customer;
    let state = use_inbox();
    let row = Memo::new(move |_| state.conversation(thread.id, Clone::clone));
    let details = move || row.get().map(|row| view! { <CustomerDetails row=row /> });
    view! {
        <Show when=move || state.panel_open.get()>
            <aside
                class="relative hidden w-72 shrink-0 overflow-y-auto border-s border-base-300 p-4 xl:block"
                aria-label=words.heading
                tabindex="0"
            >
                {details}
            </aside>
        </Show>
        <Drawer id="customer-drawer" title=words.heading open=state.panel_drawer>
            <div class="p-2">{details}</div>
        </Drawer>
    }
}

#[component]
fn CustomerDetails(row: Conversation) -> impl IntoView {
    let messages = use_messages();
    let words = &messages.customer;
    let unknown = || view! { <span class="text-muted">{words.unknown}</span> }.into_any();
    let customer = row.customer;
    let email = match customer.email {
        Some(email) => {
            view! { <a class="text-link hover:underline" href=format!("mailto:{email}")>{email.clone()}</a> }.into_any()
        }
        None => unknown(),
    };
    let page = match customer.page_url {
        Some(url) => match safe_href(&url).map(str::to_owned) {
            Some(href) => view! {
                <a class="break-all text-link hover:underline" href=href target="_blank" rel="noopener noreferrer">
                    {short_address(&url).to_owned()}
                </a>
            }
            .into_any(),
            None => url.into_any(),
        },
        None => unknown(),
    };
    let locale = customer
        .locale
        .map_or_else(unknown, |tag| Locale::from_tag(&tag).map_or(tag, |locale| locale.name().to_owned()).into_any());
    let channel = match row.channel {
        Channel::Widget => words.channel_widget,
        Channel::Api => words.channel_api,
    };
    view! {
        <div class="flex items-center gap-3">
            <Avatar name=customer.name.clone() class="size-10 text-sm" />
            <p class="min-w-0 truncate font-semibold">{customer.name}</p>
        </div>
        <dl class="mt-4 flex flex-col gap-3">
            <Detail name=words.email>{email}</Detail>
            <Detail name=words.language>{locale}</Detail>
            <Detail name=words.last_page>{page}</Detail>
        </dl>
        <h2 class="mt-6 border-t border-base-300 pt-4 text-xs font-medium text-muted">{words.conversation}</h2>
        <dl class="mt-3 flex flex-col gap-3">
            <Detail name=words.site>{row.domain}</Detail>
            <Detail name=words.channel>{channel}</Detail>
            <Detail name=words.priority>{(messages.priority)(row.priority)}</Detail>
            <Detail name=words.started>
                <RelativeTime at=row.created_at />
            </Detail>
            <Detail name=words.last_activity>
                <RelativeTime at=row.last_activity_at />
            </Detail>
        </dl>
    }
}

#[component]
fn Detail(name: &'static str, children: Children) -> impl IntoView {
    view! {
        <div class="flex flex-col">
            <dt class="text-xs text-muted">{name}</dt>
            <dd class="min-w-0 break-words">{children()}</dd>
        </div>
    }
}
