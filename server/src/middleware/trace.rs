//! One span a request, one line when it is done, one sample in the metrics. Routes are named by their pattern, never
//! by the address: addresses hold ids, and a label for each would never end. Nor would one for each method that
//! somebody makes up.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;
use http::Method;
use tracing::Instrument;

use super::request_id::RequestId;

/// Observes the request.
pub async fn observe(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let method = request.method().clone();
    let route = route(&request).to_owned();
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let span = tracing::info_span!("request", %method, %route, %request_id);

    let response = next.run(request).instrument(span.clone()).await;

    let elapsed = begun.elapsed();
    let status = response.status().as_u16();
    span.in_scope(|| {
        let milliseconds = elapsed.as_millis() as u64;
        // Probes and files are many and say little.
        if route.starts_with("/health") || route.ends_with("/*") || route == "/metrics" {
            tracing::debug!(status, milliseconds, "answered");
        } else {
            tracing::info!(status, milliseconds, "answered");
        }
    });
    let labels = [("method", label(&method).to_owned()), ("route", route), ("status", status.to_string())];
    metrics::counter!("omniops_http_requests_total", &labels).increment(1);
    metrics::histogram!("omniops_http_request_seconds", &labels).record(elapsed.as_secs_f64());
    response
}

/// The method, where it is one that exists.
fn label(method: &Method) -> &str {
    match *method {
        Method::GET
        | Method::HEAD
        | Method::POST
        | Method::PUT
        | Method::PATCH
        | Method::DELETE
        | Method::OPTIONS
        | Method::CONNECT
        | Method::TRACE => method.as_str(),
        _ => "other",
    }
}

/// The pattern of the route. Folders of files are services and have none, so they are named here.
fn route(request: &Request) -> &str {
    let matched = request.extensions().get::<MatchedPath>().map(MatchedPath::as_str);
    let path = request.uri().path();
    let folder = ["/pkg/", "/widget/"].into_iter().find(|folder| path.starts_with(folder));
    match (matched, folder) {
        (Some(route), _) => route,
        (None, Some("/pkg/")) => "/pkg/*",
        (None, Some(_)) => "/widget/*",
        (None, None) => "unmatched",
    }
}
