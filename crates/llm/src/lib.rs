#![doc = include_str!("../README.md")]

mod model;
mod openai;

use async_trait::async_trait;
use futures::stream::BoxStream;
use serde::{Deserialize, Serialize};

pub use model::{
    ChatModel, FinishReason, ModelError, ModelEvent, ModelMessage, ModelRequest, ModelStream, TokenUsage, ToolCall,
    ToolChoice, ToolSpec,
};
pub use openai::{OpenAiModel, OpenAiModelConfig, OutputLimitField, SetupError, http_client_builder};

/// A passage that retrieval found and that an answer may quote. Data, never instruction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    pub title: String,
    pub url: String,
    /// From the page's title down to the passage's own heading.
    pub heading_path: Vec<String>,
    pub text: String,
    /// Cosine similarity to the question, where the vectors found it.
    pub cosine: Option<f32>,
    /// The fused retrieval score; passages come best first.
    pub score: f32,
}

/// Who said an earlier line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Speaker {
    Customer,
    Assistant,
    Agent,
}

/// An earlier line of the conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    pub speaker: Speaker,
    pub text: String,
}

/// Everything an answer may be made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerRequest {
    pub question: String,
    /// Oldest first.
    pub history: Vec<Turn>,
    pub passages: Vec<Passage>,
    /// BCP 47, as the customer's browser says.
    pub locale: Option<String>,
}

/// A passage that the answer leans on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// Index into [`AnswerRequest::passages`].
    pub passage: usize,
    /// The sentences, word for word.
    pub quote: String,
}

/// What became of the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Answered from the passages.
    Answered,
    /// The passages do not answer it; the text says so and offers a person.
    Declined,
    /// Small talk, answered without passages: a greeting, thanks.
    Courtesy,
}

impl Verdict {
    /// As it stands in a receipt.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Declined => "declined",
            Self::Courtesy => "courtesy",
        }
    }
}

/// Tokens used, as the provider counts them; zero where nothing is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    pub prompt_tokens: u32,
    pub completion_tokens: u32,
}

/// A finished answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The whole text, equal to the concatenation of the deltas; `[1]` points at `citations[0]`.
    pub text: String,
    pub citations: Vec<Citation>,
    /// 0 to 1.
    pub confidence: f32,
    pub verdict: Verdict,
    pub usage: Usage,
}

/// What a provider's stream yields: deltas, then exactly one `Done`.
#[derive(Clone, Debug, PartialEq)]
pub enum AnswerEvent {
    Delta(String),
    Done(Answer),
}

/// Why a provider gave no answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProviderError {
    #[error("the provider is not reachable or answered with a failure: {0}")]
    Unavailable(String),
    #[error("the provider took longer than allowed")]
    TimedOut,
    #[error("the provider's answer could not be read: {0}")]
    Malformed(String),
}

/// Anything that can answer a question from passages: the extractive answerer today, a language model beside it.
#[async_trait]
pub trait AnswerProvider: Send + Sync {
    /// Goes into telemetry: `extractive`.
    fn name(&self) -> &str;

    /// Goes into telemetry and the receipt.
    fn model(&self) -> &str;

    /// Starts an answer. The stream ends after `Done` or an error; dropping it cancels the work.
    async fn answer(
        &self,
        request: AnswerRequest,
    ) -> Result<BoxStream<'static, Result<AnswerEvent, ProviderError>>, ProviderError>;
}
