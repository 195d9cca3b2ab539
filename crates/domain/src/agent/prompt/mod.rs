//! What the model is told: parts of a versioned template, filled with what the tenant set and what this turn knows.
//!
//! The parts are data (`v2.md`). A change of their words is a new version; a receipt keeps the version and a hash of all
//! that was sent.

mod summary;

use std::fmt::Write as _;

use chrono::NaiveDate;
use omniops_llm::{ModelMessage, Speaker, ToolSpec, Turn as HistoryTurn};
use omniops_types::{AgentSettings, AnswerLength, PromptPart, Tone};
use sha2::{Digest, Sha256};

use super::fence::{self, CLOSE, OPEN};
use super::sources::Sources;

pub(crate) use summary::summary_request;

/// Goes up with every change of the template's words.
pub(crate) const PROMPT_VERSION: u32 = 2;
pub(super) const TEMPLATE: &str = include_str!("v2.md");
/// The longest line of the conversation that is repeated to the model, in characters.
const MAX_LINE: usize = 4_000;

/// What a turn tells the model beside its sources.
#[derive(Clone, Debug)]
pub(crate) struct Briefing<'a> {
    pub(crate) shop: &'a str,
    pub(crate) settings: &'a AgentSettings,
    pub(crate) today: NaiveDate,
    /// The address of the page on which the customer is.
    pub(crate) page_url: Option<&'a str>,
    /// What the customer has proven: their e-mail address.
    pub(crate) verified_email: Option<&'a str>,
    /// How soon a person answers, in the tenant's words.
    pub(crate) reply_time: &'a str,
    /// BCP 47, as the customer's browser says.
    pub(crate) locale: Option<&'a str>,
    /// What was said before the window, in short.
    pub(crate) summary: Option<&'a str>,
    /// Oldest first.
    pub(crate) history: &'a [HistoryTurn],
    /// The customer's messages that wait for an answer, one a line.
    pub(crate) question: &'a str,
}

/// What the first call of a turn sends.
#[derive(Clone, Debug)]
pub(crate) struct Prompt {
    pub(crate) parts: Vec<PromptPart>,
    pub(crate) messages: Vec<ModelMessage>,
}

impl Prompt {
    pub(crate) fn assemble(briefing: &Briefing<'_>, sources: &Sources) -> Self {
        let mut parts: Vec<PromptPart> = TEMPLATE
            .split("\n# ")
            .filter_map(|section| section.trim_start_matches("# ").split_once('\n'))
            .filter(|(name, _)| briefing.has_use_of(name))
            .map(|(name, text)| part(name, briefing.filled(text.trim())))
            .collect();
        parts.extend(briefing.context().map(|context| part("context", context)));
        let system = parts.iter().map(|part| part.text.as_str()).collect::<Vec<_>>().join("\n\n");

        let mut messages = vec![ModelMessage::System { text: system }];
        messages.extend(briefing.history.iter().map(line_of));
        let found = sources.fenced(0);
        let question = fence::harmless(briefing.question, MAX_LINE);
        parts.push(part("sources", found.clone()));
        parts.push(part("question", question.clone()));
        // In the last message and not in the first: what stands before it is the same from turn to turn, and cached.
        let text = format!("Sources found for the customer's message:\n{found}\n\nThe customer writes:\n{question}");
        messages.push(ModelMessage::User { text });
        Self { parts, messages }
    }

    /// SHA-256 over everything that is sent, hex.
    pub(crate) fn hash(&self, tools: &[ToolSpec]) -> String {
        let mut hasher = Sha256::new();
        hasher.update(PROMPT_VERSION.to_be_bytes());
        for json in [serde_json::to_vec(&self.messages), serde_json::to_vec(tools)].into_iter().flatten() {
            hasher.update((json.len() as u64).to_be_bytes());
            hasher.update(json);
        }
        hasher.finalize().iter().fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

fn part(name: &str, text: String) -> PromptPart {
    PromptPart { name: name.to_owned(), text }
}

fn line_of(turn: &HistoryTurn) -> ModelMessage {
    let text = fence::harmless(&turn.text, MAX_LINE);
    match turn.speaker {
        Speaker::Customer => ModelMessage::User { text },
        Speaker::Assistant => ModelMessage::Assistant { text, tool_calls: Vec::new() },
        Speaker::Agent => {
            ModelMessage::Assistant { text: format!("(a person of the team wrote:) {text}"), tool_calls: Vec::new() }
        }
    }
}

impl Briefing<'_> {
    /// Parts that would be empty are left out.
    fn has_use_of(&self, part: &str) -> bool {
        match part {
            "persona" => !self.settings.persona.instructions.is_empty(),
            "forbidden" => !self.settings.persona.forbidden_topics.is_empty(),
            "orders" => self.settings.tools.orders,
            _ => true,
        }
    }

    fn filled(&self, text: &str) -> String {
        let persona = &self.settings.persona;
        let shop = one_line(self.shop);
        let tone = match persona.tone {
            Tone::Friendly => "friendly and warm, never gushing",
            Tone::Neutral => "matter-of-fact",
            Tone::Formal => "formal and polite",
        };
        let length = match persona.length {
            AnswerLength::Short => "one or two sentences",
            AnswerLength::Medium => "two to four sentences",
            AnswerLength::Detailed => "as much as the question needs, never more",
        };
        let name = persona.name.as_deref().map(|name| format!("{}, ", one_line(name))).unwrap_or_default();
        let who = format!("{name}the AI assistant of {shop}");
        let topics = persona.forbidden_topics.iter().map(|topic| one_line(topic)).collect::<Vec<_>>().join("; ");
        [
            ("{who}", who.as_str()),
            ("{shop}", &shop),
            ("{today}", &self.today.format("%A, %-d %B %Y").to_string()),
            ("{tone}", tone),
            ("{length}", length),
            ("{language}", &self.language()),
            ("{instructions}", &fence::harmless(&persona.instructions, MAX_LINE)),
            ("{topics}", &topics),
            ("{reply_time}", &one_line(self.reply_time)),
            ("{open}", OPEN),
            ("{close}", CLOSE),
        ]
        .into_iter()
        .fold(text.to_owned(), |text, (place, value)| text.replace(place, value))
    }

    fn language(&self) -> String {
        let allowed = &self.settings.languages.allowed;
        match allowed.first() {
            None => "Answer in the language of the customer's last message.".to_owned(),
            Some(first) => format!(
                "Answer in the language of the customer's last message if it is one of {}; otherwise answer in {first}.",
                allowed.join(", ")
            ),
        }
    }

    fn context(&self) -> Option<String> {
        let mut lines = Vec::new();
        if let Some(url) = self.page_url {
            lines.push(format!("The customer is on this page: {}", one_line(url)));
        }
        if let Some(locale) = self.locale {
            lines.push(format!("The customer's browser is set to: {}", one_line(locale)));
        }
        lines.push(match self.verified_email {
            Some(email) => format!("The customer has proven to own the e-mail address {}.", one_line(email)),
            None => "The customer has not proven who they are.".to_owned(),
        });
        if let Some(summary) = self.summary {
            lines.push(format!("Earlier in this conversation:\n{}", fence::fence("summary", None, summary)));
        }
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

/// What stands in the middle of an instruction must not begin a line of its own.
fn one_line(text: &str) -> String {
    fence::harmless(&text.split_whitespace().collect::<Vec<_>>().join(" "), 500)
}
