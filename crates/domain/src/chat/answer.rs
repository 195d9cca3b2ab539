//! Making the answer: search, then the answerer, within a time limit; then handing it to `finish`.

use std::time::Duration;

use futures::StreamExt;
use omniops_llm::{Answer, AnswerEvent, AnswerRequest, ProviderError, Speaker, Turn as HistoryTurn};
use omniops_types::{DeltaEvent, PassageHit, SearchId, ToolEvent, ToolStatus};

use super::agent::{AgentPart, Handoff, Then, answer_with_model, without_support};
use super::code::enter_code;
use super::finish::{Finished, finish};
use super::leaving::resume;
use super::queries::{self, LEASE_SECONDS};
use super::telemetry_queries::Fallback;
use super::turn::{ChatEvent, Listener, Turn};
use super::turns::wait_for_answer;
use crate::agent::summarise::summarise;
use crate::knowledge::{
    Answered, OneReply, SearchOutcome, SearchRequest, one_reply, passage, questions_of, retrieval_query, search,
};
use crate::{Domain, Error, Result};

/// From the start of a turn to its last word.
const TURN_LIMIT: Duration = Duration::from_secs(90);
/// For quoting, search included.
const QUOTING_LIMIT: Duration = Duration::from_secs(30);
/// Passages that an answer may be made from.
const PASSAGES: usize = 8;
/// A turn that ended its process this often is answered with the fallback.
const MOST_ATTEMPTS: i32 = 3;
const SEARCH_TOOL: &str = "search_knowledge";

/// What was found and what was made of it.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// A search for each question.
    pub(super) search_ids: Vec<SearchId>,
    /// Of all searches, each once.
    pub(super) hits: Vec<PassageHit>,
    /// Searches that found nothing.
    pub(super) zero_results: i32,
    /// Of all searches together.
    pub(super) embed_ms: i32,
    pub(super) search_ms: i32,
    pub(super) first_delta_ms: Option<i32>,
    /// The answer, or the stable code of what went wrong.
    pub(super) answer: Option<Answer>,
    pub(super) error_code: Option<&'static str>,
    /// The customer was gone before there was an answer.
    pub(super) left: bool,
    /// What the tenant's model did, where there is one.
    pub(super) agent: Option<AgentPart>,
}

impl Work {
    fn add(&mut self, found: &SearchOutcome) {
        self.search_ids.push(found.search_id);
        self.zero_results += i32::from(found.hits.is_empty());
        self.embed_ms = self.embed_ms.saturating_add_unsigned(found.embed_ms);
        self.search_ms = self.search_ms.saturating_add_unsigned(found.search_ms);
        for hit in &found.hits {
            if self.place_of(hit).is_none() {
                self.hits.push(hit.clone());
            }
        }
    }

    /// The hit's place among those of all searches.
    fn place_of(&self, hit: &PassageHit) -> Option<usize> {
        self.hits.iter().position(|known| known.chunk_id == hit.chunk_id)
    }
}

/// What to search for and to answer: one question, and all that was said before it.
#[derive(Clone, Debug)]
struct Asked {
    question: String,
    history: Vec<HistoryTurn>,
}

impl Asked {
    /// The questions of the messages that wait. Each is answered by itself, with those before it as what the customer
    /// said earlier.
    fn by(turn: &Turn) -> Vec<Self> {
        let mut history = turn.history.clone();
        let mut asked = Vec::new();
        for question in questions_of(&turn.unanswered) {
            asked.push(Self { question: question.clone(), history: history.clone() });
            history.push(HistoryTurn { speaker: Speaker::Customer, text: question });
        }
        asked
    }
}

/// Runs a turn to its end. Whoever listens is told.
pub(super) async fn run(domain: Domain, mut turn: Turn, listener: Listener) {
    enter_code(&domain, &mut turn).await;
    let mut work = Work::default();
    let outcome = tokio::select! {
        outcome = attempt(&domain, &turn, &listener, &mut work) => outcome,
        never = keep_lease(&domain, &turn) => match never {},
    };
    if let Err(error_code) = outcome {
        work.answer = None;
        work.error_code.get_or_insert(error_code);
        // A tenant who pays for a model wants nobody left without an answer.
        if let Some(agent) = work.agent.as_mut().filter(|_| !work.left) {
            agent.fallback = Fallback::Handoff;
            agent.handoff = Some(Handoff { reason: "failed", summary: None });
        }
    }
    let ended = match finish(&domain, &turn, &work).await {
        Ok(Finished::Answered(response)) => {
            domain.turns.ring(turn.conversation);
            Ok(response)
        }
        // A newer message is answered together with this one, by the turn of that message.
        Ok(Finished::Superseded) if !listener.is_heard() => return,
        Ok(Finished::Superseded) => {
            wait_for_answer(&domain, turn.tenant, turn.key, turn.conversation, || listener.is_heard()).await
        }
        Ok(Finished::Left) => return gone(&domain, &turn).await,
        Err(error) => Err(error),
    };
    match ended {
        Ok(response) => {
            if let Some(reply) = &response.reply {
                listener.tell(ChatEvent::Sources(reply.sources.clone()));
            }
            listener.tell(ChatEvent::Done(response));
            keep_short(&domain, &turn, &work).await;
        }
        // The customer had their conversation erased in the meantime: there is nobody to answer.
        Err(error @ Error::NotFound(_)) => {
            tracing::debug!(tenant = %turn.tenant, conversation = %turn.conversation, "the conversation is gone");
            listener.tell(ChatEvent::Error(error));
        }
        // They left while a newer turn was to answer them.
        Err(Error::Unavailable { .. }) if !listener.is_heard() => {}
        Err(error) => {
            tracing::error!(tenant = %turn.tenant, conversation = %turn.conversation,
                error = &error as &dyn std::error::Error,
                "an answer could not be written down; it will be taken up again");
            listener.tell(ChatEvent::Error(error));
        }
    }
}

