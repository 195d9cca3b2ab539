//! What is kept of a turn beside its words: the receipt for the team, the row for telemetry.

use omniops_llm::Verdict;
use omniops_types::{MessageId, Receipt, ReceiptEmbedding, ReceiptPassage};

use super::agent::{AgentPart, as_i32};
use super::answer::{Work, milliseconds};
use super::telemetry_queries::{Fallback, TelemetryValues, ToolCall};
use super::turn::Turn;
use crate::Domain;
use crate::agent::Outcome;

/// What the answer was made from, for the team: enough to prove later what was read and who answered.
pub(super) fn receipt(domain: &Domain, turn: &Turn, work: &Work) -> Receipt {
    let space = domain.embedder.space();
    let (provider, model) = made_by(domain, work);
    let receipt = Receipt {
        provider: provider.to_owned(),
        model: model.to_owned(),
        embedding: ReceiptEmbedding { provider: space.provider.clone(), model: space.model.clone() },
        search_ids: work.search_ids.clone(),
        verdict: work.answer.as_ref().map(|answer| answer.verdict.as_str().to_owned()),
        error_code: work.error_code.map(str::to_owned),
        passages: passages(work),
        embed_ms: work.embed_ms,
        search_ms: work.search_ms,
        first_delta_ms: work.first_delta_ms,
        total_ms: milliseconds(turn.begun.elapsed()),
        ..Receipt::default()
    };
    let Some(agent) = &work.agent else { return receipt };
    let AgentPart { provider: _, model: _, trace, outcome, fallback, unsupported: _, offered, handoff } = agent;
    Receipt {
        outcome: outcome.map(|outcome| outcome.as_str().to_owned()),
        offered: offered.is_some(),
        offered_because: handoff.as_ref().map(|handoff| handoff.reason).or(*offered).map(str::to_owned),
        fallback: (*fallback != Fallback::None).then(|| fallback.as_str().to_owned()),
        prompt_version: trace.prompt_version,
        prompt_hash: trace.prompt_hash.clone(),
        calls: trace.calls.clone(),
        tools: trace.tools.clone(),
        claims: trace.claims.clone(),
        cost: trace.cost(),
        queue_ms: as_i32(trace.queue_ms),
        claim_check_ms: i32::try_from(trace.claim_check_us / 1_000).unwrap_or(i32::MAX),
        first_token_ms: trace.first_token_ms().map(as_i32),
        last_token_ms: trace.last_token_ms().map(as_i32),
        ..receipt
    }
}

/// Provider and model of the words that were posted.
fn made_by<'a>(domain: &'a Domain, work: &'a Work) -> (&'a str, &'a str) {
    match &work.agent {
        Some(agent) if agent.fallback != Fallback::Extractive => (&agent.provider, &agent.model),
        Some(_) | None => (domain.answerer.name(), domain.answerer.model()),
    }
}

/// Who was called: the last model, also where its answer was given up for quoting. Its cost and its failures are its own.
fn billed_by<'a>(domain: &'a Domain, work: &'a Work) -> (&'a str, &'a str) {
    let last = work.agent.as_ref().and_then(|agent| agent.trace.calls.last());
    last.map_or_else(|| made_by(domain, work), |call| (&call.provider, &call.model))
}

fn passages(work: &Work) -> Vec<ReceiptPassage> {
    let cited = |index: usize| {
        work.answer.as_ref().is_some_and(|answer| answer.citations.iter().any(|citation| citation.passage == index))
    };
    let hits = work.hits.iter().enumerate();
    hits.map(|(index, hit)| ReceiptPassage {
        chunk_id: hit.chunk_id,
        content_hash: hit.content_hash.clone(),
        url: hit.url.clone(),
        title: hit.title.clone(),
        cosine: hit.cosine,
        score: hit.score,
        cited: cited(index),
    })
    .collect()
}

/// The row of a turn that ended with this reply, or with none because a person was faster or the customer
/// left.
pub(super) fn telemetry<'a>(
    domain: &'a Domain,
    turn: &Turn,
    work: &'a Work,
    reply: Option<MessageId>,
) -> TelemetryValues<'a> {
    let by = billed_by(domain, work);
    let values = TelemetryValues {
        reply,
        error_code: work.error_code,
        confidence: work.answer.as_ref().map(|answer| answer.confidence),
        searches: i32::try_from(work.search_ids.len()).unwrap_or(i32::MAX),
        zero_results: work.zero_results,
        embed_ms: work.embed_ms,
        search_ms: work.search_ms,
        first_delta_ms: work.first_delta_ms,
        total_ms: milliseconds(turn.begun.elapsed()),
        ..TelemetryValues::new(turn.conversation, turn.message, turn.domain_id, turn.channel, by, outcome(work, reply))
    };
    let Some(agent) = &work.agent else { return values };
    let (trace, usage) = (&agent.trace, agent.trace.usage());
    let tool_calls =
        trace.tools.iter().map(|tool| ToolCall { name: tool.name.clone(), ok: tool.ok, ms: as_i32(tool.ms) });
    TelemetryValues {
        fallback: agent.fallback,
        steps: as_i32(trace.steps()),
        searches: as_i32(trace.searches),
        tool_calls: tool_calls.collect(),
        prompt_tokens: as_i32(usage.input),
        cached_input_tokens: as_i32(usage.cached_input),
        completion_tokens: as_i32(usage.output),
        reasoning_tokens: as_i32(usage.reasoning),
        cost_micro_usd: trace.cost().micros(),
        price_known: trace.prices_known(),
        queue_ms: as_i32(trace.queue_ms),
        model_ms: as_i32(trace.model_ms()),
        claim_check_ms: i32::try_from(trace.claim_check_us / 1_000).unwrap_or(i32::MAX),
        first_token_ms: trace.first_token_ms().map(as_i32),
        last_token_ms: trace.last_token_ms().map(as_i32),
        ..values
    }
}

fn outcome(work: &Work, reply: Option<MessageId>) -> &'static str {
    let wanted = work.agent.as_ref().and_then(|agent| agent.outcome);
    let handed_off = work.agent.as_ref().is_some_and(|agent| agent.handoff.is_some());
    match (&work.answer, reply) {
        (_, None) => "dropped",
        _ if handed_off => "escalated",
        (None, Some(_)) => "failed",
        (Some(answer), Some(_)) => match (answer.verdict, wanted) {
            (Verdict::Declined, _) => "declined",
            (_, Some(Outcome::Clarify)) => "clarified",
            (_, Some(Outcome::Resolve)) => "resolved",
            (Verdict::Answered | Verdict::Courtesy, _) => "answered",
        },
    }
}
