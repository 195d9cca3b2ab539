//! `GET /api/customer/config`: what every visitor of a domain gets, cached by everybody on the way.

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use omniops_domain::customers::Language;
use omniops_types::{ErrorBody, WidgetConfig};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::public_site;
use crate::extract::{Meta, Query};
use crate::{ApiError, ApiResult, AppState};

/// A minute is how long a change may take to reach a visitor.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=60, stale-while-revalidate=300");

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(config))
}

#[derive(Debug, Deserialize, IntoParams)]
struct ConfigQuery {
    /// The host of the shop, as registered.
    domain: String,
    /// BCP 47: in which language to say what the tenant did not say.
    locale: Option<String>,
}

/// The widget's configuration
///
/// Public and cached: send `If-None-Match` to be told 304 when nothing changed.
#[utoipa::path(
    get, path = "/api/customer/config", tag = "widget", operation_id = "widgetConfig", params(ConfigQuery),
    responses(
        (status = 200, body = WidgetConfig), (status = 304), (status = 404, body = ErrorBody, description = "Unknown domain"),
        (status = 429, body = ErrorBody),
    ),
    security(())
)]
async fn config(
    State(state): State<AppState>,
    Meta(meta): Meta,
    Query(query): Query<ConfigQuery>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let site = public_site(&state, &query.domain, meta.ip).await?;
    let rendered = site.config(Language::of(query.locale.as_deref()));
    let etag = HeaderValue::from_str(&rendered.etag).map_err(ApiError::internal)?;
    let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| matches(known, &rendered.etag));
    let shared = [(header::ETAG, etag), (header::CACHE_CONTROL, CACHE_CONTROL)];
    if is_known {
        return Ok((StatusCode::NOT_MODIFIED, shared).into_response());
    }
    let json = [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))];
    Ok((shared, json, Body::from(rendered.json.clone())).into_response())
}

/// Weak comparison, as RFC 9110 asks for here: a proxy that compresses makes a strong tag weak.
fn matches(known: &HeaderValue, etag: &str) -> bool {
    let known = known.to_str().unwrap_or_default();
    known.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_a_list_and_when_weakened() {
        let matches = |known: &'static str| matches(&HeaderValue::from_static(known), "\"abc\"");
        assert!(matches("\"abc\"") && matches("W/\"abc\"") && matches("\"x\", \"abc\"") && matches("*"));
        assert!(!matches("\"ab\"") && !matches("abc") && !matches(""));
    }
}
