//! Files for browsers: the dashboard's package, the widget's files, the loader and the page of the widget's iframe.

use axum::Router;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::{HeaderName, HeaderValue, header};
use omniops_domain::customers::Language;
use omniops_domain::widget::{self, Site};
use omniops_types::{ErrorCode, LauncherPosition};
use serde::{Deserialize, Serialize};
use tower::ServiceBuilder;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use super::widget::public_site;
use crate::extract::{Meta, Query};
use crate::site::Site as Files;
use crate::{ApiError, ApiResult, AppState};

/// Hashed names: what a browser has, it need never ask for again.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
/// What depends on a domain's settings.
const SHORTLY: HeaderValue = HeaderValue::from_static("public, max-age=300");
const ANY: HeaderValue = HeaderValue::from_static("*");
/// Stands in the loader where the domain's flags belong.
const FLAGS_MARK: &str = "__OMNIOPS_FLAGS__";
/// What the iframe's page may load; who may frame it is added for each domain.
const FRAME_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
                            img-src 'self' data: https:; connect-src 'self'; base-uri 'none'; form-action 'none'";

/// The built files, and what is made from them.
pub fn router(files: &Files) -> Router<AppState> {
    let folder = |name: &str| {
        let folder = ServeDir::new(files.dir().join(name)).precompressed_br().precompressed_gzip();
        ServiceBuilder::new()
            .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, FOREVER))
            .service(folder)
    };
    let widget = Router::new()
        .route("/embed.js", get(loader))
        .route("/widget/frame", get(frame))
        .nest_service("/widget/", folder("widget"))
        .layer(SetResponseHeaderLayer::overriding(
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        ))
        .layer(SetResponseHeaderLayer::overriding(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY));
    Router::new().nest_service("/pkg/", folder("pkg")).merge(widget)
}

/// What both addresses are asked with.
#[derive(Debug, Deserialize)]
struct ForDomain {
    #[serde(default)]
    domain: String,
    /// BCP 47: the language of the page around the iframe.
    #[serde(default)]
    lang: String,
    /// Set where the loader runs in the iframe's page.
    frame: Option<String>,
}

/// What the loader is told of a domain.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Flags<'a> {
    accent: &'a str,
    on_accent: &'a str,
    position: LauncherPosition,
    auto_open: Option<u32>,
    /// In the iframe's page: which pages may be around it, and are spoken to.
    #[serde(skip_serializing_if = "Option::is_none")]
    origins: Option<Vec<&'a str>>,
}

/// The loader, told what the tenant set for this domain; `null` for a domain that nobody has.
async fn loader(
    State(state): State<AppState>,
    Meta(meta): Meta,
    Query(query): Query<ForDomain>,
) -> ApiResult<Response> {
    let source = state.site.loader().ok_or_else(ApiError::no_route)?;
    let flags = match public_site(&state, &query.domain, meta.ip).await {
        Ok(site) => serde_json::to_string(&flags(&state, &site, query.frame.is_some())).map_err(ApiError::internal)?,
        Err(error) if error.code() == ErrorCode::UnknownDomain => "null".to_owned(),
        Err(error) => return Err(error),
    };
    // The flags come into a script: `<` could only end it where a page inlines the file, so it is escaped.
    let script = source.replace(FLAGS_MARK, &flags.replace('<', "\\u003c"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8")),
        (header::CACHE_CONTROL, SHORTLY),
    ];
    Ok((headers, script).into_response())
}

fn flags<'a>(state: &'a AppState, site: &'a Site, in_frame: bool) -> Flags<'a> {
    let config = &site.config(Language::default()).config;
    Flags {
        accent: &config.theme.accent,
        on_accent: &config.theme.on_accent,
        position: config.theme.position,
        auto_open: config.auto_open.as_ref().map(|rule| rule.after_seconds),
        origins: in_frame.then(|| widget::embedding_origins(&state.domain, site).collect()),
    }
}

/// The page that shows the panel where a shop's own policy forbids it in the page. The API cannot tell whose page is
/// around it, so the browser is told which may be: those on which the domain's widget may stand.
async fn frame(State(state): State<AppState>, Meta(meta): Meta, Query(query): Query<ForDomain>) -> ApiResult<Response> {
    let site = public_site(&state, &query.domain, meta.ip).await?;
    let domain: String = url::form_urlencoded::byte_serialize(site.host.as_bytes()).collect();
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    let lang: String = query.lang.chars().filter(plain).take(35).collect();
    let page = format!(
        "<!doctype html><html lang=\"{lang}\"><head><meta charset=utf-8><meta name=viewport content=\"width=device-width,initial-scale=1\">\
         <title>Chat</title></head><body><script src=\"/embed.js?domain={domain}&amp;frame=1\"></script></body></html>"
    );
    let origins: Vec<&str> = widget::embedding_origins(&state.domain, &site).collect();
    let policy = format!("{FRAME_POLICY}; frame-ancestors 'self' {}", origins.join(" "));
    let headers = [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_str(&policy).map_err(ApiError::internal)?),
        (header::CACHE_CONTROL, SHORTLY),
    ];
    Ok((headers, Html(page)).into_response())
}
