//! The settings while they are edited: a signal a field, read together when they are compared, saved or tried.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos::task::spawn_local;
use omniops_types::{
    AgentConfig, AgentSettings, AnswerLength, BudgetSettings, ErrorCode, EscalationSettings, FieldErrors,
    LanguagePolicy, MicroUsd, ModelSettings, Permission, Persona, Tone as PersonaTone, ToolSettings, UpdateAgent,
};

use super::fields::FormOfFields;
use super::rows::{RuleForm, ToolForm};
use crate::error::AppError;
use crate::i18n::{Messages, use_messages};
use crate::rpc::agent as rpc;
use crate::state::browser::focus_first;
use crate::state::session::{leave_if_signed_out, may};
use crate::ui::{SecretDraft, Toast, Toasts, Tone, use_toasts};

/// What is marked as wrong, in the order of the page.
pub const WRONG: &str = "#agent-form :is([aria-invalid=true], [data-invalid=true])";

/// The form of the page. Cheap to copy.
#[derive(Clone, Copy)]
pub struct AgentForm {
    /// What the server has.
    pub saved: RwSignal<AgentConfig>,
    pub writable: bool,
    pub saving: RwSignal<bool>,
    /// Somebody else saved meanwhile.
    pub conflict: RwSignal<bool>,
    /// By the settings' dotted names.
    pub errors: RwSignal<FieldErrors>,
    pub enabled: RwSignal<bool>,
    pub base_url: RwSignal<String>,
    pub api_key: SecretDraft,
    pub model: RwSignal<String>,
    pub fallback_model: RwSignal<String>,
    pub temperature: RwSignal<String>,
    pub max_output_tokens: RwSignal<String>,
    pub name: RwSignal<String>,
    pub tone: RwSignal<String>,
    pub length: RwSignal<String>,
    pub instructions: RwSignal<String>,
    pub forbidden_topics: RwSignal<Vec<String>>,
    pub languages: RwSignal<Vec<String>>,
    pub on_frustration: RwSignal<bool>,
    pub on_loop: RwSignal<bool>,
    /// Percent.
    pub below_confidence: RwSignal<String>,
    pub rules: RwSignal<Vec<RuleForm>>,
    pub products: RwSignal<bool>,
    pub orders: RwSignal<bool>,
    pub capture_contact: RwSignal<bool>,
    pub tools: RwSignal<Vec<ToolForm>>,
    pub daily: RwSignal<String>,
    pub monthly: RwSignal<String>,
    pub per_conversation: RwSignal<String>,
    pub soft_alert_percent: RwSignal<String>,
    pub fallback_percent: RwSignal<String>,
    next_key: StoredValue<u32>,
    messages: &'static Messages,
    toasts: Toasts,
}

impl AgentForm {
    pub fn new(config: AgentConfig) -> Self {
        let text = || RwSignal::new(String::new());
        let form = Self {
            saved: RwSignal::new(config),
            writable: may(Permission::SettingsWrite),
            saving: RwSignal::new(false),
            conflict: RwSignal::new(false),
            errors: RwSignal::new(FieldErrors::new()),
            enabled: RwSignal::new(true),
            base_url: text(),
            api_key: SecretDraft::new(),
            model: text(),
            fallback_model: text(),
            temperature: text(),
            max_output_tokens: text(),
            name: text(),
            tone: text(),
            length: text(),
            instructions: text(),
            forbidden_topics: RwSignal::new(Vec::new()),
            languages: RwSignal::new(Vec::new()),
            on_frustration: RwSignal::new(true),
            on_loop: RwSignal::new(true),
            below_confidence: text(),
            rules: RwSignal::new(Vec::new()),
            products: RwSignal::new(true),
            orders: RwSignal::new(true),
            capture_contact: RwSignal::new(true),
            tools: RwSignal::new(Vec::new()),
            daily: text(),
            monthly: text(),
            per_conversation: text(),
            soft_alert_percent: text(),
            fallback_percent: text(),
            next_key: StoredValue::new(0),
            messages: use_messages(),
            toasts: use_toasts(),
        };
        form.load();
        form
    }

