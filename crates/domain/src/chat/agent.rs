//! The tenant's model in the chat: told to the customer as it speaks, and what becomes of its failure.

use std::sync::OnceLock;

use omniops_llm::{Answer, Citation, Usage, Verdict};
use omniops_types::{Channel, DeltaEvent, ToolEvent, ToolStatus};

use super::answer::{Work, milliseconds};
use super::code::told;
use super::telemetry_queries::Fallback;
use super::turn::{ChatEvent, Listener, Turn};
use crate::agent::escalation::Trigger;
use crate::agent::quote::best_quote;
use crate::agent::turn::{AgentTurn, AgentWork, Ending, run};
use crate::agent::{AgentAnswer, CallFailure, Ear, Observer, Outcome, Trace, in_force};
use crate::knowledge::offer_after;
use crate::ledger::Purpose;
use crate::verification::verified_email;
use crate::{Domain, Result};

/// What the model did in a turn, whoever answered at last.
#[derive(Debug)]
pub(super) struct AgentPart {
    pub(super) provider: String,
    pub(super) model: String,
    pub(super) trace: Trace,
    /// What the model wanted; `None` when it did not come so far.
    pub(super) outcome: Option<Outcome>,
    pub(super) fallback: Fallback,
    /// Nothing that the model said had support, and the pages are quoted instead.
    pub(super) unsupported: Option<Unsupported>,
    /// Why a person was offered, if one was.
    pub(super) offered: Option<&'static str>,
    pub(super) handoff: Option<Handoff>,
}

/// What to do where the pages have no answer either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsupported {
    OfferPerson,
    /// One was offered before.
    HandOff,
}

/// A person takes over.
#[derive(Debug)]
pub(super) struct Handoff {
    pub(super) reason: &'static str,
    /// In the model's words, for the team.
    pub(super) summary: Option<String>,
}

