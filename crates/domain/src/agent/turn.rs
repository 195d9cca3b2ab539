//! A turn of the agent with all that surrounds it: settings, budget, search, the loop, offers of a person.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::Utc;
use omniops_llm::Turn as HistoryTurn;
use omniops_types::{
    ConversationId, CustomerId, DomainId, EscalationAction, PassageHit, SearchId, TenantId, ToolStatus,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::escalation::{self, Trigger};
use super::model::Plan;
use super::model::call::{CallContext, CallFailure};
use super::orchestrator::{self, AgentAnswer, Observer, TurnInput};
use super::settings::InForce;
use super::tools::{Guarded, ToolContext, Toolbox};
use super::trace::Trace;
use super::{queries, tools};
use crate::customers::Language;
use crate::knowledge::{SearchOutcome, SearchRequest, retrieval_query, search};
use crate::ledger::Purpose;
use crate::{Domain, Error, Result};

/// For the model, its tools and its retries; what is left of the turn's time is for quoting instead.
const MODEL_TIME: Duration = Duration::from_secs(75);
/// Passages that a turn begins with.
pub(crate) const PASSAGES: usize = 8;
/// How often the conversation is looked at while the model works.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// What is asked of the agent.
#[derive(Clone, Debug)]
pub(crate) struct AgentTurn {
    pub(crate) tenant: TenantId,
    pub(crate) domain_id: DomainId,
    pub(crate) purpose: Purpose,
    /// Absent in a preview.
    pub(crate) conversation: Option<ConversationId>,
    pub(crate) customer: Option<CustomerId>,
    /// How long the customer may be away before nobody needs the answer; `None` where that cannot be known.
    pub(crate) absence: Option<Duration>,
    /// The number of the newest message that is answered; a newer one ends the turn.
    pub(crate) message_seq: i64,
    pub(crate) locale: Option<String>,
    pub(crate) verified_email: Option<String>,
    /// The customer's messages that wait, oldest first.
    pub(crate) unanswered: Vec<String>,
    pub(crate) history: Vec<HistoryTurn>,
    pub(crate) begun: Instant,
}

/// What came of it.
#[derive(Debug)]
pub(crate) struct AgentWork {
    pub(crate) provider: String,
    /// The model of the last call, or the one that would have been asked.
    pub(crate) model: String,
    pub(crate) trace: Trace,
    pub(crate) search_ids: Vec<SearchId>,
    /// What the search for the question found.
    pub(crate) hits: Vec<PassageHit>,
    pub(crate) ending: Result<Ending, CallFailure>,
}

/// How the turn ended.
#[derive(Debug)]
pub(crate) enum Ending {
    Said {
        answer: AgentAnswer,
        /// Why a person is offered after the answer, if one is.
        offer: Option<Trigger>,
    },
    /// All that the model said was removed, because nothing supports it: the pages are quoted instead. `was_offered`
    /// where a person was offered before, so that another "I do not know" would be one too many.
    Unsupported { was_offered: bool },
    /// A person takes over.
    Handoff { reason: &'static str, summary: Option<String> },
}

/// Makes an answer with the tenant's model. `begun` of the turn is when its message was taken in.
pub(crate) async fn run(
    domain: &Domain,
    in_force: &InForce,
    plan: &Plan,
    turn: &AgentTurn,
    observer: &dyn Observer,
) -> AgentWork {
    let mut work = AgentWork {
        provider: plan.provider.name.clone(),
        model: plan.model.clone(),
        trace: Trace { queue_ms: milliseconds(turn.begun.elapsed()), ..Trace::default() },
        search_ids: Vec::new(),
        hits: Vec::new(),
        ending: Err(CallFailure::Internal),
    };
    let cancel = CancellationToken::new();
    let made = make(domain, in_force, plan, turn, observer, cancel.clone(), &mut work);
    let left = AtomicBool::new(false);
    let ending = tokio::select! {
        ending = made => ending,
        never = cancel_when_overtaken(domain, turn, &cancel) => match never {},
        never = cancel_when_left(domain, turn, &cancel, &left) => match never {},
    };
    work.search_ids.append(&mut work.trace.search_ids);
    if let Some(last) = work.trace.answering() {
        work.model.clone_from(&last.model);
    }
    work.ending = ending.unwrap_or_else(|error| {
        tracing::warn!(tenant = %turn.tenant, error = &error as &dyn std::error::Error, "the agent failed");
        Err(CallFailure::Internal)
    });
    if matches!(work.ending, Err(CallFailure::Cancelled)) && left.load(Ordering::Relaxed) {
        work.ending = Err(CallFailure::Left);
    }
    work
}

async fn make(
    domain: &Domain,
    in_force: &InForce,
    plan: &Plan,
    turn: &AgentTurn,
    observer: &dyn Observer,
    cancel: CancellationToken,
    work: &mut AgentWork,
) -> Result<Result<Ending, CallFailure>> {
    let question = turn.unanswered.join("\n");
    let rules = &in_force.settings.escalation;
    let ruled = escalation::ruled(rules, &question);
    if ruled == Some(EscalationAction::Handoff) {
        return Ok(Ok(Ending::Handoff { reason: Trigger::Rule.as_str(), summary: None }));
    }
    let (around, found) = tokio::try_join!(surroundings(domain, turn), look_up(domain, turn, &question, observer))?;
    work.search_ids.push(found.search_id);
    work.trace.searches = 1;
    work.trace.zero_results = u32::from(found.hits.is_empty());
    (work.trace.embed_ms, work.trace.search_ms) = (found.embed_ms, found.search_ms);
    work.hits = found.hits;

    let context = CallContext {
        domain: domain.clone(),
        tenant: turn.tenant,
        conversation: turn.conversation,
        purpose: turn.purpose,
        plan: plan.clone(),
        begun: turn.begun,
        deadline: turn.begun + MODEL_TIME,
        cancel,
    };
    let tool_context = ToolContext {
        domain: domain.clone(),
        tenant: turn.tenant,
        domain_id: turn.domain_id,
        conversation: turn.conversation,
        customer: turn.customer,
        verified_email: turn.verified_email.clone(),
        locale: turn.locale.clone(),
    };
    let (clients, allow) = (domain.models.clients().clone(), domain.models.allow().clone());
    let guarded = Guarded { clients, allow, secrets: in_force.tool_secrets.clone() };
    let mut toolbox = Toolbox::new(&in_force.settings, &guarded);
    tools::add_connected(&mut toolbox, domain, turn, &in_force.settings).await?;
    let input = TurnInput {
        shop: around.shop,
        reply_time: around.reply_time,
        now: Utc::now(),
        page_url: around.page_url,
        summary: around.summary,
        history: turn.history.clone(),
        question,
        hits: work.hits.clone(),
    };
    let asked = input.question.clone();
    let answered = orchestrator::run(&context, &tool_context, &toolbox, input, observer, &mut work.trace).await;
    Ok(answered.map(|answer| {
        if answer.outcome == super::Outcome::Escalate {
            return Ending::Handoff { reason: "model", summary: answer.summary };
        }
        if answer.unsupported {
            return Ending::Unsupported { was_offered: around.was_offered };
        }
        let rule = (ruled == Some(EscalationAction::Offer)).then_some(Trigger::Rule);
        let low = (answer.confidence < rules.below_confidence).then_some(Trigger::LowConfidence);
        let trigger = rule.or_else(|| escalation::offered_for(rules, &asked, &turn.history)).or(low);
        let offer = trigger.filter(|_| !around.was_offered);
        Ending::Said { answer, offer }
    }))
}

struct Around {
    shop: String,
    reply_time: String,
    page_url: Option<String>,
    summary: Option<String>,
    was_offered: bool,
}

async fn surroundings(domain: &Domain, turn: &AgentTurn) -> Result<Around> {
    let mut tx = domain.database.tenant(turn.tenant).await?;
    let row = queries::surroundings(&mut tx, turn.domain_id, turn.customer).await?.ok_or(Error::NotFound("domain"))?;
    let (mut summary, mut was_offered) = (None, false);
    if let Some(conversation) = turn.conversation {
        summary = queries::summary(&mut tx, conversation).await?.map(|(summary, _)| summary);
        was_offered = queries::person_was_offered(&mut tx, conversation).await?;
    }
    drop(tx);
    let site = crate::widget::site(domain, &row.host).await?;
    let texts = &site.config(Language::of(turn.locale.as_deref())).config.texts;
    Ok(Around { shop: row.shop, reply_time: texts.reply_time.clone(), page_url: row.page_url, summary, was_offered })
}

async fn look_up(domain: &Domain, turn: &AgentTurn, question: &str, observer: &dyn Observer) -> Result<SearchOutcome> {
    const NAME: &str = "search_knowledge";
    observer.tool(NAME, ToolStatus::Started);
    let request = SearchRequest {
        domain_id: Some(turn.domain_id),
        query: retrieval_query(question, &turn.history),
        limit: PASSAGES,
        conversation_id: turn.conversation,
    };
    let found = search(domain, turn.tenant, request).await;
    observer.tool(NAME, if found.is_ok() { ToolStatus::Succeeded } else { ToolStatus::Failed });
    found
}

/// Cancels the work as soon as nobody needs it any more; never comes back by itself.
async fn cancel_when_overtaken(
    domain: &Domain,
    turn: &AgentTurn,
    cancel: &CancellationToken,
) -> std::convert::Infallible {
    let Some(conversation) = turn.conversation else { return std::future::pending().await };
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let look = async {
            let mut tx = domain.database.tenant(turn.tenant).await?;
            queries::is_overtaken(&mut tx, conversation, turn.message_seq).await
        };
        match look.await {
            Ok(true) => cancel.cancel(),
            Ok(false) => {}
            Err(error) => tracing::debug!(%error, "a conversation could not be looked at"),
        }
    }
}

/// Cancels the work when the customer left and did not come back; never comes back by itself.
async fn cancel_when_left(
    domain: &Domain,
    turn: &AgentTurn,
    cancel: &CancellationToken,
    left: &AtomicBool,
) -> std::convert::Infallible {
    if let (Some(customer), Some(absence)) = (turn.customer, turn.absence) {
        domain.audience.left(customer, absence).await;
        left.store(true, Ordering::Relaxed);
        cancel.cancel();
    }
    std::future::pending().await
}

fn milliseconds(duration: Duration) -> u32 {
    u32::try_from(duration.as_millis()).unwrap_or(u32::MAX)
}
