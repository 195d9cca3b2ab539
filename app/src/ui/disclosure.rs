//! A part that is folded away until one asks for it. Works without script.

use leptos::prelude::*;

use super::icon::{Icon, IconName};

#[component]
pub fn Disclosure(
    #[prop(into)] title: Signal<String>,
    /// At the end of the line: how much is inside.
    #[prop(optional, into)]
    note: Signal<String>,
    #[prop(optional)] open: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="border-t border-base-300 first:border-t-0" open=open>
            <summary class="flex min-h-9 cursor-pointer list-none items-center gap-1.5 rounded py-1 hover:bg-base-200 [&::-webkit-details-marker]:hidden">
                <span class="[[open]>summary>&]:rotate-90">
                    <Icon name=IconName::ChevronRight class="size-3.5 shrink-0 text-muted" />
                </span>
                <span class="min-w-0 truncate font-medium">{move || title.get()}</span>
                <span class="ms-auto min-w-0 truncate pe-1 text-xs text-muted tabular-nums">{move || note.get()}</span>
            </summary>
            <div class="pt-1 pb-3 ps-5">{children()}</div>
        </details>
    }
}