/// What is left to do after the model.
pub(super) enum Then {
    /// The turn is made.
    Finish,
    /// Answers are quoted: there is no model, or it failed. `muted` when the customer has read words that are taken back:
    /// they get the new ones whole.
    Quote { muted: bool },
    /// Nobody needs the answer any more.
    Stop(&'static str),
}

/// Lets the tenant's model answer, if there is one.
pub(super) async fn answer_with_model(domain: &Domain, turn: &Turn, listener: &Listener, work: &mut Work) -> Then {
    let in_force = match settings(domain, turn).await {
        Ok(in_force) => in_force,
        Err(error) => {
            tracing::error!(tenant = %turn.tenant, error = &error as &dyn std::error::Error,
                "the agent's settings could not be read; answering by quoting");
            work.error_code = Some("settings_unreadable");
            return Then::Quote { muted: false };
        }
    };
    let Some(plan) = &in_force.plan else { return Then::Quote { muted: false } };
    let agent_turn = AgentTurn {
        tenant: turn.tenant,
        domain_id: turn.domain_id,
        purpose: Purpose::Chat,
        conversation: Some(turn.conversation),
        customer: Some(turn.key.customer),
        absence: (turn.channel == Channel::Widget).then_some(domain.settings.absence.0),
        message_seq: turn.message_seq,
        locale: turn.locale.clone(),
        verified_email: proven_email(domain, turn).await,
        unanswered: told(turn),
        history: turn.history.clone(),
        begun: turn.begun,
    };
    let told = Told { listener, turn, first_delta_ms: OnceLock::new() };
    let made = run(domain, &in_force, plan, &agent_turn, &told).await;
    work.first_delta_ms = told.first_delta_ms.get().copied();
    take(made, turn, listener, work)
}

/// The address that the customer has proven to own: by the shop's word or by a code. What fails leaves them a stranger.
async fn proven_email(domain: &Domain, turn: &Turn) -> Option<String> {
    if let Some(email) = &turn.vouched_email {
        return Some(email.clone());
    }
    let email = async {
        let mut tx = domain.database.tenant(turn.tenant).await?;
        verified_email(&mut tx, turn.key.customer).await
    };
    match email.await {
        Ok(email) => email.map(|email| email.as_str().to_owned()),
        Err(error) => {
            tracing::warn!(tenant = %turn.tenant, error = &error as &dyn std::error::Error, "who asks is not known");
            None
        }
    }
}

async fn settings(domain: &Domain, turn: &Turn) -> Result<crate::agent::InForce> {
    let mut tx = domain.database.tenant(turn.tenant).await?;
    in_force(domain, &mut tx).await
}

/// Writes down what the agent did and decides what comes next.
fn take(made: AgentWork, turn: &Turn, listener: &Listener, work: &mut Work) -> Then {
    let AgentWork { provider, model, trace, search_ids, hits, ending } = made;
    work.search_ids = search_ids;
    work.hits = hits;
    work.zero_results = as_i32(trace.zero_results);
    (work.embed_ms, work.search_ms) = (as_i32(trace.embed_ms), as_i32(trace.search_ms));
    let fallback = if trace.answering().is_some_and(|call| call.fallback) { Fallback::Model } else { Fallback::None };
    let mut part =
        AgentPart { provider, model, trace, outcome: None, fallback, unsupported: None, offered: None, handoff: None };
    let then = match ending {
        Ok(Ending::Said { answer, offer }) => {
            part.outcome = Some(answer.outcome.confirmed(&turn.history, &turn.unanswered));
            work.answer = Some(told_answer(answer, offer.map(Trigger::as_str), turn, listener, work, &mut part));
            Then::Finish
        }
        Ok(Ending::Unsupported { was_offered }) => {
            part.fallback = Fallback::Extractive;
            part.unsupported = Some(if was_offered { Unsupported::HandOff } else { Unsupported::OfferPerson });
            // What hands over at last has other words than those that were quoted on the way.
            Then::Quote { muted: was_offered || work.first_delta_ms.is_some() }
        }
        Ok(Ending::Handoff { reason, summary }) => {
            part.outcome = Some(Outcome::Escalate);
            part.handoff = Some(Handoff { reason, summary });
            Then::Finish
        }
        Err(failure @ (CallFailure::Cancelled | CallFailure::Left)) => {
            work.left = failure == CallFailure::Left;
            Then::Stop(failure.code())
        }
        Err(failure) => {
            tracing::warn!(tenant = %turn.tenant, conversation = %turn.conversation, code = failure.code(),
                "no model answered; answering by quoting");
            work.error_code = Some(failure.code());
            part.fallback = Fallback::Extractive;
            Then::Quote { muted: work.first_delta_ms.is_some() }
        }
    };
    work.agent = Some(part);
    then
}

fn told_answer(
    answer: AgentAnswer,
    offer: Option<&'static str>,
    turn: &Turn,
    listener: &Listener,
    work: &mut Work,
    part: &mut AgentPart,
) -> Answer {
    let AgentAnswer { mut text, cited, confidence, .. } = answer;
    if let Some(reason) = offer {
        let offer = format!("\n\n{}", offer_after(turn.locale.as_deref(), &turn.unanswered.join("\n"), &text));
        listener.tell(ChatEvent::Delta(DeltaEvent { text: offer.clone() }));
        text.push_str(&offer);
        part.offered = Some(reason);
    }
    let citations = cited
        .into_iter()
        .map(|hit| {
            let quote = best_quote(&hit.text, &text);
            let known = work.hits.iter().position(|known| known.chunk_id == hit.chunk_id);
            let passage = known.unwrap_or_else(|| {
                work.hits.push(hit);
                work.hits.len() - 1
            });
            Citation { passage, quote }
        })
        .collect();
    let usage = part.trace.usage();
    let usage = Usage { prompt_tokens: usage.input, completion_tokens: usage.output };
    Answer { text, citations, confidence, verdict: Verdict::Answered, usage }
}

/// Where the model's words had no support and the pages have no answer either, a person is offered, or takes over.
pub(super) fn without_support(work: &mut Work) {
    let declined = work.answer.as_ref().is_some_and(|answer| answer.verdict == Verdict::Declined);
    let Some(part) = work.agent.as_mut().filter(|_| declined) else { return };
    match part.unsupported {
        Some(Unsupported::OfferPerson) => part.offered = Some("unsupported"),
        Some(Unsupported::HandOff) => {
            part.outcome = Some(Outcome::Escalate);
            part.handoff = Some(Handoff { reason: "unsupported", summary: None });
        }
        None => {}
    }
}

/// Passes on what the agent says and does.
struct Told<'a> {
    listener: &'a Listener,
    turn: &'a Turn,
    first_delta_ms: OnceLock<i32>,
}

impl Ear for Told<'_> {
    fn hear(&self, text: &str) {
        self.first_delta_ms.get_or_init(|| milliseconds(self.turn.begun.elapsed()));
        self.listener.tell(ChatEvent::Delta(DeltaEvent { text: text.to_owned() }));
    }
}

impl Observer for Told<'_> {
    fn tool(&self, name: &str, status: ToolStatus) {
        self.listener.tell(ChatEvent::Tool(ToolEvent { name: name.to_owned(), status }));
    }
}

pub(super) fn as_i32(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}
