//! The rules: what is measured, and from where on it is an alert.

use chrono::TimeDelta;
use omniops_postgres::TenantTx;
use omniops_types::{AlertKind, AlertSettings, MicroUsd};

use super::queries;
use super::words::{self, About};
use crate::Result;
use crate::telemetry::{self, Watched};

/// How long a provider's breaker is believed to be open without having been heard of.
const PROVIDER_HEARD_OF: TimeDelta = TimeDelta::minutes(15);
/// An open alert ends when the measure is below this share of the threshold, so that it does not come and go.
const ENDS_BELOW: f64 = 0.8;

/// What one rule found.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    pub kind: AlertKind,
    /// What it is about, where a kind can be about several things; empty otherwise.
    pub subject: String,
    /// In the kind's own unit.
    pub value: f64,
    /// Absent where nothing is too much: of a cost without a budget.
    pub threshold: Option<f64>,
    pub standing: Standing,
}

impl Finding {
    /// What was measured against what, as notices say it: `projected for the month: $12.34; budget: $20.00`.
    pub fn figures(&self) -> String {
        let Self { kind, subject, value, threshold, standing } = self;
        let is_over = *standing != Standing::Alerting;
        words::figures(About { tenant: "", kind: *kind, subject, value: *value, threshold: *threshold, is_over })
    }
}

/// What a measure means for its alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Fine,
    /// Too near to the threshold to begin or end an alert.
    Between,
    Alerting,
    /// There is too little to tell, or what there is is too old.
    Unknown,
}

/// Measures everything that is watched of the transaction's tenant.
pub(super) async fn measure(tx: &mut TenantTx) -> Result<Vec<Finding>> {
    let Watched { freshness, last_hour, last_day, projection, monthly_budget } = telemetry::watched(tx).await?;
    let (settings, _) = queries::settings(tx).await?.unwrap_or_default();
    let AlertSettings { error_percent, fewest_turns, zero_results_percent, fewest_searches } = settings;
    let (errors, in_vain) = (error_percent / 100.0, zero_results_percent / 100.0);
    let mut findings = vec![
        rate(AlertKind::ErrorRate, last_hour.failed, last_hour.counted, fewest_turns, errors),
        rate(AlertKind::ZeroResults, last_day.zero_results, last_day.searches, fewest_searches, in_vain),
        cost(projection, monthly_budget),
    ];
    if freshness.is_stale {
        // Figures that are behind neither begin an alert nor end one.
        findings.iter_mut().for_each(|finding| finding.standing = Standing::Unknown);
    }
    findings.push(Finding {
        kind: AlertKind::RollupsStale,
        subject: String::new(),
        value: freshness.behind_seconds as f64,
        threshold: Some(telemetry::STALE_AFTER_SECONDS as f64),
        standing: if freshness.is_stale { Standing::Alerting } else { Standing::Fine },
    });
    for (provider, is_open) in queries::providers(tx, PROVIDER_HEARD_OF).await? {
        findings.push(Finding {
            kind: AlertKind::ProviderDown,
            subject: provider,
            value: f64::from(u8::from(is_open)),
            threshold: Some(1.0),
            standing: if is_open { Standing::Alerting } else { Standing::Fine },
        });
    }
    Ok(findings)
}

fn rate(kind: AlertKind, bad: i64, all: i64, fewest: i64, threshold: f64) -> Finding {
    let value = if all > 0 { bad as f64 / all as f64 } else { 0.0 };
    let standing = if all < fewest { Standing::Unknown } else { standing(value, threshold) };
    Finding { kind, subject: String::new(), value, threshold: Some(threshold), standing }
}

fn cost(projection: MicroUsd, budget: Option<MicroUsd>) -> Finding {
    let (value, threshold) = (projection.0 as f64, budget.map(|budget| budget.0 as f64));
    let standing = threshold.map_or(Standing::Fine, |threshold| standing(value, threshold));
    Finding { kind: AlertKind::CostProjection, subject: String::new(), value, threshold, standing }
}

fn standing(value: f64, threshold: f64) -> Standing {
    if value > threshold {
        Standing::Alerting
    } else if value < threshold * ENDS_BELOW {
        Standing::Fine
    } else {
        Standing::Between
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_alerts_above_its_threshold_and_ends_well_below() {
        let of = |bad, all| rate(AlertKind::ErrorRate, bad, all, 20, 0.03).standing;
        assert_eq!(of(4, 100), Standing::Alerting);
        assert_eq!(of(3, 100), Standing::Between);
        assert_eq!(of(2, 100), Standing::Fine);
        assert_eq!(of(0, 0), Standing::Unknown);
        assert_eq!(of(19, 19), Standing::Unknown, "nineteen turns tell nothing");
    }

    #[test]
    fn without_a_budget_no_cost_is_too_much() {
        assert_eq!(cost(MicroUsd(i64::MAX), None).standing, Standing::Fine);
        assert_eq!(cost(MicroUsd(11), Some(MicroUsd(10))).standing, Standing::Alerting);
        assert_eq!(cost(MicroUsd(5), Some(MicroUsd(10))).standing, Standing::Fine);
        assert_eq!(cost(MicroUsd(5), Some(MicroUsd(0))).standing, Standing::Alerting, "nought is a budget");
        assert_eq!(cost(MicroUsd(5_250_000), None).figures(), "projected for the month: $5.25; no budget");
    }
}
