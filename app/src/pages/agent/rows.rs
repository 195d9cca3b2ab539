//! Entries of the form's lists, which come and go.

use leptos::prelude::*;
use omniops_types::{EscalationAction, EscalationRule, HttpTool};

use crate::ui::SecretDraft;

/// A rule of escalation while it is edited.
#[derive(Clone, Copy)]
pub struct RuleForm {
    /// Tells it from the other rows of the page, and the fields in it from theirs.
    pub key: u32,
    pub words: RwSignal<Vec<String>>,
    pub action: RwSignal<String>,
}

impl RuleForm {
    pub fn new(key: u32, rule: EscalationRule) -> Self {
        Self { key, words: RwSignal::new(rule.words), action: RwSignal::new(rule.action.as_str().to_owned()) }
    }

    pub fn empty(key: u32) -> Self {
        Self::new(key, EscalationRule { words: Vec::new(), action: EscalationAction::Offer })
    }

    /// Reactive.
    pub fn rule(self) -> EscalationRule {
        EscalationRule {
            words: self.words.get(),
            action: self.action.with(|action| EscalationAction::parse(action)).unwrap_or(EscalationAction::Offer),
        }
    }
}

/// A tool of the tenant while it is edited.
#[derive(Clone, Copy)]
pub struct ToolForm {
    pub key: u32,
    /// The server knows it; a new one is shown unfolded.
    pub known: bool,
    pub name: RwSignal<String>,
    pub description: RwSignal<String>,
    pub url: RwSignal<String>,
    pub parameters: RwSignal<String>,
    pub secret_header: RwSignal<String>,
    pub secret: SecretDraft,
    pub requires_verification: RwSignal<bool>,
}

/// What a new tool takes, to begin with.
const PARAMETERS: &str = r#"{
  "type": "object",
  "properties": {
    "query": { "type": "string" }
  },
  "required": ["query"]
}"#;

impl ToolForm {
    pub fn new(key: u32, tool: HttpTool, known: bool) -> Self {
        let HttpTool { name, description, url, parameters, secret_header, requires_verification } = tool;
        Self {
            key,
            known,
            name: RwSignal::new(name),
            description: RwSignal::new(description),
            url: RwSignal::new(url),
            parameters: RwSignal::new(parameters),
            secret_header: RwSignal::new(secret_header.unwrap_or_default()),
            secret: SecretDraft::new(),
            requires_verification: RwSignal::new(requires_verification),
        }
    }

    pub fn empty(key: u32) -> Self {
        let tool = HttpTool {
            name: String::new(),
            description: String::new(),
            url: String::new(),
            parameters: PARAMETERS.to_owned(),
            secret_header: None,
            requires_verification: true,
        };
        Self::new(key, tool, false)
    }

    /// Reactive.
    pub fn tool(self) -> HttpTool {
        let text = |text: RwSignal<String>| text.with(|text| text.trim().to_owned());
        HttpTool {
            name: text(self.name),
            description: self.description.get(),
            url: text(self.url),
            parameters: self.parameters.get(),
            secret_header: Some(text(self.secret_header)).filter(|header| !header.is_empty()),
            requires_verification: self.requires_verification.get(),
        }
    }

    /// Its name with the secret to send, if that changes. `kept`: the tools of which the server has one.
    pub fn secret_change(self, kept: &[String]) -> Option<(String, String)> {
        let name = self.name.with(|name| name.trim().to_owned());
        let secret = self.secret.change(kept.contains(&name))?;
        Some((name, secret))
    }
}
