//! What the form makes of the settings, and back.

use leptos::prelude::*;
use omniops_types::{AgentConfig, AgentSettings, EscalationAction, EscalationRule, HttpTool, MicroUsd, ModelInForce};

use super::form::AgentForm;

fn config() -> AgentConfig {
    let mut settings = AgentSettings::default();
    settings.model.temperature = Some(0.3);
    settings.escalation.below_confidence = 0.355;
    settings.escalation.rules =
        vec![EscalationRule { words: vec!["lawyer".to_owned()], action: EscalationAction::Handoff }];
    settings.tools.http = vec![HttpTool {
        name: "loyalty".to_owned(),
        description: "Points of a customer".to_owned(),
        url: "https://shop.example/points".to_owned(),
        parameters: r#"{"type":"object"}"#.to_owned(),
        secret_header: Some("x-api-key".to_owned()),
        requires_verification: true,
    }];
    settings.budgets.daily = Some(MicroUsd(12_500_001));
    AgentConfig {
        settings,
        version: 4,
        api_key_hint: Some("…abcd".to_owned()),
        tool_secrets: vec!["loyalty".to_owned()],
        in_force: ModelInForce::Extractive { reason: String::new() },
    }
}

#[test]
fn what_nobody_touched_is_not_changed_by_a_single_decimal() {
    Owner::new().with(|| {
        let form = AgentForm::new(config());
        assert_eq!(form.settings(), Ok(config().settings));
        assert_eq!(form.daily.get(), "12.500001");
        assert!(!form.dirty());
    });
}

#[test]
fn an_edit_is_noticed_and_undone_by_discarding() {
    Owner::new().with(|| {
        let form = AgentForm::new(config());
        form.below_confidence.set("40".to_owned());
        assert!(form.dirty());
        assert!((form.settings().unwrap().escalation.below_confidence - 0.4).abs() < f32::EPSILON);
        form.load();
        assert!(!form.dirty());
    });
}

#[test]
fn what_is_no_amount_is_named_and_counts_as_a_change() {
    Owner::new().with(|| {
        let form = AgentForm::new(config());
        form.daily.set("1,5".to_owned());
        form.temperature.set("warm".to_owned());
        form.fallback_percent.set("0".to_owned());
        let fields: Vec<String> = form.settings().unwrap_err().into_keys().collect();
        assert_eq!(fields, ["budgets.daily", "budgets.fallback_percent", "model.temperature"]);
        assert!(form.dirty());
    });
}
