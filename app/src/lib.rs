#![doc = include_str!("../README.md")]
// The views of whole pages are deeply nested types.
#![recursion_limit = "256"]

pub mod error;
pub mod i18n;
pub mod pages;
pub mod rpc;
#[cfg(feature = "ssr")]
pub mod ssr;
pub mod state;
pub mod time;
pub mod ui;

use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, provide_meta_context};
use leptos_router::components::{ParentRoute, Redirect, Route, Router, Routes};
use leptos_router::path;

use pages::agent::AgentSettingsPage;
use pages::connections::ConnectionsPage;
use pages::conversations::{ConversationPage, InboxPage, NothingSelected};
use pages::dashboard::DashboardLayout;
use pages::login::LoginPage;
use pages::not_found::NotFoundPage;
use pages::telemetry::{TelemetryPage, TelemetryTurnsPage};
use pages::ui_gallery::UiGalleryPage;
use state::clock::Clock;
use state::session::Bootstrap;
use ui::{ToastRegion, Toasts};

/// A speech bubble in the accent colour; inline, so that no request is made for it.
const FAVICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E%3Crect width='32' height='32' rx='8' fill='%234d58c9'/%3E%3Cpath d='M9 10h14a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2h-6l-5 4v-4H9a2 2 0 0 1-2-2v-7a2 2 0 0 1 2-2z' fill='white'/%3E%3C/svg%3E";

/// The document around the app. Rendered by the server only.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let Bootstrap { locale, theme, .. } = Bootstrap::from_request();
    view! {
        <!DOCTYPE html>
        <html lang=locale.tag() data-theme=theme.attribute()>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <meta name="robots" content="noindex" />
                <link rel="icon" href=FAVICON />
                <HashedStylesheet id="omniops-styles" options=options.clone() />
                <AutoReload options=options.clone() />
                <HydrationScripts options=options />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// The whole dashboard.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let bootstrap = SharedValue::new(Bootstrap::from_request).into_inner();
    provide_context(bootstrap.locale);
    provide_context(bootstrap);
    Clock::provide();
    Toasts::provide();
    ui::watch_browser_buttons();
    view! {
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/login") view=LoginPage />
                <ParentRoute path=path!("/dashboard") view=DashboardLayout>
                    <Route path=path!("") view=|| view! { <Redirect path="/dashboard/conversations" /> } />
                    <ParentRoute path=path!("/conversations") view=InboxPage>
                        <Route path=path!("") view=NothingSelected />
                        <Route path=path!(":id") view=ConversationPage />
                    </ParentRoute>
                    <Route path=path!("/telemetry") view=TelemetryPage />
                    <Route path=path!("/telemetry/turns") view=TelemetryTurnsPage />
                    <Route path=path!("/settings/agent") view=AgentSettingsPage />
                    <Route path=path!("/settings/connections") view=ConnectionsPage />
                    <Route path=path!("/ui") view=UiGalleryPage />
                </ParentRoute>
            </Routes>
        </Router>
        <ToastRegion />
    }
}
