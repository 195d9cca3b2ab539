//! The last transaction of a turn: with the conversation locked, look again, then post the answer or drop it.

use omniops_llm::{Answer, Verdict};
use omniops_postgres::{TenantTx, retrying};
use omniops_types::{AiState, Author, AuthorKind, ChatReply, ChatResponse, Message, MessageId, MessageKind, Source};
use serde_json::json;

use super::answer::{Work, milliseconds};
use super::queries::{self, TelemetryValues};
use super::turn::Turn;
use crate::conversations::{self, Draft, LockedConversation, News};
use crate::customers::Language;
use crate::widget::fallback_text;
use crate::{Domain, Result};

/// How a turn ended.
#[derive(Debug)]
pub(super) enum Finished {
    /// Posted now or by somebody else before, or dropped because a person has the conversation.
    Answered(ChatResponse),
    /// A newer message waits too; the turn of that one answers both.
    Superseded,
}

pub(super) fn author_of_ai() -> Author {
    Author { kind: AuthorKind::Ai, user_id: None, name: String::new() }
}

pub(super) async fn finish(domain: &Domain, turn: &Turn, work: &Work) -> Result<Finished> {
    retrying(|| finish_once(domain, turn, work)).await
}

async fn finish_once(domain: &Domain, turn: &Turn, work: &Work) -> Result<Finished> {
    let mut tx = domain.database.tenant(turn.tenant).await?;
    let conversation = conversations::lock_conversation(&mut tx, turn.conversation).await?;
    if let Some(response) = queries::response(&mut tx, turn.key).await? {
        return Ok(Finished::Answered(response));
    }
    let overtaken = queries::overtaken(&mut tx, turn.conversation, turn.message_seq).await?;
    let person_has_it = conversation.state.ai_state == AiState::Silenced || overtaken.by_agent;
    if overtaken.by_customer && !person_has_it {
        return Ok(Finished::Superseded);
    }
    let posted = if person_has_it { None } else { Some(post(domain, &mut tx, turn, work).await?) };
    let response = response_of(turn, &conversation, posted.as_ref());
    let reply = posted.as_ref().map(|message| message.id);
    let telemetry = telemetry(domain, turn, work, reply);
    queries::insert_telemetry(&mut tx, &telemetry).await?;
    queries::answer_sends(&mut tx, turn.conversation, turn.message_seq, &response).await?;
    if let Some(message) = posted {
        conversations::announce(&mut tx, turn.conversation, News::Unchanged, vec![message]).await?;
    }
    tx.commit().await?;
    metrics::counter!("omniops_chat_answers_total", "outcome" => telemetry.outcome).increment(1);
    metrics::histogram!("omniops_chat_answer_seconds").record(turn.begun.elapsed().as_secs_f64());
    Ok(Finished::Answered(response))
}

async fn post(domain: &Domain, tx: &mut TenantTx, turn: &Turn, work: &Work) -> Result<Message> {
    let (text, confidence) = match &work.answer {
        Some(answer) => (answer.text.clone(), answer.confidence),
        None => (fallback_text(Language::of(turn.locale.as_deref())).to_owned(), 0.0),
    };
    let draft = Draft {
        sources: work.answer.as_ref().map(|answer| sources(answer, work)).unwrap_or_default(),
        confidence: Some(confidence),
        receipt: Some(receipt(domain, turn, work)),
        answers: Some(turn.message),
        ..Draft::new(author_of_ai(), MessageKind::Reply, text)
    };
    conversations::add_message(tx, turn.conversation, draft).await
}

/// `[1]` in the text points at the first of these.
fn sources(answer: &Answer, work: &Work) -> Vec<Source> {
    let cited = answer.citations.iter().filter_map(|citation| Some((work.hits.get(citation.passage)?, citation)));
    cited
        .map(|(hit, citation)| Source {
            title: hit.title.clone(),
            url: hit.url.clone(),
            quote: citation.quote.replace('\0', ""),
        })
        .collect()
}

/// What the answer was made from, for the team: enough to prove later what was read and who answered.
fn receipt(domain: &Domain, turn: &Turn, work: &Work) -> serde_json::Value {
    let cited = |index: usize| {
        work.answer.as_ref().is_some_and(|answer| answer.citations.iter().any(|citation| citation.passage == index))
    };
    let passages: Vec<_> = work
        .hits
        .iter()
        .enumerate()
        .map(|(index, hit)| {
            json!({
                "chunk_id": hit.chunk_id,
                "content_hash": hit.content_hash,
                "url": hit.url,
                "cosine": hit.cosine,
                "score": hit.score,
                "cited": cited(index),
            })
        })
        .collect();
    json!({
        "provider": domain.answerer.name(),
        "model": domain.answerer.model(),
        "embedding": { "provider": domain.embedder.space().provider, "model": domain.embedder.space().model },
        "search_ids": work.search_ids,
        "verdict": work.answer.as_ref().map(|answer| answer.verdict),
        "error_code": work.error_code,
        "passages": passages,
        "embed_ms": work.embed_ms,
        "search_ms": work.search_ms,
        "first_delta_ms": work.first_delta_ms,
        "total_ms": milliseconds(turn.begun.elapsed()),
    })
}

fn response_of(turn: &Turn, conversation: &LockedConversation, posted: Option<&Message>) -> ChatResponse {
    ChatResponse {
        conversation_id: turn.conversation,
        message_id: turn.message,
        reply: posted.map(|message| ChatReply {
            id: message.id,
            text: message.text.clone(),
            sources: message.sources.clone(),
            confidence: message.confidence.unwrap_or_default(),
        }),
        status: conversation.state.status,
        escalated: conversation.state.escalated_at.is_some(),
    }
}

fn telemetry<'a>(domain: &'a Domain, turn: &Turn, work: &Work, reply: Option<MessageId>) -> TelemetryValues<'a> {
    let outcome = match (&work.answer, reply) {
        (_, None) => "dropped",
        (None, Some(_)) => "failed",
        (Some(answer), Some(_)) => match answer.verdict {
            Verdict::Answered | Verdict::Courtesy => "answered",
            Verdict::Declined => "declined",
        },
    };
    let usage = work.answer.as_ref().map(|answer| answer.usage).unwrap_or_default();
    let provider = (domain.answerer.name(), domain.answerer.model());
    TelemetryValues {
        reply,
        error_code: work.error_code,
        confidence: work.answer.as_ref().map(|answer| answer.confidence),
        searches: i32::try_from(work.search_ids.len()).unwrap_or(i32::MAX),
        zero_results: work.zero_results,
        prompt_tokens: usage.prompt_tokens as i32,
        completion_tokens: usage.completion_tokens as i32,
        embed_ms: work.embed_ms,
        search_ms: work.search_ms,
        first_delta_ms: work.first_delta_ms,
        total_ms: milliseconds(turn.begun.elapsed()),
        ..TelemetryValues::new(turn.conversation, turn.message, turn.domain_id, turn.channel, provider, outcome)
    }
}
