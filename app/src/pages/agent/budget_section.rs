//! What the AI may cost, and what it has cost so far.

use leptos::prelude::*;
use omniops_types::{BudgetSettings, BudgetStage, BudgetState, BudgetUse};

use super::fields::{Line, Pair, Section};
use super::form::AgentForm;
use super::trace::money;
use crate::i18n::use_messages;
use crate::ui::{Badge, Meter, MeterPart, Tone};

#[component]
pub fn BudgetSection(form: AgentForm, budget: RwSignal<BudgetState>) -> impl IntoView {
    let messages = use_messages();
    let words = &messages.agent;
    // Measured against the limits as they stand in the fields, so that one sees what a limit would mean.
    let budgets = Memo::new(move |_| match form.settings() {
        Ok(settings) => settings.budgets,
        Err(_) => form.saved.with(|saved| saved.settings.budgets),
    });
    let state = Memo::new(move |_| {
        let (BudgetState { day, month, .. }, budgets) = (budget.get(), budgets.get());
        let with = |used: BudgetUse, limit| BudgetUse { limit, ..used };
        BudgetState::of(with(day, budgets.daily), with(month, budgets.monthly), &budgets)
    });
    let stage = move || match state.read().stage {
        BudgetStage::Normal => None,
        BudgetStage::Alert => Some((Tone::Warning, words.stage_alert)),
        BudgetStage::Fallback => Some((Tone::Warning, words.stage_fallback)),
        BudgetStage::Stopped => Some((Tone::Bad, words.stage_stopped)),
    };
    let limits = [
        Line::new("budgets.daily", words.daily, form.daily).hint(words.daily_hint),
        Line::new("budgets.monthly", words.monthly, form.monthly).hint(words.monthly_hint),
        Line::new("budgets.per_conversation", words.per_conversation, form.per_conversation)
            .hint(words.per_conversation_hint),
    ];
    let shares = [
        Line::new("budgets.soft_alert_percent", words.soft_alert, form.soft_alert_percent).hint(words.soft_alert_hint),
        Line::new("budgets.fallback_percent", words.fallback_from, form.fallback_percent)
            .hint(words.fallback_from_hint),
    ];
    view! {
        <Section id="budgets" title=words.budgets_title lead=words.budgets_lead>
            <div class="flex flex-col gap-4">
                <UseBar
                    label=words.today
                    used=Signal::derive(move || state.read().day)
                    budgets=budgets
                />
                <UseBar
                    label=words.this_month
                    used=Signal::derive(move || state.read().month)
                    budgets=budgets
                />
                {move || stage().map(|(tone, text)| view! { <div><Badge tone=tone text=text.to_owned() /></div> }.into_any())}
            </div>
            <div class="grid items-start gap-x-4 gap-y-5 @lg:grid-cols-3">
                {limits.map(|line| line.placeholder(words.no_limit).dollars().view(form)).collect_view()}
            </div>
            <Pair>{shares.map(|line| line.percent().view(form)).collect_view()}</Pair>
        </Section>
    }
}

/// One budget: words, and the bar where there is a limit.
#[component]
fn UseBar(label: &'static str, used: Signal<BudgetUse>, budgets: Memo<BudgetSettings>) -> impl IntoView {
    let words = &use_messages().agent;
    let text = Signal::derive(move || {
        let used = used.get();
        match used.limit {
            Some(limit) => (words.spent_of)(&money(used.gone()), &money(limit)),
            None => (words.spent)(&money(used.gone())),
        }
    });
    let parts = move || {
        let used = used.get();
        let whole = used.limit.map_or(0, |limit| limit.0);
        let share = |amount: i64| match (amount, whole) {
            (0, _) => 0.0,
            (_, ..=0) => 1.0,
            (amount, whole) => amount as f64 / whole as f64,
        };
        vec![
            MeterPart { share: share(used.spent.0), class: "bg-primary" },
            MeterPart { share: share(used.unconfirmed.0), class: "bg-warning" },
            MeterPart { share: share(used.reserved.0), class: "bg-primary/40" },
        ]
    };
    let marks = move || {
        budgets.with(|budgets| {
            [budgets.soft_alert_percent, budgets.fallback_percent].map(|percent| f64::from(percent) / 100.0).to_vec()
        })
    };
    let open = move || {
        let BudgetUse { reserved, unconfirmed, .. } = used.get();
        [(reserved, words.reserved), (unconfirmed, words.unconfirmed)]
            .into_iter()
            .filter(|(amount, _)| amount.0 > 0)
            .map(|(amount, text)| text(&money(amount)))
            .collect::<Vec<_>>()
            .join(" ")
    };
    view! {
        <div class="flex flex-col gap-1.5">
            <p class="flex flex-wrap justify-between gap-x-3">
                <span class="font-medium">{label}</span>
                <span class="text-muted tabular-nums">{move || text.get()}</span>
            </p>
            <Show when=move || used.read().limit.is_some()>
                <Meter label=label text=text parts=Signal::derive(parts) marks=Signal::derive(marks) />
            </Show>
            <p class="text-xs text-muted empty:hidden">{open}</p>
        </div>
    }
}
