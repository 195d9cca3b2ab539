//! A request in OpenAI's words.

use async_openai::types::chat::{
    ChatCompletionMessageToolCall, ChatCompletionMessageToolCalls, ChatCompletionRequestAssistantMessage,
    ChatCompletionRequestAssistantMessageContent, ChatCompletionRequestMessage, ChatCompletionRequestSystemMessage,
    ChatCompletionRequestSystemMessageContent, ChatCompletionRequestToolMessage,
    ChatCompletionRequestToolMessageContent, ChatCompletionRequestUserMessage, ChatCompletionRequestUserMessageContent,
    ChatCompletionStreamOptions, ChatCompletionTool, ChatCompletionToolChoiceOption, ChatCompletionTools,
    CreateChatCompletionRequest, FunctionCall, FunctionObject, ToolChoiceOptions,
};

use crate::model::{ModelError, ModelMessage, ModelRequest, ToolCall, ToolChoice, ToolSpec};

/// How a provider wants it said.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dialect {
    /// The limit goes into `max_completion_tokens`, not into `max_tokens`.
    pub(super) current_limit: bool,
    pub(super) ask_usage: bool,
}

/// The JSON body.
pub(super) fn body(request: ModelRequest, dialect: Dialect) -> Result<Vec<u8>, ModelError> {
    let tool_choice = (!request.tools.is_empty()).then(|| tool_choice(request.tool_choice));
    let tools: Vec<ChatCompletionTools> = request.tools.into_iter().map(tool).collect();
    let usage = ChatCompletionStreamOptions { include_usage: Some(true), include_obfuscation: None };
    #[expect(deprecated, reason = "max_tokens is deprecated at OpenAI, and all that many other servers know")]
    let body = CreateChatCompletionRequest {
        model: request.model,
        messages: request.messages.into_iter().map(message).collect(),
        // An empty list is refused, and so is a choice without tools.
        tools: (!tools.is_empty()).then_some(tools),
        tool_choice,
        temperature: request.temperature,
        max_completion_tokens: dialect.current_limit.then_some(request.max_output_tokens),
        max_tokens: (!dialect.current_limit).then_some(request.max_output_tokens),
        stream: Some(true),
        stream_options: dialect.ask_usage.then_some(usage),
        ..CreateChatCompletionRequest::default()
    };
    serde_json::to_vec(&body).map_err(|error| ModelError::Malformed(format!("the request cannot be written: {error}")))
}

fn message(message: ModelMessage) -> ChatCompletionRequestMessage {
    match message {
        ModelMessage::System { text } => ChatCompletionRequestMessage::System(ChatCompletionRequestSystemMessage {
            content: ChatCompletionRequestSystemMessageContent::Text(text),
            name: None,
        }),
        ModelMessage::User { text } => ChatCompletionRequestMessage::User(ChatCompletionRequestUserMessage {
            content: ChatCompletionRequestUserMessageContent::Text(text),
            name: None,
        }),
        ModelMessage::Assistant { text, tool_calls } => {
            // A message needs content unless it calls tools; some servers refuse an empty one beside calls.
            let content = (!text.is_empty() || tool_calls.is_empty())
                .then_some(ChatCompletionRequestAssistantMessageContent::Text(text));
            let calls: Vec<_> = tool_calls.into_iter().map(call).collect();
            ChatCompletionRequestMessage::Assistant(ChatCompletionRequestAssistantMessage {
                content,
                tool_calls: (!calls.is_empty()).then_some(calls),
                ..ChatCompletionRequestAssistantMessage::default()
            })
        }
        ModelMessage::Tool { call_id, text } => ChatCompletionRequestMessage::Tool(ChatCompletionRequestToolMessage {
            content: ChatCompletionRequestToolMessageContent::Text(text),
            tool_call_id: call_id,
        }),
    }
}

fn call(call: ToolCall) -> ChatCompletionMessageToolCalls {
    let function = FunctionCall { name: call.name, arguments: call.arguments };
    ChatCompletionMessageToolCalls::Function(ChatCompletionMessageToolCall { id: call.id, function })
}

