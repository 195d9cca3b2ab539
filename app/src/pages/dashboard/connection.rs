//! Whether new things appear by themselves right now.

use leptos::prelude::*;

use crate::i18n::use_messages;
use crate::state::live::{ConnectionStatus, use_live};

#[component]
pub fn ConnectionState() -> impl IntoView {
    let words = &use_messages().shell;
    let live = use_live();
    let status = live.status();
    let look = move || match status.get() {
        ConnectionStatus::Connecting => ("bg-muted", words.connecting, words.connecting),
        ConnectionStatus::Live => ("bg-online", words.live, words.live_hint),
        ConnectionStatus::Offline => {
            ("bg-warn animate-pulse motion-reduce:animate-none", words.offline, words.offline_hint)
        }
    };
    view! {
        <span
            class="flex items-center gap-1.5 rounded-full px-2 text-xs text-muted"
            role="status"
            title=move || look().2
            data-connection=move || status.get().as_str()
        >
            <span class=move || format!("size-2 rounded-full {}", look().0) aria-hidden="true"></span>
            <span
                class="max-sm:sr-only"
                class:not-sr-only=move || status.get() == ConnectionStatus::Offline
            >
                {move || look().1}
            </span>
        </span>
    }
}
