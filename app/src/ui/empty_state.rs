//! What a list says when it has nothing: what will appear here, and the one action that brings it.

use leptos::prelude::*;

use super::icon::{Icon, IconName};

#[component]
pub fn EmptyState(
    icon: IconName,
    #[prop(into)] title: String,
    #[prop(into)] hint: String,
    /// A button or a link.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="flex flex-col items-center gap-1 px-6 py-12 text-center">
            <span class="mb-2 flex size-10 items-center justify-center rounded-full bg-base-200 text-muted">
                <Icon name=icon class="size-5" />
            </span>
            <p class="font-medium">{title}</p>
            <p class="max-w-64 text-balance text-muted">{hint}</p>
            {children.map(|children| view! { <div class="mt-3">{children()}</div> })}
        </div>
    }
}
