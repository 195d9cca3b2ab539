//! The AI agent of a tenant: which model answers, how it speaks, what it may do and cost.

use serde::{Deserialize, Serialize};

use crate::BudgetSettings;
use crate::conversation::text_enum;

text_enum! {
    /// How the AI sounds.
    Tone { Friendly = "friendly", Neutral = "neutral", Formal = "formal" }
}

text_enum! {
    /// How much the AI says.
    AnswerLength {
        /// One or two sentences.
        Short = "short",
        /// Two to four sentences.
        Medium = "medium",
        /// As much as it takes.
        Detailed = "detailed",
    }
}

text_enum! {
    /// What a rule of the tenant does with a message that fits it.
    EscalationAction {
        /// Asks, once a conversation, whether a person is wanted.
        Offer = "offer",
        /// Hands the conversation over at once.
        Handoff = "handoff",
    }
}

/// Everything that a tenant sets about its AI agent. An absent field takes its default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct AgentSettings {
    pub model: ModelSettings,
    pub persona: Persona,
    pub languages: LanguagePolicy,
    pub escalation: EscalationSettings,
    pub tools: ToolSettings,
    pub budgets: BudgetSettings,
}

/// The language model. Without a model, here or in the installation's own settings, answers are quoted from the pages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ModelSettings {
    /// `false` answers by quoting, whatever else is set.
    pub enabled: bool,
    /// Of an OpenAI-compatible service, up to and with `/v1`; the installation's without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Answers when the first fails, or when the budget nears its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback_model: Option<String>,
    /// 0 to 2; the provider's own without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f32>,
    /// What one call of the model may write, 64 to 8,192 tokens.
    pub max_output_tokens: u32,
}

impl Default for ModelSettings {
    fn default() -> Self {
        Self {
            enabled: true,
            base_url: None,
            model: None,
            fallback_model: None,
            temperature: None,
            max_output_tokens: 1_024,
        }
    }
}

/// How the AI speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Persona {
    /// What it calls itself; the shop's assistant without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    pub tone: Tone,
    pub length: AnswerLength,
    /// The tenant's own words to it, at most 4,000 characters.
    pub instructions: String,
    /// What it must not talk about: at most 20, of at most 80 characters each.
    pub forbidden_topics: Vec<String>,
}

impl Default for Persona {
    fn default() -> Self {
        Self {
            name: None,
            tone: Tone::Friendly,
            length: AnswerLength::Medium,
            instructions: String::new(),
            forbidden_topics: Vec::new(),
        }
    }
}

/// In which languages the AI answers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct LanguagePolicy {
    /// Primary language tags such as `en` and `de`. Empty: whatever the customer writes. Otherwise the first is spoken to
    /// those who write another.
    pub allowed: Vec<String>,
}

/// When a person is offered or called.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct EscalationSettings {
    pub on_frustration: bool,
    /// The customer had to ask the same thing three times.
    pub on_loop: bool,
    /// Below this confidence, 0 to 1, a person is offered.
    pub below_confidence: f32,
    pub rules: Vec<EscalationRule>,
}

impl Default for EscalationSettings {
    fn default() -> Self {
        Self { on_frustration: true, on_loop: true, below_confidence: 0.35, rules: Vec::new() }
    }
}

/// A message that holds one of these words, in any case and as whole words, is treated so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EscalationRule {
    /// Words or phrases: at most 20, of at most 80 characters each.
    pub words: Vec<String>,
    pub action: EscalationAction,
}

/// What the AI may do beside searching the knowledge, which it always may.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ToolSettings {
    pub products: bool,
    /// Look-ups of a verified customer's own orders.
    pub orders: bool,
    pub capture_contact: bool,
    /// The tenant's own, at most 10.
    pub http: Vec<HttpTool>,
}

impl Default for ToolSettings {
    fn default() -> Self {
        Self { products: true, orders: true, capture_contact: true, http: Vec::new() }
    }
}

/// An HTTP service of the tenant that the AI may ask. It gets the arguments as a JSON body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HttpTool {
    /// `a-z`, `0-9` and `_`, 3 to 40 characters, not the name of one of ours.
    pub name: String,
    /// What it is for, in words for the model: 10 to 500 characters.
    pub description: String,
    /// https, or http where private hosts are allowed.
    pub url: String,
    /// JSON Schema of the arguments, as JSON: an object, at most 4,000 characters.
    pub parameters: String,
    /// Name of the header that carries the tool's secret, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret_header: Option<String>,
    /// Only for customers who proved who they are; their e-mail address is then sent along.
    #[serde(default = "yes")]
    pub requires_verification: bool,
}

const fn yes() -> bool {
    true
}

/// `GET /api/settings/agent`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentConfig {
    pub settings: AgentSettings,
    /// Goes up with every change.
    pub version: i64,
    /// The last characters of the tenant's own key, if one is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key_hint: Option<String>,
    /// Names of HTTP tools whose secret is kept.
    #[serde(default)]
    pub tool_secrets: Vec<String>,
    pub in_force: ModelInForce,
}

/// Who answers, when all settings are taken together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "mode", rename_all = "snake_case")]
pub enum ModelInForce {
    /// Answers are quoted from the pages; `reason` says what is missing for a model, if one is wanted.
    Extractive { reason: String },
    Model {
        /// The provider's host.
        provider: String,
        model: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fallback_model: Option<String>,
        /// The installation pays, not the tenant's own key.
        shared_key: bool,
        /// The installation knows what this model costs; otherwise it is counted at the price of unknown models.
        price_known: bool,
    },
}

/// `PUT /api/settings/agent`: replaces the settings.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateAgent {
    pub settings: AgentSettings,
    /// Absent: the key stays. Empty: it is removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_key: Option<String>,
    /// By tool: a secret to keep; empty removes it.
    #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
    pub tool_secrets: std::collections::BTreeMap<String, String>,
    /// Refuse with `conflict` unless the settings still have this version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

impl core::fmt::Debug for UpdateAgent {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("UpdateAgent")
            .field("settings", &self.settings)
            .field("api_key", &self.api_key.as_ref().map(|_| "(hidden)"))
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}
