//! The native select: it works with every keyboard, screen reader and phone.

use leptos::prelude::*;

/// One line of a select.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

/// A select. `label` is its accessible name; pass `id` to let a [`super::Field`] name it instead.
#[component]
pub fn Select(
    #[prop(optional, into)] id: Option<String>,
    #[prop(optional, into)] label: Option<String>,
    #[prop(into)] choices: Signal<Vec<Choice>>,
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_change: Callback<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <select
            class="select select-sm h-8 w-full min-w-0"
            id=id
            aria-label=label
            disabled=move || disabled.get()
            prop:value=move || value.get()
            on:change=move |event| on_change.run(event_target_value(&event))
        >
            {move || {
                choices
                    .get()
                    .into_iter()
                    .map(|choice| {
                        let selected = value.get_untracked() == choice.value;
                        view! {
                            <option value=choice.value selected=selected>
                                {choice.label}
                            </option>
                        }
                    })
                    .collect_view()
            }}
        </select>
    }
}
