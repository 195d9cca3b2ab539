//! What the server was asked, kept for assertions.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Serialize;
use serde_json::Value;

/// A request, and what became of it. Times are microseconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Received {
    /// From 1, in the order of arrival.
    pub number: u64,
    /// From 1; requests over one connection share it.
    pub connection: u64,
    pub method: String,
    pub path: String,
    /// Names in lower case, `authorization` among them.
    pub headers: BTreeMap<String, String>,
    /// The body as JSON; `null` when it was none.
    pub body: Value,
    /// `rule 2`, `queue`, `function`, `refused: …`, `nothing scripted`.
    pub answered_by: String,
    pub received_at: u64,
    /// When the first piece of the answer was handed to the connection.
    pub first_piece_at: Option<u64>,
    /// `None` while the answer is on its way.
    pub ended: Option<Ended>,
    pub ended_at: Option<u64>,
}

/// How an answer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Ended {
    /// All of it was handed to the connection.
    Answered,
    /// The script broke it off.
    BrokenOff,
    /// The client closed the connection first.
    ClientLeft,
}

/// What `answered_by` says when no reply was scripted.
pub(crate) const NOTHING_SCRIPTED: &str = "nothing scripted";

impl Received {
    /// Whether it is a request for an answer, not for the list of models.
    pub fn is_chat(&self) -> bool {
        self.path.ends_with("/chat/completions")
    }

    /// Whether nothing was scripted for it, so that it was answered with the default 500.
    pub fn is_unscripted(&self) -> bool {
        self.answered_by == NOTHING_SCRIPTED
    }

    /// The key behind `Authorization: Bearer`.
    pub fn bearer(&self) -> Option<&str> {
        self.headers.get("authorization")?.strip_prefix("Bearer ")
    }

    pub fn model(&self) -> &str {
        text_at(&self.body, "model")
    }

    pub fn streams(&self) -> bool {
        self.body.get("stream").and_then(Value::as_bool).unwrap_or(false)
    }

    pub fn messages(&self) -> &[Value] {
        self.body.get("messages").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    /// The text of the last message of this role; empty without one.
    pub fn last_text_of(&self, role: &str) -> String {
        self.messages().iter().rfind(|message| role_of(message) == role).map(text_of).unwrap_or_default()
    }

    /// What the customer said last.
    pub fn last_user_text(&self) -> String {
        self.last_text_of("user")
    }

    /// All instructions, one after another.
    pub fn system_text(&self) -> String {
        let instructions = self.messages().iter().filter(|message| matches!(role_of(message), "system" | "developer"));
        instructions.map(text_of).collect::<Vec<_>>().join("\n")
    }

    /// Everything that the model was given to read, the tools' descriptions not among it: what must not hold a secret.
    pub fn all_text(&self) -> String {
        self.messages().iter().map(text_of).collect::<Vec<_>>().join("\n")
    }

    /// Whether the last message is what a tool gave.
    pub fn ends_with_tool_result(&self) -> bool {
        self.messages().last().is_some_and(|message| role_of(message) == "tool")
    }

    /// What the tools gave since the last answer of the model: the tool's name and its text.
    pub fn tool_results(&self) -> Vec<(String, String)> {
        let messages = self.messages();
        let first = messages.iter().rposition(|message| role_of(message) != "tool").map_or(0, |place| place + 1);
        let results = messages.iter().skip(first);
        results.map(|result| (self.tool_of(text_at(result, "tool_call_id")), text_of(result))).collect()
    }

    /// The names of the tools that the model may call.
    pub fn tool_names(&self) -> Vec<&str> {
        let tools = self.body.get("tools").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        tools.iter().filter_map(|tool| tool.pointer("/function/name").and_then(Value::as_str)).collect()
    }

    /// How many answers the model has given since the user spoke: 0 for the first request of a turn.
    pub fn step(&self) -> usize {
        let since = self.messages().iter().rev().take_while(|message| role_of(message) != "user");
        since.filter(|message| role_of(message) == "assistant").count()
    }

    fn tool_of(&self, call_id: &str) -> String {
        let calls = self.messages().iter().rev().filter_map(|message| message.get("tool_calls")?.as_array()).flatten();
        let call = calls.into_iter().find(|call| text_at(call, "id") == call_id);
        let name = call.and_then(|call| call.pointer("/function/name")).and_then(Value::as_str);
        name.unwrap_or_default().to_owned()
    }
}

pub(crate) fn role_of(message: &Value) -> &str {
    text_at(message, "role")
}

/// The text of a message, whether it is a string or parts.
pub(crate) fn text_of(message: &Value) -> String {
    match message.get("content") {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Array(parts)) => parts.iter().map(|part| text_at(part, "text")).collect(),
        _ => String::new(),
    }
}

pub(crate) fn text_at<'a>(value: &'a Value, field: &str) -> &'a str {
    value.get(field).and_then(Value::as_str).unwrap_or_default()
}

pub(crate) fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}
