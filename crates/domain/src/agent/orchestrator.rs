//! The loop: search, ask the model, run the tools that it calls, ask again, and end with words that were checked.
//!
//! Nothing here is posted: the caller reads the conversation's state again before it writes anything down, and a preview
//! writes nothing.

use std::collections::HashMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::future::join_all;
use omniops_llm::{ModelMessage, ToolCall, Turn as HistoryTurn};
use omniops_types::{ChunkId, PassageHit, ToolStatus};
use serde_json::Value;
use tokio::time::Instant;

use super::model::call::{CallContext, CallFailure, CallInput, Called, call};
use super::prompt::{Briefing, PROMPT_VERSION, Prompt};
use super::reply::{self, Outcome};
use super::sources::Sources;
use super::speech::{Ear, Speech, Spoken};
use super::tools::{ToolContext, ToolOutput, Toolbox, clipped};
use super::trace::Trace;
use super::translation::to_english;
use super::{fence, foreign_pages};

/// Calls of the model that make a turn at most.
pub(crate) const MAX_STEPS: u32 = 6;
/// With less time than this left, the model has to answer with what it has.
const LAST_CALL: Duration = Duration::from_secs(15);
/// Tools that one answer of the model may call.
const MAX_PARALLEL: usize = 8;
/// Confidence of an answer that rests on results of tools alone.
const CONFIDENCE_OF_TOOLS: f32 = 0.9;
/// Confidence of words that claim nothing.
const CONFIDENCE_OF_TALK: f32 = 0.7;

/// What a turn knows before the model is asked.
#[derive(Clone, Debug)]
pub(crate) struct TurnInput {
    pub(crate) shop: String,
    pub(crate) reply_time: String,
    pub(crate) now: DateTime<Utc>,
    pub(crate) page_url: Option<String>,
    pub(crate) summary: Option<String>,
    /// Oldest first.
    pub(crate) history: Vec<HistoryTurn>,
    /// The messages to answer, one a line.
    pub(crate) question: String,
    /// What the search for the question found, best first.
    pub(crate) hits: Vec<PassageHit>,
}

/// Who is told while a turn is made.
pub(crate) trait Observer: Ear {
    fn tool(&self, name: &str, status: ToolStatus);
}

/// How a turn ended, with words that may be posted.
#[derive(Clone, Debug)]
pub(crate) struct AgentAnswer {
    pub(crate) outcome: Outcome,
    /// Empty when a person takes over: what is said then is not the model's to choose.
    pub(crate) text: String,
    /// Passages that the text cites; `[1]` is the first.
    pub(crate) cited: Vec<PassageHit>,
    pub(crate) confidence: f32,
    /// For the team, when a person takes over.
    pub(crate) summary: Option<String>,
    /// All that the model said had to be removed, because nothing supports it.
    pub(crate) unsupported: bool,
}

/// Makes an answer. The trace is complete in either case.
pub(crate) async fn run(
    context: &CallContext,
    tool_context: &ToolContext,
    toolbox: &Toolbox,
    input: TurnInput,
    observer: &dyn Observer,
    trace: &mut Trace,
) -> Result<AgentAnswer, CallFailure> {
    let mut sources = Sources::default();
    sources.add(input.hits.clone());
    let briefing = Briefing {
        shop: &input.shop,
        settings: &context.plan.settings,
        today: input.now.date_naive(),
        page_url: input.page_url.as_deref(),
        verified_email: tool_context.verified_email.as_deref(),
        reply_time: &input.reply_time,
        locale: tool_context.locale.as_deref(),
        summary: input.summary.as_deref(),
        history: &input.history,
        question: &input.question,
    };
    let prompt = Prompt::assemble(&briefing, &sources);
    let mut specs = toolbox.specs();
    specs.push(reply::spec());
    trace.prompt_version = PROMPT_VERSION;
    trace.prompt_hash = prompt.hash(&specs);
    trace.parts = prompt.parts;

    let mut messages = prompt.messages;
    let mut results: Vec<Value> = Vec::new();
    let mut speech = Speech::new(observer, &input.question, input.now.date_naive());
    let mut end = None;
    // Who writes in a language that the claim check cannot read is answered in it: that takes a call to translate.
    let most = if speech.reads_question() { MAX_STEPS } else { MAX_STEPS - 1 };
    let mut steps = 0;
    for step in 1..=most {
        steps = step;
        let is_last = step == most || context.deadline.saturating_duration_since(Instant::now()) < LAST_CALL;
        let last_tools = specs.last().map(std::slice::from_ref).unwrap_or_default();
        let tools = if is_last { last_tools } else { &specs };
        recall_pages(context, &mut speech, &sources).await;
        let call_input = CallInput { step, messages: &messages, tools, sources: &sources, results: &results };
        let called = call(context, call_input, &mut speech, &mut trace.calls).await;
        let called = match called {
            Ok(called) => called,
            Err(failure) => {
                note_speech(speech.finish(), trace);
                return Err(failure);
            }
        };
        if let Some(reply) = called.reply {
            end = Some((reply.outcome, reply.summary));
            break;
        }
        if called.tool_calls.is_empty() {
            end = Some((Outcome::Answer, None));
            break;
        }
        if is_last {
            break;
        }
        let handoff = run_tools(
            context,
            tool_context,
            toolbox,
            called,
            observer,
            &mut messages,
            &mut sources,
            &mut results,
            trace,
        )
        .await?;
        if let Some(summary) = handoff {
            end = Some((Outcome::Escalate, Some(summary)));
            break;
        }
    }
    let Some((outcome, summary)) = end else {
        note_speech(speech.finish(), trace);
        return Err(CallFailure::Useless("too_many_steps"));
    };
    trace.answer_calls = trace.calls.len();
    if outcome != Outcome::Escalate
        && let Err(failure) =
            translate(context, steps + 1, &input.question, &mut speech, &sources, &results, trace).await
    {
        note_speech(speech.finish(), trace);
        return Err(failure);
    }
    let spoken = speech.finish();
    let answer = judged(outcome, summary, &spoken, &sources, !results.is_empty());
    note_speech(spoken, trace);
    answer
}

