//! The last transaction of a turn: with the conversation locked, look again, then post the answer or drop it.

use chrono::Utc;
use omniops_llm::Answer;
use omniops_postgres::{TenantTx, retrying};
use omniops_types::{AiState, Author, AuthorKind, ChatReply, ChatResponse, Message, MessageKind, Source};

use super::agent::Handoff;
use super::answer::Work;
use super::queries;
use super::receipt::{receipt, telemetry};
use super::telemetry_queries::insert_telemetry;
use super::turn::Turn;
use crate::agent::Outcome;
use crate::conversations::{self, Draft, News, State};
use crate::customers::Language;
use crate::widget::{self, fallback_text};
use crate::{Domain, Error, Result};

/// The longest note, in characters.
const MAX_NOTE: usize = 4_000;

/// How a turn ended.
#[derive(Debug)]
pub(super) enum Finished {
    /// Posted now or by somebody else before, or dropped because a person has the conversation.
    Answered(ChatResponse),
    /// A newer message waits too; the turn of that one answers both.
    Superseded,
    /// The customer left; the message waits for them to come back.
    Left,
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
        book_in_vain(domain, tx, turn, work).await?;
        return Ok(Finished::Answered(response));
    }
    let overtaken = queries::overtaken(&mut tx, turn.conversation, turn.message_seq).await?;
    let person_has_it = conversation.state.ai_state == AiState::Silenced || overtaken.by_agent;
    if overtaken.by_customer && !person_has_it {
        book_in_vain(domain, tx, turn, work).await?;
        return Ok(Finished::Superseded);
    }
    if work.left && !person_has_it {
        insert_telemetry(&mut tx, &telemetry(domain, turn, work, None)).await?;
        queries::set_aside(&mut tx, turn.conversation, turn.message_seq).await?;
        tx.commit().await?;
        metrics::counter!("omniops_chat_answers_total", "outcome" => "dropped").increment(1);
        return Ok(Finished::Left);
    }
    let mut state = conversation.state.clone();
    let posted = if person_has_it { None } else { Some(post(domain, &mut tx, turn, work, &mut state).await?) };
    let news = if state == conversation.state {
        News::Unchanged
    } else {
        conversations::save_state(&mut tx, conversation.id, &state).await?;
        News::Changed
    };
    let response = response_of(turn, &state, posted.as_ref().map(|posted| &posted.reply));
    let reply = posted.as_ref().map(|posted| posted.reply.id);
    let telemetry = telemetry(domain, turn, work, reply);
    insert_telemetry(&mut tx, &telemetry).await?;
    queries::answer_sends(&mut tx, turn.conversation, turn.message_seq, &response).await?;
    if let Some(Posted { reply, note }) = posted {
        let messages = std::iter::once(reply).chain(note).collect();
        conversations::announce(&mut tx, turn.conversation, news, messages).await?;
    }
    tx.commit().await?;
    metrics::counter!("omniops_chat_answers_total", "outcome" => telemetry.outcome).increment(1);
    metrics::histogram!("omniops_chat_answer_seconds").record(turn.begun.elapsed().as_secs_f64());
    Ok(Finished::Answered(response))
}

/// Another turn answers this one's message, or has done so. What the model was called for was spent all the same.
async fn book_in_vain(domain: &Domain, mut tx: TenantTx, turn: &Turn, work: &Work) -> Result<()> {
    if work.agent.as_ref().is_some_and(|agent| !agent.trace.calls.is_empty()) {
        insert_telemetry(&mut tx, &telemetry(domain, turn, work, None)).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// What a turn adds to the transcript.
struct Posted {
    reply: Message,
    /// For the team, when a person takes over.
    note: Option<Message>,
}

async fn post(domain: &Domain, tx: &mut TenantTx, turn: &Turn, work: &Work, state: &mut State) -> Result<Posted> {
    let language = Language::of(turn.locale.as_deref());
    let handoff = work.agent.as_ref().and_then(|agent| agent.handoff.as_ref());
    let (text, confidence) = match (handoff, &work.answer) {
        (Some(_), _) => (handed_off_text(domain, tx, turn, language).await?, None),
        (None, Some(answer)) => (answer.text.clone(), Some(answer.confidence)),
        (None, None) => (fallback_text(language).to_owned(), None),
    };
    let draft = Draft {
        sources: work.answer.as_ref().map(|answer| sources(answer, work)).unwrap_or_default(),
        confidence,
        receipt: Some(serde_json::to_value(receipt(domain, turn, work)).map_err(Error::internal)?),
        answers: Some(turn.message),
        ..Draft::new(author_of_ai(), MessageKind::Reply, text)
    };
    let reply = conversations::add_message(tx, turn.conversation, draft).await?;
    let note = match handoff {
        Some(handoff) => {
            state.handed_off(Utc::now());
            let draft = Draft::new(author_of_ai(), MessageKind::Note, briefing(turn, work, handoff));
            Some(conversations::add_message(tx, turn.conversation, draft).await?)
        }
        None => {
            if work.agent.as_ref().and_then(|agent| agent.outcome) == Some(Outcome::Resolve) {
                state.settled(Utc::now());
            }
            None
        }
    };
    Ok(Posted { reply, note })
}

/// What happens next, and when.
async fn handed_off_text(domain: &Domain, tx: &mut TenantTx, turn: &Turn, language: Language) -> Result<String> {
    let host = queries::host(tx, turn.domain_id).await?;
    let site = widget::site(domain, &host).await?;
    Ok(widget::handoff_text(language, &site.config(language).config.texts.reply_time))
}

/// What the agent who takes over reads first.
fn briefing(turn: &Turn, work: &Work, handoff: &Handoff) -> String {
    let because = match handoff.reason {
        "model" => "the AI could not go on",
        "rule" => "a rule of yours says so",
        "unsupported" => "nothing that the AI knows answers it",
        _ => "no answer could be made",
    };
    let mut lines = vec![format!("Handed over because {because}.")];
    lines.extend(handoff.summary.as_ref().map(|summary| format!("Summary: {summary}")));
    lines.push(format!("Asked: {}", turn.unanswered.join(" / ")));
    let tools = work.agent.as_ref().map(|agent| agent.trace.tools.as_slice()).unwrap_or_default();
    let tried: Vec<String> =
        tools.iter().map(|tool| format!("{} ({})", tool.name, if tool.ok { "ok" } else { "failed" })).collect();
    if !tried.is_empty() {
        lines.push(format!("Tried: {}", tried.join(", ")));
    }
    lines.join("\n").chars().take(MAX_NOTE).collect()
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

fn response_of(turn: &Turn, state: &State, posted: Option<&Message>) -> ChatResponse {
    ChatResponse {
        conversation_id: turn.conversation,
        message_id: turn.message,
        reply: posted.map(|message| ChatReply {
            id: message.id,
            text: message.text.clone(),
            sources: message.sources.clone(),
            confidence: message.confidence,
        }),
        status: state.status,
        escalated: state.escalated_at.is_some(),
    }
}
