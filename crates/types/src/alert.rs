//! What a person of the tenant should look at.

use serde::{Deserialize, Serialize};

use crate::conversation::text_enum;
use crate::{AlertId, Timestamp};

text_enum! {
    /// What is watched. Each kind has its own unit for [`Alert::value`] and [`Alert::threshold`].
    AlertKind {
        /// The share of the last hour's turns that failed.
        ErrorRate = "error_rate",
        /// What the month will have cost, in micro-dollars; the threshold is the month's budget.
        CostProjection = "cost_projection",
        /// The share of the last day's searches that found nothing.
        ZeroResults = "zero_results",
        /// A model provider that is not asked any more because it failed. The subject is its name, the value 1.
        ProviderDown = "provider_down",
        /// Seconds that the figures are behind.
        RollupsStale = "rollups_stale",
    }
}

/// From where on something is an alert. Absent parts are as they stand by default.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct AlertSettings {
    /// How many in a hundred of the last hour's turns may fail: 0.1 to 100; 3 without it.
    pub error_percent: f64,
    /// Fewer turns than this in the hour tell nothing: 1 to 100,000; 20 without it.
    pub fewest_turns: i64,
    /// How many in a hundred of the last day's searches may find nothing: 0.1 to 100; 30 without it.
    pub zero_results_percent: f64,
    /// Fewer searches than this in the day tell nothing: 1 to 100,000; 20 without it.
    pub fewest_searches: i64,
}

impl Default for AlertSettings {
    fn default() -> Self {
        Self { error_percent: 3.0, fewest_turns: 20, zero_results_percent: 30.0, fewest_searches: 20 }
    }
}

/// `GET /api/settings/alerts`
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AlertConfig {
    pub settings: AlertSettings,
    /// Counts the changes.
    pub version: i64,
}

/// `PUT /api/settings/alerts`
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct UpdateAlerts {
    /// All of them.
    pub settings: AlertSettings,
    /// The version that was read; a change of other settings than those is refused. Without it nothing is compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<i64>,
}

/// `GET /api/dashboard/alerts`: one alert, from its opening to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Alert {
    pub id: AlertId,
    pub kind: AlertKind,
    /// What it is about, where a kind can be about several things; empty otherwise.
    pub subject: String,
    /// What was measured last while it was open.
    pub value: f64,
    /// The limit that it passed.
    pub threshold: f64,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub opened_at: Timestamp,
    /// Absent while it is open.
    #[serde(default)]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<String>, format = DateTime))]
    pub resolved_at: Option<Timestamp>,
}
