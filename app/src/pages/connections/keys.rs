//! The keys with which a shop signs who its visitors are, and what one does with them.

use leptos::prelude::*;
use leptos::task::spawn_local;
use omniops_types::{CreateIdentityKey, ErrorCode, IdentityKey, IssuedKey, Permission};

use super::confirm::Question;
use crate::error::AppError;
use crate::i18n::{Messages, use_messages};
use crate::rpc::connections as rpc;
use crate::state::browser::focus_by_id;
use crate::state::session::{leave_if_signed_out, may};
use crate::ui::{Toast, Toasts, Tone, use_toasts};

/// How many a domain has at most.
const MOST: usize = 2;

/// The button with which a key is made: where focus goes when another button is gone.
pub const MAKE: &str = "new-key";

/// The keys of a domain. Cheap to copy.
#[derive(Clone, Copy)]
pub struct Keys {
    /// The domain's host.
    host: StoredValue<String>,
    /// Oldest first.
    pub all: RwSignal<Vec<IdentityKey>>,
    pub writable: bool,
    pub making: RwSignal<bool>,
    /// The key that was just made, with its secret. Forgotten when its dialog closes.
    pub issued: RwSignal<Option<IssuedKey>>,
    pub issued_open: RwSignal<bool>,
    pub replacing: Question,
    pub revoking: Question,
    /// The id of the key that is to be revoked.
    pub revoked: RwSignal<String>,
    messages: &'static Messages,
    toasts: Toasts,
}

impl Keys {
    pub fn new(host: String, all: Vec<IdentityKey>) -> Self {
        Self {
            host: StoredValue::new(host),
            all: RwSignal::new(all),
            writable: may(Permission::SettingsWrite),
            making: RwSignal::new(false),
            issued: RwSignal::new(None),
            issued_open: RwSignal::new(false),
            replacing: Question::new("replace"),
            revoking: Question::new("revoke"),
            revoked: RwSignal::new(String::new()),
            messages: use_messages(),
            toasts: use_toasts(),
        }
    }

    /// Whether a new one takes the place of the oldest. Reactive.
    pub fn full(self) -> bool {
        self.all.read().len() >= MOST
    }

    /// The id of the oldest. Reactive.
    pub fn oldest(self) -> String {
        self.all.with(|all| all.first().map(|key| key.kid.clone()).unwrap_or_default())
    }

    /// The id of the newest. Reactive.
    pub fn newest(self) -> Option<String> {
        self.all.with(|all| all.last().map(|key| key.kid.clone()))
    }

    /// Makes one more, or asks first where that takes one away.
    pub fn make(self) {
        // A toast with a second try outlives the page.
        if self.all.is_disposed() || self.making.get_untracked() {
            return;
        }
        if untrack(move || self.full()) {
            return self.replacing.ask();
        }
        self.making.set(true);
        let request = self.request(false);
        spawn_local(async move {
            let outcome = rpc::issue_key(request).await;
            if self.making.try_set(false).is_some() {
                // The page is gone.
                return;
            }
            match outcome {
                Ok(issued) => self.show(issued),
                Err(error) => {
                    // Somebody else made one: what can be done now is seen from the list.
                    if error.code() == ErrorCode::Conflict {
                        self.refresh();
                    }
                    self.failed(self.messages.connections.keys.not_made_toast, &error, Self::make);
                }
            }
        });
    }

    /// Puts a new one in the place of the oldest, as was confirmed.
    pub fn replace(self) {
        self.replacing.answer(rpc::issue_key(self.request(true)), move |issued| self.show(issued));
    }

    pub fn ask_to_revoke(self, kid: String) {
        self.revoked.set(kid);
        self.revoking.ask();
    }

    /// Revokes the one, as was confirmed.
    pub fn revoke(self) {
        let (host, kid) = (self.host.get_value(), self.revoked.get_untracked());
        let ended = kid.clone();
        let work = async move {
            match rpc::end_key(host, ended).await {
                // Somebody else was first.
                Err(error) if error.code() == ErrorCode::NotFound => Ok(()),
                outcome => outcome,
            }
        };
        self.revoking.answer(work, move |()| {
            self.all.update(|all| all.retain(|key| key.kid != kid));
            self.toasts.show(Toast::new(Tone::Good, self.messages.connections.keys.revoked_toast));
            // The button that was clicked is gone.
            request_animation_frame(|| focus_by_id(MAKE));
        });
    }

    /// The dialog with the secret was closed.
    pub fn forget_issued(self) {
        if self.issued.with_untracked(Option::is_some) {
            self.issued.set(None);
            // A button that takes no click loses the focus.
            request_animation_frame(|| focus_by_id(MAKE));
        }
    }

    fn request(self, rotate: bool) -> CreateIdentityKey {
        CreateIdentityKey { domain: self.host.get_value(), rotate }
    }

    fn show(self, issued: IssuedKey) {
        self.issued.set(Some(issued));
        self.issued_open.set(true);
        self.refresh();
    }

    /// Reads the list anew.
    fn refresh(self) {
        if self.all.is_disposed() {
            return;
        }
        spawn_local(async move {
            let outcome = rpc::read().await;
            if self.all.is_disposed() {
                return;
            }
            match outcome {
                Ok(domains) => {
                    let host = self.host.get_value();
                    let ours = domains.into_iter().find(|domain| domain.domain == host);
                    self.all.set(ours.map(|domain| domain.identity_keys).unwrap_or_default());
                }
                Err(error) => self.failed(self.messages.agent.load_failed, &error, Self::refresh),
            }
        });
    }

    fn failed(self, text: &'static str, error: &AppError, again: fn(Self)) {
        leave_if_signed_out(error);
        let toast = Toast::new(Tone::Bad, text).detail(error.text(self.messages));
        self.toasts.show(toast.action(self.messages.common.retry, move |()| again(self)));
    }
}
