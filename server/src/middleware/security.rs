//! Headers that keep browsers careful.

use http::{HeaderMap, HeaderName, HeaderValue, header};
use tower_http::set_header::SetResponseHeaderLayer;

type SetDefault = SetResponseHeaderLayer<HeaderValue>;

/// For every reply; a handler's own value stays.
pub fn defaults(headers: &mut HeaderMap, production: bool) {
    default(headers, header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    default(headers, header::REFERRER_POLICY, "strict-origin-when-cross-origin");
    default(headers, HeaderName::from_static("permissions-policy"), "camera=(), microphone=(), geolocation=()");
    if production {
        default(headers, header::STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
}

/// For data: nothing in it may run or be framed, and no cache keeps it unless the handler says so.
pub fn data() -> (SetDefault, SetDefault) {
    let default = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    (
        default(header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        default(header::CACHE_CONTROL, "no-store"),
    )
}

/// The policy of our own pages. Scripts run only with the nonce that Leptos puts on its own, or from our files; wasm
/// may be compiled. Inline style attributes are allowed: widths and positions are set that way.
pub fn page_policy(nonce: Option<&str>) -> String {
    let nonce = nonce.map(|nonce| format!(" 'nonce-{nonce}'")).unwrap_or_default();
    format!(
        "default-src 'self'; script-src 'self'{nonce} 'wasm-unsafe-eval'; style-src 'self'{nonce}; \
         style-src-attr 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

fn default(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers.entry(name).or_insert(HeaderValue::from_static(value));
}
