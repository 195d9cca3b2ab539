//! A checkbox with its words; both can be clicked.

use leptos::prelude::*;

#[component]
pub fn Checkbox(
    #[prop(into)] label: String,
    checked: RwSignal<bool>,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <label class="flex cursor-pointer items-start gap-2.5 has-disabled:cursor-not-allowed has-disabled:opacity-60">
            <input
                type="checkbox"
                class="checkbox checkbox-sm checkbox-primary mt-0.5"
                prop:checked=move || checked.get()
                disabled=move || disabled.get()
                on:change=move |event| checked.set(event_target_checked(&event))
            />
            <span>
                {label} {hint.map(|hint| view! { <span class="block text-xs text-muted">{hint}</span> })}
            </span>
        </label>
    }
}