/// The customer left without an answer. Who came back while that was written down is answered after all.
async fn gone(domain: &Domain, turn: &Turn) {
    tracing::info!(tenant = %turn.tenant, conversation = %turn.conversation, "the customer left before the answer");
    domain.turns.ring(turn.conversation);
    if !domain.audience.is_present(turn.key.customer) {
        return;
    }
    if let Err(error) = resume(domain, turn.tenant, turn.conversation).await {
        tracing::warn!(tenant = %turn.tenant, conversation = %turn.conversation,
            error = &error as &dyn std::error::Error, "who came back is not answered yet");
    }
}

/// Summarises what fell out of the model's window. Nobody waits for it.
async fn keep_short(domain: &Domain, turn: &Turn, work: &Work) {
    if work.agent.is_none() {
        return;
    }
    if let Err(error) = summarise(domain, turn.tenant, turn.conversation, turn.window_from).await {
        tracing::warn!(tenant = %turn.tenant, conversation = %turn.conversation,
            error = &error as &dyn std::error::Error, "a conversation could not be summarised");
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
    let muted = match answer_with_model(domain, turn, listener, work).await {
        Then::Finish => return Ok(()),
        Then::Stop(code) => return Err(code),
        Then::Quote { muted } => muted,
    };
    // Who has read other words gets these whole, at the end.
    let nobody = Listener::nobody();
    let listener = if muted { &nobody } else { listener };
    let left = TURN_LIMIT.saturating_sub(turn.begun.elapsed()).min(QUOTING_LIMIT);
    let answered = tokio::time::timeout(left, answer_each(domain, turn, listener, work)).await;
    work.answer = Some(answered.map_err(|_| "timed_out")??);
    without_support(work);
    Ok(())
}

/// One question is streamed as its answer is made; the answers to several are put together when all are there.
async fn answer_each(
    domain: &Domain,
    turn: &Turn,
    listener: &Listener,
    work: &mut Work,
) -> std::result::Result<Answer, &'static str> {
    let asked = Asked::by(turn);
    if let [only] = asked.as_slice() {
        return answer_one(domain, turn, only, listener, work, true).await;
    }
    let mut answered = Vec::with_capacity(asked.len());
    for one in asked {
        let answer = answer_one(domain, turn, &one, listener, work, false).await?;
        answered.push(Answered { question: one.question, answer });
    }
    let OneReply { pieces, answer } = one_reply(&answered, turn.locale.as_deref());
    for text in pieces {
        tell(turn, listener, work, text);
    }
    checked(answer, work.hits.len()).ok_or("provider_malformed")
}

fn tell(turn: &Turn, listener: &Listener, work: &mut Work, text: String) {
    work.first_delta_ms.get_or_insert_with(|| milliseconds(turn.begun.elapsed()));
    listener.tell(ChatEvent::Delta(DeltaEvent { text }));
}

/// Searches and answers. The answer's citations are places among all hits of the work.
async fn answer_one(
    domain: &Domain,
    turn: &Turn,
    asked: &Asked,
    listener: &Listener,
    work: &mut Work,
    streamed: bool,
) -> std::result::Result<Answer, &'static str> {
    let hits = look_up(domain, turn, asked, listener, work).await?;
    let mut answer = compose(domain, turn, asked, &hits, |text| {
        if streamed {
            tell(turn, listener, work, text);
        }
    })
    .await?;
    for citation in &mut answer.citations {
        let place = hits.get(citation.passage).and_then(|hit| work.place_of(hit));
        citation.passage = place.ok_or("provider_malformed")?;
    }
    Ok(answer)
}

async fn look_up(
    domain: &Domain,
    turn: &Turn,
    asked: &Asked,
    listener: &Listener,
    work: &mut Work,
) -> std::result::Result<Vec<PassageHit>, &'static str> {
    let tell = |status| listener.tell(ChatEvent::Tool(ToolEvent { name: SEARCH_TOOL.to_owned(), status }));
    tell(ToolStatus::Started);
    let request = SearchRequest {
        domain_id: Some(turn.domain_id),
        query: retrieval_query(&asked.question, &asked.history),
        limit: PASSAGES,
        conversation_id: Some(turn.conversation),
    };
    match search(domain, turn.tenant, request).await {
        Ok(found) => {
            work.add(&found);
            tell(ToolStatus::Succeeded);
            Ok(found.hits)
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
    asked: &Asked,
    hits: &[PassageHit],
    mut on_text: impl FnMut(String),
) -> std::result::Result<Answer, &'static str> {
    let request = AnswerRequest {
        question: asked.question.clone(),
        history: asked.history.clone(),
        passages: hits.iter().map(passage).collect(),
        locale: turn.locale.clone(),
    };
    let failed = |error: ProviderError| {
        tracing::warn!(tenant = %turn.tenant, conversation = %turn.conversation, %error, "the answerer failed");
        provider_code(&error)
    };
    let mut stream = domain.answerer.answer(request).await.map_err(failed)?;
    while let Some(event) = stream.next().await {
        match event.map_err(failed)? {
            AnswerEvent::Delta(text) => on_text(text),
            AnswerEvent::Done(answer) => return checked(answer, hits.len()).ok_or("provider_malformed"),
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
