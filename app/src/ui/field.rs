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
    let hint = hint
        .filter(|hint| !hint.is_empty())
        .map(|hint| view! { <p id=format!("{id}-hint") class="text-xs text-muted">{hint}</p> });
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
    /// Which keys a phone shows (`decimal`, `numeric`, `url` …).
    #[prop(optional_no_strip)]
    inputmode: Option<&'static str>,
    /// Stands before what is typed, as a currency does.
    #[prop(optional_no_strip)]
    before: Option<&'static str>,
    /// Stands behind it, as a unit does.
    #[prop(optional_no_strip)]
    after: Option<&'static str>,
    #[prop(optional, into)] on_edit: Option<Callback<()>>,
) -> impl IntoView {
    let class = match (before, after) {
        (None, None) => "input h-9 w-full",
        (Some(_), None) => "input h-9 w-full ps-6.5 tabular-nums",
        (None, Some(_)) => "input h-9 w-full pe-9 tabular-nums",
        (Some(_), Some(_)) => "input h-9 w-full ps-6.5 pe-9 tabular-nums",
    };
    let affix = |text: Option<&'static str>, side: &'static str| {
        text.map(|text| {
            let class = format!("pointer-events-none absolute inset-y-0 z-1 flex items-center text-muted {side}");
            view! { <span class=class aria-hidden="true">{text}</span> }
        })
    };
    let input = view! {
        <input
            class=class
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
            inputmode=inputmode
            disabled=move || disabled.get()
            // For the page as the server writes it, which knows no properties.
            value=value.map(|value| value.get_untracked())
            prop:value=move || value.map(|value| value.get())
            on:input=move |event| {
                if let Some(value) = value {
                    value.set(event_target_value(&event));
                }
                if let Some(on_edit) = on_edit {
                    on_edit.run(());
                }
            }
        />
    };
    if before.is_none() && after.is_none() {
        return input.into_any();
    }
    view! {
        <div class="relative">
            {affix(before, "start-3")} {input} {affix(after, "end-3")}
        </div>
    }
    .into_any()
}
