//! The SQL that writes down what a turn did, for telemetry.

use omniops_postgres::{SystemTx, TenantTx};
use omniops_types::{Channel, ConversationId, DomainId, MessageId};
use sqlx::types::Json;
use uuid::Uuid;

use crate::Result;

/// Who stood in for the model that was asked first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Fallback {
    #[default]
    None,
    Model,
    Extractive,
    Handoff,
}

impl Fallback {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Model => "fallback_model",
            Self::Extractive => "extractive",
            Self::Handoff => "handoff",
        }
    }
}

/// One call of a tool: whether it gave what was asked for, and how long it took.
#[derive(Clone, Debug, serde::Serialize)]
pub(super) struct ToolCall {
    pub(super) name: String,
    pub(super) ok: bool,
    pub(super) ms: i32,
}

/// One row of telemetry, as documented in the migrations. Start from [`new`](Self::new) and fill in what happened: a turn
/// that asked no model has no tokens, cost or steps.
#[derive(Debug)]
pub(super) struct TelemetryValues<'a> {
    pub(super) conversation: ConversationId,
    pub(super) message: MessageId,
    pub(super) reply: Option<MessageId>,
    pub(super) domain: DomainId,
    pub(super) channel: Channel,
    pub(super) provider: &'a str,
    pub(super) model: &'a str,
    /// `answered`, `clarified`, `resolved`, `declined`, `escalated`, `dropped` or `failed`.
    pub(super) outcome: &'static str,
    pub(super) error_code: Option<&'static str>,
    pub(super) fallback: Fallback,
    pub(super) confidence: Option<f32>,
    /// Calls of the model.
    pub(super) steps: i32,
    pub(super) searches: i32,
    pub(super) zero_results: i32,
    pub(super) tool_calls: Vec<ToolCall>,
    /// All tokens of the input; `cached_input_tokens` are those of them that the provider had in its cache.
    pub(super) prompt_tokens: i32,
    pub(super) cached_input_tokens: i32,
    /// All tokens of the output; `reasoning_tokens` are those of them that were thought and not said.
    pub(super) completion_tokens: i32,
    pub(super) reasoning_tokens: i32,
    pub(super) cost_micro_usd: i64,
    /// Whether the price table knew the model.
    pub(super) price_known: bool,
    pub(super) queue_ms: i32,
    pub(super) embed_ms: i32,
    pub(super) search_ms: i32,
    /// In the model, all calls together.
    pub(super) model_ms: i32,
    pub(super) claim_check_ms: i32,
    /// From the start of the turn: the provider's first and last token, and the first words that the customer saw.
    pub(super) first_token_ms: Option<i32>,
    pub(super) last_token_ms: Option<i32>,
    pub(super) first_delta_ms: Option<i32>,
    pub(super) total_ms: i32,
}

impl<'a> TelemetryValues<'a> {
    /// A turn that nothing is known of yet but how it ended and what answered.
    pub(super) fn new(
        conversation: ConversationId,
        message: MessageId,
        domain: DomainId,
        channel: Channel,
        (provider, model): (&'a str, &'a str),
        outcome: &'static str,
    ) -> Self {
        Self {
            conversation,
            message,
            reply: None,
            domain,
            channel,
            provider,
            model,
            outcome,
            error_code: None,
            fallback: Fallback::None,
            confidence: None,
            steps: 0,
            searches: 0,
            zero_results: 0,
            tool_calls: Vec::new(),
            prompt_tokens: 0,
            cached_input_tokens: 0,
            completion_tokens: 0,
            reasoning_tokens: 0,
            cost_micro_usd: 0,
            price_known: true,
            queue_ms: 0,
            embed_ms: 0,
            search_ms: 0,
            model_ms: 0,
            claim_check_ms: 0,
            first_token_ms: None,
            last_token_ms: None,
            first_delta_ms: None,
            total_ms: 0,
        }
    }
}

pub(super) async fn insert_telemetry(tx: &mut TenantTx, values: &TelemetryValues<'_>) -> Result<()> {
    sqlx::query(
        "insert into chat_telemetry (tenant_id, id, conversation_id, message_id, reply_id, domain_id, channel, provider,
                                     model, outcome, error_code, fallback, confidence, steps, searches, zero_results,
                                     tool_calls, prompt_tokens, cached_input_tokens, completion_tokens,
                                     reasoning_tokens, cost_micro_usd, price_known, queue_ms, embed_ms, search_ms,
                                     model_ms, claim_check_ms, first_token_ms, last_token_ms, first_delta_ms, total_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
                 $23, $24, $25, $26, $27, $28, $29, $30, $31, $32)",
    )
    .bind(tx.tenant_id().uuid())
    .bind(Uuid::now_v7())
    .bind(values.conversation.uuid())
    .bind(values.message.uuid())
    .bind(values.reply.map(MessageId::uuid))
    .bind(values.domain.uuid())
    .bind(values.channel.as_str())
    .bind(values.provider)
    .bind(values.model)
    .bind(values.outcome)
    .bind(values.error_code)
    .bind(values.fallback.as_str())
    .bind(values.confidence)
    .bind(values.steps)
    .bind(values.searches)
    .bind(values.zero_results)
    .bind(Json(&values.tool_calls))
    .bind(values.prompt_tokens)
    .bind(values.cached_input_tokens)
    .bind(values.completion_tokens)
    .bind(values.reasoning_tokens)
    .bind(values.cost_micro_usd)
    .bind(values.price_known)
    .bind(values.queue_ms)
    .bind(values.embed_ms)
    .bind(values.search_ms)
    .bind(values.model_ms)
    .bind(values.claim_check_ms)
    .bind(values.first_token_ms)
    .bind(values.last_token_ms)
    .bind(values.first_delta_ms)
    .bind(values.total_ms)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn ensure_telemetry_partitions(tx: &mut SystemTx) -> Result<()> {
    sqlx::query(
        "select omniops_ensure_telemetry_partition(now() + make_interval(months => month))
         from generate_series(0, 1) as month",
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}
