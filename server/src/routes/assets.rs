//! Files for browsers: the dashboard's package, the widget's files, the loader and the page of the widget's iframe.

use axum::Router;
use axum::extract::{Query, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::{HeaderName, HeaderValue, header};
use omniops_domain::{Domain, Error, widget};
use serde::Deserialize;
use tower::ServiceBuilder;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::site::Site;
use crate::{ApiError, ApiResult, AppState};

/// Hashed names: what a browser has, it need never ask for again.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ANY: HeaderValue = HeaderValue::from_static("*");
/// Stands in the loader where the domain's flags belong.
const FLAGS_MARK: &str = "__OMNIOPS_FLAGS__";

/// The files below `site`, and what is made from them.
pub fn router(site: &Site) -> Router<AppState> {
    let folder = |name: &str| {
        let files = ServeDir::new(site.dir().join(name)).precompressed_br().precompressed_gzip();
        ServiceBuilder::new()
            .layer(SetResponseHeaderLayer::if_not_present(header::CACHE_CONTROL, FOREVER))
            .service(files)
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
}

/// The loader, told what the tenant set for this domain; `null` for a domain that nobody has.
async fn loader(
    State(domain): State<Domain>,
    State(site): State<Site>,
    Query(query): Query<ForDomain>,
) -> ApiResult<Response> {
    let source = site.loader().ok_or_else(ApiError::no_route)?;
    let flags = match widget::config(&domain, &query.domain, None).await {
        Ok(config) => serde_json::json!({
            "accent": config.theme.accent,
            "onAccent": config.theme.on_accent,
            "position": config.theme.position,
            "autoOpen": config.auto_open.map(|rule| rule.after_seconds),
        }),
        Err(Error::UnknownDomain) => serde_json::Value::Null,
        Err(error) => return Err(error.into()),
    };
    // The flags come into a script: `<` could only end it where a page inlines the file, so it is escaped.
    let script = source.replace(FLAGS_MARK, &flags.to_string().replace('<', "\\u003c"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/javascript; charset=utf-8")),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    Ok((headers, script).into_response())
}

/// The page that shows the panel where a shop's own policy forbids it in the page. Anybody may frame it: the API
/// checks the domain's origins.
async fn frame(Query(query): Query<ForDomain>) -> Response {
    let domain: String = url::form_urlencoded::byte_serialize(query.domain.as_bytes()).collect();
    let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    let lang: String = query.lang.chars().filter(plain).take(35).collect();
    let page = format!(
        "<!doctype html><html lang=\"{lang}\"><head><meta charset=utf-8><meta name=viewport content=\"width=device-width,initial-scale=1\">\
         <title>Chat</title></head><body><script src=\"/embed.js?domain={domain}&amp;frame=1\"></script></body></html>"
    );
    let policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; \
                  img-src 'self' data: https:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors *";
    let headers = [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy)),
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300")),
    ];
    (headers, Html(page)).into_response()
}
