//! Chunks in, events out: text as it comes, calls of tools told apart, usage and the reason kept for the end.

use std::hash::{BuildHasher, Hasher, RandomState};

use serde_json::Value;

use super::calls::Calls;
use super::chunk::{Chunk, WireUsage};
use super::failure::{Scrubber, in_stream};
use crate::model::{FinishReason, ModelError, ModelEvent, TokenUsage};

/// What a chunk was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// Nothing of the answer: an opening, a heartbeat, figures.
    Nothing,
    /// A piece of the answer or of the thinking before it: the model is at work.
    Piece,
    /// The end of the stream.
    Done,
}

/// An answer as far as it has come.
#[derive(Debug)]
pub(super) struct Assembler {
    scrubber: Scrubber,
    calls: Calls,
    usage: Option<TokenUsage>,
    finish: Option<FinishReason>,
    begun: bool,
    /// Bytes that may still come.
    room: usize,
}

impl Assembler {
    pub(super) fn new(max_output_bytes: usize, scrubber: Scrubber) -> Self {
        // Random by the standard library's means; it only has to differ from one answer to the next.
        let salt = RandomState::new().build_hasher().finish();
        Self { scrubber, calls: Calls::new(salt), usage: None, finish: None, begun: false, room: max_output_bytes }
    }

    /// Whether a piece has come.
    pub(super) const fn has_begun(&self) -> bool {
        self.begun
    }

    /// Whether the model said why it stopped; only figures may follow.
    pub(super) const fn has_finished(&self) -> bool {
        self.finish.is_some()
    }

    /// Reads one event's data.
    pub(super) fn take(&mut self, data: &[u8], events: &mut Vec<ModelEvent>) -> Result<Heard, ModelError> {
        let data = data.trim_ascii();
        if data.is_empty() {
            return Ok(Heard::Nothing);
        }
        if data == b"[DONE]" {
            return Ok(Heard::Done);
        }
        // What stands there is a customer's conversation: the error says where it cannot be read, and does not quote it.
        let value: Value = serde_json::from_slice(data)
            .map_err(|error| ModelError::Malformed(format!("a chunk is no JSON from column {} on", error.column())))?;
        self.fail_if_error(&value)?;
        let chunk: Chunk = serde_json::from_value(value)
            .map_err(|_| ModelError::Malformed("a chunk is not shaped like one".to_owned()))?;
        if let Some(tokens) = chunk.usage.as_ref().and_then(WireUsage::tokens) {
            // Some send running figures with every chunk: the last are those of the whole.
            self.usage = Some(tokens);
        }
        let mut heard = Heard::Nothing;
        for choice in chunk.choices.unwrap_or_default() {
            // One choice is asked for; another's words would garble it.
            if choice.index.unwrap_or_default() != 0 {
                continue;
            }
            let reason = choice.finish_reason.clone().filter(|reason| !reason.is_empty());
            if let Some(delta) = choice.into_delta() {
                let thought = delta.thought();
                self.spend(thought)?;
                let text = delta.text();
                self.spend(text.len())?;
                let mut has_piece = thought > 0 || !text.is_empty();
                if !text.is_empty() {
                    events.push(ModelEvent::Text(text));
                }
                for call in delta.tool_calls.unwrap_or_default() {
                    self.spend(call.name().map_or(0, str::len) + call.arguments().len())?;
                    has_piece |= self.calls.take(&call, events)?;
                }
                if has_piece {
                    heard = Heard::Piece;
                    self.begun = true;
                }
            }
            match reason.as_deref() {
                None => {}
                Some("error") => {
                    return Err(ModelError::Unavailable("the provider ended its answer with an error".to_owned()));
                }
                Some(reason) => self.finish = Some(finish_reason(reason)),
            }
        }
        Ok(heard)
    }

    /// The end was reached: the figures, if any came, and the reason.
    pub(super) fn finish(&mut self, events: &mut Vec<ModelEvent>) -> Result<(), ModelError> {
        let called = self.calls.end()?;
        events.extend(self.usage.take().map(ModelEvent::Usage));
        let reason = match self.finish.unwrap_or(FinishReason::Other) {
            // Some servers say `stop`, or nothing, with calls of tools too.
            FinishReason::Stop | FinishReason::Other if called => FinishReason::ToolCalls,
            reason => reason,
        };
        events.push(ModelEvent::Finished(reason));
        Ok(())
    }

    fn spend(&mut self, bytes: usize) -> Result<(), ModelError> {
        self.room = self.room.checked_sub(bytes).ok_or(ModelError::TooLong)?;
        Ok(())
    }

    /// `{"error": …}`, or vLLM's `{"object": "error", "message": …}`.
    fn fail_if_error(&self, value: &Value) -> Result<(), ModelError> {
        let named = value.get("error").filter(|error| !error.is_null());
        let is_itself = value.get("object").is_some_and(|object| object == "error");
        match named.or_else(|| is_itself.then_some(value)) {
            Some(error) => Err(in_stream(error, self.begun, &self.scrubber)),
            None => Ok(()),
        }
    }
}

fn finish_reason(reason: &str) -> FinishReason {
    match reason {
        "stop" => FinishReason::Stop,
        "tool_calls" | "function_call" => FinishReason::ToolCalls,
        "length" => FinishReason::Length,
        "content_filter" => FinishReason::ContentFilter,
        _ => FinishReason::Other,
    }
}

