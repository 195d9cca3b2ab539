//! What models charge, and what a call costs or can cost at most.

use std::collections::BTreeMap;

use omniops_llm::{ModelRequest, TokenUsage};
use omniops_types::MicroUsd;

/// How many tokens a price is for.
const PER: u128 = 1_000_000;
/// The dearest price that a table takes, a dollar a token: with it no call of any length overflows.
const MAX_PRICE: MicroUsd = MicroUsd(1_000_000_000_000);

/// Tokens with which a provider frames a call, beside its messages and tools.
const TOKENS_PER_CALL: u64 = 64;
/// Tokens with which a provider frames one message or one tool: its role, its name, its ends.
const TOKENS_PER_PART: u64 = 16;

/// What a model charges for a million tokens of each kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelPrice {
    pub input: MicroUsd,
    /// Input that the provider had from an earlier call.
    pub cached_input: MicroUsd,
    pub output: MicroUsd,
    /// Output that the model keeps to itself.
    pub reasoning: MicroUsd,
}

impl ModelPrice {
    /// Cached input costs what input does, and reasoning what output does.
    pub const fn new(input: MicroUsd, output: MicroUsd) -> Self {
        Self { input, cached_input: input, output, reasoning: output }
    }

    /// What these tokens cost, rounded up to a millionth of a dollar.
    ///
    /// `input` counts the cached part too and `output` the reasoning. A provider that counts them apart is seen by a
    /// part that is larger than its whole, and is charged for the part.
    fn cost(self, usage: TokenUsage) -> MicroUsd {
        let fresh = usage.input.saturating_sub(usage.cached_input);
        let said = usage.output.saturating_sub(usage.reasoning);
        total([
            (self.input, fresh.into()),
            (self.cached_input, usage.cached_input.into()),
            (self.output, said.into()),
            (self.reasoning, usage.reasoning.into()),
        ])
    }

    /// What so many tokens cost if each is of the dearest kind.
    fn most(self, input: u64, output: u64) -> MicroUsd {
        total([(self.input.max(self.cached_input), input), (self.output.max(self.reasoning), output)])
    }

    const fn bounded(self) -> Self {
        Self {
            input: bounded(self.input),
            cached_input: bounded(self.cached_input),
            output: bounded(self.output),
            reasoning: bounded(self.reasoning),
        }
    }
}

const fn bounded(price: MicroUsd) -> MicroUsd {
    if price.0 < 0 {
        MicroUsd::ZERO
    } else if price.0 > MAX_PRICE.0 {
        MAX_PRICE
    } else {
        price
    }
}

/// The sum of prices for a million times tokens, rounded up once. Beyond what an amount can hold: the largest amount.
fn total<const N: usize>(parts: [(MicroUsd, u64); N]) -> MicroUsd {
    let micros = parts.into_iter().map(|(price, tokens)| u128::from(price.0.unsigned_abs()) * u128::from(tokens));
    let micros = micros.fold(0_u128, u128::saturating_add).div_ceil(PER);
    MicroUsd(i64::try_from(micros).unwrap_or(i64::MAX))
}

/// What a call costs, and whether the table knows its model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    pub micro_usd: MicroUsd,
    /// False when the price for all other models was charged.
    pub price_known: bool,
}

/// The prices of models by the name under which they are asked for, and one for all others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceTable {
    models: BTreeMap<String, ModelPrice>,
    others: ModelPrice,
}

impl PriceTable {
    /// Charged for a model that nobody gave a price for: a model is never free because it is unknown. $30 for a million
    /// input tokens and $120 for a million of output is at least what the well-known chat models cost by their price
    /// lists, so that a budget ends early rather than late.
    pub const DEFAULT_OTHERS: ModelPrice = ModelPrice::new(MicroUsd(30_000_000), MicroUsd(120_000_000));

    /// Prices below nought count as nought, and those above a dollar a token as a dollar a token.
    pub fn new(models: impl IntoIterator<Item = (String, ModelPrice)>, others: ModelPrice) -> Self {
        let models = models.into_iter().map(|(model, price)| (model, price.bounded())).collect();
        Self { models, others: others.bounded() }
    }

    /// The model's price, and whether it is its own.
    pub fn price(&self, model: &str) -> (ModelPrice, bool) {
        self.models.get(model).map_or((self.others, false), |price| (*price, true))
    }

    /// What a call that used these tokens costs.
    pub fn cost(&self, model: &str, usage: TokenUsage) -> Cost {
        let (price, price_known) = self.price(model);
        Cost { micro_usd: price.cost(usage), price_known }
    }

    /// The most that this request can cost, with as many tokens as its text has bytes and all of the output that it allows.
    ///
    /// A token stands for at least one byte of what the model reads, and JSON is no shorter than the texts in it; what
    /// the provider puts around messages and tools is added. So this is above what is counted, for English some four
    /// times. A provider that counts more still, or lets the model write more than it was told, is booked as it is.
    pub fn worst_case(&self, request: &ModelRequest) -> Cost {
        let parts = (request.messages.len() + request.tools.len()) as u64;
        let bytes = json_bytes(&request.messages).saturating_add(json_bytes(&request.tools));
        let input = bytes.saturating_add(parts.saturating_mul(TOKENS_PER_PART)).saturating_add(TOKENS_PER_CALL);
        let (price, price_known) = self.price(&request.model);
        Cost { micro_usd: price.most(input, request.max_output_tokens.into()), price_known }
    }
}

impl Default for PriceTable {
    /// Knows no model.
    fn default() -> Self {
        Self::new([], Self::DEFAULT_OTHERS)
    }
}

