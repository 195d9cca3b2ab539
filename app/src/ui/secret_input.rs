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

    /// As if somebody had chosen to replace the secret and typed this.
    #[cfg(test)]
    pub(crate) fn replace_with(self, secret: &str) {
        self.intent.set(Intent::Replace);
        self.typed.set(secret.to_owned());
    }

    /// Forgets the edit.
    pub fn reset(self) {
        self.intent.set(Intent::Keep);
        self.typed.set(String::new());
    }
}

/// What the input shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shows {
    /// What is typed.
    Typed,
    /// That there is one.
    Kept,
    /// That there will be none.
    Removed,
}

/// To stand in a [`super::Field`] with the same id. The input is there in every state, so that the label always has it.
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
    /// Can also be taken away, with nothing in its place.
    #[prop(default = true)]
    removable: bool,
    #[prop(optional, into)] on_edit: Option<Callback<()>>,
) -> impl IntoView {
    let words = &use_messages().common;
    let id = StoredValue::new(id);
    let shows = Memo::new(move |_| match (kept.with(Option::is_some), draft.intent.get()) {
        (false, _) | (true, Intent::Replace) => Shows::Typed,
        (true, Intent::Keep) => Shows::Kept,
        (true, Intent::Remove) => Shows::Removed,
    });
    let value = move || match shows.get() {
        Shows::Typed => draft.typed.get(),
        Shows::Kept => format!("••••••••{}", kept.get().unwrap_or_default().replace('…', "")),
        Shows::Removed => words.secret_removed.to_owned(),
    };
    let class = move || {
        let class = match shows.get() {
            Shows::Typed => "input h-9 w-full",
            Shows::Kept => "input h-9 w-full bg-base-200 ps-9 font-mono text-xs",
            Shows::Removed => "input h-9 w-full text-warn",
        };
        if invalid.get() { format!("{class} input-error") } else { class.to_owned() }
    };
    let edited = move || {
        if let Some(on_edit) = on_edit {
            on_edit.run(());
        }
    };
    let choose = move |intent| {
        draft.typed.set(String::new());
        draft.intent.set(intent);
        edited();
        // The button that was clicked is gone: focus goes on to what it was about.
        request_animation_frame(move || focus_by_id(&id.get_value()));
    };
    let button = move |label: &'static str, intent| {
        view! {
            <Button
                variant=ButtonVariant::Ghost
                size=ButtonSize::Small
                disabled=disabled
                on_click=move |_| choose(intent)
            >
                {label}
            </Button>
        }
    };
    view! {
        <div class="flex min-h-9 items-center gap-2">
            <div class="relative min-w-0 flex-1">
                {move || {
                    (shows.get() == Shows::Kept)
                        .then(|| {
                            view! {
                                <span class="pointer-events-none absolute inset-y-0 start-3 z-1 flex items-center text-muted">
                                    <Icon name=IconName::Lock />
                                    <span id=format!("{}-kept", id.get_value()) class="sr-only">
                                        {words.secret_kept}
                                    </span>
                                </span>
                            }
                                .into_any()
                        })
                }}
                <input
                    class=class
                    aria-invalid=move || invalid.get().then_some("true")
                    aria-describedby=format!("{0}-kept {0}-hint {0}-error", id.get_value())
                    id=id.get_value()
                    type=move || if shows.get() == Shows::Typed { "password" } else { "text" }
                    readonly=move || shows.get() != Shows::Typed
                    autocomplete="new-password"
                    spellcheck="false"
                    placeholder=placeholder
                    disabled=move || disabled.get()
                    // For the page as the server writes it, which knows no properties.
                    value=untrack(value)
                    prop:value=value
                    on:input=move |event| {
                        draft.typed.set(event_target_value(&event));
                        edited();
                    }
                />
            </div>
            {move || match (kept.with(Option::is_some), shows.get()) {
                (false, _) => None,
                (true, Shows::Typed | Shows::Removed) => Some(button(words.keep, Intent::Keep).into_any()),
                (true, Shows::Kept) => {
                    let both = view! {
                        {button(words.replace, Intent::Replace)}
                        {removable.then(|| button(words.remove, Intent::Remove))}
                    };
                    Some(both.into_any())
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