/// Takes in what pages that the check cannot read say in English, where that is known.
async fn recall_pages(context: &CallContext, speech: &mut Speech<'_>, sources: &Sources) {
    let foreign: Vec<(usize, ChunkId)> =
        speech.learn(sources).into_iter().filter_map(|number| Some((number, sources.get(number)?.chunk_id))).collect();
    if foreign.is_empty() {
        return;
    }
    let chunks: Vec<ChunkId> = foreign.iter().map(|(_, chunk)| *chunk).collect();
    let known = foreign_pages::known(context, &chunks).await.unwrap_or_else(|error| {
        tracing::warn!(tenant = %context.tenant, error = &error as &dyn std::error::Error, "no translation was found");
        HashMap::new()
    });
    for (number, chunk) in foreign {
        if let Some(english) = known.get(&chunk) {
            speech.read_in_english(number, english, sources);
        }
    }
}

/// Has the pages translated that what is withheld may rest on.
async fn translate_pages(
    context: &CallContext,
    step: u32,
    speech: &mut Speech<'_>,
    sources: &Sources,
    trace: &mut Trace,
) -> Result<(), CallFailure> {
    let mut numbers = speech.unread_passages();
    numbers.truncate(foreign_pages::MOST);
    let hits: Vec<&PassageHit> = numbers.iter().filter_map(|number| sources.get(*number)).collect();
    if hits.is_empty() {
        return Ok(());
    }
    let translated = foreign_pages::translate(context, step, &hits, &mut trace.calls).await?;
    for (number, hit) in numbers.iter().zip(hits) {
        if let Some((_, english)) = translated.iter().find(|(chunk, _)| *chunk == hit.chunk_id) {
            speech.read_in_english(*number, english, sources);
        }
    }
    Ok(())
}

/// Lets the check read what it could not: pages, sentences of the answer, and the question where a "yes" depends on it,
/// said in English. A call that fails takes nothing away of what passed, unless nobody waits any more.
async fn translate(
    context: &CallContext,
    step: u32,
    question: &str,
    speech: &mut Speech<'_>,
    sources: &Sources,
    results: &[Value],
    trace: &mut Trace,
) -> Result<(), CallFailure> {
    if !speech.withholds() {
        return Ok(());
    }
    translate_pages(context, step, speech, sources, trace).await?;
    let mut unread = speech.unread();
    let with_question = !unread.is_empty() && !speech.reads_question();
    if with_question {
        unread.insert(0, question.to_owned());
    }
    let english = match unread.as_slice() {
        [] => Ok(Vec::new()),
        unread => to_english(context, step, unread, &mut trace.calls).await,
    };
    let mut failed = None;
    let mut english = match english {
        Ok(english) => english,
        Err(failure @ (CallFailure::Cancelled | CallFailure::Left)) => return Err(failure),
        Err(failure) => {
            failed = Some(failure);
            vec![None; unread.len()]
        }
    };
    if with_question {
        let asked = english.remove(0);
        match asked {
            Some(asked) => speech.ask(&asked),
            // What a "yes" would claim is not known.
            None => english.fill(None),
        }
    }
    speech.admit(english, sources, results);
    match failed {
        Some(failure) if !speech.says_something() => Err(failure),
        _ => Ok(()),
    }
}

fn note_speech(spoken: Spoken, trace: &mut Trace) {
    trace.claims = spoken.claims;
    trace.claim_check_us = spoken.check_us;
}

