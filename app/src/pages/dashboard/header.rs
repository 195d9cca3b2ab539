//! The bar above every page: workspace, connection, theme, user.

use leptos::prelude::*;
use leptos_router::components::A;
use omniops_types::Me;

use super::connection::ConnectionState;
use super::tenant_switch::TenantSwitch;
use super::user_menu::{ThemeMenu, UserMenu};
use crate::i18n::use_messages;
use crate::pages::login::LogoMark;
use crate::ui::{IconButton, IconName};

#[component]
pub fn Header(me: Me, #[prop(into)] on_menu: Callback<()>) -> impl IntoView {
    let words = &use_messages().shell;
    view! {
        <header class="flex h-12 shrink-0 items-center gap-2 border-b border-base-300 bg-base-200 px-2">
            <div class="md:hidden">
                <IconButton icon=IconName::Menu label=words.open_menu.to_owned() on_click=move |_| on_menu.run(()) />
            </div>
            <A href="/dashboard/conversations" attr:aria-label="OmniOps" attr:class="ms-0.5 hidden rounded-lg md:block">
                <LogoMark />
            </A>
            <TenantSwitch me=me.clone() />
            <div class="ms-auto flex shrink-0 items-center gap-1">
                <ConnectionState />
                <ThemeMenu />
                <UserMenu me=me />
            </div>
        </header>
    }
}
