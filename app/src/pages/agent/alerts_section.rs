//! From where on the team is told that something is wrong. Stands on the agent's page and is saved with its bar, but is a
//! setting of its own.

use leptos::prelude::*;
use leptos::task::spawn_local;
use omniops_types::{AlertConfig, AlertSettings, ErrorCode, FieldErrors, Permission, UpdateAlerts};

use super::fields::{FormOfFields, Line, Pair, Section};
use super::form::{WRONG, forget_problem, number, problem_of};
use crate::error::AppError;
use crate::i18n::{Messages, use_messages};
use crate::rpc::alerts as rpc;
use crate::state::browser::focus_first;
use crate::state::session::{leave_if_signed_out, may};
use crate::ui::{Toast, Toasts, Tone, use_toasts};

/// As the server takes them.
const PERCENT: std::ops::RangeInclusive<f64> = 0.1..=100.0;
const FEWEST: std::ops::RangeInclusive<i64> = 1..=100_000;

/// The thresholds while they are edited. Cheap to copy.
#[derive(Clone, Copy)]
pub struct AlertsForm {
    /// What the server has.
    saved: RwSignal<AlertConfig>,
    writable: bool,
    pub saving: RwSignal<bool>,
    /// Somebody else saved meanwhile.
    pub conflict: RwSignal<bool>,
    errors: RwSignal<FieldErrors>,
    error_percent: RwSignal<String>,
    fewest_turns: RwSignal<String>,
    zero_results_percent: RwSignal<String>,
    fewest_searches: RwSignal<String>,
    messages: &'static Messages,
    toasts: Toasts,
}

impl AlertsForm {
    pub fn new(config: AlertConfig) -> Self {
        let text = || RwSignal::new(String::new());
        let form = Self {
            saved: RwSignal::new(config),
            writable: may(Permission::SettingsWrite),
            saving: RwSignal::new(false),
            conflict: RwSignal::new(false),
            errors: RwSignal::new(FieldErrors::new()),
            error_percent: text(),
            fewest_turns: text(),
            zero_results_percent: text(),
            fewest_searches: text(),
            messages: use_messages(),
            toasts: use_toasts(),
        };
        form.load();
        form
    }

    /// Puts what the server has into the fields; what was typed is gone.
    pub fn load(self) {
        let AlertSettings { error_percent, fewest_turns, zero_results_percent, fewest_searches } =
            self.saved.with_untracked(|saved| saved.settings);
        self.error_percent.set(error_percent.to_string());
        self.fewest_turns.set(fewest_turns.to_string());
        self.zero_results_percent.set(zero_results_percent.to_string());
        self.fewest_searches.set(fewest_searches.to_string());
        self.errors.set(FieldErrors::new());
        self.conflict.set(false);
    }

    /// The settings as they stand in the fields, or what is wrong with which. Reactive.
    fn settings(self) -> Result<AlertSettings, FieldErrors> {
        let words = &self.messages.telemetry.thresholds;
        let mut errors = FieldErrors::new();
        let mut percent = |field: &str, text: RwSignal<String>| {
            number(text).filter(|percent| PERCENT.contains(percent)).unwrap_or_else(|| {
                errors.insert(field.to_owned(), words.not_a_percent.to_owned());
                0.0
            })
        };
        let error_percent = percent("error_percent", self.error_percent);
        let zero_results_percent = percent("zero_results_percent", self.zero_results_percent);
        let mut fewest = |field: &str, text: RwSignal<String>| {
            number(text).filter(|fewest| FEWEST.contains(fewest)).unwrap_or_else(|| {
                errors.insert(field.to_owned(), words.not_a_count.to_owned());
                0
            })
        };
        let fewest_turns = fewest("fewest_turns", self.fewest_turns);
        let fewest_searches = fewest("fewest_searches", self.fewest_searches);
        if errors.is_empty() {
            Ok(AlertSettings { error_percent, fewest_turns, zero_results_percent, fewest_searches })
        } else {
            Err(errors)
        }
    }

    /// Whether saving would change something. Reactive.
    pub fn dirty(self) -> bool {
        self.settings().ok() != Some(self.saved.read().settings)
    }