    /// Puts what the server has into the fields; what was typed is gone.
    pub fn load(self) {
        let AgentSettings { model, persona, languages, escalation, tools, budgets } =
            self.saved.with_untracked(|saved| saved.settings.clone());
        self.enabled.set(model.enabled);
        self.base_url.set(model.base_url.unwrap_or_default());
        self.api_key.reset();
        self.model.set(model.model.unwrap_or_default());
        self.fallback_model.set(model.fallback_model.unwrap_or_default());
        self.temperature.set(model.temperature.map(|temperature| temperature.to_string()).unwrap_or_default());
        self.max_output_tokens.set(model.max_output_tokens.to_string());
        self.name.set(persona.name.unwrap_or_default());
        self.tone.set(persona.tone.as_str().to_owned());
        self.length.set(persona.length.as_str().to_owned());
        self.instructions.set(persona.instructions);
        self.forbidden_topics.set(persona.forbidden_topics);
        self.languages.set(languages.allowed);
        self.on_frustration.set(escalation.on_frustration);
        self.on_loop.set(escalation.on_loop);
        self.below_confidence.set(percent_of(escalation.below_confidence).to_string());
        self.rules.set(escalation.rules.into_iter().map(|rule| RuleForm::new(self.key(), rule)).collect());
        self.products.set(tools.products);
        self.orders.set(tools.orders);
        self.capture_contact.set(tools.capture_contact);
        self.tools.set(tools.http.into_iter().map(|tool| ToolForm::new(self.key(), tool, true)).collect());
        self.daily.set(dollars(budgets.daily));
        self.monthly.set(dollars(budgets.monthly));
        self.per_conversation.set(dollars(budgets.per_conversation));
        self.soft_alert_percent.set(budgets.soft_alert_percent.to_string());
        self.fallback_percent.set(budgets.fallback_percent.to_string());
        self.errors.set(FieldErrors::new());
        self.conflict.set(false);
    }

    /// A key for one more row. Counted, so that the server and the browser give the same.
    pub fn key(self) -> u32 {
        let key = self.next_key.get_value();
        self.next_key.set_value(key.wrapping_add(1));
        key
    }

    /// The settings as they stand in the fields, or which fields cannot be read. Reactive.
    pub fn settings(self) -> Result<AgentSettings, FieldErrors> {
        let words = &self.messages.agent;
        let mut errors = FieldErrors::new();
        let mut refuse = |field: &str, problem: &str| drop(errors.insert(field.to_owned(), problem.to_owned()));
        let model = ModelSettings {
            enabled: self.enabled.get(),
            base_url: optional(self.base_url),
            model: optional(self.model),
            fallback_model: optional(self.fallback_model),
            temperature: self.temperature.with(|text| {
                let text = text.trim();
                let number = text.parse::<f32>().ok();
                if number.is_none() && !text.is_empty() {
                    refuse("model.temperature", words.not_a_number);
                }
                number
            }),
            max_output_tokens: number(self.max_output_tokens).unwrap_or_else(|| {
                refuse("model.max_output_tokens", words.not_a_number);
                0
            }),
        };
        let persona = Persona {
            name: optional(self.name),
            tone: self.tone.with(|tone| PersonaTone::parse(tone)).unwrap_or(PersonaTone::Friendly),
            length: self.length.with(|length| AnswerLength::parse(length)).unwrap_or(AnswerLength::Medium),
            instructions: self.instructions.with(|text| text.trim().to_owned()),
            forbidden_topics: self.forbidden_topics.get(),
        };
        let saved_confidence = self.saved.with(|saved| saved.settings.escalation.below_confidence);
        let escalation = EscalationSettings {
            on_frustration: self.on_frustration.get(),
            on_loop: self.on_loop.get(),
            below_confidence: match number::<u8>(self.below_confidence) {
                // A finer number than the field shows stays as it is until somebody changes it.
                Some(percent) if percent == percent_of(saved_confidence) => saved_confidence,
                Some(percent) if percent <= 100 => f32::from(percent) / 100.0,
                _ => {
                    refuse("escalation.below_confidence", words.not_a_percent);
                    0.0
                }
            },
            rules: self.rules.with(|rules| rules.iter().map(|rule| rule.rule()).collect()),
        };
        let tools = ToolSettings {
            products: self.products.get(),
            orders: self.orders.get(),
            capture_contact: self.capture_contact.get(),
            http: self.tools.with(|tools| tools.iter().map(|tool| tool.tool()).collect()),
        };
        let mut limit = |field: &str, text: RwSignal<String>| {
            text.with(|text| {
                let text = text.trim();
                let amount = text.parse::<MicroUsd>().ok();
                if amount.is_none() && !text.is_empty() {
                    refuse(field, words.not_dollars);
                }
                amount
            })
        };
        let (daily, monthly) = (limit("budgets.daily", self.daily), limit("budgets.monthly", self.monthly));
        let per_conversation = limit("budgets.per_conversation", self.per_conversation);
        let mut percent = |field: &str, text: RwSignal<String>| {
            number::<u8>(text).filter(|percent| (1..=100).contains(percent)).unwrap_or_else(|| {
                refuse(field, words.not_a_percent);
                0
            })
        };
        let budgets = BudgetSettings {
            daily,
            monthly,
            per_conversation,
            soft_alert_percent: percent("budgets.soft_alert_percent", self.soft_alert_percent),
            fallback_percent: percent("budgets.fallback_percent", self.fallback_percent),
        };
        let languages = LanguagePolicy { allowed: self.languages.get() };
        if errors.is_empty() {
            Ok(AgentSettings { model, persona, languages, escalation, tools, budgets })
        } else {
            Err(errors)
        }
    }

