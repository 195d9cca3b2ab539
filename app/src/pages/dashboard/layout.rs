//! Rail, header, content. Who is not signed in is sent to the log-in page before anything is rendered.

use leptos::prelude::*;
use leptos_router::components::Outlet;

use super::header::Header;
use super::rail::{NavigationDrawer, Rail};
use crate::i18n::use_messages;
use crate::state::browser;
use crate::state::live::Live;
use crate::state::session::use_me;

#[component]
pub fn DashboardLayout() -> impl IntoView {
    let Some(me) = use_me() else {
        #[cfg(feature = "ssr")]
        redirect_to_login();
        return ().into_any();
    };
    Live::provide();
    let presence = format!("{}:{}", me.user_id, me.current.tenant_id);
    // Another tab has changed the tenant or the user for all of them: what stands here is somebody else's.
    Effect::new(move || browser::share_presence(&presence, || browser::open("/dashboard/conversations")));
    let menu_open = RwSignal::new(false);
    view! {
        <a
            href="#content"
            class="btn btn-primary btn-sm sr-only focus:not-sr-only focus:fixed focus:start-2 focus:top-2 focus:z-50"
        >
            {use_messages().common.skip_to_content}
        </a>
        <div class="flex h-dvh flex-col overflow-clip">
            <Header me=me on_menu=move |()| menu_open.set(true) />
            <div class="flex min-h-0 flex-1">
                <Rail />
                <main id="content" class="flex min-h-0 min-w-0 flex-1 flex-col" tabindex="-1">
                    <Outlet />
                </main>
            </div>
        </div>
        <NavigationDrawer open=menu_open />
    }
    .into_any()
}

#[cfg(feature = "ssr")]
fn redirect_to_login() {
    let location = leptos_router::hooks::use_location();
    let (path, search) = (location.pathname.get_untracked(), location.search.get_untracked());
    let wanted = if search.is_empty() { path } else { format!("{path}?{}", search.trim_start_matches('?')) };
    leptos_axum::redirect(&crate::state::session::login_path(&wanted));
}
