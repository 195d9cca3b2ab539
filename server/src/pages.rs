//! The dashboard's pages and server functions.
//!
//! Before Leptos sees a request, its session is looked up and put into one [`RequestContext`]; pages and server
//! functions read it from there.

mod kept;
mod turns;
mod whole;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use http::{HeaderValue, header, request::Parts};
use leptos::config::LeptosOptions;
use leptos::prelude::{expect_context, use_context};
use leptos_axum::{LeptosRoutes, ResponseOptions, generate_route_list};
use omniops_app::ssr::{RequestContext, Session, provide};
use omniops_app::{App, shell};
use omniops_domain::{Domain, Error, accounts};

use crate::extract::{Credential, Meta, credential};
use crate::middleware::request_id::RequestId;
use crate::middleware::{origin, security};
use crate::site::Site;
use crate::{ApiError, AppState};

pub use kept::KeptPages;

/// Server functions that ask a model, which costs.
const TRIALS: [&str; 3] = ["/rpc/agent/preview", "/rpc/agent/replay", "/rpc/connections/check-store"];

/// How Leptos finds the files of the build.
pub fn leptos_options(site: &Site, addr: std::net::SocketAddr) -> LeptosOptions {
    let hash_file = site.hash_file();
    LeptosOptions::builder()
        .output_name("omniops")
        .site_root(site.dir().display().to_string())
        .site_pkg_dir("pkg")
        .site_addr(addr)
        .hash_files(hash_file.is_file())
        .hash_file(hash_file.display().to_string().into())
        .build()
}

/// Pages, and server functions under `/rpc`.
pub fn router(state: &AppState) -> Router<AppState> {
    let options = state.leptos_options.clone();
    turns::install();
    Router::new()
        .leptos_routes_with_context(state, generate_route_list(App), provide_request, move || shell(options.clone()))
        .layer((
            middleware::from_fn_with_state(state.clone(), origin::check),
            middleware::from_fn_with_state(state.clone(), attach_context),
            middleware::from_fn(whole::render),
        ))
        .route("/", get(|| async { Redirect::to("/dashboard") }))
}

/// The page for an address that nothing answers.
pub async fn not_found(State(state): State<AppState>, request: Request) -> Response {
    let options = state.leptos_options.clone();
    let path = request.uri().path();
    if path.starts_with("/api/") || path.starts_with("/rpc/") || path.starts_with("/health/") {
        return ApiError::no_route().into_response();
    }
    let request = match with_context(&state, request).await {
        Ok(request) => request,
        Err(error) => return error.into_response(),
    };
    let render = leptos_axum::render_app_to_stream_with_context(provide_request, move || shell(options.clone()));
    let mut response = turns::render(async { render(request).await.into_response() }).await;
    *response.status_mut() = http::StatusCode::NOT_FOUND;
    response
}

/// Looks the session up and leaves the context in the request's extensions.
async fn attach_context(State(state): State<AppState>, request: Request, next: Next) -> Response {
    match with_context(&state, request).await {
        Ok(request) => state.kept_pages.answer(request, next).await,
        Err(error) => error.into_response(),
    }
}

async fn with_context(state: &AppState, request: Request) -> Result<Request, ApiError> {
    let (mut parts, body) = request.into_parts();
    let session = session(&state.domain, &parts).await?;
    if let Some(session) = &session {
        state.limits.check_principal(&session.principal)?;
        if TRIALS.contains(&parts.uri.path()) {
            state.limits.check_trial(&session.principal)?;
        }
    }
    let request_id = parts.extensions.get::<RequestId>().map(RequestId::to_string).unwrap_or_default();
    let Meta(meta) = Meta::of(&parts);
    let context = RequestContext::new(state.domain.clone(), session, request_id, &parts.headers, meta);
    parts.extensions.insert(context);
    Ok(Request::from_parts(parts, body))
}

/// The proven log-in of the cookie; a cookie that proves nothing is as good as none.
async fn session(domain: &Domain, parts: &Parts) -> Result<Option<Session>, ApiError> {
    let Some(Credential::Session(token)) = credential(&parts.headers, domain.settings.production) else {
        return Ok(None);
    };
    match accounts::authenticate_session(domain, &token).await {
        Ok((principal, me)) => Ok(Some(Session { principal, me, token })),
        Err(Error::Unauthenticated) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Hands the context to Leptos and gives the page its content security policy. Also called, without a request, while
/// Leptos lists the routes.
fn provide_request() {
    let Some(context) = use_context::<Parts>().and_then(|parts| parts.extensions.get::<RequestContext>().cloned())
    else {
        return;
    };
    provide(context);
    let response = expect_context::<ResponseOptions>();
    let nonce = leptos::nonce::use_nonce();
    let policy = security::page_policy(nonce.as_ref().map(|nonce| nonce.as_inner().as_ref()));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
    response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
}
