//! What an answer of the AI was made from: enough to prove later what was read, asked, paid and checked.

use serde::{Deserialize, Serialize};

use crate::{ChunkId, MicroUsd, SearchId};

/// Stored with each AI message, and shown to the team. Fields are added, never renamed: old receipts stay readable.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct Receipt {
    /// Who made the words: a provider's host, or `extractive` where they are quotes.
    pub provider: String,
    pub model: String,
    pub embedding: ReceiptEmbedding,
    pub search_ids: Vec<SearchId>,
    /// `answered`, `declined` or `courtesy`; absent when nothing was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// What the model wanted: `answer`, `clarify`, `escalate` or `resolve`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// A person was offered with this answer, and why.
    pub offered: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offered_because: Option<String>,
    /// Who stood in for the model that was to answer: `fallback_model`, `extractive` or `handoff`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fallback: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// What the search found, best first.
    pub passages: Vec<ReceiptPassage>,
    /// 0 where no model was asked.
    pub prompt_version: u32,
    /// SHA-256 of what the model was sent first, hex.
    pub prompt_hash: String,
    pub calls: Vec<ReceiptCall>,
    pub tools: Vec<ReceiptTool>,
    pub claims: Vec<ReceiptClaim>,
    pub cost: MicroUsd,
    /// Milliseconds: waiting, embedding, searching, in the check of claims.
    pub queue_ms: i32,
    pub embed_ms: i32,
    pub search_ms: i32,
    pub claim_check_ms: i32,
    /// Milliseconds since the message came in: the provider's first and last token, the first words that the customer
    /// saw, the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_token_ms: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_token_ms: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_delta_ms: Option<i32>,
    pub total_ms: i32,
}

/// Whose vectors found the passages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReceiptEmbedding {
    pub provider: String,
    pub model: String,
}

/// A passage that the answer could be made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReceiptPassage {
    pub chunk_id: ChunkId,
    /// SHA-256 of its text, hex.
    pub content_hash: String,
    pub url: String,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub cosine: Option<f32>,
    pub score: f32,
    pub cited: bool,
}

/// One call of the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReceiptCall {
    /// From 1; a repeated call has the number of the one that it repeats.
    pub step: u32,
    pub provider: String,
    pub model: String,
    pub fallback: bool,
    pub input_tokens: u32,
    pub cached_input_tokens: u32,
    pub output_tokens: u32,
    pub reasoning_tokens: u32,
    /// The provider told its usage; otherwise the cost is the most that it can have been.
    pub usage_known: bool,
    pub cost: MicroUsd,
    pub price_known: bool,
    /// Milliseconds since the message came in.
    pub started_ms: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_token_ms: Option<u32>,
    pub ended_ms: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
}

/// One call of a tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReceiptTool {
    pub name: String,
    /// JSON.
    pub arguments: String,
    /// JSON, cut where it is long.
    pub result: String,
    pub ok: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// Arguments and result tell of a person.
    pub personal: bool,
    pub ms: u32,
}

/// A sentence that claims something, and whether it was let through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReceiptClaim {
    pub sentence: String,
    /// What it says in English, where it is in a language that the check cannot read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub english: Option<String>,
    pub passed: bool,
    /// What it rests on.
    pub support: Vec<String>,
    /// What nothing supports.
    pub unsupported: Vec<String>,
}

/// `POST /api/conversations/{id}/messages/{mid}/replay`: the same question on today's knowledge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ReplayRequest {
    /// Asks the model too, which costs; otherwise only the search is done again.
    #[serde(default)]
    pub with_model: bool,
}

/// What would now be different.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Replay {
    /// Found then and now, with the same text.
    pub same: Vec<ReceiptPassage>,
    /// Of the passages found then, those whose text has changed since, or that are gone, or that are not found any more.
    pub changed: Vec<ReceiptPassage>,
    pub gone: Vec<ReceiptPassage>,
    pub lost: Vec<ReceiptPassage>,
    /// Found now and not then.
    pub new: Vec<ReceiptPassage>,
    /// What was said then.
    pub text_then: String,
    /// What would be said now, where the answerer was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<ReplayedAnswer>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ReplayedAnswer {
    pub text: String,
    pub sources: Vec<crate::Source>,
    pub receipt: Receipt,
}

/// `POST /api/settings/agent/preview`: one message of a test visitor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PreviewRequest {
    /// The shop's host, as registered.
    pub domain: String,
    /// Settings to try before they are saved; the saved ones without them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settings: Option<crate::AgentSettings>,
    /// 1 to 4,000 characters.
    pub message: String,
    /// What was said before, oldest first: at most 40 lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<PreviewLine>,
    /// The test visitor has proven to own this address; anonymous without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified_email: Option<String>,
    /// BCP 47.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewLine {
    /// The test visitor said it; otherwise the AI.
    pub by_customer: bool,
    pub text: String,
}

/// What the test visitor would read, and all of how it came about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PreviewReply {
    pub text: String,
    pub sources: Vec<crate::Source>,
    pub confidence: f32,
    /// A person would take over.
    pub escalated: bool,
    pub receipt: Receipt,
    /// What the model was told, by part.
    pub prompt: Vec<PromptPart>,
    /// The texts of the receipt's passages, in their order.
    pub candidates: Vec<String>,
}

/// A named part of what the model was told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PromptPart {
    pub name: String,
    pub text: String,
}
