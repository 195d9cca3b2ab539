//! The session cookie: `HttpOnly`, `SameSite=Lax`, and in production `Secure` with the `__Host-` prefix, which
//! browsers take only from this very host and for all of its paths.

use chrono::Utc;
use http::{HeaderMap, HeaderValue, header};
use omniops_domain::accounts::{self, NewSession};

use crate::{ApiError, ApiResult};

/// The cookie that carries a new session.
pub fn issue(session: &NewSession, production: bool) -> String {
    let seconds = (session.expires_at - Utc::now()).num_seconds().max(0);
    cookie(&session.token, seconds, production)
}

/// The cookie that takes it away again.
pub fn clear(production: bool) -> String {
    cookie("", 0, production)
}

/// As reply headers.
pub fn headers(cookie: &str) -> ApiResult<HeaderMap> {
    let value = HeaderValue::from_str(cookie).map_err(ApiError::internal)?;
    Ok(HeaderMap::from_iter([(header::SET_COOKIE, value)]))
}

fn cookie(value: &str, max_age: i64, production: bool) -> String {
    let name = accounts::session_cookie_name(production);
    let secure = if production { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}")
}
