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
