//! What the turns of a tenant's AI cost, did and took: `GET /api/dashboard/telemetry`.
//!
//! Every figure is defined in `docs/telemetry.md`, and equals the sum over the turns that
//! `GET /api/dashboard/telemetry/turns` lists for the same range and filters, up to [`Freshness::as_of`].

use serde::{Deserialize, Serialize};

use crate::conversation::text_enum;
use crate::{BudgetState, Channel, ConversationId, DomainId, MessageId, MicroUsd, Rating, Timestamp, TurnId};

text_enum! {
    /// The span of one point of a series, in the tenant's time zone.
    Granularity {
        QuarterHour = "15m",
        Hour = "hour",
        Day = "day",
    }
}

text_enum! {
    /// How a turn of the AI ended.
    TurnOutcome {
        Answered = "answered",
        /// The AI asked back.
        Clarified = "clarified",
        /// The customer confirmed that the matter is settled.
        Resolved = "resolved",
        /// The AI said that it does not know.
        Declined = "declined",
        /// A person was called in.
        Escalated = "escalated",
        /// A person was faster: nothing was posted.
        Dropped = "dropped",
        /// The customer got the fallback text.
        Failed = "failed",
    }
}

text_enum! {
    /// What became of a conversation in which the AI took part, judged by its last turn there.
    Resolution {
        /// The customer said that it is settled, or put a thumb up on the answer.
        Confirmed = "confirmed",
        /// Answered, and the customer has been silent for 24 hours.
        Assumed = "assumed",
        /// Answered less than 24 hours ago.
        Waiting = "waiting",
        /// Not answered, a person was called in or took over, or the customer wrote again.
        Unresolved = "unresolved",
    }
}

text_enum! {
    /// What stood in for the model that was asked first.
    TurnFallback {
        None = "none",
        Model = "fallback_model",
        Extractive = "extractive",
        Handoff = "handoff",
    }
}

/// The span that is reported, both ends on a quarter of an hour.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TelemetryRange {
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub from: Timestamp,
    /// Not part of it.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub to: Timestamp,
    pub granularity: Granularity,
    /// The tenant's, by its IANA name: `Europe/Vienna`.
    pub time_zone: String,
}

/// How far the figures reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Freshness {
    /// Every turn that was committed by then is counted.
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub as_of: Timestamp,
    pub behind_seconds: i64,
    /// Whether that is further behind than it may be.
    pub is_stale: bool,
}

/// Turns up to now, and what they cost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Spend {
    /// From when on: the rows behind it begin there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub since: Option<Timestamp>,
    pub turns: i64,
    pub cost: MicroUsd,
}

/// What the month will have cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CostProjection {
    pub cost: MicroUsd,
    /// With a chance of four in five the month ends between these; absent before there are three whole days to judge by.
    /// Days before the first that cost anything are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<MicroUsd>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<MicroUsd>,
    /// Whole days that it was judged by, 28 at most: those since the first of them that cost anything.
    pub days: u32,
    /// When the first of these days began; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub since: Option<Timestamp>,
}

/// Sums over turns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TelemetryFigures {
    pub turns: i64,
    pub answered: i64,
    pub clarified: i64,
    pub resolved: i64,
    pub declined: i64,
    pub escalated: i64,
    pub dropped: i64,
    pub failed: i64,
    /// All tokens of the input, and those of them that the provider had in its cache.
    pub prompt_tokens: i64,
    pub cached_input_tokens: i64,
    /// All tokens of the output, and those of them that were thought and not said.
    pub completion_tokens: i64,
    pub reasoning_tokens: i64,
    pub cost: MicroUsd,
    /// Turns whose model the price table does not know.
    pub unpriced: i64,
    /// Calls of the model.
    pub steps: i64,
    pub searches: i64,
    pub zero_results: i64,
    pub thumbs_up: i64,
    pub thumbs_down: i64,
    /// Conversations, each by the AI's last turn in it, and those of them with each resolution; the rest is unresolved.
    #[serde(default)]
    pub conversations: i64,
    #[serde(default)]
    pub confirmed: i64,
    #[serde(default)]
    pub assumed: i64,
    #[serde(default)]
    pub waiting: i64,
}

