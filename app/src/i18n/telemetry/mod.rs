//! Which texts the telemetry pages have.

pub(super) mod de;
pub(super) mod en;

use omniops_types::{AlertKind, Rating, Resolution, TurnFallback, TurnOutcome};

use super::messages::{Plural, With};
use crate::rpc::telemetry::Period;

/// A figure's name, and what it is exactly.
#[derive(Clone, Copy, Debug)]
pub struct Defined {
    pub name: &'static str,
    pub definition: &'static str,
}

/// From where on something is an alert.
#[derive(Debug)]
pub struct Thresholds {
    pub lead: &'static str,
    pub error_percent: &'static str,
    pub error_percent_hint: &'static str,
    pub fewest_turns: &'static str,
    pub fewest_turns_hint: &'static str,
    pub zero_results_percent: &'static str,
    pub zero_results_percent_hint: &'static str,
    pub fewest_searches: &'static str,
    pub fewest_searches_hint: &'static str,
    pub always: &'static str,
    pub not_a_percent: &'static str,
    pub not_a_count: &'static str,
    pub saved_toast: &'static str,
    pub not_saved_toast: &'static str,
}

#[derive(Debug)]
pub struct Telemetry {
    pub page: &'static str,
    pub load_failed: &'static str,
    pub no_permission: &'static str,
    pub no_permission_hint: &'static str,
    pub empty: &'static str,
    pub empty_hint: &'static str,
    pub filters: &'static str,
    pub period: &'static str,
    pub period_of: fn(Period) -> &'static str,
    pub domain: &'static str,
    pub all_domains: &'static str,
    pub model: &'static str,
    pub all_models: &'static str,
    pub csv: &'static str,
    pub fresh: &'static str,
    /// So many seconds.
    pub behind: Plural,
    pub freshness_hint: &'static str,
    pub zone: With,
    pub alerts: &'static str,
    pub set_thresholds: &'static str,
    pub thresholds: Thresholds,
    pub alert: fn(AlertKind, &str) -> String,
    pub since: &'static str,
    pub today: Defined,
    pub month: Defined,
    pub projection: Defined,
    /// From, to, and how many days it was judged by.
    pub projection_range: fn(&str, &str, u32) -> String,
    pub no_range: &'static str,
    pub success: Defined,
    /// The objective, and what is left of the error budget, in percent.
    pub success_note: fn(&str, &str) -> String,
    pub live: Defined,
    /// With people, and being answered.
    pub live_note: fn(i64, i64) -> String,
    pub resolved: Defined,
    /// Confirmed, assumed, of all, and too early to tell.
    pub resolved_note: fn(i64, i64, i64, i64) -> String,
    pub resolution_of: fn(Resolution) -> &'static str,
    pub turns: Defined,
    pub turns_note: fn(i64, i64) -> String,
    pub tokens: Defined,
    /// Input, of it cached; output, of it thought.
    pub tokens_note: fn(&str, &str, &str, &str) -> String,
    pub zero_results: Defined,
    pub of_searches: Plural,
    pub thumbs: Defined,
    pub turns_of: Plural,
    pub thumb_of: fn(Rating) -> &'static str,
    pub budget: Defined,
    pub budget_of: fn(&str, &str) -> String,
    pub no_budget: &'static str,
    pub this_day: &'static str,
    pub this_month: &'static str,
    pub over_time: &'static str,
    pub over_time_hint: &'static str,
    pub metric: &'static str,
    pub cost: &'static str,
    pub failures: &'static str,
    pub all_tokens: &'static str,
    pub as_table: &'static str,
    pub time: &'static str,
    pub latency: Defined,
    pub total: &'static str,
    pub first_words: &'static str,
    pub measured: Plural,
    pub models: &'static str,
    pub domains: &'static str,
    pub gone_domain: &'static str,
    pub success_short: &'static str,
    pub unpriced: Plural,
    pub tools: Defined,
    pub no_tools: &'static str,
    pub tool: &'static str,
    pub calls: &'static str,
    pub failed: &'static str,
    pub average: &'static str,
    pub errors: Defined,
    pub no_errors: &'static str,
    pub error: &'static str,
    pub fallbacks: &'static str,
    pub fallback_of: fn(TurnFallback) -> &'static str,
    pub heat_map: Defined,
    pub weekdays: [&'static str; 7],
    pub searches: &'static str,
    pub no_results: &'static str,
    pub tool_calls: &'static str,
    pub tool_failures: &'static str,
    pub less: &'static str,
    pub more: &'static str,
    pub rows_page: &'static str,
    pub rows_back: &'static str,
    pub rows_empty: &'static str,
    pub rows_empty_hint: &'static str,
    pub rows_failed: &'static str,
    pub filtered_by: &'static str,
    pub clear_filters: &'static str,
    pub last_day: &'static str,
    pub since_time: With,
    pub from_to: fn(&str, &str) -> String,
    pub last_in_conversation: &'static str,
    pub conversation: &'static str,
    pub erased: &'static str,
    pub outcome: &'static str,
    pub outcome_of: fn(TurnOutcome) -> &'static str,
    pub duration: &'static str,
    pub token_count: &'static str,
    pub first_page: &'static str,
    pub next_page: &'static str,
}
