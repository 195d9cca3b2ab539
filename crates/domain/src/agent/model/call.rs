//! One call of the model with all that it takes: budget, retries with jitter, the fallback model, the breaker.

use std::time::Duration;

use omniops_llm::{ModelError, ModelMessage, ModelRequest, ToolCall, ToolChoice, ToolSpec};
use omniops_types::{BudgetStage, ConversationId, MicroUsd, ReceiptCall, TenantId};
use rand::Rng;
use serde_json::Value;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Plan;
use super::listen::{Heard, listen};
use crate::Domain;
use crate::agent::reply::Outcome;
use crate::agent::sources::Sources;
use crate::alerts::report_provider;
use crate::ledger::{self, Actual, Budget, Purpose, ReserveError, ReserveRequest};

/// From the request to the first piece.
const FIRST_TOKEN: Duration = Duration::from_secs(20);
/// Between two pieces.
const IDLE: Duration = Duration::from_secs(15);
/// An answer with all of its wrapping; 8,192 tokens are some 40 kB of text.
const MAX_OUTPUT_BYTES: usize = 1024 * 1024;
/// Tries of each model.
const TRIES: u32 = 2;
/// A provider that wants us to wait longer than this is not waited for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3);
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// For whom and how long calls are made.
#[derive(Clone, Debug)]
pub(crate) struct CallContext {
    pub(crate) domain: Domain,
    pub(crate) tenant: TenantId,
    pub(crate) conversation: Option<ConversationId>,
    pub(crate) purpose: Purpose,
    pub(crate) plan: Plan,
    pub(crate) begun: Instant,
    pub(crate) deadline: Instant,
    pub(crate) cancel: CancellationToken,
}

/// What a call is given beside the conversation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallInput<'a> {
    pub(crate) step: u32,
    pub(crate) messages: &'a [ModelMessage],
    pub(crate) tools: &'a [ToolSpec],
    pub(crate) sources: &'a Sources,
    /// Results of the turn's tools, for the claim check.
    pub(crate) results: &'a [Value],
}

