//! Answers that are not posted: for the preview and for the replay of an old one.

use futures::StreamExt;
use omniops_llm::{Answer, AnswerEvent, AnswerRequest, Turn as HistoryTurn, Verdict};
use omniops_types::{
    DomainId, PassageHit, PromptPart, Receipt, ReceiptEmbedding, ReceiptPassage, Source, TenantId, ToolStatus,
};
use tokio::time::Instant;

use super::orchestrator::{AgentAnswer, Observer};
use super::quote::best_quote;
use super::settings::InForce;
use super::speech::Ear;
use super::turn::{AgentTurn, AgentWork, Ending, run};
use crate::knowledge::{SearchRequest, offer_after, passage, retrieval_query, search};
use crate::ledger::Purpose;
use crate::{Domain, Error, Result};

/// What is rehearsed.
#[derive(Clone, Debug)]
pub(super) struct Rehearsal {
    pub(super) tenant: TenantId,
    pub(super) domain_id: DomainId,
    pub(super) purpose: Purpose,
    pub(super) locale: Option<String>,
    pub(super) verified_email: Option<String>,
    /// Oldest first.
    pub(super) unanswered: Vec<String>,
    pub(super) history: Vec<HistoryTurn>,
}

/// What would have been posted.
#[derive(Debug)]
pub(super) struct Rehearsed {
    pub(super) text: String,
    pub(super) sources: Vec<Source>,
    pub(super) confidence: f32,
    pub(super) escalated: bool,
    pub(super) receipt: Receipt,
    pub(super) prompt: Vec<PromptPart>,
    /// Texts of the receipt's passages, in their order.
    pub(super) candidates: Vec<String>,
}

/// Nobody listens to a rehearsal.
struct Nobody;

impl Ear for Nobody {
    fn hear(&self, _: &str) {}
}

impl Observer for Nobody {
    fn tool(&self, _: &str, _: ToolStatus) {}
}

/// Answers as the chat would, with its fallback to quoting. What it costs is paid from the same budgets.
pub(super) async fn rehearse(domain: &Domain, in_force: &InForce, rehearsal: Rehearsal) -> Result<Rehearsed> {
    let begun = Instant::now();
    let turn = AgentTurn {
        tenant: rehearsal.tenant,
        domain_id: rehearsal.domain_id,
        purpose: rehearsal.purpose,
        conversation: None,
        customer: None,
        absence: None,
        message_seq: 0,
        locale: rehearsal.locale,
        verified_email: rehearsal.verified_email,
        unanswered: rehearsal.unanswered,
        history: rehearsal.history,
        begun,
    };
    let space = domain.embedder.space();
    let base = Receipt {
        provider: domain.answerer.name().to_owned(),
        model: domain.answerer.model().to_owned(),
        embedding: ReceiptEmbedding { provider: space.provider.clone(), model: space.model.clone() },
        ..Receipt::default()
    };
    let mut rehearsed = match &in_force.plan {
        None => quoted(domain, &turn, None, base, Vec::new()).await?,
        Some(plan) => {
            let work = run(domain, in_force, plan, &turn, &Nobody).await;
            from_model(domain, &turn, work, base).await?
        }
    };
    rehearsed.receipt.total_ms = i32::try_from(begun.elapsed().as_millis()).unwrap_or(i32::MAX);
    Ok(rehearsed)
}

