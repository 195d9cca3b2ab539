//! The routes, one module a resource.
//!
//! Three groups differ in who calls them: the widget's from any shop's page (CORS, no cookie), the dashboard's from
//! our own pages or with a key (a cookie counts only from our own origin), and the rest of the house.

pub mod agent_settings;
pub mod alerts;
pub mod assets;
pub mod auth;
pub mod chat;
mod connections;
pub mod conversations;
pub mod docs;
pub mod events;
pub mod health;
pub mod live;
pub mod receipts;
pub mod telemetry;
pub mod widget;
pub mod widget_settings;

use std::time::Duration;

use axum::Router;
use axum::middleware;
use http::{HeaderName, Method, header};
use tower_http::cors::{Any, CorsLayer};
use utoipa::Modify;
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;

use crate::middleware::around::AroundLayer;
use crate::middleware::{origin, request_id, security};
use crate::{ApiError, AppState};

/// How long a browser need not ask again whether it may.
const PREFLIGHT_HOLDS: Duration = Duration::from_secs(7200);

/// Called by widgets on the shops' pages.
fn widget_api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().merge(chat::router()).merge(widget::router())
}

/// Called by the dashboard and by API keys.
fn dashboard_api() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(auth::router())
        .merge(conversations::router())
        .merge(receipts::router())
        .merge(events::router())
        .merge(telemetry::router())
        .merge(alerts::router())
        .merge(agent_settings::router())
        .merge(connections::router())
        .merge(widget_settings::router())
}

/// The description of every route below.
pub fn openapi() -> utoipa::openapi::OpenApi {
    OpenApiRouter::with_openapi(Description::openapi())
        .merge(health::router())
        .merge(widget_api())
        .merge(dashboard_api())
        .into_openapi()
}

/// The whole API, with everything around it.
pub fn api(state: &AppState, around: &AroundLayer) -> anyhow::Result<Router<AppState>> {
    let widget: Router<AppState> = widget_api().into();
    let dashboard: Router<AppState> = dashboard_api().into();
    let health: Router<AppState> = health::router().into();
    let ours = dashboard
        .layer(middleware::from_fn_with_state(state.clone(), origin::check))
        .merge(health)
        .merge(docs::router(&openapi())?);
    // Outermost: a page of another origin has to be able to read why it was refused, whoever refused it, and a
    // preflight uses up nothing of what its address may ask.
    Ok(surrounded(widget, around).layer(any_origin()).merge(surrounded(ours, around)))
}

/// Routes that answer in the envelope, with everything around them. The fallback comes first: set later, it would take
/// the place of whatever layers answer by themselves, such as preflights.
fn surrounded(routes: Router<AppState>, around: &AroundLayer) -> Router<AppState> {
    routes
        .method_not_allowed_fallback(|| async { ApiError::method_not_allowed() })
        .layer((around.clone(), security::data()))
}

/// Any page may ask, because only the domain's allow-list knows which pages may: services check the origin. No
/// credentials: the visitor's session id travels in the request, never in a cookie.
fn any_origin() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::CONTENT_TYPE, header::ACCEPT, HeaderName::from_static("last-event-id")])
        .expose_headers([
            header::RETRY_AFTER,
            header::ETAG,
            HeaderName::from_static(request_id::HEADER),
            HeaderName::from_static("ratelimit-remaining"),
            HeaderName::from_static("ratelimit-reset"),
            chat::IDENTITY,
        ])
        .max_age(PREFLIGHT_HOLDS)
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "OmniOps API",
        description = "Errors are `{\"error\": {code, message, request_id, fields?, retry_after?}}` with a stable code. \
                       Lists take `limit` and `cursor` and give `{items, next_cursor}`. Ids are UUIDs; an id of \
                       another tenant is answered as one that does not exist. Limited replies carry `RateLimit-Limit`, \
                       `RateLimit-Remaining` and `RateLimit-Reset`."
    ),
    // Those that only parameters refer to: the routes bring the others.
    components(schemas(omniops_types::ConversationView, omniops_types::ConversationStatus)),
    modifiers(&Credentials),
    security(("session" = []), ("api_key" = []))
)]
struct Description;

/// The two ways to prove who asks; each operation needs one of them unless it says otherwise.
struct Credentials;

impl Modify for Credentials {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        let components = api.components.get_or_insert_default();
        let session = ApiKeyValue::with_description("omniops_session", "The cookie that log-in sets.");
        components.add_security_scheme("session", SecurityScheme::ApiKey(ApiKey::Cookie(session)));
        let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("An API key: ok_live_…")).build();
        components.add_security_scheme("api_key", SecurityScheme::Http(key));
    }
}