/// What cannot be written cannot be sent either; it counts as too much for any budget.
fn json_bytes(value: &impl serde::Serialize) -> u64 {
    serde_json::to_vec(value).map_or(u64::MAX, |json| json.len() as u64)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use omniops_llm::{ModelMessage, ToolChoice, ToolSpec};
    use serde_json::json;

    use super::*;

    fn dollars(text: &str) -> MicroUsd {
        text.parse().unwrap()
    }

    fn table() -> PriceTable {
        let price = ModelPrice {
            input: dollars("2.50"),
            cached_input: dollars("1.25"),
            output: dollars("10"),
            reasoning: dollars("12"),
        };
        PriceTable::new([("known".to_owned(), price)], PriceTable::DEFAULT_OTHERS)
    }

    fn usage(input: u32, cached_input: u32, output: u32, reasoning: u32) -> TokenUsage {
        TokenUsage { input, cached_input, output, reasoning }
    }

    #[test]
    fn each_kind_of_token_has_its_price() {
        let cost = table().cost("known", usage(1_000_000, 400_000, 100_000, 50_000));
        // 600,000 × 2.50 + 400,000 × 1.25 + 50,000 × 10 + 50,000 × 12, for a million each.
        assert_eq!(cost, Cost { micro_usd: dollars("3.10"), price_known: true });
    }

    #[test]
    fn a_call_is_rounded_up_once() {
        assert_eq!(table().cost("known", usage(1, 0, 0, 0)).micro_usd, MicroUsd(3));
        assert_eq!(table().cost("known", usage(1, 1, 0, 0)).micro_usd, MicroUsd(2));
        assert_eq!(table().cost("known", usage(3, 1, 0, 0)).micro_usd, MicroUsd(7), "2.5 + 2.5 + 1.25");
        assert_eq!(table().cost("known", usage(0, 0, 0, 0)).micro_usd, MicroUsd(0));
    }

    #[test]
    fn parts_that_are_counted_apart_are_charged_too() {
        assert_eq!(table().cost("known", usage(0, 0, 10, 1_000_000)).micro_usd, dollars("12"));
        assert_eq!(table().cost("known", usage(10, 1_000_000, 0, 0)).micro_usd, dollars("1.25"));
    }

    #[test]
    fn an_unknown_model_is_charged_and_told() {
        let cost = table().cost("never-heard-of", usage(1_000_000, 0, 1_000_000, 0));
        assert_eq!(cost, Cost { micro_usd: dollars("150"), price_known: false });
        assert!(cost.micro_usd > table().cost("known", usage(1_000_000, 0, 1_000_000, 0)).micro_usd);
    }

    #[test]
    fn a_model_with_a_price_of_nought_is_known_to_be_free() {
        let free = ModelPrice::new(MicroUsd::ZERO, MicroUsd::ZERO);
        let table = PriceTable::new([("local".to_owned(), free)], PriceTable::DEFAULT_OTHERS);
        assert_eq!(table.cost("local", usage(9, 0, 9, 0)), Cost { micro_usd: MicroUsd::ZERO, price_known: true });
    }

    #[test]
    fn the_longest_call_at_the_dearest_price_does_not_overflow() {
        let dear = ModelPrice::new(MicroUsd(i64::MAX), MicroUsd(i64::MAX));
        let table = PriceTable::new([], dear);
        let cost = table.cost("any", usage(u32::MAX, 0, u32::MAX, 0)).micro_usd;
        assert_eq!(cost, MicroUsd(2 * i64::from(u32::MAX) * 1_000_000));
        let negative = ModelPrice::new(MicroUsd(-1), MicroUsd(i64::MIN));
        assert_eq!(PriceTable::new([], negative).cost("any", usage(5, 0, 5, 0)).micro_usd, MicroUsd::ZERO);
    }

    fn request(texts: &[&str], max_output_tokens: u32) -> ModelRequest {
        ModelRequest {
            model: "known".to_owned(),
            messages: texts.iter().map(|text| ModelMessage::User { text: (*text).to_owned() }).collect(),
            tools: Vec::new(),
            tool_choice: ToolChoice::Auto,
            temperature: None,
            max_output_tokens,
            first_token_timeout: Duration::from_secs(1),
            idle_timeout: Duration::from_secs(1),
            max_output_bytes: 1_000,
        }
    }

    proptest::proptest! {
        /// As many tokens as bytes and a few a message is the most that a tokenizer makes of a text.
        #[test]
        fn no_answer_within_the_request_costs_more_than_the_worst_case(
            texts in proptest::collection::vec(".{0,60}", 0..5),
            cached in 0_u32..400,
            output in 0_u32..500,
            reasoning in 0_u32..500,
            model in proptest::sample::select(vec!["known", "unknown"]),
        ) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let tokens: usize = texts.iter().map(|text| text.len() + 8).sum();
            let input = u32::try_from(tokens).unwrap();
            let asked = ModelRequest { model: model.to_owned(), ..request(&texts, 500) };
            let used = usage(input, cached.min(input), output.max(reasoning), reasoning);
            let most = table().worst_case(&asked).micro_usd;
            proptest::prop_assert!(table().cost(model, used).micro_usd <= most);
        }
    }

    #[test]
    fn tools_count_into_the_worst_case() {
        let plain = request(&["hello"], 100);
        let tool = ToolSpec { name: "find".to_owned(), description: "finds".to_owned(), parameters: json!({}) };
        let with_tool = ModelRequest { tools: vec![tool], ..plain.clone() };
        assert!(table().worst_case(&with_tool).micro_usd > table().worst_case(&plain).micro_usd);
    }
}
