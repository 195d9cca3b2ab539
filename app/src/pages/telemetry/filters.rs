//! Period, domain and model: each a part of the address.

use leptos::prelude::*;
use omniops_types::TelemetryChoices;

use super::address;
use crate::i18n::use_messages;
use crate::rpc::telemetry::{Period, Shown};
use crate::state::browser;
use crate::ui::{Choice, Select, TabLink, Tabs};

#[component]
pub fn Filters(shown: Memo<Shown>, choices: Memo<TelemetryChoices>) -> impl IntoView {
    let words = &use_messages().telemetry;
    let go = browser::use_go();
    let periods = move || {
        let shown = shown.get();
        let tab = |period: Period| TabLink {
            label: (words.period_of)(period).to_owned(),
            href: address::overview(&Shown { period, ..shown.clone() }),
            current: shown.period == period,
            count: None,
        };
        Period::ALL.map(tab).to_vec()
    };
    let all = |first: &str, values: &[String], taken: Option<&String>| {
        let mut choices = vec![Choice::new("", first)];
        choices.extend(values.iter().map(|value| Choice::new(value, value)));
        // One that is not there any more is still what the address asks for.
        if let Some(taken) = taken.filter(|taken| !values.contains(taken)) {
            choices.push(Choice::new(taken, taken));
        }
        choices
    };
    let chosen = |value: String| (!value.is_empty()).then_some(value);
    view! {
        <div class="flex flex-wrap items-center gap-2" role="group" aria-label=words.filters>
            <Tabs label=words.period tabs=Signal::derive(periods) />
            <div class="w-40">
                <Select
                    label=words.domain
                    choices=Signal::derive(move || {
                        choices.with(|choices| all(words.all_domains, &choices.domains, shown.get().domain.as_ref()))
                    })
                    value=Signal::derive(move || shown.get().domain.unwrap_or_default())
                    on_change=move |domain: String| {
                        go(&address::overview(&Shown { domain: chosen(domain), ..shown.get_untracked() }));
                    }
                />
            </div>
            <div class="w-40">
                <Select
                    label=words.model
                    choices=Signal::derive(move || {
                        choices.with(|choices| all(words.all_models, &choices.models, shown.get().model.as_ref()))
                    })
                    value=Signal::derive(move || shown.get().model.unwrap_or_default())
                    on_change=move |model: String| {
                        go(&address::overview(&Shown { model: chosen(model), ..shown.get_untracked() }));
                    }
                />
            </div>
        </div>
    }
}
