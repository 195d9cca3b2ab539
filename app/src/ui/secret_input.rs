//! A secret that can be given and never read back: one sees whether one is kept, and can replace or remove it.

use leptos::prelude::*;

use super::button::{Button, ButtonSize, ButtonVariant};
use super::icon::{Icon, IconName};
use crate::i18n::use_messages;
use crate::state::browser::focus_by_id;

/// What is to become of a secret when the form is saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Intent {
    Keep,
    Replace,
    Remove,
}

/// An edit of a secret that is not saved yet. Cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct SecretDraft {
    intent: RwSignal<Intent>,
    typed: RwSignal<String>,
}

impl SecretDraft {
    #[expect(clippy::new_without_default, reason = "it makes signals, which is no default")]
    pub fn new() -> Self {
        Self { intent: RwSignal::new(Intent::Keep), typed: RwSignal::new(String::new()) }
    }

    /// What to send: `None` leaves the secret as it is, the empty text removes it. `kept`: the server has one.
    pub fn change(self, kept: bool) -> Option<String> {
        let typed = self.typed.with(|typed| typed.trim().to_owned());
        match self.intent.get() {
            Intent::Remove if kept => Some(String::new()),
            Intent::Keep if kept => None,
            Intent::Keep | Intent::Replace | Intent::Remove => (!typed.is_empty()).then_some(typed),
        }
    }

    /// Forgets the edit.
    pub fn reset(self) {
        self.intent.set(Intent::Keep);
        self.typed.set(String::new());
    }
}

/// To stand in a [`super::Field`] with the same id.
#[component]
pub fn SecretInput(
    #[prop(into)] id: String,
    draft: SecretDraft,
    /// What is shown of the secret that the server has: its last characters, or nothing of it.
    #[prop(into)]
    kept: Signal<Option<String>>,
    #[prop(optional, into)] placeholder: Option<String>,
    #[prop(optional, into)] invalid: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    #[prop(optional, into)] on_edit: Option<Callback<()>>,
) -> impl IntoView {
    let words = &use_messages().common;
    let id = StoredValue::new(id);
    let choose = move |intent| {
        draft.typed.set(String::new());
        draft.intent.set(intent);
        if let Some(on_edit) = on_edit {
            on_edit.run(());
        }
        // The control that was clicked is gone: focus goes on to the one in its place.
        request_animation_frame(move || focus_by_id(&id.get_value()));
    };
    let link = move |label: &'static str, intent, first: bool| {
        view! {
            <Button
                variant=ButtonVariant::Ghost
                size=ButtonSize::Small
                disabled=disabled
                attr:id=first.then(|| id.get_value())
                on_click=move |_| choose(intent)
            >
                {label}
            </Button>
        }
    };
    let field = move || {
        view! {
            <input
                class="input h-9 w-full"
                class:input-error=move || invalid.get()
                aria-invalid=move || invalid.get().then_some("true")
                aria-describedby=format!("{0}-hint {0}-error", id.get_value())
                id=id.get_value()
                type="password"
                autocomplete="new-password"
                spellcheck="false"
                placeholder=placeholder.clone()
                disabled=move || disabled.get()
                prop:value=move || draft.typed.get()
                on:input=move |event| {
                    draft.typed.set(event_target_value(&event));
                    if let Some(on_edit) = on_edit {
                        on_edit.run(());
                    }
                }
            />
        }
    };
    view! {
        <div class="flex min-h-9 items-center gap-2">
            {move || match (kept.get(), draft.intent.get()) {
                (None, _) => field().into_any(),
                (Some(_), Intent::Replace) => {
                    view! {
                        {field()}
                        {link(words.keep, Intent::Keep, false)}
                    }
                        .into_any()
                }
                (Some(hint), Intent::Keep) => {
                    view! {
                        <span
                            class="flex h-9 min-w-0 flex-1 items-center gap-2 rounded-lg border border-base-300 bg-base-200 px-3"
                            class:border-danger=move || invalid.get()
                        >
                            <Icon name=IconName::Lock class="size-4 shrink-0 text-muted" />
                            <span class="truncate font-mono text-xs">"••••••••"{hint.replace('…', "")}</span>
                            <span class="sr-only">{words.secret_kept}</span>
                        </span>
                        {link(words.replace, Intent::Replace, true)}
                        {link(words.remove, Intent::Remove, false)}
                    }
                        .into_any()
                }
                (Some(_), Intent::Remove) => {
                    view! {
                        <span class="min-w-0 flex-1 text-warn">{words.secret_removed}</span>
                        {link(words.keep, Intent::Keep, true)}
                    }
                        .into_any()
                }
            }}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(intent: Intent, typed: &str) -> SecretDraft {
        let draft = SecretDraft::new();
        draft.intent.set(intent);
        draft.typed.set(typed.to_owned());
        draft
    }

    #[test]
    fn a_kept_secret_changes_only_when_that_was_asked_for() {
        Owner::new().with(|| {
            assert_eq!(draft(Intent::Keep, "").change(true), None);
            assert_eq!(draft(Intent::Replace, " ").change(true), None);
            assert_eq!(draft(Intent::Replace, " sk-new ").change(true), Some("sk-new".to_owned()));
            assert_eq!(draft(Intent::Remove, "").change(true), Some(String::new()));
        });
    }

    #[test]
    fn where_none_is_kept_what_was_typed_is_the_secret() {
        Owner::new().with(|| {
            assert_eq!(draft(Intent::Keep, "").change(false), None);
            assert_eq!(draft(Intent::Keep, "sk-1").change(false), Some("sk-1".to_owned()));
            assert_eq!(draft(Intent::Remove, "").change(false), None);
        });
    }
}