fn tool(spec: ToolSpec) -> ChatCompletionTools {
    ChatCompletionTools::Function(ChatCompletionTool {
        function: FunctionObject {
            name: spec.name,
            description: Some(spec.description),
            parameters: Some(spec.parameters),
            strict: None,
        },
    })
}

fn tool_choice(choice: ToolChoice) -> ChatCompletionToolChoiceOption {
    ChatCompletionToolChoiceOption::Mode(match choice {
        ToolChoice::Auto => ToolChoiceOptions::Auto,
        ToolChoice::Required => ToolChoiceOptions::Required,
        ToolChoice::None => ToolChoiceOptions::None,
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::{Value, json};

    use super::*;

    fn request() -> ModelRequest {
        ModelRequest {
            model: "m".to_owned(),
            messages: vec![ModelMessage::User { text: "Hi".to_owned() }],
            tools: Vec::new(),
            tool_choice: ToolChoice::Auto,
            temperature: None,
            max_output_tokens: 300,
            first_token_timeout: Duration::from_secs(1),
            idle_timeout: Duration::from_secs(1),
            max_output_bytes: 1000,
        }
    }

    fn written(request: ModelRequest, current_limit: bool, ask_usage: bool) -> Value {
        serde_json::from_slice(&body(request, Dialect { current_limit, ask_usage }).unwrap()).unwrap()
    }

    #[test]
    fn a_plain_question_holds_nothing_that_a_strict_server_refuses() {
        assert_eq!(
            written(request(), false, false),
            json!({"model": "m", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 300, "stream": true})
        );
    }

    #[test]
    fn the_limit_and_the_usage_are_said_in_the_dialect_of_the_provider() {
        let body = written(request(), true, true);
        assert_eq!(body["max_completion_tokens"], 300);
        assert_eq!(body.get("max_tokens"), None);
        assert_eq!(body["stream_options"], json!({"include_usage": true}));
    }

    #[test]
    fn a_conversation_with_tools_is_written_as_openai_has_it() {
        let parameters = json!({"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]});
        let call = ToolCall {
            id: "call_1".to_owned(),
            name: "search_knowledge".to_owned(),
            arguments: r#"{"query":"tent"}"#.to_owned(),
        };
        let body = written(
            ModelRequest {
                messages: vec![
                    ModelMessage::System { text: "Be kind.".to_owned() },
                    ModelMessage::User { text: "Tents?".to_owned() },
                    ModelMessage::Assistant { text: String::new(), tool_calls: vec![call] },
                    ModelMessage::Tool { call_id: "call_1".to_owned(), text: "Tarn 2".to_owned() },
                    ModelMessage::Assistant { text: "Tarn 2.".to_owned(), tool_calls: Vec::new() },
                ],
                tools: vec![ToolSpec {
                    name: "search_knowledge".to_owned(),
                    description: "Searches.".to_owned(),
                    parameters: parameters.clone(),
                }],
                tool_choice: ToolChoice::Required,
                temperature: Some(0.2),
                ..request()
            },
            false,
            false,
        );
        assert_eq!(
            body["messages"],
            json!([
                {"role": "system", "content": "Be kind."},
                {"role": "user", "content": "Tents?"},
                {"role": "assistant", "tool_calls": [{"id": "call_1", "type": "function",
                    "function": {"name": "search_knowledge", "arguments": "{\"query\":\"tent\"}"}}]},
                {"role": "tool", "content": "Tarn 2", "tool_call_id": "call_1"},
                {"role": "assistant", "content": "Tarn 2."},
            ])
        );
        assert_eq!(
            body["tools"],
            json!([{"type": "function", "function":
                {"name": "search_knowledge", "description": "Searches.", "parameters": parameters}}])
        );
        assert_eq!(body["tool_choice"], "required");
        assert_eq!(body["temperature"], 0.2);
    }
}
