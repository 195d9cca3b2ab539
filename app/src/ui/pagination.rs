//! Back and forth in a keyset-paged list: there are no page numbers to jump to.

use leptos::prelude::*;

use super::button::{Button, ButtonSize};
use crate::i18n::use_messages;

#[component]
pub fn Pagination(
    #[prop(into)] has_previous: Signal<bool>,
    #[prop(into)] has_next: Signal<bool>,
    #[prop(into)] on_previous: Callback<()>,
    #[prop(into)] on_next: Callback<()>,
    /// Which rows are shown: "1–30".
    #[prop(into)]
    range: Signal<String>,
) -> impl IntoView {
    let messages = use_messages();
    view! {
        <nav class="flex items-center justify-end gap-2" aria-label=move || (messages.common.page)(&range.get())>
            <span class="text-xs text-muted tabular-nums" aria-live="polite">
                {move || range.get()}
            </span>
            <Button
                size=ButtonSize::Small
                disabled=Signal::derive(move || !has_previous.get())
                on_click=move |_| on_previous.run(())
            >
                {messages.common.previous}
            </Button>
            <Button
                size=ButtonSize::Small
                disabled=Signal::derive(move || !has_next.get())
                on_click=move |_| on_next.run(())
            >
                {messages.common.next}
            </Button>
        </nav>
    }
}
