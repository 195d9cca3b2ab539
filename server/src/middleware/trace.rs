//! One span a request, one line when it is done, one sample in the metrics. Routes are named by their pattern, never
//! by the address: addresses hold ids, and a label for each would never end. Nor would one for each method that
//! somebody makes up.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};
use std::time::{Duration, Instant};

use axum::extract::{MatchedPath, Request};
use http::{Method, StatusCode};
use metrics::{Counter, Histogram};
use tracing::Span;

use super::request_id::RequestId;

/// A request that is being answered.
#[derive(Debug)]
pub struct Observed {
    begun: Instant,
    method: &'static str,
    route: Route,
    /// For everything that is logged meanwhile.
    pub span: Span,
}

impl Observed {
    pub fn begin(request: &Request, request_id: &RequestId) -> Self {
        let (method, route) = (request.method(), Route::of(request));
        let span = tracing::info_span!("request", %method, route = %route.pattern(), %request_id);
        Self { begun: Instant::now(), method: label(method), route, span }
    }

    pub fn end(self, status: StatusCode, requests: &Requests) {
        let elapsed = self.begun.elapsed();
        let route = self.route.pattern();
        self.span.in_scope(|| {
            let (status, milliseconds) = (status.as_u16(), elapsed.as_millis() as u64);
            if is_plain(route) {
                tracing::debug!(status, milliseconds, "answered");
            } else {
                tracing::info!(status, milliseconds, "answered");
            }
        });
        requests.count(route, self.method, status, elapsed);
    }
}

/// Probes, files, and what is cached like a file are many and say little.
fn is_plain(route: &str) -> bool {
    let cached = ["/metrics", "/embed.js", "/widget/frame", "/api/customer/config"];
    route.starts_with("/health") || route.ends_with("/*") || cached.contains(&route)
}

/// The method, where it is one that exists.
fn label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        Method::CONNECT => "CONNECT",
        Method::TRACE => "TRACE",
        _ => "other",
    }
}

#[derive(Debug)]
enum Route {
    Matched(MatchedPath),
    /// Folders of files are services and have no pattern, so they are named here.
    Named(&'static str),
}

impl Route {
    fn of(request: &Request) -> Self {
        if let Some(matched) = request.extensions().get::<MatchedPath>() {
            return Self::Matched(matched.clone());
        }
        match request.uri().path() {
            path if path.starts_with("/pkg/") => Self::Named("/pkg/*"),
            path if path.starts_with("/widget/") => Self::Named("/widget/*"),
            _ => Self::Named("unmatched"),
        }
    }

    fn pattern(&self) -> &str {
        match self {
            Self::Matched(path) => path.as_str(),
            Self::Named(name) => name,
        }
    }
}

/// The series that have been counted in, so that a request does not make their labels again.
#[derive(Default)]
pub struct Requests(RwLock<ByRoute>);

type ByRoute = HashMap<String, HashMap<(&'static str, StatusCode), Series>>;

#[derive(Clone)]
struct Series {
    total: Counter,
    seconds: Histogram,
}

impl Requests {
    fn count(&self, route: &str, method: &'static str, status: StatusCode, elapsed: Duration) {
        let series = self.known(route, method, status).unwrap_or_else(|| self.add(route, method, status));
        series.total.increment(1);
        series.seconds.record(elapsed.as_secs_f64());
    }

    fn known(&self, route: &str, method: &'static str, status: StatusCode) -> Option<Series> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(route)?.get(&(method, status)).cloned()
    }

    fn add(&self, route: &str, method: &'static str, status: StatusCode) -> Series {
        let labels =
            [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.as_str().to_owned())];
        let series = Series {
            total: metrics::counter!("omniops_http_requests_total", &labels),
            seconds: metrics::histogram!("omniops_http_request_seconds", &labels),
        };
        let mut by_route = self.0.write().unwrap_or_else(PoisonError::into_inner);
        by_route.entry(route.to_owned()).or_default().insert((method, status), series.clone());
        series
    }
}

impl std::fmt::Debug for Requests {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Requests").finish_non_exhaustive()
    }
}
