//! A reply as the acts that put it on the wire.

use std::iter;
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::received::Received;
use crate::reply::{End, Part, Reply, Usage, UsageReply};

/// One act of the connection.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Act {
    /// Bytes that are no piece of the answer: the opening chunk, the end.
    Write(Bytes),
    /// A piece of the answer, sent on its own.
    Piece(Bytes),
    /// A piece that may share a packet with others.
    Bulk(Bytes),
    Pause(Duration),
    /// Wait until the client leaves.
    Hang,
    /// Close the connection without ending the body.
    Break,
}

pub(crate) type Acts = Box<dyn Iterator<Item = Act> + Send>;

/// How large a part of a line without end is sent at once.
const FLOOD_PIECE: usize = 64 * 1024;

/// The acts of a streamed reply.
pub(crate) fn streamed(reply: Reply, request: &Received) -> Acts {
    let wire = Wire::of(request);
    let opening = (!reply.bare).then(|| Act::Write(wire.delta(&json!({"role": "assistant", "content": ""}))));
    let end = ending(&reply, &wire, request);
    let every = Duration::from_millis(reply.every_ms);
    let mut calls = 0;
    let pieces = reply.parts.into_iter().flat_map(move |part| {
        let place = calls;
        if matches!(part, Part::ToolCall(_)) {
            calls += 1;
        }
        pieces(part, place, wire.clone())
    });
    let paced = pieces.enumerate().flat_map(move |(number, piece)| {
        let pause = (number > 0 && !every.is_zero()).then_some(Act::Pause(every));
        pause.into_iter().chain(iter::once(piece))
    });
    Box::new(opening.into_iter().chain(paced).chain(end))
}

/// The acts of a reply in one piece, to a request that does not stream.
pub(crate) fn at_once(reply: &Reply, request: &Received) -> Acts {
    let body = completion(reply, request).to_string();
    let half = body.chars().take(body.chars().count() / 2).collect::<String>();
    let acts = match reply.end {
        End::Cut | End::Torn => vec![Act::Piece(half.into()), Act::Break],
        End::Hang => vec![Act::Piece(half.into()), Act::Hang],
        End::Finish | End::FinishWith(_) | End::Silent | End::Done => vec![Act::Piece(body.into())],
    };
    Box::new(acts.into_iter())
}

/// What every chunk of an answer repeats.
#[derive(Clone, Debug)]
struct Wire {
    number: u64,
    model: String,
    created: u64,
}

impl Wire {
    fn of(request: &Received) -> Self {
        Self { number: request.number, model: request.model().to_owned(), created: request.received_at / 1_000_000 }
    }

    fn id(&self) -> String {
        format!("chatcmpl-stub-{}", self.number)
    }

    fn delta(&self, delta: &Value) -> Bytes {
        self.choices(&json!([{"index": 0, "delta": delta, "logprobs": null, "finish_reason": null}]), None)
    }

    fn finish(&self, reason: &str) -> Bytes {
        self.choices(&json!([{"index": 0, "delta": {}, "logprobs": null, "finish_reason": reason}]), None)
    }

    fn choices(&self, choices: &Value, usage: Option<Value>) -> Bytes {
        line(&json!({
            "id": self.id(), "object": "chat.completion.chunk", "created": self.created, "model": self.model,
            "service_tier": "default", "system_fingerprint": "fp_stub", "choices": choices, "usage": usage,
        }))
    }
}

fn line(chunk: &Value) -> Bytes {
    format!("data: {chunk}\n\n").into()
}

/// A part's pieces; `place` is the call's place among the calls.
fn pieces(part: Part, place: usize, wire: Wire) -> Acts {
    match part {
        Part::Text(texts) => {
            Box::new(texts.into_iter().map(move |text| Act::Piece(wire.delta(&json!({"content": text})))))
        }
        Part::Reasoning(texts) => {
            Box::new(texts.into_iter().map(move |text| Act::Piece(wire.delta(&json!({"reasoning_content": text})))))
        }
        Part::ToolCall(call) => {
            let id = call.id.unwrap_or_else(|| format!("call_{}_{place}", wire.number));
            let head = json!({"index": place, "id": id, "type": "function",
                "function": {"name": call.name, "arguments": ""}});
            let head = Act::Piece(wire.delta(&json!({"tool_calls": [head]})));
            let arguments = call.arguments.into_iter().map(move |piece| {
                let piece = json!({"index": place, "function": {"arguments": piece}});
                Act::Piece(wire.delta(&json!({"tool_calls": [piece]})))
            });
            Box::new(iter::once(head).chain(arguments))
        }
        Part::Chunk(chunk) => Box::new(iter::once(Act::Piece(line(&chunk)))),
        Part::Raw(bytes) => Box::new(iter::once(Act::Piece(bytes.into()))),
        Part::Error(error) => Box::new(iter::once(Act::Piece(line(&json!({"error": error}))))),
        Part::Repeat(text) => Box::new(iter::repeat(Act::Bulk(wire.delta(&json!({"content": text}))))),
        Part::Flood { bytes, one_line: false } => {
            let piece = Act::Bulk(wire.delta(&json!({"content": "x".repeat(1024)})));
            Box::new(iter::repeat_n(piece, bytes / 1024))
        }
        Part::Flood { bytes, one_line: true } => {
            let opening = Act::Bulk(Bytes::from_static(b"data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\""));
            let piece = Act::Bulk(Bytes::from(vec![b'x'; FLOOD_PIECE]));
            let end = Act::Bulk(Bytes::from_static(b"\"}}]}\n\n"));
            Box::new(iter::once(opening).chain(iter::repeat_n(piece, bytes / FLOOD_PIECE)).chain(iter::once(end)))
        }
    }
}

