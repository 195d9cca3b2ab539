//! The store behind a domain while it is edited, and what came of asking it.

use leptos::prelude::*;
use leptos::task::spawn_local;
use omniops_types::{
    ErrorCode, FieldErrors, Permission, StoreCheck, StoreConnection, StoreKind, Timestamp, UpdateStore,
};

use super::confirm::Question;
use crate::error::AppError;
use crate::i18n::{Messages, use_messages};
use crate::pages::agent::fields::FormOfFields;
use crate::pages::agent::form::{forget_problem, problem_of};
use crate::rpc::connections as rpc;
use crate::state::browser::{focus_by_id, focus_first};
use crate::state::session::{leave_if_signed_out, may};
use crate::ui::{SecretDraft, Toast, Toasts, Tone, use_toasts};

/// The fields' names, as the server has them.
pub const ADDRESS: &str = "base_url";
pub const KEY: &str = "consumer_key";
pub const SECRET: &str = "consumer_secret";

/// What is marked as wrong, in the order of the page.
const WRONG: &str = "#store-form [aria-invalid=true]";

/// What is known of whether the store answers.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// It was not asked since the page was opened.
    NotAsked,
    Asking,
    Told(StoreCheck),
    /// Our own server could not be asked.
    Failed(AppError),
}

/// The form of a store. Cheap to copy.
#[derive(Clone, Copy)]
pub struct StoreForm {
    /// The domain's host.
    host: StoredValue<String>,
    /// What the server has.
    pub saved: RwSignal<Option<StoreConnection>>,
    pub writable: bool,
    pub saving: RwSignal<bool>,
    pub check: RwSignal<Check>,
    /// Whether it is to be disconnected.
    pub disconnecting: Question,
    errors: RwSignal<FieldErrors>,
    pub base_url: RwSignal<String>,
    pub consumer_key: SecretDraft,
    pub consumer_secret: SecretDraft,
    messages: &'static Messages,
    toasts: Toasts,
}

impl StoreForm {
    pub fn new(host: String, saved: Option<StoreConnection>) -> Self {
        let form = Self {
            host: StoredValue::new(host),
            saved: RwSignal::new(saved),
            writable: may(Permission::SettingsWrite),
            saving: RwSignal::new(false),
            check: RwSignal::new(Check::NotAsked),
            disconnecting: Question::new("disconnect"),
            errors: RwSignal::new(FieldErrors::new()),
            base_url: RwSignal::new(String::new()),
            consumer_key: SecretDraft::new(),
            consumer_secret: SecretDraft::new(),
            messages: use_messages(),
            toasts: use_toasts(),
        };
        form.load();
        form
    }

    /// Puts what the server has into the fields; what was typed is gone.
    pub fn load(self) {
        self.base_url.set(self.address().unwrap_or_default());
        self.consumer_key.reset();
        self.consumer_secret.reset();
        self.errors.set(FieldErrors::new());
    }

    /// The address that the server has.
    pub fn address(self) -> Option<String> {
        self.saved.with_untracked(|saved| saved.as_ref().map(|store| store.base_url.clone()))
    }

    /// Whether a store is connected and another address stands in the field: the server sends the keys that it has only
    /// to the one for which they were given. Reactive.
    pub fn moved(self) -> bool {
        self.saved.with(|saved| saved.as_ref().is_some_and(|store| !self.is_at(store)))
    }

    fn is_at(self, store: &StoreConnection) -> bool {
        self.base_url.with(|typed| typed.trim().trim_end_matches('/') == store.base_url)
    }

    /// What is shown of the consumer key that the server has, while it may stay. Reactive.
    pub fn key_kept(self) -> Option<String> {
        self.hint_unless_replaced(self.consumer_secret)
    }

    /// As [`Self::key_kept`]. Nothing of a secret is shown.
    pub fn secret_kept(self) -> Option<String> {
        self.hint_unless_replaced(self.consumer_key).map(|_| String::new())
    }

    /// Keys come in pairs: with a new one, the other cannot stay.
    fn hint_unless_replaced(self, other: SecretDraft) -> Option<String> {
        self.saved.with(|saved| {
            let store = saved.as_ref().filter(|store| self.is_at(store) && other.change(true).is_none())?;
            Some(store.key_hint.clone().unwrap_or_default())
        })
    }

    fn typed_keys(self) -> (Option<String>, Option<String>) {
        let (key_kept, secret_kept) = (self.key_kept().is_some(), self.secret_kept().is_some());
        (self.consumer_key.change(key_kept), self.consumer_secret.change(secret_kept))
    }

    /// Whether there is something to save. Reactive.
    pub fn dirty(self) -> bool {
        let address = match self.saved.read().as_ref() {
            Some(store) => !self.is_at(store),
            None => self.base_url.with(|typed| !typed.trim().is_empty()),
        };
        self.writable && (address || self.typed_keys() != (None, None))
    }

