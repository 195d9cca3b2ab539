//! Whether a store is connected and answers, and what to do when it does not.

use leptos::prelude::*;
use omniops_types::StoreCheck;

use super::store_form::{Check, StoreForm};
use crate::i18n::{Messages, use_messages};
use crate::ui::{Button, ButtonSize, ButtonVariant, Icon, IconName};

#[component]
pub fn StoreState(form: StoreForm) -> impl IntoView {
    let messages = use_messages();
    let words = &messages.connections.store;
    let state = Memo::new(move |_| {
        let address = form.saved.with(|saved| saved.as_ref().map(|store| store.base_url.clone()));
        State::of(messages, address.as_deref(), &form.check.read())
    });
    let connected = Memo::new(move |_| form.saved.read().is_some());
    let check = move || if *form.check.read() == Check::NotAsked { words.check } else { words.check_again };
    let ask = move |_| {
        // Not disabled meanwhile, or it would lose the focus.
        if *form.check.read_untracked() != Check::Asking {
            form.ask();
        }
    };
    view! {
        <div class=move || format!("rounded-xl px-4 py-3 {}", state.read().look.ground())>
            <div role="status" class="flex items-start gap-3">
                {move || {
                    let State { look, title, detail } = state.get();
                    view! {
                        <span class=format!("mt-0.5 {}", look.colour())>{look.sign()}</span>
                        <div class="min-w-0">
                            <p class="font-semibold break-words">{title}</p>
                            <p class="text-pretty break-words empty:hidden">{detail}</p>
                        </div>
                    }
                }}
            </div>
            <Show when=move || form.writable && connected.get()>
                <div class="mt-3 flex flex-wrap gap-2 ps-8">
                    <Button size=ButtonSize::Small on_click=ask>
                        {check}
                    </Button>
                    <Button
                        variant=ButtonVariant::Ghost
                        size=ButtonSize::Small
                        on_click=move |_| form.disconnecting.ask()
                    >
                        {words.disconnect}
                    </Button>
                </div>
            </Show>
        </div>
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    Neutral,
    Busy,
    Good,
    Bad,
}

impl Look {
    const fn ground(self) -> &'static str {
        match self {
            Self::Neutral | Self::Busy => "bg-base-200",
            Self::Good => "bg-good-soft",
            Self::Bad => "bg-danger-soft",
        }
    }

    const fn colour(self) -> &'static str {
        match self {
            Self::Neutral | Self::Busy => "text-muted",
            Self::Good => "text-good",
            Self::Bad => "text-danger",
        }
    }

    fn sign(self) -> AnyView {
        let icon = match self {
            Self::Busy => {
                return view! { <span class="loading loading-spinner size-5" aria-hidden="true"></span> }.into_any();
            }
            Self::Neutral => IconName::Plug,
            Self::Good => IconName::Check,
            Self::Bad => IconName::Alert,
        };
        view! { <Icon name=icon class="size-5 shrink-0" /> }.into_any()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    look: Look,
    title: String,
    detail: String,
}

impl State {
    fn of(messages: &'static Messages, address: Option<&str>, check: &Check) -> Self {
        let words = &messages.connections.store;
        let state = |look, title: &str, detail: &str| Self { look, title: title.to_owned(), detail: detail.to_owned() };
        let Some(address) = address else { return state(Look::Neutral, words.none, words.none_hint) };
        match check {
            Check::NotAsked => state(Look::Neutral, &(words.connected)(address), words.not_asked),
            Check::Asking => state(Look::Busy, &(words.asking)(address), ""),
            Check::Told(StoreCheck::Works { name, currency }) => {
                state(Look::Good, words.works, &(words.works_as)(name, currency.code()))
            }
            Check::Told(StoreCheck::Fails { problem }) => {
                let trouble = (words.trouble)(*problem);
                state(Look::Bad, trouble.title, trouble.remedy)
            }
            Check::Failed(error) => state(Look::Bad, words.not_checked, &error.text(messages)),
        }
    }
}
