//! The store: where it is and with which keys it is read.

use leptos::prelude::*;

use super::confirm::Confirm;
use super::store_form::{ADDRESS, KEY, SECRET, StoreForm};
use super::store_state::StoreState;
use crate::i18n::use_messages;
use crate::pages::agent::fields::{FormOfFields, Line, Pair, Section};
use crate::ui::{Field, SecretDraft, SecretInput};

#[component]
pub fn StoreSection(form: StoreForm) -> impl IntoView {
    let words = &use_messages().connections.store;
    view! {
        <Section id="store" title=words.title lead=words.lead>
            <StoreState form=form />
            {Line::new(ADDRESS, words.address, form.base_url)
                .hint(words.address_hint)
                .placeholder("https://shop.example")
                .keys("url")
                .view(form)}
            <div class="flex flex-col gap-2">
                <Pair>
                    {key_field(form, KEY, words.consumer_key, "ck_…", form.consumer_key, Signal::derive(move || form.key_kept()))}
                    {key_field(
                        form,
                        SECRET,
                        words.consumer_secret,
                        "cs_…",
                        form.consumer_secret,
                        Signal::derive(move || form.secret_kept()),
                    )}
                </Pair>
                <p class="text-xs text-pretty empty:hidden" class=("text-warn", move || form.moved()) class=("text-muted", move || !form.moved())>
                    {move || if form.moved() { words.keys_again } else { words.keys_from }}
                </p>
            </div>
        </Section>
    }
}

fn key_field(
    form: StoreForm,
    id: &'static str,
    label: &'static str,
    placeholder: &'static str,
    draft: SecretDraft,
    kept: Signal<Option<String>>,
) -> AnyView {
    let problem = form.problem(id);
    view! {
        <Field id=id label=label error=problem>
            <SecretInput
                id=id
                draft=draft
                kept=kept
                placeholder=placeholder
                removable=false
                invalid=Signal::derive(move || problem.read().is_some())
                disabled=!form.writable
                on_edit=move |()| form.edited(id)
            />
        </Field>
    }
    .into_any()
}

/// Asks before the store is disconnected. Stands outside of the page's form, which can hold no other.
#[component]
pub fn Disconnect(form: StoreForm) -> impl IntoView {
    let words = &use_messages().connections.store;
    let text = Signal::derive(move || {
        let address = form.saved.with(|saved| saved.as_ref().map(|store| store.base_url.clone()));
        (words.disconnect_text)(&address.unwrap_or_default())
    });
    view! {
        <Confirm
            question=form.disconnecting
            title=words.disconnect_title
            text=text
            action=words.disconnect
            on_confirm=move |()| form.disconnect()
        />
    }
}
