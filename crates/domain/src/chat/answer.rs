//! Making the answer: search, then the answerer, within a time limit; then handing it to `finish`.

use std::time::Duration;

use futures::StreamExt;
use omniops_llm::{Answer, AnswerEvent, AnswerRequest, ProviderError};
use omniops_types::{DeltaEvent, PassageHit, SearchId, ToolEvent, ToolStatus};
use tokio::time::Instant;

use super::finish::{Finished, finish};
use super::queries::{self, LEASE_SECONDS};
use super::turn::{ChatEvent, Listener, Turn};
use super::turns::wait_for_answer;
use crate::knowledge::{SearchRequest, passage, retrieval_query, search};
use crate::{Domain, Error, Result};

/// From the start of the turn to the last word.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// Passages that an answer may be made from.
const PASSAGES: usize = 8;
/// A turn that ended its process this often is answered with the fallback.
const MOST_ATTEMPTS: i32 = 3;
const SEARCH_TOOL: &str = "search_knowledge";

/// What was found and what was made of it.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) search_id: Option<SearchId>,
    pub(super) hits: Vec<PassageHit>,
    pub(super) searches: i32,
    pub(super) embed_ms: i32,
    pub(super) search_ms: i32,
    pub(super) first_delta_ms: Option<i32>,
    /// The answer, or the stable code of what went wrong.
    pub(super) answer: Option<Answer>,
    pub(super) error_code: Option<&'static str>,
}

/// Runs a turn to its end. Whoever listens is told; whether anybody does makes no difference.
pub(super) async fn run(domain: Domain, turn: Turn, listener: Listener) {
    let mut work = Work::default();
    let outcome = tokio::select! {
        outcome = attempt(&domain, &turn, &listener, &mut work) => outcome,
        never = keep_lease(&domain, &turn) => match never {},
    };
    if let Err(error_code) = outcome {
        work.answer = None;
        work.error_code = Some(error_code);
    }
    let ended = match finish(&domain, &turn, &work).await {
        Ok(Finished::Answered(response)) => {
            domain.turns.ring(turn.conversation);
            Ok(response)
        }
        // A newer message is answered together with this one, by the turn of that message.
        Ok(Finished::Superseded) => wait_for_answer(&domain, turn.tenant, turn.key, turn.conversation).await,
        Err(error) => Err(error),
    };
    match ended {
        Ok(response) => {
            if let Some(reply) = &response.reply {
                listener.tell(ChatEvent::Sources(reply.sources.clone()));
            }
            listener.tell(ChatEvent::Done(response));
        }
        // The customer had their conversation erased in the meantime: there is nobody to answer.
        Err(error @ Error::NotFound(_)) => {
            tracing::debug!(tenant = %turn.tenant, conversation = %turn.conversation, "the conversation is gone");
            listener.tell(ChatEvent::Error(error));
        }
        Err(error) => {
            tracing::error!(tenant = %turn.tenant, conversation = %turn.conversation,
                error = &error as &dyn std::error::Error,
                "an answer could not be written down; it will be taken up again");
            listener.tell(ChatEvent::Error(error));
        }
    }
}

/// Tries to answer; the error is the stable code that telemetry keeps.
async fn attempt(
    domain: &Domain,
    turn: &Turn,
    listener: &Listener,
    work: &mut Work,
) -> std::result::Result<(), &'static str> {
    if turn.attempts > MOST_ATTEMPTS {
        return Err("gave_up");
    }
    let deadline = Instant::now() + TIME_LIMIT;
    let timed = |result: std::result::Result<_, tokio::time::error::Elapsed>| result.map_err(|_| "timed_out");
    timed(tokio::time::timeout_at(deadline, look_up(domain, turn, listener, work)).await)??;
    tokio::time::timeout_at(deadline, compose(domain, turn, listener, work)).await.map_err(|_| "timed_out")?
}

