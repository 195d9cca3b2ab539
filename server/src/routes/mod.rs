//! The routes, one module a resource.
//!
//! Three groups differ in who calls them: the widget's from any shop's page (CORS, no cookie), the dashboard's from
//! our own pages or with a key (a cookie counts only from our own origin), and the rest of the house.

pub mod auth;
pub mod chat;
pub mod conversations;
pub mod events;
pub mod widget;

use utoipa_axum::router::OpenApiRouter;

use crate::AppState;

/// Called by widgets on the shops' pages.
pub fn widget_api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().merge(chat::router()).merge(widget::router())
}

/// Called by the dashboard and by API keys.
pub fn dashboard_api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().merge(auth::router()).merge(conversations::router()).merge(events::router())
}
