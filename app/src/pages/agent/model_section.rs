//! Which model answers, and who answers right now.

use leptos::prelude::*;
use omniops_types::{AgentConfig, BudgetStage, BudgetState, ModelInForce};

use super::fields::{Line, Pair, Section};
use super::form::AgentForm;
use crate::i18n::{Messages, use_messages};
use crate::ui::{Field, Icon, IconName, SecretInput, Switch};

#[component]
pub fn ModelSection(form: AgentForm) -> impl IntoView {
    let words = &use_messages().agent;
    let problem = form.problem("api_key");
    let kept = Signal::derive(move || form.saved.with(|saved| saved.api_key_hint.clone()));
    let temperature = Line::new("model.temperature", words.temperature, form.temperature)
        .hint(words.temperature_hint)
        .placeholder(words.temperature_none)
        .keys("decimal");
    let tokens = Line::new("model.max_output_tokens", words.max_output, form.max_output_tokens)
        .hint(words.max_output_hint)
        .keys("numeric");
    view! {
        <Section id="model" title=words.model_title lead=words.model_lead>
            <Switch
                label=words.model_enabled
                hint=words.model_enabled_hint
                checked=form.enabled
                disabled=!form.writable
            />
            {Line::new("model.base_url", words.base_url, form.base_url)
                .hint(words.base_url_hint)
                .placeholder("https://api.openai.com/v1")
                .keys("url")
                .view(form)}
            <Field id="api_key" label=words.api_key hint=words.api_key_hint error=problem>
                <SecretInput
                    id="api_key"
                    draft=form.api_key
                    kept=kept
                    invalid=Signal::derive(move || problem.read().is_some())
                    disabled=!form.writable
                    on_edit=move |()| form.edited("api_key")
                />
            </Field>
            <Pair>
                {Line::new("model.model", words.model, form.model).placeholder("gpt-4.1-mini").view(form)}
                {Line::new("model.fallback_model", words.fallback_model, form.fallback_model)
                    .hint(words.fallback_model_hint)
                    .view(form)} {temperature.view(form)} {tokens.view(form)}
            </Pair>
        </Section>
    }
}

/// Who answers now, as the server has it: what is being edited counts once it is saved.
#[component]
pub fn InForce(form: AgentForm, budget: RwSignal<BudgetState>) -> impl IntoView {
    let messages = use_messages();
    let banner = move || form.saved.with(|saved| Banner::of(messages, saved, budget.read().stage));
    view! {
        <div role="status">
            {move || {
                let Banner { quotes, title, detail, warning } = banner();
                let (ground, icon) = if quotes { ("bg-base-200", IconName::Note) } else { ("bg-accent-soft", IconName::Bot) };
                view! {
                    <div class=format!("flex items-start gap-3 rounded-xl px-4 py-3 {ground}")>
                        <span class="mt-0.5">
                            <Icon name=icon class="size-5 shrink-0" />
                        </span>
                        <div class="min-w-0">
                            <p class="font-semibold break-words">{title}</p>
                            <p class="text-pretty break-words">{detail}</p>
                            {warning.map(|warning| view! { <p class="mt-1 text-pretty text-warn">{warning}</p> }.into_any())}
                        </div>
                    </div>
                }
            }}
        </div>
    }
}

struct Banner {
    /// No model answers.
    quotes: bool,
    title: String,
    detail: String,
    warning: Option<&'static str>,
}

impl Banner {
    fn of(messages: &'static Messages, config: &AgentConfig, stage: BudgetStage) -> Self {
        let words = &messages.agent;
        let quotes = |why: &'static str| Self {
            quotes: true,
            title: words.quoted_title.to_owned(),
            detail: why.to_owned(),
            warning: None,
        };
        match &config.in_force {
            // The server says it in words of its own, which no table can know; these say the same.
            ModelInForce::Extractive { .. } => {
                let model = &config.settings.model;
                quotes(if !model.enabled {
                    words.quoted_off
                } else if config.api_key_hint.is_some() {
                    words.quoted_no_model
                } else if model.base_url.is_some() {
                    words.quoted_no_key
                } else {
                    words.quoted_no_provider
                })
            }
            ModelInForce::Model { .. } if stage == BudgetStage::Stopped => quotes(words.quoted_no_budget),
            ModelInForce::Model { provider, model, fallback_model, shared_key, price_known } => {
                let second = fallback_model.as_deref();
                let (first, second) = match (stage, second) {
                    (BudgetStage::Fallback, Some(second)) => (second, None),
                    _ => (model.as_str(), second),
                };
                let mut detail = vec![second.map_or_else(|| words.no_fallback.to_owned(), |name| (words.then)(name))];
                detail.extend(shared_key.then(|| words.shared_key.to_owned()));
                Self {
                    quotes: false,
                    title: (words.answers)(first, provider),
                    detail: detail.join(" "),
                    warning: match stage {
                        BudgetStage::Fallback => Some(words.budget_fallback),
                        BudgetStage::Alert => Some(words.budget_alert),
                        BudgetStage::Normal | BudgetStage::Stopped => (!price_known).then_some(words.price_unknown),
                    },
                }
            }
        }
    }
}
