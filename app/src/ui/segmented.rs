//! A few choices side by side of which one is taken: radio buttons that look like one control.

use leptos::prelude::*;

use super::select::Choice;

#[component]
pub fn Segmented(
    /// The radio buttons' name, unique on the page.
    #[prop(into)]
    name: String,
    /// Above the control; also its name for screen readers.
    #[prop(into)]
    legend: String,
    choices: Vec<Choice>,
    value: RwSignal<String>,
    /// The legend is for screen readers only.
    #[prop(optional)]
    bare: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
) -> impl IntoView {
    let legend_class = if bare { "sr-only" } else { "mb-1.5 text-sm font-medium" };
    view! {
        <fieldset class="min-w-0" disabled=move || disabled.get()>
            <legend class=legend_class>{legend}</legend>
            <div class="flex w-fit max-w-full gap-0.5 rounded-lg border border-base-300 bg-base-200 p-0.5">
                {choices
                    .into_iter()
                    .map(|choice| {
                        let Choice { value: own, label } = choice;
                        let shown = own.clone();
                        let taken = own.clone();
                        view! {
                            <label class="min-w-0 cursor-pointer truncate rounded-md px-3 py-1 font-medium text-muted has-checked:bg-base-100 has-checked:text-base-content has-checked:shadow-xs has-focus-visible:outline-2 has-focus-visible:outline-link has-disabled:cursor-not-allowed">
                                <input
                                    type="radio"
                                    name=name.clone()
                                    class="sr-only"
                                    value=own.clone()
                                    checked=value.with_untracked(|value| *value == own)
                                    prop:checked=move || value.with(|value| *value == shown)
                                    on:change=move |_| value.set(taken.clone())
                                />
                                {label}
                            </label>
                        }.into_any()
                    })
                    .collect_view()}
            </div>
        </fieldset>
    }
}
