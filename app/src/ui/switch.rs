//! A switch with its words: what it does takes effect with the form that it stands in.

use leptos::prelude::*;

#[component]
pub fn Switch(
    #[prop(into)] label: String,
    checked: RwSignal<bool>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <label class="flex cursor-pointer items-start justify-between gap-4 has-disabled:cursor-not-allowed">
            <span class="min-w-0">
                <span class="font-medium">{label}</span>
                {hint.map(|hint| view! { <span class="block text-xs text-muted">{hint}</span> })}
            </span>
            <input
                type="checkbox"
                role="switch"
                class="toggle toggle-sm toggle-primary mt-0.5 shrink-0"
                checked=checked.get_untracked()
                prop:checked=move || checked.get()
                disabled=move || disabled.get()
                on:change=move |event| checked.set(event_target_checked(&event))
            />
        </label>
    }
}
