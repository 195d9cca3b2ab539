//! Buttons. One primary a view; icon-only buttons must have a label.

use leptos::ev::MouseEvent;
use leptos::prelude::*;

use super::icon::{Icon, IconName};

/// How much weight a button has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonVariant {
    Primary,
    #[default]
    Secondary,
    Ghost,
    Danger,
}

impl ButtonVariant {
    const fn class(self) -> &'static str {
        match self {
            Self::Primary => "btn-primary",
            Self::Secondary => "btn-outline border-base-300 bg-base-100 hover:bg-base-200 hover:text-base-content",
            Self::Ghost => "btn-ghost",
            Self::Danger => "btn-error",
        }
    }
}

/// 28 or 32 px high.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ButtonSize {
    Small,
    #[default]
    Medium,
    /// For the one action of a form: as wide as its column.
    Block,
}

impl ButtonSize {
    const fn class(self) -> &'static str {
        match self {
            Self::Small => "btn-sm h-7 px-2.5",
            Self::Medium => "btn-sm h-8 px-3",
            Self::Block => "btn-md h-9 w-full",
        }
    }
}

/// A button with words, an icon before them where one helps.
#[component]
pub fn Button(
    children: Children,
    #[prop(optional)] variant: ButtonVariant,
    #[prop(optional)] size: ButtonSize,
    #[prop(optional)] icon: Option<IconName>,
    /// Shows a spinner and takes no click.
    #[prop(optional, into)]
    loading: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Sends the form that it stands in.
    #[prop(optional)]
    submit: bool,
    /// What the button does, when the words alone leave that open.
    #[prop(optional, into)]
    title: Option<String>,
    #[prop(optional, into)] on_click: Option<Callback<MouseEvent>>,
) -> impl IntoView {
    let class = format!("btn font-medium {} {}", variant.class(), size.class());
    view! {
        <button
            type=if submit { "submit" } else { "button" }
            class=class
            title=title
            disabled=move || disabled.get() || loading.get()
            aria-busy=move || loading.get().then_some("true")
            on:click=move |event| {
                if let Some(on_click) = on_click {
                    on_click.run(event);
                }
            }
        >
            {move || {
                if loading.get() {
                    Some(view! { <span class="loading loading-spinner loading-xs" aria-hidden="true"></span> }.into_any())
                } else {
                    icon.map(|name| view! { <Icon name=name /> }.into_any())
                }
            }}
            {children()}
        </button>
    }
}

/// A link that looks like a button: it leads somewhere and does nothing else.
#[component]
pub fn ButtonLink(
    children: Children,
    #[prop(into)] href: Signal<String>,
    #[prop(optional)] variant: ButtonVariant,
    #[prop(default = ButtonSize::Small)] size: ButtonSize,
) -> impl IntoView {
    let class = format!("btn font-medium {} {}", variant.class(), size.class());
    view! {
        <a href=move || href.get() class=class data-noscroll="true">
            {children()}
        </a>
    }
}

/// A square button that shows only an icon; `label` is its name for everyone else, and its tooltip.
#[component]
pub fn IconButton(
    icon: IconName,
    #[prop(into)] label: Signal<String>,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Set on buttons that switch something on and off.
    #[prop(optional, into)]
    pressed: Option<Signal<bool>>,
    #[prop(optional)] class: &'static str,
    #[prop(optional, into)] on_click: Option<Callback<MouseEvent>>,
) -> impl IntoView {
    view! {
        <button
            type="button"
            class=format!("btn btn-ghost btn-square btn-sm {class}")
            class:btn-active=move || pressed.is_some_and(|pressed| pressed.get())
            aria-label=move || label.get()
            title=move || label.get()
            aria-pressed=move || pressed.map(|pressed| if pressed.get() { "true" } else { "false" })
            disabled=move || disabled.get()
            on:click=move |event| {
                if let Some(on_click) = on_click {
                    on_click.run(event);
                }
            }
        >
            <Icon name=icon />
        </button>
    }
}
