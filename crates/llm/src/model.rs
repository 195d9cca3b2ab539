//! A language model that speaks the chat-completions tool protocol.

use std::time::Duration;

use async_trait::async_trait;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A line of what the model is given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "role", rename_all = "snake_case")]
pub enum ModelMessage {
    System {
        text: String,
    },
    User {
        text: String,
    },
    Assistant {
        text: String,
        tool_calls: Vec<ToolCall>,
    },
    /// What a tool gave, for the call of this id.
    Tool {
        call_id: String,
        text: String,
    },
}

/// A call that the model asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToolCall {
    pub id: String,
    pub name: String,
    /// As the model wrote it: JSON if all went well.
    pub arguments: String,
}

/// A tool that the model may call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToolSpec {
    /// `a-z`, `0-9` and `_`, at most 64 characters.
    pub name: String,
    pub description: String,
    /// JSON Schema of the arguments, an object.
    pub parameters: Value,
}

/// Whether the model may, must or must not call tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ToolChoice {
    Auto,
    Required,
    None,
}

/// One call of the model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelRequest {
    pub model: String,
    pub messages: Vec<ModelMessage>,
    pub tools: Vec<ToolSpec>,
    pub tool_choice: ToolChoice,
    /// 0 to 2; the provider's default without it.
    pub temperature: Option<f32>,
    /// What the model may write at most, reasoning included.
    pub max_output_tokens: u32,
    /// From sending the request to the first piece.
    pub first_token_timeout: Duration,
    /// Between two pieces.
    pub idle_timeout: Duration,
    /// Bytes of the answer that are read; beyond it the call is `TooLong`.
    pub max_output_bytes: usize,
}

/// Why the model stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    Stop,
    ToolCalls,
    Length,
    ContentFilter,
    /// The provider named none that we know.
    Other,
}

/// Tokens as the provider counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenUsage {
    /// All of the input, the cached part included.
    pub input: u32,
    pub cached_input: u32,
    /// All of the output, reasoning included.
    pub output: u32,
    pub reasoning: u32,
}

/// A piece of the model's answer.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelEvent {
    Text(String),
    /// The call at this place of the answer begins; its arguments follow in pieces.
    ToolCallStarted {
        index: usize,
        id: String,
        name: String,
    },
    ToolArguments {
        index: usize,
        fragment: String,
    },
    /// Once, at the end; some providers never say it.
    Usage(TokenUsage),
    /// The last event of a stream that was not cut.
    Finished(FinishReason),
}

/// Why a model gave no answer, or not all of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ModelError {
    /// 401 or 403: the key is wrong or may not use this model.
    #[error("the provider refuses the key: {0}")]
    Unauthorized(String),
    /// 429, with what `Retry-After` said.
    #[error("the provider is at its limit")]
    RateLimited { retry_after: Option<Duration> },
    /// 400, 404, 422 and the like: the same request will fail again.
    #[error("the provider refuses the request with {status}: {detail}")]
    Rejected { status: u16, detail: String },
    /// No connection came about: refused, an unknown name, no TLS, turned away by a guard. Nothing was sent.
    #[error("the provider cannot be reached: {0}")]
    Unreachable(String),
    /// 5xx, connections lost before the first piece, errors that the provider reports in its stream.
    #[error("the provider is not available: {0}")]
    Unavailable(String),
    /// The stream ended before it said that it was finished.
    #[error("the provider's answer was cut off")]
    Cut,
    #[error("the provider took longer than allowed")]
    TimedOut,
    #[error("the provider's answer could not be read: {0}")]
    Malformed(String),
    #[error("the provider's answer is longer than allowed")]
    TooLong,
}

impl ModelError {
    /// The stable code that telemetry keeps.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unauthorized(_) => "provider_unauthorized",
            Self::RateLimited { .. } => "provider_rate_limited",
            Self::Rejected { .. } => "provider_rejected",
            Self::Unreachable(_) | Self::Unavailable(_) => "provider_unavailable",
            Self::Cut => "provider_cut",
            Self::TimedOut => "provider_timed_out",
            Self::Malformed(_) => "provider_malformed",
            Self::TooLong => "provider_too_long",
        }
    }

    /// Whether the same request may succeed a moment later.
    pub const fn is_transient(&self) -> bool {
        match self {
            Self::RateLimited { .. }
            | Self::Unreachable(_)
            | Self::Unavailable(_)
            | Self::Cut
            | Self::TimedOut
            | Self::Malformed(_) => true,
            Self::Unauthorized(_) | Self::Rejected { .. } | Self::TooLong => false,
        }
    }

    /// Whether it certainly ended before any token was made, so that nothing can have been charged.
    pub const fn is_free(&self) -> bool {
        matches!(self, Self::Unauthorized(_) | Self::RateLimited { .. } | Self::Rejected { .. } | Self::Unreachable(_))
    }
}

/// What a model's answer comes as; dropping it ends the request.
pub type ModelStream = BoxStream<'static, Result<ModelEvent, ModelError>>;

/// A provider that was set up with its address and key.
#[async_trait]
pub trait ChatModel: Send + Sync + std::fmt::Debug {
    /// Starts an answer. Errors before the first piece come from here or from the stream, as the provider has it.
    async fn stream(&self, request: ModelRequest) -> Result<ModelStream, ModelError>;
}
