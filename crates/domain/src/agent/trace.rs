//! What happened in a turn, step by step: the receipt of its answer, the row of its telemetry and the preview's trace
//! are all made from it.

use omniops_llm::TokenUsage;
use omniops_types::{MicroUsd, PromptPart, ReceiptCall, ReceiptClaim, ReceiptTool, SearchId};

/// A turn of the agent.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    pub(crate) prompt_version: u32,
    /// SHA-256 of what the first call sent, hex.
    pub(crate) prompt_hash: String,
    /// For the preview; a receipt keeps the hash.
    pub(crate) parts: Vec<PromptPart>,
    /// From the message to the beginning of the work on it, milliseconds.
    pub(crate) queue_ms: u32,
    pub(crate) embed_ms: u32,
    pub(crate) search_ms: u32,
    pub(crate) searches: u32,
    /// Of the searches that the model asked for.
    pub(crate) search_ids: Vec<SearchId>,
    /// Searches that found nothing.
    pub(crate) zero_results: u32,
    pub(crate) calls: Vec<ReceiptCall>,
    /// How many of them made the answer; those behind translate it for the check. 0 when it did not come so far.
    pub(crate) answer_calls: usize,
    pub(crate) tools: Vec<ReceiptTool>,
    pub(crate) claims: Vec<ReceiptClaim>,
    /// Spent on checking claims, microseconds.
    pub(crate) claim_check_us: u64,
}

impl Trace {
    pub(crate) fn usage(&self) -> TokenUsage {
        self.calls.iter().fold(TokenUsage::default(), |sum, call| TokenUsage {
            input: sum.input.saturating_add(call.input_tokens),
            cached_input: sum.cached_input.saturating_add(call.cached_input_tokens),
            output: sum.output.saturating_add(call.output_tokens),
            reasoning: sum.reasoning.saturating_add(call.reasoning_tokens),
        })
    }

    /// The last call that made the answer.
    pub(crate) fn answering(&self) -> Option<&ReceiptCall> {
        match self.answer_calls {
            0 => self.calls.last(),
            count => self.calls.get(count - 1),
        }
    }

    pub(crate) fn cost(&self) -> MicroUsd {
        self.calls.iter().fold(MicroUsd::ZERO, |sum, call| sum.saturating_add(call.cost))
    }

    pub(crate) fn prices_known(&self) -> bool {
        self.calls.iter().all(|call| call.price_known)
    }

    /// Steps that the model took, repeated calls counted once.
    pub(crate) fn steps(&self) -> u32 {
        self.calls.iter().map(|call| call.step).max().unwrap_or(0)
    }

    /// Milliseconds in the model, all calls together.
    pub(crate) fn model_ms(&self) -> u32 {
        self.calls.iter().map(|call| call.ended_ms.saturating_sub(call.started_ms)).fold(0, u32::saturating_add)
    }

    /// When the first token of any call came, milliseconds since the message.
    pub(crate) fn first_token_ms(&self) -> Option<u32> {
        self.calls.iter().find_map(|call| call.first_token_ms)
    }

    pub(crate) fn last_token_ms(&self) -> Option<u32> {
        self.calls.iter().rev().find(|call| call.first_token_ms.is_some()).map(|call| call.ended_ms)
    }
}
