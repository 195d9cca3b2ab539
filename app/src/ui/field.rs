//! A form field: label above, control, then the hint or what is wrong. The same for every control.

use leptos::prelude::*;

/// Wraps a control whose id is `id`. The control names `{id}-hint` and `{id}-error` in `aria-describedby`.
#[component]
pub fn Field(
    #[prop(into)] id: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: Option<String>,
    #[prop(optional, into)] error: Signal<Option<String>>,
    children: Children,
) -> impl IntoView {
    let hint = hint.map(|hint| view! { <p id=format!("{id}-hint") class="text-xs text-muted">{hint}</p> });
    let error_id = format!("{id}-error");
    view! {
        <div class="flex flex-col gap-1.5">
            <label for=id class="text-sm font-medium">
                {label}
            </label>
            {children()}
            {hint}
            <p id=error_id class="text-xs font-medium text-danger empty:hidden">
                {move || error.get()}
            </p>
        </div>
    }
}

/// A one-line input, to stand in a [`Field`] with the same id.
#[component]
pub fn TextInput(
    #[prop(into)] id: String,
    /// The field's name in the form.
    name: &'static str,
    #[prop(default = "text")] kind: &'static str,
    /// Two-way: what stands in the input. Without it the browser keeps the value.
    #[prop(optional)]
    value: Option<RwSignal<String>>,
    #[prop(optional, into)] placeholder: Option<String>,
    /// What a password manager and a browser fill in (`email`, `current-password` …).
    #[prop(optional)]
    autocomplete: Option<&'static str>,
    #[prop(optional)] required: bool,
    #[prop(optional)] autofocus: bool,
    #[prop(optional, into)] invalid: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    view! {
        <input
            class="input h-9 w-full"
            class:input-error=move || invalid.get()
            aria-invalid=move || invalid.get().then_some("true")
            aria-describedby=format!("{id}-hint {id}-error")
            id=id
            name=name
            type=kind
            placeholder=placeholder
            autocomplete=autocomplete
            required=required
            autofocus=autofocus
            disabled=move || disabled.get()
            prop:value=move || value.map(|value| value.get())
            on:input=move |event| {
                if let Some(value) = value {
                    value.set(event_target_value(&event));
                }
            }
        />
    }
}
