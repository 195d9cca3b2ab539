//! What OpenAI would refuse, so that a test does not pass with a request that the real thing turns away.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::received::{Received, role_of, text_at};

/// Why this request would be answered with 400; `None` when it would not.
pub(crate) fn complaint(request: &Received) -> Option<String> {
    let body = &request.body;
    if request.model().is_empty() {
        return Some("you must provide a model parameter".to_owned());
    }
    if request.messages().is_empty() {
        return Some("[] is too short - 'messages'".to_owned());
    }
    if body.get("stream_options").is_some() && !request.streams() {
        return Some("the 'stream_options' parameter is only allowed when 'stream' is enabled".to_owned());
    }
    if body.get("max_tokens").is_some() && body.get("max_completion_tokens").is_some() {
        return Some("setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported".to_owned());
    }
    if body.get("tool_choice").is_some() && body.get("tools").is_none() {
        return Some("'tool_choice' is only allowed when 'tools' are specified".to_owned());
    }
    tools_complaint(body).or_else(|| messages_complaint(request.messages()))
}

fn tools_complaint(body: &Value) -> Option<String> {
    let tools = body.get("tools")?.as_array()?;
    if tools.is_empty() {
        return Some("[] is too short - 'tools'".to_owned());
    }
    let mut names = BTreeSet::new();
    for tool in tools {
        let name = tool.pointer("/function/name").and_then(Value::as_str).unwrap_or_default();
        if text_at(tool, "type") != "function" || !is_name(name) {
            return Some(format!("'{name}' does not match '^[a-zA-Z0-9_-]{{1,64}}$' - 'tools.function.name'"));
        }
        if !names.insert(name) {
            return Some(format!("tools: tool names must be unique, '{name}' is not"));
        }
        let parameters = tool.pointer("/function/parameters");
        if parameters.is_some_and(|schema| text_at(schema, "type") != "object") {
            return Some(format!("invalid schema for function '{name}': schema must be of type 'object'"));
        }
    }
    None
}

fn messages_complaint(messages: &[Value]) -> Option<String> {
    // Calls of the last assistant message that no tool message has answered yet.
    let mut open: BTreeSet<&str> = BTreeSet::new();
    for (place, message) in messages.iter().enumerate() {
        let role = role_of(message);
        if role == "tool" {
            let id = text_at(message, "tool_call_id");
            if !open.remove(id) {
                return Some(format!(
                    "messages[{place}]: messages with role 'tool' must answer a preceding message with 'tool_calls', '{id}' does not"
                ));
            }
            continue;
        }
        if !open.is_empty() {
            return Some(unanswered(&open));
        }
        if !matches!(role, "system" | "developer" | "user" | "assistant") {
            return Some(format!("messages[{place}]: '{role}' is not one of the roles"));
        }
        let calls = message.get("tool_calls").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let content = message.get("content").filter(|content| !content.is_null());
        if content.is_none() && calls.is_empty() {
            return Some(format!("messages[{place}]: expected a string as content, got null"));
        }
        for call in calls {
            let name = call.pointer("/function/name").and_then(Value::as_str).unwrap_or_default();
            if !is_name(name) || !call.pointer("/function/arguments").is_some_and(Value::is_string) {
                return Some(format!("messages[{place}]: a call of a tool needs a name and a string of arguments"));
            }
            let id = text_at(call, "id");
            if id.is_empty() || id.len() > 40 || !open.insert(id) {
                return Some(format!("messages[{place}]: '{id}' is no id of 1 to 40 characters that is used once"));
            }
        }
    }
    (!open.is_empty()).then(|| unanswered(&open))
}

fn unanswered(open: &BTreeSet<&str>) -> String {
    let ids = open.iter().copied().collect::<Vec<_>>().join(", ");
    format!("an assistant message with 'tool_calls' must be followed by tool messages, these got none: {ids}")
}

fn is_name(name: &str) -> bool {
    let letters = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    letters && (1..=64).contains(&name.len())
}
