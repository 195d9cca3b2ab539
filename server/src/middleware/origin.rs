//! Another site's page cannot act with our cookie.
//!
//! `SameSite=Lax` already keeps the cookie from cross-site posts; this check also covers other hosts of the same site
//! and old browsers. It looks at requests that change something and that a cookie authorises: a request with a key, or
//! without any credential, is none of its business.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method, header};
use omniops_domain::Error;
use url::Url;

use crate::extract::{Credential, credential};
use crate::{ApiError, AppState};

/// Refuses changes that come from another origin with a cookie.
pub async fn check(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let settings = &state.domain.settings;
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let by_cookie = matches!(credential(request.headers(), settings.production), Some(Credential::Session(_)));
    let logs_in = request.uri().path().ends_with("/auth/login");
    if changes && (by_cookie || logs_in) && !is_ours(request.headers(), &settings.public_url) {
        return ApiError::from(Error::OriginNotAllowed).into_response();
    }
    next.run(request).await
}

/// Whether the request comes from a page of ours, or from no page at all.
///
/// Browsers send `Origin` with every request that changes something; only programs leave it out, and those hold their
/// cookie because somebody gave it to them. A page of ours is one on the public address, or on the very host that the
/// request was sent to (the same installation reached by another name, such as localhost).
fn is_ours(headers: &HeaderMap, public_url: &str) -> bool {
    let text = |name| headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok());
    let Some(origin) = headers.get(header::ORIGIN) else {
        return !matches!(text(header::HeaderName::from_static("sec-fetch-site")), Some("cross-site" | "same-site"));
    };
    let Ok(origin) = origin.to_str() else { return false };
    if origin == public_url {
        return true;
    }
    let Ok(url) = Url::parse(origin) else { return false };
    let authority = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => return false,
    };
    text(header::HOST).is_some_and(|host| host.eq_ignore_ascii_case(&authority))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn our_own_pages_may() {
        let public = "https://support.example";
        assert!(is_ours(&headers(&[("origin", "https://support.example"), ("host", "10.0.0.7")]), public));
        assert!(is_ours(&headers(&[("origin", "http://localhost:3000"), ("host", "localhost:3000")]), public));
        assert!(is_ours(&headers(&[("host", "localhost:3000")]), public));
    }

    #[test]
    fn other_pages_may_not() {
        let public = "https://support.example";
        for origin in
            ["https://evil.example", "http://support.example.evil.example", "null", "https://sub.support.example"]
        {
            assert!(!is_ours(&headers(&[("origin", origin), ("host", "support.example")]), public), "{origin}");
        }
        assert!(!is_ours(&headers(&[("sec-fetch-site", "cross-site"), ("host", "support.example")]), public));
        assert!(!is_ours(&headers(&[("origin", "http://localhost:4000"), ("host", "localhost:3000")]), public));
    }
}
