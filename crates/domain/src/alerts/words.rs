//! What a notice says. English: who runs an installation reads its logs too.

use omniops_types::{AlertKind, MicroUsd};

/// What a notice is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct About<'a> {
    pub(super) tenant: &'a str,
    pub(super) kind: AlertKind,
    pub(super) subject: &'a str,
    pub(super) value: f64,
    /// Absent where nothing is too much.
    pub(super) threshold: Option<f64>,
    pub(super) is_over: bool,
}

/// One line: which tenant, what, and whether it is over.
pub(super) fn headline(about: About<'_>) -> String {
    let what = match about.kind {
        AlertKind::ErrorRate => "too many answers fail".to_owned(),
        AlertKind::CostProjection => "the month will cost more than its budget".to_owned(),
        AlertKind::ZeroResults => "too many searches find nothing".to_owned(),
        AlertKind::ProviderDown => format!("the model provider {} does not answer", about.subject),
        AlertKind::RollupsStale => "the telemetry figures are behind".to_owned(),
    };
    let state = if about.is_over { "Resolved" } else { "Alert" };
    // A tenant's name and a provider's are other people's words: one line of them.
    one_line(&format!("{state} for {}: {what}", about.tenant))
}

/// What was measured, against what.
pub(super) fn figures(about: About<'_>) -> String {
    let percent = |share: f64| format!("{:.1} %", share * 100.0);
    let (value, threshold) = (about.value, about.threshold.unwrap_or_default());
    match about.kind {
        AlertKind::ErrorRate => {
            format!("{} of the last hour's turns failed; {} may", percent(value), percent(threshold))
        }
        AlertKind::CostProjection => {
            let budget =
                about.threshold.map_or("no budget".to_owned(), |budget| format!("budget: {}", dollars(budget)));
            format!("projected for the month: {}; {budget}", dollars(value))
        }
        AlertKind::ZeroResults => {
            format!("{} of the last day's searches found nothing; {} may", percent(value), percent(threshold))
        }
        AlertKind::ProviderDown if about.is_over => "it is asked again".to_owned(),
        AlertKind::ProviderDown => "it failed so often that it is not asked for now".to_owned(),
        AlertKind::RollupsStale => format!("{value:.0} seconds behind; {threshold:.0} may be"),
    }
}

/// To the cent; of less than a dollar every decimal that there is.
fn dollars(micros: f64) -> String {
    const DOLLAR: f64 = 1_000_000.0;
    if micros.abs() < DOLLAR { MicroUsd(micros as i64).to_string() } else { format!("${:.2}", micros / DOLLAR) }
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_names_tenant_matter_and_figures_on_one_line_each() {
        let about = About {
            tenant: "Shop\r\nBcc: all",
            kind: AlertKind::ErrorRate,
            subject: "",
            value: 0.125,
            threshold: Some(0.03),
            is_over: false,
        };
        assert_eq!(headline(about), "Alert for Shop  Bcc: all: too many answers fail");
        assert_eq!(figures(about), "12.5 % of the last hour's turns failed; 3.0 % may");
        let over = About {
            kind: AlertKind::CostProjection,
            value: 12_340_000.0,
            threshold: Some(20_000_000.0),
            is_over: true,
            ..about
        };
        assert!(headline(over).starts_with("Resolved for "));
        assert_eq!(figures(over), "projected for the month: $12.34; budget: $20.00");
        let small = About { value: 1_250.0, threshold: None, ..over };
        assert_eq!(figures(small), "projected for the month: $0.00125; no budget");
    }
}