/// Milliseconds, within 1 %, by nearest rank; absent of nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Percentiles {
    /// Turns that were measured.
    pub count: i64,
    #[serde(default)]
    pub p50: Option<f64>,
    #[serde(default)]
    pub p95: Option<f64>,
    #[serde(default)]
    pub p99: Option<f64>,
}

/// Both of a turn's latencies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Latencies {
    /// From the customer's message to the end of the turn.
    pub total: Percentiles,
    /// From the customer's message to the first words of the answer.
    pub first_token: Percentiles,
}

/// How the turns stand against the objective.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Objective {
    /// The share of turns that have to succeed: 0.97.
    pub target: f64,
    /// Turns that count: all but the dropped ones.
    pub counted: i64,
    /// Those of them that did not fail.
    pub succeeded: i64,
    /// `succeeded / counted`; absent of nothing.
    #[serde(default)]
    pub success_rate: Option<f64>,
    /// The share of the failures that the objective allows which is left: 1 is all of them, 0 none, and less than that
    /// means that more failed than may. Absent of nothing.
    #[serde(default)]
    pub error_budget_left: Option<f64>,
}

/// One span of the series.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TelemetryPoint {
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub start: Timestamp,
    /// The start in the tenant's time zone: `2026-11-23T14:00`.
    pub local: String,
    pub turns: i64,
    pub failed: i64,
    pub cost: MicroUsd,
    pub prompt_tokens: i64,
    pub completion_tokens: i64,
    pub searches: i64,
    pub zero_results: i64,
    #[serde(default)]
    pub conversations: i64,
    #[serde(default)]
    pub confirmed: i64,
    #[serde(default)]
    pub assumed: i64,
    #[serde(default)]
    pub waiting: i64,
}

/// The figures of one domain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DomainTelemetry {
    pub domain_id: DomainId,
    /// Absent when the domain is no longer the tenant's.
    #[serde(default)]
    pub host: Option<String>,
    pub figures: TelemetryFigures,
    pub latency: Latencies,
}

/// The figures of one model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelTelemetry {
    pub provider: String,
    pub model: String,
    pub figures: TelemetryFigures,
    pub latency: Latencies,
}

/// The calls of one tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ToolTelemetry {
    pub name: String,
    pub calls: i64,
    pub failed: i64,
    /// Of one call, on average.
    pub average_ms: i64,
}

/// Turns with one error code, or with one fallback.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TurnCount {
    pub name: String,
    pub turns: i64,
}

/// One hour of the week, in the tenant's time zone, over the whole range. Hours in which nothing was done are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeatCell {
    /// 1 is Monday, 7 Sunday.
    pub weekday: i16,
    /// 0 to 23.
    pub hour: i16,
    pub turns: i64,
    pub searches: i64,
    pub zero_results: i64,
    pub tool_calls: i64,
    pub tool_failures: i64,
}

/// What is going on at this moment, counted from the conversations themselves, whatever the filters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LiveSessions {
    /// Conversations in which something was written in the last five minutes.
    pub conversations: i64,
    /// Those of them in which a person has taken over or was asked for.
    pub with_people: i64,
    /// Messages that the AI is answering.
    pub answering: i64,
}

/// `GET /api/dashboard/telemetry`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TelemetryReport {
    pub range: TelemetryRange,
    pub freshness: Freshness,
    /// Since midnight and since the first of the month in the tenant's time zone, with the same filters.
    pub today: Spend,
    pub month: Spend,
    pub projection: CostProjection,
    pub figures: TelemetryFigures,
    pub latency: Latencies,
    pub objective: Objective,
    /// Confirmed and assumed resolutions, of all conversations in which the AI took part; absent of nothing.
    #[serde(default)]
    pub resolution_rate: Option<f64>,
    /// Every span of the range, those without turns too.
    pub series: Vec<TelemetryPoint>,
    /// By cost, the dearest first.
    pub domains: Vec<DomainTelemetry>,
    pub models: Vec<ModelTelemetry>,
    /// By calls, the most first.
    pub tools: Vec<ToolTelemetry>,
    /// By turns, the most first.
    pub errors: Vec<TurnCount>,
    pub fallbacks: Vec<TurnCount>,
    pub heat_map: Vec<HeatCell>,
    pub live: LiveSessions,
    /// The tenant's, whatever the filters.
    pub budget: BudgetState,
}

