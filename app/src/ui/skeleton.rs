//! The shape of what is coming.

use leptos::prelude::*;

use crate::i18n::use_messages;

/// One grey bar; `class` gives its size.
#[component]
pub fn Skeleton(#[prop(into)] class: String) -> impl IntoView {
    view! { <span class=format!("skeleton block rounded {class}") aria-hidden="true"></span> }
}

/// Rows with an avatar and three lines, as tall as those of the conversations that they stand for.
#[component]
pub fn SkeletonRows(#[prop(default = 6)] rows: usize) -> impl IntoView {
    view! {
        <div role="status" aria-label=use_messages().common.loading class="flex flex-col">
            {(0..rows)
                .map(|_| {
                    view! {
                        <div class="flex h-[5.0625rem] gap-2.5 border-b border-base-300 px-3 py-3">
                            <Skeleton class="size-8 shrink-0 rounded-full" />
                            <div class="flex flex-1 flex-col gap-2.5 pt-0.5">
                                <Skeleton class="h-3 w-2/5" />
                                <Skeleton class="h-3 w-4/5" />
                                <Skeleton class="h-2.5 w-1/4" />
                            </div>
                        </div>
                    }
                })
                .collect_view()}
        </div>
    }
}