    /// The store as it stands in the fields, or what is wrong with which. Reactive.
    pub fn update(self) -> Result<UpdateStore, FieldErrors> {
        let words = &self.messages.connections.store;
        let mut errors = FieldErrors::new();
        let mut refuse = |field: &str, problem: &str| drop(errors.insert(field.to_owned(), problem.to_owned()));
        let base_url = self.base_url.with(|typed| typed.trim().to_owned());
        if base_url.is_empty() {
            refuse(ADDRESS, words.address_missing);
        }
        let (consumer_key, consumer_secret) = self.typed_keys();
        match (&consumer_key, &consumer_secret) {
            (None, None) if self.key_kept().is_none() => {
                refuse(KEY, words.key_missing);
                refuse(SECRET, words.key_missing);
            }
            (None, Some(_)) => refuse(KEY, words.pair),
            (Some(_), None) => refuse(SECRET, words.pair),
            (None, None) | (Some(_), Some(_)) => {}
        }
        for (field, prefix, typed) in [(KEY, "ck_", &consumer_key), (SECRET, "cs_", &consumer_secret)] {
            if typed.as_ref().is_some_and(|typed| !typed.starts_with(prefix)) {
                refuse(field, &(words.not_a_key)(prefix));
            }
        }
        if errors.is_empty() {
            let (domain, kind) = (self.host.get_value(), StoreKind::WooCommerce);
            Ok(UpdateStore { domain, kind, base_url, consumer_key, consumer_secret })
        } else {
            Err(errors)
        }
    }

    /// Saves what stands in the fields, and asks the store.
    pub fn save(self) {
        // A toast with a second try outlives the page.
        if self.saved.is_disposed() || self.saving.get_untracked() || !untrack(move || self.dirty()) {
            return;
        }
        let update = match untrack(move || self.update()) {
            Ok(update) => update,
            Err(errors) => return self.refuse(errors),
        };
        self.saving.set(true);
        self.errors.set(FieldErrors::new());
        spawn_local(async move {
            match rpc::connect_store(update.clone()).await {
                Ok(connection) => self.take(connection, &update),
                Err(error) => self.not_saved(error),
            }
            let _ = self.saving.try_set(false);
        });
    }

    fn take(self, connection: Option<StoreConnection>, sent: &UpdateStore) {
        if self.saved.is_disposed() {
            // With its page.
            return;
        }
        let typed_on = untrack(move || self.update()).ok().as_ref() != Some(sent);
        self.saved.set(connection);
        if !typed_on {
            self.load();
        }
        self.toasts.show(Toast::new(Tone::Good, self.messages.connections.store.saved_toast));
        self.ask();
    }

    fn not_saved(self, error: AppError) {
        leave_if_signed_out(&error);
        if error.code() == ErrorCode::InvalidFields {
            return self.refuse(error.0.fields);
        }
        let toast = Toast::new(Tone::Bad, self.messages.connections.store.not_saved_toast);
        let toast = toast.detail(error.text(self.messages));
        self.toasts.show(toast.action(self.messages.common.retry, move |()| self.save()));
    }

    /// Marks the fields and goes to the first of them.
    fn refuse(self, errors: FieldErrors) {
        let _ = self.errors.try_set(errors);
        request_animation_frame(|| focus_first(WRONG));
    }

    /// Asks the store whether it answers.
    pub fn ask(self) {
        let Some(of) = self.version() else { return };
        self.check.set(Check::Asking);
        spawn_local(async move {
            let answer = rpc::check_store(self.host.get_value()).await;
            // It is another one by now, or none, or the page is gone.
            if self.saved.is_disposed() || self.version() != Some(of) {
                return;
            }
            self.check.set(match answer {
                Ok(check) => Check::Told(check),
                Err(error) => {
                    leave_if_signed_out(&error);
                    Check::Failed(error)
                }
            });
        });
    }

    fn version(self) -> Option<Timestamp> {
        self.saved.with_untracked(|saved| saved.as_ref().map(|store| store.updated_at))
    }

    /// Disconnects the store, as was confirmed.
    pub fn disconnect(self) {
        let host = self.host.get_value();
        let work = async move {
            match rpc::disconnect_store(host).await {
                // Somebody else was first.
                Err(error) if error.code() == ErrorCode::NotFound => Ok(()),
                outcome => outcome,
            }
        };
        self.disconnecting.answer(work, move |()| {
            self.saved.set(None);
            self.check.set(Check::NotAsked);
            self.load();
            self.toasts.show(Toast::new(Tone::Good, self.messages.connections.store.disconnected_toast));
            // The button that was clicked is gone.
            request_animation_frame(|| focus_by_id(ADDRESS));
        });
    }
}

impl FormOfFields for StoreForm {
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