/// Runs what the model called, all at once, and tells it the results. Gives the summary when a person shall take over.
#[expect(clippy::too_many_arguments, reason = "the turn's state, each part of which is borrowed elsewhere too")]
async fn run_tools(
    context: &CallContext,
    tool_context: &ToolContext,
    toolbox: &Toolbox,
    called: Called,
    observer: &dyn Observer,
    messages: &mut Vec<ModelMessage>,
    sources: &mut Sources,
    results: &mut Vec<Value>,
    trace: &mut Trace,
) -> Result<Option<String>, CallFailure> {
    let calls: Vec<ToolCall> = called.tool_calls.into_iter().take(MAX_PARALLEL).map(nameable).collect();
    for call in &calls {
        observer.tool(&call.name, ToolStatus::Started);
    }
    let running = join_all(calls.iter().map(|call| toolbox.run(tool_context, call)));
    let outputs = tokio::select! {
        outputs = running => outputs,
        () = context.cancel.cancelled() => return Err(CallFailure::Cancelled),
        () = tokio::time::sleep_until(context.deadline) => return Err(CallFailure::Deadline),
    };
    let mut handoff = None;
    messages.push(ModelMessage::Assistant { text: called.text, tool_calls: calls.clone() });
    for (call, (output, tool_trace)) in calls.into_iter().zip(outputs) {
        observer.tool(&call.name, if tool_trace.ok { ToolStatus::Succeeded } else { ToolStatus::Failed });
        let ok = tool_trace.ok;
        trace.tools.push(tool_trace);
        let text = told(&call, &output, sources, trace);
        if ok && output.search.is_none() {
            results.push(output.result);
        }
        handoff = handoff.or(output.handoff);
        messages.push(ModelMessage::Tool { call_id: call.id, text });
    }
    Ok(handoff)
}

/// Models make up names (`functions.search_knowledge`), and a provider refuses to hear one back that is none.
fn nameable(mut call: ToolCall) -> ToolCall {
    const MAX_NAME: usize = 64;
    let name = call.name.trim();
    let name = name.strip_prefix("functions.").unwrap_or(name);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let name: String = name.chars().take(MAX_NAME).map(|c| if is_plain(c) { c } else { '_' }).collect();
    call.name = if name.is_empty() { "unnamed".to_owned() } else { name };
    call
}

/// A tool's output as the model reads it: data between markers.
fn told(call: &ToolCall, output: &ToolOutput, sources: &mut Sources, trace: &mut Trace) -> String {
    if let Some(search) = output.search {
        trace.searches += 1;
        trace.search_ids.push(search.id);
        trace.embed_ms = trace.embed_ms.saturating_add(search.embed_ms);
        trace.search_ms = trace.search_ms.saturating_add(search.search_ms);
        if output.passages.is_empty() {
            trace.zero_results += 1;
        }
        let numbers = sources.add(output.passages.clone());
        return sources.fenced_numbers(&numbers);
    }
    let result = clipped(&output.result);
    fence::fence(&format!("result of {}", call.name), None, &result.to_string())
}

/// What is made of the words that passed the check.
fn judged(
    outcome: Outcome,
    summary: Option<String>,
    spoken: &Spoken,
    sources: &Sources,
    used_tools: bool,
) -> Result<AgentAnswer, CallFailure> {
    let cited: Vec<PassageHit> = spoken.cited.iter().filter_map(|number| sources.get(*number)).cloned().collect();
    let nothing = spoken.text.is_empty();
    let unsupported = nothing || spoken.removed > 0 && spoken.supported == 0 && cited.is_empty();
    if outcome == Outcome::Escalate {
        let text = String::new();
        return Ok(AgentAnswer { outcome, text, cited: Vec::new(), confidence: 1.0, summary, unsupported: false });
    }
    if nothing && spoken.removed + spoken.unread == 0 {
        return Err(CallFailure::Useless("empty_answer"));
    }
    let confidence = confidence(spoken, &cited, used_tools);
    Ok(AgentAnswer { outcome, text: spoken.text.clone(), cited, confidence, summary: None, unsupported })
}

/// 0 to 1: how near the best of the cited passages is to the question, or that tools answered, times the share of
/// sentences with claims that had support.
fn confidence(spoken: &Spoken, cited: &[PassageHit], used_tools: bool) -> f32 {
    let nearest = cited.iter().filter_map(|hit| hit.cosine).fold(f32::NEG_INFINITY, f32::max);
    let base = if nearest.is_finite() {
        // A passage that answers is at 0.43 or nearer, one that does not mostly below 0.3 (docs/search.md).
        ((nearest - 0.15) / 0.4).clamp(0.2, 0.99)
    } else if !cited.is_empty() {
        0.5
    } else if used_tools && spoken.supported > 0 {
        CONFIDENCE_OF_TOOLS
    } else {
        CONFIDENCE_OF_TALK
    };
    let checked = spoken.supported + spoken.removed;
    let share = if checked == 0 { 1.0 } else { f64::from(spoken.supported) / f64::from(checked) };
    base * share as f32
}
