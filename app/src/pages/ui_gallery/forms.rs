//! Fields and what stands in them.

use leptos::prelude::*;

use super::Part;
use crate::ui::{Checkbox, Choice, Field, Select, TextInput, Textarea};

#[component]
pub fn Forms() -> impl IntoView {
    let text = RwSignal::new(String::new());
    let wrong = RwSignal::new("not an address".to_owned());
    let long = RwSignal::new("It grows with its text.".to_owned());
    let choice = RwSignal::new("two".to_owned());
    let (on, off) = (RwSignal::new(true), RwSignal::new(false));
    view! {
        <Part name="Field, text input, select, textarea, checkbox">
            <div class="grid gap-4 sm:grid-cols-2">
                <Field id="g-plain" label="Plain" hint="A hint says what belongs here.">
                    <TextInput id="g-plain" name="plain" value=text placeholder="Placeholder" />
                </Field>
                <Field id="g-wrong" label="With an error" error=Signal::stored(Some("This is not an e-mail address".to_owned()))>
                    <TextInput id="g-wrong" name="wrong" kind="email" value=wrong invalid=Signal::from(true) />
                </Field>
                <Field id="g-off" label="Disabled">
                    <TextInput id="g-off" name="off" disabled=Signal::from(true) placeholder="Not now" />
                </Field>
                <Field id="g-select" label="Select">
                    <Select
                        id="g-select"
                        choices=vec![Choice::new("one", "One"), Choice::new("two", "Two"), Choice::new("three", "Three")]
                        value=choice
                        on_change=move |value| choice.set(value)
                    />
                </Field>
                <Field id="g-area" label="Textarea">
                    <Textarea id="g-area" value=long />
                </Field>
                <div class="flex flex-col gap-3">
                    <Checkbox label="Checked" checked=on hint="With a hint below." />
                    <Checkbox label="Not checked" checked=off />
                    <Checkbox label="Disabled" checked=RwSignal::new(true) disabled=Signal::from(true) />
                </div>
            </div>
        </Part>
    }
}