fn ending(reply: &Reply, wire: &Wire, request: &Received) -> Vec<Act> {
    let done = Act::Write(Bytes::from_static(b"data: [DONE]\n\n"));
    match &reply.end {
        End::Finish | End::FinishWith(_) => {
            let asked = request.body.pointer("/stream_options/include_usage").and_then(Value::as_bool).unwrap_or(false);
            let usage = usage(reply, request, asked).map(|usage| Act::Write(wire.choices(&json!([]), Some(usage))));
            let finish = Act::Write(wire.finish(&finish_reason(reply)));
            iter::once(finish).chain(usage).chain(iter::once(done)).collect()
        }
        End::Cut => vec![Act::Break],
        End::Torn => {
            let next = wire.delta(&json!({"content": "never read"}));
            vec![Act::Write(next.slice(..next.len() / 2)), Act::Break]
        }
        End::Hang => vec![Act::Hang],
        End::Silent => Vec::new(),
        End::Done => vec![done],
    }
}

fn finish_reason(reply: &Reply) -> String {
    let calls = reply.parts.iter().any(|part| matches!(part, Part::ToolCall(_)));
    match &reply.end {
        End::FinishWith(reason) => reason.clone(),
        _ if calls => "tool_calls".to_owned(),
        _ => "stop".to_owned(),
    }
}

fn usage(reply: &Reply, request: &Received, asked: bool) -> Option<Value> {
    let usage = match reply.usage {
        UsageReply::Absent => return None,
        UsageReply::Exactly(usage) => usage,
        UsageReply::Estimated if !asked => return None,
        UsageReply::Estimated => Usage {
            prompt_tokens: tokens(request.body.get("messages").map_or(0, |messages| messages.to_string().len())),
            completion_tokens: tokens(reply.parts.iter().map(length).sum()),
            ..Usage::default()
        },
    };
    Some(json!({
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
        "total_tokens": usage.prompt_tokens.saturating_add(usage.completion_tokens),
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens, "audio_tokens": 0,
            "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0},
    }))
}

fn tokens(bytes: usize) -> u32 {
    u32::try_from(bytes.div_ceil(4)).unwrap_or(u32::MAX)
}

fn length(part: &Part) -> usize {
    match part {
        Part::Text(pieces) | Part::Reasoning(pieces) => pieces.text().len(),
        Part::ToolCall(call) => call.name.len() + call.arguments.text().len(),
        Part::Flood { bytes, .. } => *bytes,
        Part::Chunk(_) | Part::Raw(_) | Part::Error(_) | Part::Repeat(_) => 0,
    }
}

/// The answer as one object. Parts that only a stream can hold are left out; a repetition is cut at a thousand.
fn completion(reply: &Reply, request: &Received) -> Value {
    if let Some(error) = reply.parts.iter().find_map(|part| match part {
        Part::Error(error) => Some(error),
        _ => None,
    }) {
        return json!({"error": error});
    }
    let mut text = String::new();
    let mut calls = Vec::new();
    for part in &reply.parts {
        match part {
            Part::Text(pieces) => text.push_str(&pieces.text()),
            Part::Repeat(again) => text.push_str(&again.repeat(1000)),
            Part::Flood { bytes, .. } => text.push_str(&"x".repeat(*bytes)),
            Part::ToolCall(call) => {
                let id = call.id.clone().unwrap_or_else(|| format!("call_{}_{}", request.number, calls.len()));
                calls.push(json!({"id": id, "type": "function",
                    "function": {"name": call.name, "arguments": call.arguments.text()}}));
            }
            Part::Reasoning(_) | Part::Chunk(_) | Part::Raw(_) | Part::Error(_) => {}
        }
    }
    let content = if text.is_empty() && !calls.is_empty() { Value::Null } else { Value::String(text) };
    let mut message = json!({"role": "assistant", "content": content, "refusal": null});
    if let (false, Some(fields)) = (calls.is_empty(), message.as_object_mut()) {
        fields.insert("tool_calls".to_owned(), Value::Array(calls));
    }
    let reason = match reply.end {
        End::Silent | End::Done => Value::Null,
        _ => Value::String(finish_reason(reply)),
    };
    let wire = Wire::of(request);
    json!({
        "id": wire.id(), "object": "chat.completion", "created": wire.created, "model": wire.model,
        "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": reason}],
        "usage": usage(reply, request, true),
    })
}
