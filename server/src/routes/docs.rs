//! `/api/openapi.json` and `/api/docs`: the description of the API, for programs and for people.

mod page;

use std::sync::Arc;

use axum::Router;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::{HeaderValue, header};
use utoipa::openapi::OpenApi;

/// Both addresses. The texts are made once.
pub fn router<S: Clone + Send + Sync + 'static>(api: &OpenApi) -> anyhow::Result<Router<S>> {
    let json: Arc<str> = api.to_pretty_json()?.into();
    let html: Arc<str> = page::render(&serde_json::to_value(api)?).into();
    Ok(Router::new()
        .route("/api/openapi.json", get(move || async move { openapi(&json) }))
        .route("/api/docs", get(move || async move { docs(&html) })))
}

fn openapi(json: &str) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], json.to_owned()).into_response()
}

fn docs(html: &str) -> Response {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    ([(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy))], Html(html.to_owned())).into_response()
}