    /// Whether saving would change something. Reactive.
    pub fn dirty(self) -> bool {
        self.secrets_changed() || self.settings().ok().as_ref() != Some(&self.saved.read().settings)
    }

    /// Whether a key or a secret was typed or is to be removed: those cannot be tried before they are saved. Reactive.
    pub fn secrets_changed(self) -> bool {
        self.key_change().is_some() || !self.tool_secrets().is_empty()
    }

    fn key_change(self) -> Option<String> {
        let kept = self.saved.with(|saved| saved.api_key_hint.is_some());
        self.api_key.change(kept)
    }

    fn tool_secrets(self) -> BTreeMap<String, String> {
        let kept = self.saved.with(|saved| saved.tool_secrets.clone());
        self.tools.with(|tools| tools.iter().filter_map(|tool| tool.secret_change(&kept)).collect())
    }

    /// What is wrong with a field.
    pub fn problem(self, field: &'static str) -> Signal<Option<String>> {
        problem_of(self.errors, field)
    }

    /// The field was edited: what was said about it may be true no longer.
    pub fn edited(self, field: &str) {
        forget_problem(self.errors, field);
    }

    /// Marks the fields and goes to the first of them.
    pub fn refuse(self, errors: FieldErrors) {
        let _ = self.errors.try_set(errors);
        request_animation_frame(|| focus_first(WRONG));
    }

    /// Saves what stands in the fields.
    pub fn save(self) {
        if self.is_gone() || self.saving.get_untracked() || !self.writable {
            return;
        }
        let settings = match untrack(move || self.settings()) {
            Ok(settings) => settings,
            Err(errors) => return self.refuse(errors),
        };
        let (api_key, tool_secrets) = untrack(move || (self.key_change(), self.tool_secrets()));
        let version = Some(self.saved.with_untracked(|saved| saved.version));
        self.saving.set(true);
        self.errors.set(FieldErrors::new());
        spawn_local(async move {
            let sent = settings.clone();
            match rpc::update(UpdateAgent { settings, api_key, tool_secrets, version }).await {
                Ok(config) => self.take(config, &sent),
                Err(error) => self.not_saved(error),
            }
            let _ = self.saving.try_set(false);
        });
    }

    /// The page was left while the server answered, or while a toast of it stood there.
    fn is_gone(self) -> bool {
        self.saved.is_disposed()
    }

    fn take(self, config: AgentConfig, sent: &AgentSettings) {
        if self.is_gone() {
            return;
        }
        let typed_on = untrack(move || self.settings()).ok().as_ref() != Some(sent);
        self.saved.set(config);
        if typed_on {
            self.api_key.reset();
            self.tools.with_untracked(|tools| tools.iter().for_each(|tool| tool.secret.reset()));
        } else {
            // The server tidies texts up.
            self.load();
        }
        self.toasts.show(Toast::new(Tone::Good, self.messages.agent.saved_toast));
    }

    fn not_saved(self, error: AppError) {
        leave_if_signed_out(&error);
        match error.code() {
            ErrorCode::Conflict => drop(self.conflict.try_set(true)),
            ErrorCode::InvalidFields => self.refuse(error.0.fields),
            _ => {
                let mut detail = error.text(self.messages);
                if let Some(id) = error.request_id() {
                    detail = format!("{detail} {} {id}", self.messages.common.request_id);
                }
                let toast = Toast::new(Tone::Bad, self.messages.agent.not_saved_toast).detail(detail);
                self.toasts.show(toast.action(self.messages.common.retry, move |()| self.save()));
            }
        }
    }
}

impl FormOfFields for AgentForm {
    fn is_writable(self) -> bool {
        self.writable
    }

    fn problem(self, field: &'static str) -> Signal<Option<String>> {
        Self::problem(self, field)
    }

    fn edited(self, field: &str) {
        Self::edited(self, field);
    }
}

pub fn problem_of(errors: RwSignal<FieldErrors>, field: &'static str) -> Signal<Option<String>> {
    Signal::derive(move || errors.with(|errors| errors.get(field).cloned()))
}

pub fn forget_problem(errors: RwSignal<FieldErrors>, field: &str) {
    if errors.with_untracked(|errors| errors.contains_key(field)) {
        errors.update(|errors| drop(errors.remove(field)));
    }
}

/// The text, unless there is none.
fn optional(text: RwSignal<String>) -> Option<String> {
    text.with(|text| Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned))
}

pub fn number<N: std::str::FromStr>(text: RwSignal<String>) -> Option<N> {
    text.with(|text| text.trim().parse().ok())
}

/// A share of one as whole percent.
fn percent_of(share: f32) -> u8 {
    (share.clamp(0.0, 1.0) * 100.0).round() as u8
}

/// An amount as it stands in a field: exact, without the sign.
fn dollars(amount: Option<MicroUsd>) -> String {
    amount.map(|amount| amount.to_string().replace('$', "")).unwrap_or_default()
}