    /// Saves what stands in the fields.
    pub fn save(self) {
        // A toast outlives the page.
        if self.saved.is_disposed() || self.saving.get_untracked() || !self.writable {
            return;
        }
        let settings = match untrack(move || self.settings()) {
            Ok(settings) => settings,
            Err(errors) => return self.refuse(errors),
        };
        let version = Some(self.saved.with_untracked(|saved| saved.version));
        self.saving.set(true);
        self.errors.set(FieldErrors::new());
        spawn_local(async move {
            match rpc::update(UpdateAlerts { settings, version }).await {
                Ok(config) => {
                    // What was typed on meanwhile stays, and is a change of these.
                    if self.saved.try_set(config).is_none() {
                        self.toasts.show(Toast::new(Tone::Good, self.messages.telemetry.thresholds.saved_toast));
                    }
                }
                Err(error) => self.not_saved(error),
            }
            let _ = self.saving.try_set(false);
        });
    }

    fn not_saved(self, error: AppError) {
        leave_if_signed_out(&error);
        match error.code() {
            ErrorCode::Conflict => drop(self.conflict.try_set(true)),
            ErrorCode::InvalidFields => self.refuse(error.0.fields),
            _ => {
                let toast = Toast::new(Tone::Bad, self.messages.telemetry.thresholds.not_saved_toast);
                let toast = toast.detail(error.text(self.messages));
                self.toasts.show(toast.action(self.messages.common.retry, move |()| self.save()));
            }
        }
    }

    fn refuse(self, errors: FieldErrors) {
        let _ = self.errors.try_set(errors);
        request_animation_frame(|| focus_first(WRONG));
    }
}

impl FormOfFields for AlertsForm {
    fn is_writable(self) -> bool {
        self.writable
    }

    fn problem(self, field: &'static str) -> Signal<Option<String>> {
        problem_of(self.errors, field)
    }

    fn edited(self, field: &str) {
        forget_problem(self.errors, field);
    }
}

#[component]
pub fn AlertsSection(form: AlertsForm) -> impl IntoView {
    let messages = use_messages();
    let words = &messages.telemetry.thresholds;
    let errors = [
        Line::new("error_percent", words.error_percent, form.error_percent)
            .hint(words.error_percent_hint)
            .percent()
            .keys("decimal"),
        Line::new("fewest_turns", words.fewest_turns, form.fewest_turns).hint(words.fewest_turns_hint).keys("numeric"),
    ];
    let searches = [
        Line::new("zero_results_percent", words.zero_results_percent, form.zero_results_percent)
            .hint(words.zero_results_percent_hint)
            .percent()
            .keys("decimal"),
        Line::new("fewest_searches", words.fewest_searches, form.fewest_searches)
            .hint(words.fewest_searches_hint)
            .keys("numeric"),
    ];
    view! {
        <Section id="alerts" title=messages.telemetry.alerts lead=words.lead>
            <Pair>{errors.map(|line| line.view(form)).collect_view()}</Pair>
            <Pair>{searches.map(|line| line.view(form)).collect_view()}</Pair>
            <p class="text-xs text-muted">{words.always}</p>
        </Section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form() -> AlertsForm {
        let settings = AlertSettings { error_percent: 2.5, ..AlertSettings::default() };
        AlertsForm::new(AlertConfig { settings, version: 3 })
    }

    #[test]
    fn what_is_saved_comes_into_the_fields_and_out_of_them_unchanged() {
        Owner::new().with(|| {
            let form = form();
            assert_eq!((form.error_percent.get().as_str(), form.zero_results_percent.get().as_str()), ("2.5", "30"));
            assert!(!form.dirty());
            form.fewest_turns.set("50".to_owned());
            assert_eq!(form.settings().unwrap().fewest_turns, 50);
            assert!(form.dirty());
            form.load();
            assert!(!form.dirty());
        });
    }

    #[test]
    fn what_the_server_would_refuse_is_told_beside_its_field() {
        Owner::new().with(|| {
            let form = form();
            form.error_percent.set("0".to_owned());
            form.zero_results_percent.set("NaN".to_owned());
            form.fewest_turns.set("2.5".to_owned());
            form.fewest_searches.set("100001".to_owned());
            let fields: Vec<String> = form.settings().unwrap_err().into_keys().collect();
            assert_eq!(fields, ["error_percent", "fewest_searches", "fewest_turns", "zero_results_percent"]);
            assert!(form.dirty(), "and cannot be left behind unnoticed");
        });
    }
}