/// Who takes what the model says.
pub(crate) trait Sink: Send {
    /// Takes the next piece; `false` when the model goes round in circles.
    fn say(&mut self, piece: &str, input: CallInput<'_>) -> bool;

    /// The call ended well; `cut` when the model came to its limit before its end.
    fn end_of_call(&mut self, cut: bool, input: CallInput<'_>);

    /// The call failed: what it said is void.
    fn take_back(&mut self);
}

/// What the model did.
#[derive(Clone, Debug, Default)]
pub(crate) struct Called {
    pub(crate) text: String,
    /// All calls of tools but that of `reply`.
    pub(crate) tool_calls: Vec<ToolCall>,
    pub(crate) reply: Option<ReplySaid>,
}

/// How the model ended its turn.
#[derive(Clone, Debug)]
pub(crate) struct ReplySaid {
    pub(crate) outcome: Outcome,
    pub(crate) summary: Option<String>,
}

/// Why no model answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CallFailure {
    /// The budget is used up, or nearly: the code of which.
    Budget(&'static str),
    Provider(ModelError),
    BreakerOpen,
    /// Nothing but white space, or the same words for ever.
    Useless(&'static str),
    Deadline,
    Cancelled,
    /// Cancelled because the customer is gone: what they asked is still to be answered, should they come back.
    Left,
    Internal,
}

impl CallFailure {
    /// The stable code that telemetry keeps.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::Budget(code) | Self::Useless(code) => code,
            Self::Provider(error) => error.code(),
            Self::BreakerOpen => "provider_breaker_open",
            Self::Deadline => "timed_out",
            Self::Cancelled => "cancelled",
            Self::Left => "customer_left",
            Self::Internal => "internal",
        }
    }
}

/// Calls the model until it answers or there is no way left. Every try is in `traces`, and in the ledger.
pub(crate) async fn call(
    context: &CallContext,
    input: CallInput<'_>,
    sink: &mut dyn Sink,
    traces: &mut Vec<ReceiptCall>,
) -> Result<Called, CallFailure> {
    let mut failure = CallFailure::BreakerOpen;
    for (model, fallback) in models(context).await? {
        let mut pause = FIRST_PAUSE;
        for attempt in 1..=TRIES {
            match try_once(context, input, model, fallback, sink, traces).await {
                Ok(called) => return Ok(called),
                // What opened the breaker tells more than that it is open.
                Err(CallFailure::BreakerOpen) if matches!(failure, CallFailure::Provider(_)) => return Err(failure),
                Err(error) => failure = error,
            }
            sink.take_back();
            let wait = match &failure {
                CallFailure::Budget(_)
                | CallFailure::Cancelled
                | CallFailure::Left
                | CallFailure::Deadline
                | CallFailure::BreakerOpen
                | CallFailure::Internal => return Err(failure),
                CallFailure::Useless(_) => break,
                CallFailure::Provider(error) if !error.is_transient() => break,
                CallFailure::Provider(ModelError::RateLimited { retry_after: Some(after) }) => *after,
                CallFailure::Provider(_) => pause.mul_f64(rand::rng().random_range(0.5..1.5)),
            };
            if attempt == TRIES || wait > LONGEST_RETRY_AFTER || Instant::now() + wait >= context.deadline {
                break;
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = context.cancel.cancelled() => return Err(CallFailure::Cancelled),
            }
            pause *= 2;
        }
    }
    Err(failure)
}

/// The models to ask, in order. Near the end of the budget the cheaper one comes first, and alone.
async fn models(context: &CallContext) -> Result<Vec<(&str, bool)>, CallFailure> {
    let plan = &context.plan;
    let state = ledger::state(&context.domain, context.tenant, &plan.settings.budgets).await.map_err(internal)?;
    let first = (plan.model.as_str(), false);
    let fallback = plan.fallback_model.as_deref().map(|model| (model, true));
    Ok(match (state.stage, fallback) {
        (BudgetStage::Stopped, _) => return Err(CallFailure::Budget("budget_stopped")),
        (BudgetStage::Fallback, Some(fallback)) => vec![fallback],
        (_, fallback) => std::iter::once(first).chain(fallback).collect(),
    })
}

async fn try_once(
    context: &CallContext,
    input: CallInput<'_>,
    model: &str,
    fallback: bool,
    sink: &mut dyn Sink,
    traces: &mut Vec<ReceiptCall>,
) -> Result<Called, CallFailure> {
    let provider = &context.plan.provider;
    if context.cancel.is_cancelled() {
        return Err(CallFailure::Cancelled);
    }
    if Instant::now() >= context.deadline {
        return Err(CallFailure::Deadline);
    }
    let settings = &context.plan.settings;
    let request = ModelRequest {
        model: model.to_owned(),
        messages: input.messages.to_vec(),
        tools: input.tools.to_vec(),
        tool_choice: ToolChoice::Auto,
        temperature: settings.model.temperature,
        max_output_tokens: settings.model.max_output_tokens,
        first_token_timeout: FIRST_TOKEN,
        idle_timeout: IDLE,
        max_output_bytes: MAX_OUTPUT_BYTES,
    };
    let prices = &context.domain.settings.prices;
    let worst_case = prices.worst_case(&request);
    let reserve = ReserveRequest {
        tenant: context.tenant,
        conversation: context.conversation,
        purpose: context.purpose,
        provider: &provider.name,
        model,
        worst_case: worst_case.micro_usd,
        budgets: &settings.budgets,
        now: None,
    };
    let reservation = match ledger::reserve(&context.domain, reserve).await {
        Ok(reservation) => reservation,
        Err(ReserveError::Refused(refusal)) => return Err(CallFailure::Budget(budget_code(refusal.budget))),
        Err(ReserveError::Failed(error)) => return Err(internal(error)),
    };
    // Asked last: who is let through by an open breaker must also make the call.
    if !provider.breaker.allows() {
        ledger::release(&context.domain, &reservation).await.map_err(internal)?;
        return Err(CallFailure::BreakerOpen);
    }

    let since = |at: Instant| u32::try_from((at - context.begun).as_millis()).unwrap_or(u32::MAX);
    let started = Instant::now();
    let mut heard = Heard::default();
    let outcome = tokio::select! {
        outcome = listen(provider, request, input, sink, &mut heard) => outcome,
        () = context.cancel.cancelled() => Err(CallFailure::Cancelled),
        () = tokio::time::sleep_until(context.deadline) => Err(CallFailure::Deadline),
    };
    note_health(context, &outcome).await;
    let turned_away = matches!(&outcome, Err(CallFailure::Provider(error)) if error.is_free());
    let cost = match heard.usage {
        Some(usage) => {
            let settled = ledger::settle(&context.domain, &reservation, Actual::Usage(usage)).await;
            settled.map_err(internal)?.cost.micro_usd
        }
        None if turned_away => {
            ledger::release(&context.domain, &reservation).await.map_err(internal)?;
            MicroUsd::ZERO
        }
        None => {
            ledger::leave_unconfirmed(&context.domain, &reservation).await.map_err(internal)?;
            worst_case.micro_usd
        }
    };
    let usage = heard.usage.unwrap_or_default();
    traces.push(ReceiptCall {
        step: input.step,
        provider: provider.name.clone(),
        model: model.to_owned(),
        fallback,
        input_tokens: usage.input,
        cached_input_tokens: usage.cached_input,
        output_tokens: usage.output,
        reasoning_tokens: usage.reasoning,
        usage_known: heard.usage.is_some() || turned_away,
        cost,
        price_known: worst_case.price_known,
        started_ms: since(started),
        first_token_ms: heard.first_token.map(since),
        ended_ms: since(Instant::now()),
        error_code: outcome.as_ref().err().map(|failure| failure.code().to_owned()),
    });
    outcome
}

/// Tells the breaker what became of a call, and the team's alerts when it is open or was.
async fn note_health(context: &CallContext, outcome: &Result<Called, CallFailure>) {
    let provider = &context.plan.provider;
    let (changed, open, problem) = match outcome {
        Ok(_) | Err(CallFailure::Useless(_) | CallFailure::Cancelled | CallFailure::Left) => {
            (provider.breaker.succeeded(), false, None)
        }
        Err(CallFailure::Provider(error)) => {
            tracing::warn!(provider = %provider.name, %error, "a model did not answer");
            let open = provider.breaker.failed(error);
            (open, open, Some(error.code()))
        }
        Err(failure) => {
            let open = provider.breaker.failed(&ModelError::TimedOut);
            (open, open, Some(failure.code()))
        }
    };
    if changed && let Err(error) = report_provider(&context.domain, context.tenant, &provider.name, open, problem).await
    {
        tracing::warn!(error = &error as &dyn std::error::Error, "a provider's state was not noted");
    }
}

const fn budget_code(budget: Budget) -> &'static str {
    match budget {
        Budget::Day => "budget_day",
        Budget::Month => "budget_month",
        Budget::Conversation => "budget_conversation",
    }
}

fn internal(error: crate::Error) -> CallFailure {
    tracing::error!(error = &error as &dyn std::error::Error, "a model could not be asked");
    CallFailure::Internal
}
