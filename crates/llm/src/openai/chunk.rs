//! A chunk of a streamed answer, read so that what a server adds, leaves out or sends as `null` does no harm.
//!
//! OpenAI's own shape is one of many: Azure sends chunks without choices, Ollama and vLLM leave out fields, gateways answer a
//! request to stream with one whole object, which is read as a single chunk.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::model::TokenUsage;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Chunk {
    #[serde(default)]
    pub(super) choices: Option<Vec<Choice>>,
    #[serde(default)]
    pub(super) usage: Option<WireUsage>,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Choice {
    #[serde(default)]
    pub(super) index: Option<u64>,
    #[serde(default)]
    delta: Option<Delta>,
    /// Stands in for the delta in an answer that is not streamed.
    #[serde(default)]
    message: Option<Delta>,
    #[serde(default)]
    pub(super) finish_reason: Option<String>,
}

impl Choice {
    pub(super) fn into_delta(self) -> Option<Delta> {
        self.delta.or(self.message)
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Delta {
    /// A text, or a list of parts.
    #[serde(default)]
    content: Option<Value>,
    #[serde(default)]
    refusal: Option<String>,
    /// vLLM, DeepSeek.
    #[serde(default)]
    reasoning_content: Option<Value>,
    /// OpenRouter, Ollama.
    #[serde(default)]
    reasoning: Option<Value>,
    #[serde(default)]
    pub(super) tool_calls: Option<Vec<CallDelta>>,
}

impl Delta {
    /// What the model says, a refusal in its own words included.
    pub(super) fn text(&self) -> String {
        let mut text = self.content.as_ref().map(text_of).unwrap_or_default();
        text.push_str(self.refusal.as_deref().unwrap_or_default());
        text
    }

    /// Bytes of what it thinks; 0 when it does not.
    pub(super) fn thought(&self) -> usize {
        let thoughts = [&self.reasoning_content, &self.reasoning];
        thoughts.into_iter().flatten().map(|thought| text_of(thought).len()).sum()
    }
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct CallDelta {
    #[serde(default)]
    pub(super) index: Option<u64>,
    #[serde(default)]
    pub(super) id: Option<String>,
    #[serde(default)]
    function: Option<FunctionDelta>,
}

#[derive(Debug, Default, Deserialize)]
struct FunctionDelta {
    #[serde(default)]
    name: Option<String>,
    /// A text; some servers send the object itself.
    #[serde(default)]
    arguments: Option<Value>,
}

impl CallDelta {
    pub(super) fn id(&self) -> Option<&str> {
        self.id.as_deref().filter(|id| !id.is_empty())
    }

    pub(super) fn name(&self) -> Option<&str> {
        self.function.as_ref()?.name.as_deref().filter(|name| !name.is_empty())
    }

    pub(super) fn arguments(&self) -> String {
        match self.function.as_ref().and_then(|function| function.arguments.as_ref()) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        }
    }
}

/// Token figures. A figure that is none (a text, a negative number) counts as absent.
#[derive(Debug, Default, Deserialize)]
pub(super) struct WireUsage {
    #[serde(default, deserialize_with = "figure")]
    prompt_tokens: Option<u32>,
    #[serde(default, deserialize_with = "figure")]
    completion_tokens: Option<u32>,
    #[serde(default, deserialize_with = "figure")]
    total_tokens: Option<u32>,
    #[serde(default)]
    prompt_tokens_details: Option<WireDetails>,
    #[serde(default)]
    completion_tokens_details: Option<WireDetails>,
    /// DeepSeek's name for `prompt_tokens_details.cached_tokens`.
    #[serde(default, deserialize_with = "figure")]
    prompt_cache_hit_tokens: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
struct WireDetails {
    #[serde(default, deserialize_with = "figure")]
    cached_tokens: Option<u32>,
    #[serde(default, deserialize_with = "figure")]
    reasoning_tokens: Option<u32>,
}

impl WireUsage {
    /// The figures, if there are any. Where the total is more than its parts (xAI and Gemini leave the reasoning out of the
    /// completion), the rest is output: nothing that is paid for goes uncounted.
    pub(super) fn tokens(&self) -> Option<TokenUsage> {
        if self.prompt_tokens.is_none() && self.completion_tokens.is_none() {
            return None;
        }
        let input = self.prompt_tokens.unwrap_or_default();
        let rest = self.total_tokens.unwrap_or_default().saturating_sub(input);
        let output = self.completion_tokens.unwrap_or_default().max(rest);
        let cached = self.prompt_tokens_details.as_ref().and_then(|details| details.cached_tokens);
        let reasoning = self.completion_tokens_details.as_ref().and_then(|details| details.reasoning_tokens);
        Some(TokenUsage {
            input,
            cached_input: cached.or(self.prompt_cache_hit_tokens).unwrap_or_default().min(input),
            output,
            reasoning: reasoning.unwrap_or_default().min(output),
        })
    }
}

fn figure<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    let whole = value.as_u64().or_else(|| value.as_f64().filter(|figure| *figure >= 0.0).map(|figure| figure as u64));
    Ok(whole.map(|figure| u32::try_from(figure).unwrap_or(u32::MAX)))
}

/// A text, or the texts among parts.
fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(parts) => parts.iter().filter_map(|part| part.get("text")?.as_str()).collect(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn usage(value: Value) -> Option<TokenUsage> {
        serde_json::from_value::<WireUsage>(value).unwrap().tokens()
    }

    #[test]
    fn figures_are_read_with_their_details() {
        let figures = json!({"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150,
            "prompt_tokens_details": {"cached_tokens": 80, "audio_tokens": null},
            "completion_tokens_details": {"reasoning_tokens": 20}});
        assert_eq!(usage(figures), Some(TokenUsage { input: 100, cached_input: 80, output: 50, reasoning: 20 }));
    }

    #[test]
    fn reasoning_that_only_the_total_holds_is_output() {
        let figures = json!({"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 350,
            "completion_tokens_details": {"reasoning_tokens": 200}});
        assert_eq!(usage(figures), Some(TokenUsage { input: 100, cached_input: 0, output: 250, reasoning: 200 }));
    }

    #[test]
    fn an_object_without_figures_is_no_usage_rather_than_a_free_call() {
        assert_eq!(usage(json!({})), None);
        assert_eq!(usage(json!({"prompt_tokens": null, "completion_tokens": "many"})), None);
    }

    #[test]
    fn odd_figures_do_no_harm() {
        let figures = json!({"prompt_tokens": 12.0, "completion_tokens": 99_999_999_999_u64, "total_tokens": -1,
            "prompt_tokens_details": {"cached_tokens": 50}, "completion_tokens_details": null});
        assert_eq!(usage(figures), Some(TokenUsage { input: 12, cached_input: 12, output: u32::MAX, reasoning: 0 }));
    }
}