#[cfg(test)]
mod tests {
    use secrecy::SecretString;
    use serde_json::json;

    use super::*;

    fn assembler(room: usize) -> Assembler {
        Assembler::new(room, Scrubber::new(SecretString::from(String::new())))
    }

    fn all(chunks: &[Value]) -> Vec<ModelEvent> {
        let mut assembler = assembler(10_000);
        let mut events = Vec::new();
        for chunk in chunks {
            assembler.take(chunk.to_string().as_bytes(), &mut events).unwrap();
        }
        assembler.finish(&mut events).unwrap();
        events
    }

    fn delta(delta: Value) -> Value {
        json!({"choices": [{"index": 0, "delta": delta}]})
    }

    #[test]
    fn an_opening_a_heartbeat_and_azures_first_chunk_are_no_pieces() {
        let mut assembler = assembler(100);
        let mut events = Vec::new();
        for chunk in [
            delta(json!({"role": "assistant", "content": ""})),
            delta(json!({"role": "assistant", "content": null, "refusal": null, "tool_calls": null})),
            json!({"id": "", "object": "", "created": 0, "model": "", "choices": [],
                "prompt_filter_results": [{"prompt_index": 0}]}),
            json!({"type": "ping"}),
            json!({"choices": null, "error": null, "usage": null}),
        ] {
            assert_eq!(assembler.take(chunk.to_string().as_bytes(), &mut events), Ok(Heard::Nothing));
        }
        assert_eq!(events, []);
        assert!(!assembler.has_begun());
    }

    #[test]
    fn thinking_is_a_piece_that_says_nothing() {
        for thought in [json!({"reasoning_content": "hm"}), json!({"reasoning": "hm", "content": ""})] {
            let mut assembler = assembler(100);
            let mut events = Vec::new();
            assert_eq!(assembler.take(delta(thought).to_string().as_bytes(), &mut events), Ok(Heard::Piece));
            assert_eq!(events, []);
        }
    }

    #[test]
    fn thinking_without_end_is_too_long() {
        let mut assembler = assembler(100);
        let chunk = delta(json!({"reasoning_content": "0123456789"})).to_string();
        let end = (0..20).find_map(|_| assembler.take(chunk.as_bytes(), &mut Vec::new()).err());
        assert_eq!(end, Some(ModelError::TooLong));
    }

    #[test]
    fn content_may_come_as_parts_and_a_refusal_is_what_the_model_says() {
        let parts = json!({"content": [{"type": "text", "text": "Hel"}, {"type": "text", "text": "lo"}]});
        assert_eq!(all(&[delta(parts)])[0], ModelEvent::Text("Hello".to_owned()));
        assert_eq!(all(&[delta(json!({"refusal": "No."}))])[0], ModelEvent::Text("No.".to_owned()));
    }

    #[test]
    fn the_words_of_another_choice_are_left_out() {
        let chunk =
            json!({"choices": [{"index": 1, "delta": {"content": "B"}}, {"index": 0, "delta": {"content": "A"}}]});
        assert_eq!(all(&[chunk]), [ModelEvent::Text("A".to_owned()), ModelEvent::Finished(FinishReason::Other)]);
    }

    #[test]
    fn running_figures_are_said_once_and_at_the_end() {
        let chunk = |text: &str, output: u32| {
            json!({"choices": [{"delta": {"content": text}}],
                "usage": {"prompt_tokens": 9, "completion_tokens": output, "total_tokens": 9 + output}})
        };
        let events = all(&[chunk("A", 1), chunk("B", 2)]);
        let usage = TokenUsage { input: 9, output: 2, ..TokenUsage::default() };
        assert_eq!(events[2..], [ModelEvent::Usage(usage), ModelEvent::Finished(FinishReason::Other)]);
    }

    #[test]
    fn stop_with_a_call_of_a_tool_means_tool_calls() {
        let call = json!({"tool_calls": [{"id": "a", "function": {"name": "reply", "arguments": "{}"}}]});
        let stop = json!({"choices": [{"delta": {}, "finish_reason": "stop"}]});
        assert_eq!(all(&[delta(call), stop.clone()]).last(), Some(&ModelEvent::Finished(FinishReason::ToolCalls)));
        assert_eq!(all(&[stop]).last(), Some(&ModelEvent::Finished(FinishReason::Stop)));
    }

    #[test]
    fn a_reason_that_is_empty_or_unknown_is_told_apart_from_an_error() {
        let ends = |reason: &str| {
            let mut assembler = assembler(100);
            let chunk = json!({"choices": [{"delta": {"content": "A"}, "finish_reason": reason}]});
            assembler.take(chunk.to_string().as_bytes(), &mut Vec::new()).map(|_| assembler.has_finished())
        };
        assert_eq!(ends(""), Ok(false));
        assert_eq!(ends("eos"), Ok(true));
        assert!(matches!(ends("error"), Err(ModelError::Unavailable(_))));
    }

    #[test]
    fn what_cannot_be_read_is_malformed_and_not_quoted() {
        let mut assembler = assembler(100);
        for data in ["{\"choices\": [oops secret", "{\"choices\": \"secret\"}", "\"secret\""] {
            let error = assembler.take(data.as_bytes(), &mut Vec::new()).unwrap_err();
            assert!(matches!(&error, ModelError::Malformed(detail) if !detail.contains("secret")), "{error}");
        }
    }
}
