//! A small label for a state. The words carry the meaning; the colour only helps.

use leptos::prelude::*;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Neutral,
    Accent,
    Good,
    Warning,
    Bad,
}

impl Tone {
    const fn class(self) -> &'static str {
        match self {
            Self::Neutral => "bg-base-300 text-base-content",
            Self::Accent => "bg-accent-soft text-link",
            Self::Good => "bg-good-soft text-good",
            Self::Warning => "bg-note text-warn",
            Self::Bad => "bg-danger-soft text-danger",
        }
    }
}

#[component]
pub fn Badge(#[prop(optional)] tone: Tone, #[prop(into)] text: Signal<String>) -> impl IntoView {
    let class = format!(
        "inline-flex h-5 items-center rounded-full px-2 text-xs font-medium whitespace-nowrap {}",
        tone.class()
    );
    view! { <span class=class>{move || text.get()}</span> }
}