async fn from_model(domain: &Domain, turn: &AgentTurn, work: AgentWork, base: Receipt) -> Result<Rehearsed> {
    let AgentWork { provider, model, trace, search_ids, hits, ending } = work;
    let receipt = Receipt {
        search_ids,
        prompt_version: trace.prompt_version,
        prompt_hash: trace.prompt_hash.clone(),
        calls: trace.calls.clone(),
        tools: trace.tools.clone(),
        claims: trace.claims.clone(),
        cost: trace.cost(),
        queue_ms: as_i32(trace.queue_ms),
        embed_ms: as_i32(trace.embed_ms),
        search_ms: as_i32(trace.search_ms),
        claim_check_ms: i32::try_from(trace.claim_check_us / 1_000).unwrap_or(i32::MAX),
        first_token_ms: trace.first_token_ms().map(as_i32),
        last_token_ms: trace.last_token_ms().map(as_i32),
        ..base
    };
    let question = turn.unanswered.join("\n");
    match ending {
        Ok(Ending::Said { answer, offer }) => {
            let AgentAnswer { outcome, mut text, cited, confidence, .. } = answer;
            let mut hits = hits;
            if offer.is_some() {
                text = format!("{text}\n\n{}", offer_after(turn.locale.as_deref(), &question, &text));
            }
            let sources = cited.iter().map(|hit| source(hit, best_quote(&hit.text, &text))).collect();
            for hit in &cited {
                if hits.iter().all(|known| known.chunk_id != hit.chunk_id) {
                    hits.push(hit.clone());
                }
            }
            let is_cited = |hit: &PassageHit| cited.iter().any(|cited| cited.chunk_id == hit.chunk_id);
            let receipt = Receipt {
                provider,
                model,
                verdict: Some(Verdict::Answered.as_str().to_owned()),
                outcome: Some(outcome.confirmed(&turn.history, &turn.unanswered).as_str().to_owned()),
                offered: offer.is_some(),
                offered_because: offer.map(|trigger| trigger.as_str().to_owned()),
                fallback: trace.answering().filter(|call| call.fallback).map(|_| "fallback_model".to_owned()),
                passages: hits.iter().map(|hit| passage_of(hit, is_cited(hit))).collect(),
                ..receipt
            };
            let candidates = hits.into_iter().map(|hit| hit.text).collect();
            Ok(Rehearsed { text, sources, confidence, escalated: false, receipt, prompt: trace.parts, candidates })
        }
        Ok(Ending::Handoff { reason, summary }) => {
            let receipt = Receipt {
                provider,
                model,
                outcome: Some("escalate".to_owned()),
                offered_because: Some(reason.to_owned()),
                passages: hits.iter().map(|hit| passage_of(hit, false)).collect(),
                ..receipt
            };
            let candidates = hits.into_iter().map(|hit| hit.text).collect();
            let text = summary.unwrap_or_default();
            Ok(Rehearsed {
                text,
                sources: Vec::new(),
                confidence: 1.0,
                escalated: true,
                receipt,
                prompt: trace.parts,
                candidates,
            })
        }
        Ok(Ending::Unsupported { .. }) => {
            let receipt = Receipt { fallback: Some("extractive".to_owned()), ..receipt };
            let mut quoted = quoted(domain, turn, Some(hits), receipt, trace.parts).await?;
            if quoted.receipt.verdict.as_deref() == Some(Verdict::Declined.as_str()) {
                quoted.receipt.offered = true;
                quoted.receipt.offered_because = Some("unsupported".to_owned());
            }
            Ok(quoted)
        }
        Err(failure) => {
            let receipt = Receipt {
                error_code: Some(failure.code().to_owned()),
                fallback: Some("extractive".to_owned()),
                ..receipt
            };
            quoted(domain, turn, Some(hits), receipt, trace.parts).await
        }
    }
}

/// Quotes from the passages that are given, or from those that a search finds.
async fn quoted(
    domain: &Domain,
    turn: &AgentTurn,
    hits: Option<Vec<PassageHit>>,
    mut receipt: Receipt,
    prompt: Vec<PromptPart>,
) -> Result<Rehearsed> {
    let question = turn.unanswered.join("\n");
    let hits = match hits.filter(|hits| !hits.is_empty()) {
        Some(hits) => hits,
        None => {
            let request = SearchRequest {
                domain_id: Some(turn.domain_id),
                query: retrieval_query(&question, &turn.history),
                limit: super::turn::PASSAGES,
                conversation_id: None,
            };
            let found = search(domain, turn.tenant, request).await?;
            receipt.search_ids = vec![found.search_id];
            (receipt.embed_ms, receipt.search_ms) = (as_i32(found.embed_ms), as_i32(found.search_ms));
            found.hits
        }
    };
    let request = AnswerRequest {
        question,
        history: turn.history.clone(),
        passages: hits.iter().map(passage).collect(),
        locale: turn.locale.clone(),
    };
    let answer = whole(domain, request).await?;
    let sources = answer
        .citations
        .iter()
        .filter_map(|citation| Some(source(hits.get(citation.passage)?, citation.quote.clone())))
        .collect();
    let is_cited = |place: usize| answer.citations.iter().any(|citation| citation.passage == place);
    receipt.passages = hits.iter().enumerate().map(|(place, hit)| passage_of(hit, is_cited(place))).collect();
    receipt.verdict = Some(answer.verdict.as_str().to_owned());
    let candidates = hits.into_iter().map(|hit| hit.text).collect();
    let confidence = answer.confidence;
    Ok(Rehearsed { text: answer.text, sources, confidence, escalated: false, receipt, prompt, candidates })
}

async fn whole(domain: &Domain, request: AnswerRequest) -> Result<Answer> {
    let mut stream = domain.answerer.answer(request).await.map_err(Error::internal)?;
    while let Some(event) = stream.next().await {
        if let AnswerEvent::Done(answer) = event.map_err(Error::internal)? {
            return Ok(answer);
        }
    }
    Err(Error::internal("the answerer ended without an answer"))
}

fn source(hit: &PassageHit, quote: String) -> Source {
    Source { title: hit.title.clone(), url: hit.url.clone(), quote }
}

pub(super) fn passage_of(hit: &PassageHit, cited: bool) -> ReceiptPassage {
    ReceiptPassage {
        chunk_id: hit.chunk_id,
        content_hash: hit.content_hash.clone(),
        url: hit.url.clone(),
        title: hit.title.clone(),
        cosine: hit.cosine,
        score: hit.score,
        cited,
    }
}

fn as_i32(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
