//! What a tenant may set about its agent, checked.

use omniops_crawler::{AllowList, check_url};
use omniops_types::{AgentSettings, EscalationRule, FieldErrors, HttpTool};
use serde_json::Value;
use url::Url;

use crate::agent::tools::OWN_TOOLS;
use crate::{Error, Result, Settings};

const MAX_INSTRUCTIONS: usize = 4_000;
const MAX_LIST: usize = 20;
const MAX_PHRASE: usize = 80;
const MAX_HTTP_TOOLS: usize = 10;
const MAX_SCHEMA: usize = 4_000;

/// The settings with texts trimmed and empty ones taken out, or what is wrong with which field.
pub(super) fn checked(mut settings: AgentSettings, installation: &Settings) -> Result<AgentSettings> {
    let mut errors = Errors::default();
    let allow = AllowList::new(&installation.allow_private_hosts);

    let model = &mut settings.model;
    for (field, value, limit) in [
        ("model.base_url", &mut model.base_url, 500),
        ("model.model", &mut model.model, 200),
        ("model.fallback_model", &mut model.fallback_model, 200),
        ("persona.name", &mut settings.persona.name, 60),
    ] {
        *value = value.take().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        errors.check_text(field, value.as_deref().unwrap_or_default(), limit);
        if value.as_ref().is_some_and(|text| text.contains(char::is_control)) {
            errors.add(field, "must be one line");
        }
    }
    if let Some(url) = &model.base_url {
        errors.check_url("model.base_url", url, &allow);
    }
    if model.temperature.is_some_and(|temperature| !(0.0..=2.0).contains(&temperature)) {
        errors.add("model.temperature", "must be 0 to 2");
    }
    if !(64..=8_192).contains(&model.max_output_tokens) {
        errors.add("model.max_output_tokens", "must be 64 to 8,192");
    }

    let persona = &mut settings.persona;
    persona.instructions = persona.instructions.trim().to_owned();
    errors.check_text("persona.instructions", &persona.instructions, MAX_INSTRUCTIONS);
    errors.check_phrases("persona.forbidden_topics", &mut persona.forbidden_topics);

    for tag in &mut settings.languages.allowed {
        *tag = tag.trim().to_lowercase();
        if !(2..=3).contains(&tag.len()) || !tag.bytes().all(|byte| byte.is_ascii_lowercase()) {
            errors.add("languages.allowed", "must be language tags such as en and de");
        }
    }
    if settings.languages.allowed.len() > MAX_LIST {
        errors.add("languages.allowed", "at most 20");
    }

    if !(0.0..=1.0).contains(&settings.escalation.below_confidence) {
        errors.add("escalation.below_confidence", "must be 0 to 1");
    }
    if settings.escalation.rules.len() > MAX_LIST {
        errors.add("escalation.rules", "at most 20");
    }
    for EscalationRule { words, .. } in &mut settings.escalation.rules {
        errors.check_phrases("escalation.rules", words);
        if words.is_empty() {
            errors.add("escalation.rules", "each rule needs a word");
        }
    }

    let tools = &settings.tools.http;
    if tools.len() > MAX_HTTP_TOOLS {
        errors.add("tools.http", "at most 10");
    }
    for (place, tool) in tools.iter().enumerate() {
        errors.check_tool(tool, tools.get(..place).unwrap_or_default(), &allow);
    }

    let budgets = &settings.budgets;
    for (field, limit) in [
        ("budgets.daily", budgets.daily),
        ("budgets.monthly", budgets.monthly),
        ("budgets.per_conversation", budgets.per_conversation),
    ] {
        if limit.is_some_and(|limit| limit.0 < 0) {
            errors.add(field, "must not be negative");
        }
    }
    for (field, percent) in [
        ("budgets.soft_alert_percent", budgets.soft_alert_percent),
        ("budgets.fallback_percent", budgets.fallback_percent),
    ] {
        if !(1..=100).contains(&percent) {
            errors.add(field, "must be 1 to 100");
        }
    }
    if errors.0.is_empty() { Ok(settings) } else { Err(Error::InvalidFields(errors.0)) }
}

#[derive(Default)]
struct Errors(FieldErrors);

impl Errors {
    /// Keeps the first problem of each field.
    fn add(&mut self, field: &str, problem: &str) {
        self.0.entry(field.to_owned()).or_insert_with(|| problem.to_owned());
    }

    fn check_text(&mut self, field: &str, text: &str, limit: usize) {
        if text.chars().count() > limit {
            self.add(field, &format!("at most {limit} characters"));
        } else if text.contains('\0') {
            self.add(field, "must not contain NUL characters");
        }
    }

    fn check_phrases(&mut self, field: &str, phrases: &mut Vec<String>) {
        phrases.iter_mut().for_each(|phrase| *phrase = phrase.trim().to_owned());
        phrases.retain(|phrase| !phrase.is_empty());
        if phrases.len() > MAX_LIST {
            self.add(field, "at most 20");
        }
        for phrase in phrases {
            self.check_text(field, phrase, MAX_PHRASE);
            if !phrase.contains(char::is_alphanumeric) {
                self.add(field, "must have a letter or a digit");
            }
        }
    }

    fn check_url(&mut self, field: &str, text: &str, allow: &AllowList) {
        match Url::parse(text) {
            Err(_) => self.add(field, "must be an http or https address"),
            Ok(url) => {
                if let Err(refusal) = check_url(&url, allow) {
                    self.add(field, &refusal.to_string());
                }
                if url.scheme() == "http" && !allow.allows(&url) {
                    self.add(field, "must begin with https: a key goes there");
                }
                if url.query().is_some() || url.fragment().is_some() {
                    self.add(field, "must not have a query or a fragment");
                }
            }
        }
    }

    fn check_tool(&mut self, tool: &HttpTool, before: &[HttpTool], allow: &AllowList) {
        let field = "tools.http";
        let name_is_sound = (3..=40).contains(&tool.name.len())
            && tool.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        if !name_is_sound {
            self.add(field, "a tool's name is 3 to 40 of a-z, 0-9 and _");
        }
        if OWN_TOOLS.contains(&tool.name.as_str()) || before.iter().any(|other| other.name == tool.name) {
            self.add(field, &format!("the name {} is taken", tool.name));
        }
        if !(10..=500).contains(&tool.description.trim().chars().count()) {
            self.add(field, "a tool's description has 10 to 500 characters");
        }
        self.check_url(field, &tool.url, allow);
        let schema = serde_json::from_str::<Value>(&tool.parameters).ok();
        let is_object = schema.is_some_and(|schema| schema.get("type") == Some(&Value::from("object")));
        if !is_object || tool.parameters.chars().count() > MAX_SCHEMA {
            self.add(field, "a tool's parameters are a JSON Schema of type object, at most 4,000 characters");
        }
        let header_is_sound = tool.secret_header.as_deref().is_none_or(|header| {
            http::HeaderName::from_bytes(header.as_bytes())
                .is_ok_and(|name| !FORBIDDEN_HEADERS.contains(&name.as_str()))
        });
        if !header_is_sound {
            self.add(field, "a secret's header must be a header's name, such as authorization or x-api-key");
        }
    }
}

/// Headers that decide how a request is read.
const FORBIDDEN_HEADERS: &[&str] =
    &["host", "content-length", "content-type", "transfer-encoding", "connection", "upgrade", "expect", "te"];
