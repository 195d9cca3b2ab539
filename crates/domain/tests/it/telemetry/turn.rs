//! Turns that were never asked for, written straight into the table.

use omniops_postgres::TenantTx;
use omniops_types::Timestamp;
use serde_json::json;
use uuid::Uuid;

#[derive(Clone, Debug)]
pub struct TestTurn {
    pub at: Timestamp,
    pub domain: Uuid,
    /// Without one the turn is the only one of a conversation that was erased.
    pub conversation: Option<Uuid>,
    pub provider: &'static str,
    pub model: &'static str,
    pub outcome: &'static str,
    pub error: Option<&'static str>,
    pub fallback: &'static str,
    pub tokens: [i32; 4],
    pub cost: i64,
    pub price_known: bool,
    pub steps: i32,
    pub searches: i32,
    pub zero_results: i32,
    /// Name, success and milliseconds.
    pub tools: Vec<(&'static str, bool, i32)>,
    pub first_ms: Option<i32>,
    pub total_ms: i32,
}

impl TestTurn {
    pub fn at(at: &str, domain: Uuid) -> Self {
        Self {
            at: at.parse().unwrap(),
            domain,
            conversation: None,
            provider: "openai",
            model: "small",
            outcome: "answered",
            error: None,
            fallback: "none",
            tokens: [100, 0, 20, 0],
            cost: 1_000,
            price_known: true,
            steps: 1,
            searches: 1,
            zero_results: 0,
            tools: vec![("search_knowledge", true, 12)],
            first_ms: Some(400),
            total_ms: 1_200,
        }
    }
}

pub async fn insert(tx: &mut TenantTx, turns: &[TestTurn]) {
    for turn in turns {
        let tools: Vec<_> =
            turn.tools.iter().map(|(name, ok, ms)| json!({ "name": name, "ok": ok, "ms": ms })).collect();
        let [prompt, cached, completion, reasoning] = turn.tokens;
        sqlx::query(
            "insert into chat_telemetry (tenant_id, id, created_at, conversation_id, message_id, reply_id, domain_id,
                                         channel, provider, model, outcome, error_code, fallback, prompt_tokens,
                                         cached_input_tokens, completion_tokens, reasoning_tokens, cost_micro_usd,
                                         price_known, steps, searches, zero_results, tool_calls, first_delta_ms, total_ms)
             values ($1, $2, $3, coalesce($22, $2), $2, $2, $4, 'widget', $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17,
                     $18, $19, $20, $21)",
        )
        .bind(tx.tenant_id().uuid())
        .bind(Uuid::now_v7())
        .bind(turn.at)
        .bind(turn.domain)
        .bind(turn.provider)
        .bind(turn.model)
        .bind(turn.outcome)
        .bind(turn.error)
        .bind(turn.fallback)
        .bind(prompt)
        .bind(cached)
        .bind(completion)
        .bind(reasoning)
        .bind(turn.cost)
        .bind(turn.price_known)
        .bind(turn.steps)
        .bind(turn.searches)
        .bind(turn.zero_results)
        .bind(serde_json::Value::from(tools))
        .bind(turn.first_ms)
        .bind(turn.total_ms)
        .bind(turn.conversation)
        .execute(tx.conn())
        .await
        .unwrap();
    }
}
