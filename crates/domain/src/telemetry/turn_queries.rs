//! All SQL that lists turns.

use omniops_postgres::TenantTx;
use omniops_types::{DomainId, Timestamp, TurnFilter, TurnOutcome};
use sqlx::types::Json;
use uuid::Uuid;

use super::range::Span;
use super::report_queries::Filter;
use crate::Result;

/// The place in the list after which a page begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TurnPosition {
    pub(super) created_at: Timestamp,
    pub(super) id: Uuid,
}

/// A turn with what the list shows beside it.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct TurnRow {
    pub(super) id: Uuid,
    pub(super) created_at: Timestamp,
    pub(super) conversation_id: Uuid,
    pub(super) conversation_number: Option<i64>,
    pub(super) reply_id: Option<Uuid>,
    pub(super) domain_id: Uuid,
    pub(super) host: Option<String>,
    pub(super) channel: String,
    pub(super) provider: String,
    pub(super) model: String,
    pub(super) outcome: String,
    pub(super) fallback: String,
    pub(super) error_code: Option<String>,
    pub(super) confidence: Option<f32>,
    pub(super) steps: i32,
    pub(super) searches: i32,
    pub(super) zero_results: i32,
    pub(super) tool_calls: Json<Vec<omniops_types::TurnToolCall>>,
    pub(super) prompt_tokens: i32,
    pub(super) cached_input_tokens: i32,
    pub(super) completion_tokens: i32,
    pub(super) reasoning_tokens: i32,
    pub(super) cost_micro_usd: i64,
    pub(super) price_known: bool,
    pub(super) queue_ms: i32,
    pub(super) embed_ms: i32,
    pub(super) search_ms: i32,
    pub(super) model_ms: i32,
    pub(super) claim_check_ms: i32,
    pub(super) first_token_ms: Option<i32>,
    pub(super) last_token_ms: Option<i32>,
    pub(super) first_delta_ms: Option<i32>,
    pub(super) total_ms: i32,
    pub(super) rating: Option<String>,
    pub(super) resolution: Option<String>,
}

/// Up to `limit` turns before `position`, the newest first. The primary key serves the order: tenant, time, id.
pub(super) async fn turns_before(
    tx: &mut TenantTx,
    (scope, filter): (Filter<'_>, &TurnFilter),
    (time_zone, span): (&str, Span),
    position: TurnPosition,
    limit: i64,
) -> Result<Vec<TurnRow>> {
    let rows = sqlx::query_as(
        "select t.id, t.created_at, t.conversation_id, c.number as conversation_number, t.reply_id, t.domain_id, d.host,
                t.channel, t.provider, t.model, t.outcome, t.fallback, t.error_code, t.confidence, t.steps, t.searches,
                t.zero_results, t.tool_calls, t.prompt_tokens, t.cached_input_tokens, t.completion_tokens,
                t.reasoning_tokens, t.cost_micro_usd, t.price_known, t.queue_ms, t.embed_ms, t.search_ms, t.model_ms,
                t.claim_check_ms, t.first_token_ms, t.last_token_ms, t.first_delta_ms, t.total_ms, f.rating, s.state as resolution
         from chat_telemetry t
         left join conversations c on c.tenant_id = t.tenant_id and c.id = t.conversation_id
         left join ai_resolutions s
           on s.tenant_id = t.tenant_id and s.conversation_id = t.conversation_id and s.turn_id = t.id
         left join domains d on d.tenant_id = t.tenant_id and d.id = t.domain_id
         left join lateral (
             select rating from message_feedback
             where tenant_id = t.tenant_id and message_id = t.reply_id
             order by updated_at desc limit 1
         ) f on true
         where t.tenant_id = $1
           and ($2::uuid is null or t.domain_id = $2)
           and ($3::text is null or t.model = $3)
           and t.created_at >= $5 and t.created_at < $6
           and (t.created_at, t.id) < ($7, $8)
           and ($9::text is null or t.outcome = $9)
           and ($10::text is null or t.error_code = $10)
           and ($11::text is null or t.fallback = $11)
           and ($12::text is null or t.tool_calls @> jsonb_build_array(jsonb_build_object('name', $12::text)))
           and ($13::smallint is null or extract(isodow from t.created_at at time zone $4) = $13)
           and ($14::smallint is null or extract(hour from t.created_at at time zone $4) = $14)
           and ($15::text is null or f.rating = $15)
           and ($16::boolean is null or (t.zero_results > 0) = $16)
           and ($18::text is null or s.state = $18)
           and ($19::boolean is null or (s.state is not null) = $19)
         order by t.created_at desc, t.id desc
         limit $17",
    )
    .bind(tx.tenant_id().uuid())
    .bind(scope.domain.map(DomainId::uuid))
    .bind(scope.model)
    .bind(time_zone)
    .bind(span.from)
    .bind(span.to)
    .bind(position.created_at)
    .bind(position.id)
    .bind(filter.outcome.map(TurnOutcome::as_str))
    .bind(filter.error.as_deref())
    .bind(filter.fallback.map(omniops_types::TurnFallback::as_str))
    .bind(filter.tool.as_deref())
    .bind(filter.weekday)
    .bind(filter.hour)
    .bind(filter.rating.map(omniops_types::Rating::as_str))
    .bind(filter.zero_results)
    .bind(limit)
    .bind(filter.resolution.map(omniops_types::Resolution::as_str))
    .bind(filter.last_in_conversation)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}