/// The span of a list of turns by the tenant's clocks: `2026-11-23 14:00`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalSpan {
    pub from: String,
    /// Not part of it.
    pub to: String,
    /// By its IANA name.
    pub time_zone: String,
}

/// What there is to choose from in the filters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TelemetryChoices {
    /// Hosts of the tenant's domains.
    pub domains: Vec<String>,
    /// Models of the last 90 days.
    pub models: Vec<String>,
}

/// Which turns: absent parts leave nothing out. The same words are the query of the addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct TelemetryQuery {
    /// Taken to the quarter of an hour before it; without it a day before `to`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = Option<String>, format = DateTime))]
    pub from: Option<Timestamp>,
    /// Taken to the quarter of an hour after it; without it now. At most 400 days after `from`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", param(value_type = Option<String>, format = DateTime))]
    pub to: Option<Timestamp>,
    /// The host of one of the tenant's domains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Without it what makes a readable series: quarters of an hour up to 12 hours, hours up to four days, then days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub granularity: Option<Granularity>,
}

/// What of the rows behind a figure is wanted, beyond range, domain and model.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams))]
#[cfg_attr(feature = "openapi", into_params(parameter_in = Query))]
pub struct TurnFilter {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<TurnOutcome>,
    /// An error code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback: Option<TurnFallback>,
    /// Turns that called this tool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tool: Option<String>,
    /// In the tenant's time zone: 1 is Monday, 7 Sunday.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weekday: Option<i16>,
    /// In the tenant's time zone: 0 to 23.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hour: Option<i16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rating: Option<Rating>,
    /// Turns with a search that found nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zero_results: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolution: Option<Resolution>,
    /// The AI's last turn in its conversation: one turn for each conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_in_conversation: Option<bool>,
}

/// One call of a tool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TurnToolCall {
    pub name: String,
    pub ok: bool,
    pub ms: i64,
}

/// A turn, as it was written down when it ended. Times in milliseconds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TelemetryTurn {
    pub id: TurnId,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    pub conversation_id: ConversationId,
    /// Absent once the conversation is erased.
    #[serde(default)]
    pub conversation_number: Option<i64>,
    #[serde(default)]
    pub reply_id: Option<MessageId>,
    pub domain_id: DomainId,
    #[serde(default)]
    pub host: Option<String>,
    pub channel: Channel,
    pub provider: String,
    pub model: String,
    pub outcome: TurnOutcome,
    pub fallback: TurnFallback,
    #[serde(default)]
    pub error: Option<String>,
    #[serde(default)]
    pub confidence: Option<f32>,
    pub steps: i32,
    pub searches: i32,
    pub zero_results: i32,
    pub tool_calls: Vec<TurnToolCall>,
    pub prompt_tokens: i32,
    pub cached_input_tokens: i32,
    pub completion_tokens: i32,
    pub reasoning_tokens: i32,
    pub cost: MicroUsd,
    pub price_known: bool,
    pub queue_ms: i32,
    pub embed_ms: i32,
    pub search_ms: i32,
    pub model_ms: i32,
    pub claim_check_ms: i32,
    #[serde(default)]
    pub first_token_ms: Option<i32>,
    #[serde(default)]
    pub last_token_ms: Option<i32>,
    #[serde(default)]
    pub first_delta_ms: Option<i32>,
    pub total_ms: i32,
    #[serde(default)]
    pub rating: Option<Rating>,
    /// What became of the conversation, on the AI's last turn in it; absent on every other.
    #[serde(default)]
    pub resolution: Option<Resolution>,
}
