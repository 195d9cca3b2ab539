use std::process::ExitCode;

use clap::{Args, Subcommand};
use omniops_domain::alerts::{self, Finding, Standing};
use serde_json::{Value, json};

use super::with_domain;
use crate::boot;
use crate::config::Config;

/// What cron can run.
#[derive(Debug, Subcommand)]
pub(super) enum Monitor {
    /// Check every tenant's telemetry, and announce what became an alert or is over
    ///
    /// Checks error rate, projected cost, searches without results, model providers and how old the figures are; opens and
    /// resolves alerts as the server does, and sends their notices by mail and to MONITOR_ALERT_WEBHOOK_URL.
    ///
    /// Exit codes: 0 nothing to report, 1 at least one alert is open, 2 it could not be told.
    Telemetry(Telemetry),
}

#[derive(Debug, Args)]
pub(super) struct Telemetry {
    /// Print JSON instead of a table
    #[arg(long)]
    json: bool,
}

/// What a run of the monitor came to, by its exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Fine = 0,
    CannotTell = 2,
    Alerting = 1,
}

impl Monitor {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<ExitCode> {
        let Self::Telemetry(Telemetry { json }) = self;
        let channels = boot::channels(config)?;
        let outcomes = with_domain(config, false, async |domain| {
            let outcomes = alerts::check_all(domain, &channels).await?;
            alerts::deliver(domain, &channels).await?;
            Ok(outcomes)
        })
        .await?;
        if json {
            println!("{}", as_json(&outcomes));
        } else {
            outcomes.iter().flat_map(lines).for_each(|line| println!("{line}"));
        }
        Ok(ExitCode::from(verdict(&outcomes) as u8))
    }
}

type Outcome = (String, omniops_domain::Result<Vec<Finding>>);

/// An alert outweighs a tenant that could not be checked: somebody has to look anyway.
fn verdict(outcomes: &[Outcome]) -> Verdict {
    let of_tenant = |outcome: &omniops_domain::Result<Vec<Finding>>| match outcome {
        Err(_) => Verdict::CannotTell,
        Ok(findings) if findings.iter().any(|finding| finding.standing == Standing::Alerting) => Verdict::Alerting,
        Ok(_) => Verdict::Fine,
    };
    let weight = |verdict: &Verdict| match verdict {
        Verdict::Fine => 0,
        Verdict::CannotTell => 1,
        Verdict::Alerting => 2,
    };
    outcomes.iter().map(|(_, outcome)| of_tenant(outcome)).max_by_key(weight).unwrap_or(Verdict::Fine)
}

/// What is printed of a tenant: a line for each finding.
fn lines((tenant, outcome): &Outcome) -> Vec<String> {
    let mut lines = Vec::new();
    match outcome {
        Ok(findings) => {
            for finding in findings {
                let mark = mark(finding.standing);
                let about = if finding.subject.is_empty() { String::new() } else { format!(" {}", finding.subject) };
                let what = format!("{}{about}", finding.kind.as_str());
                lines.push(format!("{mark:<8}  {tenant:<24} {what:<32} {}", finding.figures()));
            }
        }
        Err(error) => lines.push(format!("{:<8}  {tenant:<24} {error}", "?")),
    }
    lines
}

const fn mark(standing: Standing) -> &'static str {
    match standing {
        Standing::Fine => "ok",
        Standing::Between => "near",
        Standing::Alerting => "ALERT",
        Standing::Unknown => "unknown",
    }
}

fn as_json(outcomes: &[Outcome]) -> Value {
    let finding = |finding: &Finding| {
        json!({
            "kind": finding.kind,
            "subject": finding.subject,
            "value": finding.value,
            "threshold": finding.threshold,
            "standing": mark(finding.standing).to_lowercase(),
        })
    };
    let tenants: Vec<Value> = outcomes
        .iter()
        .map(|(tenant, outcome)| match outcome {
            Ok(findings) => json!({ "tenant": tenant, "findings": findings.iter().map(finding).collect::<Vec<_>>() }),
            Err(error) => json!({ "tenant": tenant, "error": error.to_string() }),
        })
        .collect();
    json!({ "tenants": tenants })
}

#[cfg(test)]
mod tests {
    use omniops_domain::Error;
    use omniops_types::AlertKind;

    use super::*;

    fn found(standing: Standing) -> Outcome {
        let (kind, subject) = (AlertKind::ErrorRate, String::new());
        ("shop".to_owned(), Ok(vec![Finding { kind, subject, value: 0.1, threshold: Some(0.03), standing }]))
    }

    #[test]
    fn an_alert_is_one_what_cannot_be_told_two_and_else_nought() {
        let unknown = || ("other".to_owned(), Err(Error::NotFound("tenant")));
        let told = |outcomes: &[Outcome]| verdict(outcomes) as u8;
        assert_eq!(told(&[]), 0);
        assert_eq!(told(&[found(Standing::Fine), found(Standing::Unknown), found(Standing::Between)]), 0);
        assert_eq!(told(&[found(Standing::Fine), unknown()]), 2);
        assert_eq!(told(&[unknown(), found(Standing::Alerting)]), 1);
    }

    #[test]
    fn money_reads_as_money_and_a_cost_without_a_budget_says_so() {
        let cost = |threshold| {
            let (kind, subject, value) = (AlertKind::CostProjection, String::new(), 12_340_000.0);
            let finding = Finding { kind, subject, value, threshold, standing: Standing::Fine };
            lines(&("shop".to_owned(), Ok(vec![finding])))
        };
        let columns = |text: &str| format!("{:<8}  {:<24} {:<32} {text}", "ok", "shop", "cost_projection");
        assert_eq!(cost(None), [columns("projected for the month: $12.34; no budget")]);
        assert_eq!(cost(Some(20_000_000.0)), [columns("projected for the month: $12.34; budget: $20.00")]);
    }

    #[test]
    fn json_tells_each_tenant_with_its_findings() {
        let told = as_json(&[found(Standing::Alerting)]);
        assert_eq!(told["tenants"][0]["findings"][0]["standing"], "alert");
        assert_eq!(told["tenants"][0]["findings"][0]["kind"], "error_rate");
    }
}