async fn look_up(
    domain: &Domain,
    turn: &Turn,
    listener: &Listener,
    work: &mut Work,
) -> std::result::Result<(), &'static str> {
    let tell = |status| listener.tell(ChatEvent::Tool(ToolEvent { name: SEARCH_TOOL.to_owned(), status }));
    tell(ToolStatus::Started);
    let request = SearchRequest {
        domain_id: Some(turn.domain_id),
        query: retrieval_query(&turn.question, &turn.history),
        limit: PASSAGES,
        conversation_id: Some(turn.conversation),
    };
    match search(domain, turn.tenant, request).await {
        Ok(found) => {
            work.searches = 1;
            work.search_id = Some(found.search_id);
            work.embed_ms = found.embed_ms as i32;
            work.search_ms = found.search_ms as i32;
            work.hits = found.hits;
            tell(ToolStatus::Succeeded);
            Ok(())
        }
        Err(error) => {
            tracing::warn!(tenant = %turn.tenant, conversation = %turn.conversation,
                error = &error as &dyn std::error::Error, "the search for an answer failed");
            tell(ToolStatus::Failed);
            Err("search_failed")
        }
    }
}

async fn compose(
    domain: &Domain,
    turn: &Turn,
    listener: &Listener,
    work: &mut Work,
) -> std::result::Result<(), &'static str> {
    let request = AnswerRequest {
        question: turn.question.clone(),
        history: turn.history.clone(),
        passages: work.hits.iter().map(passage).collect(),
        locale: turn.locale.clone(),
    };
    let failed = |error: ProviderError| {
        tracing::warn!(tenant = %turn.tenant, conversation = %turn.conversation, %error, "the answerer failed");
        provider_code(&error)
    };
    let mut stream = domain.answerer.answer(request).await.map_err(failed)?;
    while let Some(event) = stream.next().await {
        match event.map_err(failed)? {
            AnswerEvent::Delta(text) => {
                work.first_delta_ms.get_or_insert_with(|| milliseconds(turn.begun.elapsed()));
                listener.tell(ChatEvent::Delta(DeltaEvent { text }));
            }
            AnswerEvent::Done(answer) => {
                work.answer = Some(checked(answer, work.hits.len()).ok_or("provider_malformed")?);
                return Ok(());
            }
        }
    }
    Err("provider_malformed")
}

/// An answer that can be stored: some text, not endless, citing only what it was given.
fn checked(mut answer: Answer, passages: usize) -> Option<Answer> {
    const MAX_ANSWER_CHARS: usize = 20_000;
    answer.text = answer.text.trim().replace('\0', "");
    let sound = !answer.text.is_empty()
        && answer.text.chars().count() <= MAX_ANSWER_CHARS
        && answer.citations.iter().all(|citation| citation.passage < passages);
    answer.confidence = if answer.confidence.is_finite() { answer.confidence.clamp(0.0, 1.0) } else { 0.0 };
    sound.then_some(answer)
}

fn provider_code(error: &ProviderError) -> &'static str {
    match error {
        ProviderError::TimedOut => "timed_out",
        ProviderError::Malformed(_) => "provider_malformed",
        _ => "provider_unavailable",
    }
}

/// Renews the lease for as long as it is polled. A renewal that fails is tried again; when all fail, another process
/// may make the answer too, and the first to finish has it.
async fn keep_lease(domain: &Domain, turn: &Turn) -> std::convert::Infallible {
    let every = Duration::from_secs_f64(LEASE_SECONDS / 3.0);
    loop {
        tokio::time::sleep(every).await;
        if let Err(error) = renew(domain, turn).await {
            tracing::warn!(%error, "a turn's lease could not be renewed");
        }
    }
}

async fn renew(domain: &Domain, turn: &Turn) -> Result<(), Error> {
    let mut tx = domain.database.tenant(turn.tenant).await?;
    queries::renew_leases(&mut tx, turn.conversation).await?;
    tx.commit().await?;
    Ok(())
}

pub(super) fn milliseconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis()).unwrap_or(i32::MAX)
}
