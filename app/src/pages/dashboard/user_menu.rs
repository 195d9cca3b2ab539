//! The user's own things: theme, language, log-out.

use leptos::prelude::*;
use omniops_types::Me;

use crate::i18n::{LOCALE_COOKIE, Locale, use_messages};
use crate::state::browser;
use crate::state::session::{THEME_COOKIE, Theme, use_bootstrap};
use crate::ui::{Avatar, Icon, IconName, Menu, MenuAction, MenuDivider, MenuHeading};

#[component]
pub fn UserMenu(me: Me) -> impl IntoView {
    let messages = use_messages();
    let locale = use_bootstrap().locale;
    let name = me.name.clone();
    let me = StoredValue::new(me);
    view! {
        <Menu
            id="user-menu"
            label=format!("{}: {name}", messages.shell.account)
            class="btn btn-ghost btn-circle btn-sm"
            align_end=true
            trigger=move || view! { <Avatar name=name.clone() class="size-7 text-[11px]" /> }
        >
            <div class="border-b border-base-300 px-2 pt-1 pb-2" role="presentation">
                <p class="truncate font-medium">{me.with_value(|me| me.name.clone())}</p>
                <p class="truncate text-xs text-muted">{me.with_value(|me| me.email.clone())}</p>
                <p class="text-xs text-muted">{me.with_value(|me| (messages.role)(me.current.role))}</p>
            </div>
            <MenuHeading text=messages.shell.language />
            {Locale::ALL
                .into_iter()
                .map(|choice| {
                    view! {
                        <MenuAction
                            label=choice.name()
                            checked=Signal::from(choice == locale)
                            on_click=move |()| {
                                browser::set_cookie(LOCALE_COOKIE, choice.tag());
                                browser::reload();
                            }
                        />
                    }
                })
                .collect_view()}
            <MenuDivider />
            <form method="post" action="/rpc/auth/logout" role="presentation">
                <MenuAction label=messages.shell.sign_out icon=IconName::SignOut submit=true />
            </form>
        </Menu>
    }
}

#[component]
pub fn ThemeMenu() -> impl IntoView {
    let words = &use_messages().shell;
    let theme = RwSignal::new(use_bootstrap().theme);
    let choose = move |choice: Theme| {
        theme.set(choice);
        browser::set_cookie(THEME_COOKIE, choice.as_str());
        apply(choice);
    };
    view! {
        <Menu
            id="theme-menu"
            label=words.theme
            class="btn btn-ghost btn-square btn-sm"
            align_end=true
            trigger=move || {
                view! {
                    <span class="contents dark:hidden">
                        <Icon name=IconName::Sun />
                    </span>
                    <span class="hidden dark:contents">
                        <Icon name=IconName::Moon />
                    </span>
                }
            }
        >
            {[
                (Theme::System, words.theme_system, IconName::Monitor),
                (Theme::Light, words.theme_light, IconName::Sun),
                (Theme::Dark, words.theme_dark, IconName::Moon),
            ]
                .into_iter()
                .map(|(choice, label, icon)| {
                    view! {
                        <MenuAction
                            label=label
                            icon=icon
                            checked=Signal::derive(move || theme.get() == choice)
                            on_click=move |()| choose(choice)
                        />
                    }
                })
                .collect_view()}
        </Menu>
    }
}

fn apply(theme: Theme) {
    let Some(root) = document().document_element() else { return };
    // Neither can fail for this name and these values.
    let _ = match theme.attribute() {
        Some(value) => root.set_attribute("data-theme", value),
        None => root.remove_attribute("data-theme"),
    };
}
