//! What forms of settings are made of, beside the plain fields.

use leptos::prelude::*;

use super::Part;
use crate::ui::{
    ChipInput, Choice, Disclosure, Field, Meter, MeterPart, SaveBar, SecretDraft, SecretInput, Segmented, Switch,
    TextInput,
};

#[component]
pub fn Settings() -> impl IntoView {
    let (on, off) = (RwSignal::new(true), RwSignal::new(false));
    let size = RwSignal::new("medium".to_owned());
    let words = RwSignal::new(vec!["refund".to_owned(), "legal action".to_owned()]);
    let (new, kept) = (SecretDraft::new(), SecretDraft::new());
    let none = Signal::stored(None::<String>);
    let choices = || vec![Choice::new("short", "Short"), Choice::new("medium", "Medium"), Choice::new("long", "Long")];
    let parts = vec![
        MeterPart { share: 0.55, class: "bg-primary" },
        MeterPart { share: 0.1, class: "bg-warning" },
        MeterPart { share: 0.08, class: "bg-primary/40" },
    ];
    view! {
        <Part name="Switch, segmented, units, chips, secret">
            <div class="grid gap-4 sm:grid-cols-2">
                <Switch label="On" checked=on hint="With a hint below." />
                <Switch label="Off, and not to be changed" checked=off disabled=true />
                <Segmented name="g-size" legend="Segmented" choices=choices() value=size />
                <Field id="g-dollars" label="With a currency">
                    <TextInput id="g-dollars" name="dollars" value=RwSignal::new("12.50".to_owned()) before=Some("$") />
                </Field>
                <Field id="g-chips" label="Chips" hint="Enter makes a chip.">
                    <ChipInput id="g-chips" value=words />
                </Field>
                <Field id="g-percent" label="With a unit">
                    <TextInput id="g-percent" name="percent" value=RwSignal::new("80".to_owned()) after=Some("%") />
                </Field>
                <Field id="g-secret" label="Secret, none kept">
                    <SecretInput id="g-secret" draft=new kept=none />
                </Field>
                <Field id="g-kept" label="Secret, one kept">
                    <SecretInput id="g-kept" draft=kept kept=Some("…3f9a".to_owned()) />
                </Field>
            </div>
        </Part>
        <Part name="Meter, disclosure, save bar">
            <Meter label="Example meter" text="73 of 100" parts=parts marks=vec![0.8, 0.9] />
            <div class="rounded-lg border border-base-300 px-3">
                <Disclosure title="Folded away" note="2 parts">
                    <p>"Until one asks for it."</p>
                </Disclosure>
                <Disclosure title="Unfolded" open=true>
                    <p>"From the start."</p>
                </Disclosure>
            </div>
            <SaveBar dirty=true saving=false conflict=false on_save=|()| () on_discard=|()| () on_reload=|()| () />
            <SaveBar dirty=true saving=false conflict=true on_save=|()| () on_discard=|()| () on_reload=|()| () />
        </Part>
    }
}
