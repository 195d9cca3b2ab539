//! Taking in what the model says, piece by piece.

use futures::StreamExt;
use omniops_llm::{FinishReason, ModelError, ModelEvent, ModelRequest, TokenUsage, ToolCall};
use tokio::time::Instant;

use super::Provider;
use super::call::{CallFailure, CallInput, Called, ReplySaid, Sink};
use crate::agent::reply::{Outcome, REPLY, ReplyReader};

/// What the model may say in one call, in bytes, whatever the provider counts.
const MAX_TEXT: usize = 60_000;

/// What came in, also of a call that failed.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) first_token: Option<Instant>,
    pub(super) bytes: usize,
    pub(super) usage: Option<TokenUsage>,
}

/// Listens to the end of the answer; `heard` tells what came, whatever became of it.
pub(super) async fn listen(
    provider: &Provider,
    request: ModelRequest,
    input: CallInput<'_>,
    sink: &mut dyn Sink,
    heard: &mut Heard,
) -> Result<Called, CallFailure> {
    let mut stream = provider.client.stream(request).await.map_err(CallFailure::Provider)?;
    let mut called = Called::default();
    // By their place in the answer.
    let mut calls: Vec<(usize, ToolCall)> = Vec::new();
    let mut reply: Option<(usize, ReplyReader)> = None;
    let mut held = String::new();
    let mut finished = None;
    while let Some(event) = stream.next().await {
        let event = event.map_err(CallFailure::Provider)?;
        if !matches!(event, ModelEvent::Usage(_) | ModelEvent::Finished(_)) {
            heard.first_token.get_or_insert_with(Instant::now);
        }
        let said = match event {
            ModelEvent::Text(text) => {
                heard.bytes += text.len();
                called.text.push_str(&text);
                text
            }
            ModelEvent::ToolCallStarted { index, id, name } => {
                heard.bytes += name.len();
                if name == REPLY {
                    reply.get_or_insert_with(|| (index, ReplyReader::default()));
                } else {
                    calls.push((index, ToolCall { id, name, arguments: String::new() }));
                }
                String::new()
            }
            ModelEvent::ToolArguments { index, fragment } => {
                heard.bytes += fragment.len();
                match (&mut reply, calls.iter_mut().find(|(place, _)| *place == index)) {
                    (Some((place, reader)), _) if *place == index => {
                        held.push_str(&reader.push(&fragment));
                        match reader.outcome() {
                            Some(Outcome::Answer | Outcome::Clarify | Outcome::Resolve) => std::mem::take(&mut held),
                            // A hand-off has words of its own; without an outcome it may yet be one.
                            Some(Outcome::Escalate) | None => String::new(),
                        }
                    }
                    (_, Some((_, call))) => {
                        call.arguments.push_str(&fragment);
                        String::new()
                    }
                    (_, None) => String::new(),
                }
            }
            ModelEvent::Usage(usage) => {
                heard.usage = Some(usage);
                continue;
            }
            ModelEvent::Finished(reason) => {
                finished = Some(reason);
                continue;
            }
        };
        if !said.is_empty() && !sink.say(&said, input) {
            return Err(CallFailure::Useless("repetition"));
        }
        if heard.bytes > MAX_TEXT {
            return Err(CallFailure::Provider(ModelError::TooLong));
        }
    }
    let reason = finished.ok_or(CallFailure::Provider(ModelError::Cut))?;
    if reason == FinishReason::ContentFilter {
        return Err(CallFailure::Useless("content_filter"));
    }
    called.tool_calls = calls.into_iter().map(|(_, call)| call).collect();
    if let Some((_, reader)) = reply {
        called.reply = Some(said_by(&reader, reason)?);
    }
    if called.text.trim().is_empty() && called.tool_calls.is_empty() && called.reply.is_none() {
        return Err(CallFailure::Useless("empty_answer"));
    }
    sink.end_of_call(reason == FinishReason::Length, input);
    Ok(called)
}

/// A reply whose arguments are broken at their end still counts when it said what it wants.
fn said_by(reader: &ReplyReader, reason: FinishReason) -> Result<ReplySaid, CallFailure> {
    match (reader.finish(), reader.outcome()) {
        (Some(reply), _) => Ok(ReplySaid { outcome: reply.outcome, summary: reply.summary }),
        (None, Some(outcome)) if reason == FinishReason::Length => Ok(ReplySaid { outcome, summary: None }),
        (None, _) => Err(CallFailure::Provider(ModelError::Malformed("the reply is not valid JSON".to_owned()))),
    }
}
