//! What the AI's turns cost, did and took.

use leptos::prelude::*;
use omniops_types::{
    Alert, Cursor, LocalSpan, Page, TelemetryChoices, TelemetryQuery, TelemetryReport, TelemetryTurn, TurnFilter,
};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use crate::error::AppError;

#[cfg(feature = "ssr")]
use {
    crate::ssr::authenticated,
    chrono::{TimeDelta, Utc},
    omniops_domain::{alerts, telemetry as service},
    omniops_types::Granularity,
};

/// How far the page looks back from now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Period {
    #[default]
    Day,
    Week,
    Month,
    Quarter,
}

impl Period {
    pub const ALL: [Self; 4] = [Self::Day, Self::Week, Self::Month, Self::Quarter];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "24h",
            Self::Week => "7d",
            Self::Month => "30d",
            Self::Quarter => "90d",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.as_str() == text)
    }

    #[cfg(feature = "ssr")]
    const fn days(self) -> i64 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 30,
            Self::Quarter => 90,
        }
    }
}

/// What the page shows of the AI's turns.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    pub period: Period,
    pub domain: Option<String>,
    pub model: Option<String>,
}

/// The page's figures, with what they can be narrowed to and what somebody should look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TelemetryOverview {
    pub report: TelemetryReport,
    pub choices: TelemetryChoices,
    pub alerts: Vec<Alert>,
}

/// Alerts that the page shows; more than that are in the API.
#[cfg(feature = "ssr")]
const MOST_ALERTS: u16 = 10;

/// The figures up to now.
#[server(name = ReadTelemetry, prefix = "/rpc", endpoint = "telemetry/read", input = Json)]
pub async fn read(shown: Shown) -> Result<TelemetryOverview, AppError> {
    let (context, session) = authenticated()?;
    let Shown { period, domain, model } = shown;
    let query = TelemetryQuery {
        from: Some(Utc::now() - TimeDelta::days(period.days())),
        to: None,
        domain,
        model,
        // A week of hours can still be read, and says more than seven bars.
        granularity: matches!(period, Period::Week).then_some(Granularity::Hour),
    };
    let overview = async {
        let (domain, principal) = (&context.domain, &session.principal);
        Ok(TelemetryOverview {
            report: service::report(domain, principal, &query).await?,
            choices: service::choices(domain, principal).await?,
            alerts: alerts::list(domain, principal, true, None, MOST_ALERTS).await?.items,
        })
    };
    overview.await.map_err(|e| context.fail(e))
}

/// Rows, and the span that they are of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListedTurns {
    pub page: Page<TelemetryTurn>,
    pub span: LocalSpan,
}

/// A page of the turns behind a figure.
#[server(name = ListTurns, prefix = "/rpc", endpoint = "telemetry/turns", input = Json)]
pub async fn turns(query: TelemetryQuery, filter: TurnFilter, cursor: Option<Cursor>) -> Result<ListedTurns, AppError> {
    let (context, session) = authenticated()?;
    let listed = async {
        let (domain, principal) = (&context.domain, &session.principal);
        Ok(ListedTurns {
            page: service::turns(domain, principal, &query, &filter, cursor, TURNS_A_PAGE).await?,
            span: service::listed_span(domain, principal, &query).await?,
        })
    };
    listed.await.map_err(|e| context.fail(e))
}

#[cfg(feature = "ssr")]
const TURNS_A_PAGE: u16 = 50;
