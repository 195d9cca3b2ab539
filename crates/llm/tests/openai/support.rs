use std::time::Duration;

use futures::StreamExt;
use omniops_llm::{
    ChatModel, FinishReason, ModelError, ModelEvent, ModelMessage, ModelRequest, OpenAiModel, OpenAiModelConfig,
    TokenUsage, ToolCall, ToolChoice, ToolSpec,
};
use omniops_openai_stub::{Reply, StubServer};
use secrecy::SecretString;
use serde_json::json;

pub const KEY: &str = "sk-test-0123456789abcdef";

/// Longer than anything here takes: a test that waits for it fails.
pub const LONG: Duration = Duration::from_secs(60);

pub fn config(base_url: &str) -> OpenAiModelConfig {
    OpenAiModelConfig::new(base_url.parse().unwrap(), SecretString::from(KEY))
}

pub fn model_at(base_url: &str) -> OpenAiModel {
    OpenAiModel::new(config(base_url)).unwrap()
}

pub fn model(server: &StubServer) -> OpenAiModel {
    model_at(&server.base_url())
}

pub async fn server(replies: impl IntoIterator<Item = Reply>) -> StubServer {
    let server = StubServer::start().await.unwrap();
    server.script(replies);
    server
}

pub fn tool(name: &str) -> ToolSpec {
    ToolSpec {
        name: name.to_owned(),
        description: format!("Does {name}."),
        parameters: json!({"type": "object", "properties": {}}),
    }
}

pub fn user(text: &str) -> ModelMessage {
    ModelMessage::User { text: text.to_owned() }
}

pub fn ask(text: &str) -> ModelRequest {
    ModelRequest {
        model: "stub-model".to_owned(),
        messages: vec![ModelMessage::System { text: "You answer for a shop.".to_owned() }, user(text)],
        tools: vec![tool("search_knowledge"), tool("reply")],
        tool_choice: ToolChoice::Auto,
        temperature: None,
        max_output_tokens: 500,
        first_token_timeout: LONG,
        idle_timeout: LONG,
        max_output_bytes: 64 * 1024,
    }
}

/// What came of a request.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    pub events: Vec<ModelEvent>,
    pub error: Option<ModelError>,
}

impl Outcome {
    pub fn text(&self) -> String {
        let texts = self.events.iter().filter_map(|event| match event {
            ModelEvent::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// The calls, put together as an orchestrator does it.
    pub fn calls(&self) -> Vec<ToolCall> {
        let mut calls: Vec<ToolCall> = Vec::new();
        for event in &self.events {
            match event {
                ModelEvent::ToolCallStarted { index, id, name } => {
                    assert_eq!(*index, calls.len());
                    calls.push(ToolCall { id: id.clone(), name: name.clone(), arguments: String::new() });
                }
                ModelEvent::ToolArguments { index, fragment } => calls[*index].arguments.push_str(fragment),
                ModelEvent::Text(_) | ModelEvent::Usage(_) | ModelEvent::Finished(_) => {}
            }
        }
        calls
    }

    pub fn usage(&self) -> Option<TokenUsage> {
        self.events.iter().find_map(|event| match event {
            ModelEvent::Usage(usage) => Some(*usage),
            _ => None,
        })
    }

    pub fn finish(&self) -> Option<FinishReason> {
        self.events.iter().find_map(|event| match event {
            ModelEvent::Finished(reason) => Some(*reason),
            _ => None,
        })
    }
}

/// Sends the request and reads to the end.
pub async fn outcome(model: &OpenAiModel, request: ModelRequest) -> Outcome {
    let reading = async {
        let mut events = Vec::new();
        let mut stream = match model.stream(request).await {
            Ok(stream) => stream,
            Err(error) => return Outcome { events, error: Some(error) },
        };
        while let Some(event) = stream.next().await {
            match event {
                Ok(event) => events.push(event),
                Err(error) => {
                    assert_eq!(stream.next().await, None, "nothing comes after an error");
                    return Outcome { events, error: Some(error) };
                }
            }
        }
        assert!(matches!(events.last(), Some(ModelEvent::Finished(_))), "the last event says why it ended");
        Outcome { events, error: None }
    };
    tokio::time::timeout(Duration::from_secs(45), reading).await.expect("the call ends")
}

/// What comes of a question that is answered with this reply.
pub async fn answered_with(reply: Reply) -> Outcome {
    let server = server([reply]).await;
    outcome(&model(&server), ask("Where is my parcel?")).await
}

/// The error that this reply becomes; nothing may have come before it, and nothing may have been sent twice.
pub async fn error_of(reply: Reply) -> ModelError {
    let server = server([reply]).await;
    let outcome = outcome(&model(&server), ask("Where is my parcel?")).await;
    assert_eq!(outcome.events, []);
    assert_eq!(server.requests().len(), 1, "one call is one request");
    outcome.error.expect("the call fails")
}
