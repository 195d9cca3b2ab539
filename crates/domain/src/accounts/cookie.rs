//! The session's cookie as text: who speaks HTTP puts it into a header.
//!
//! `HttpOnly` and `SameSite=Lax`; in production also `Secure` with the `__Host-` prefix, which browsers take only over
//! https, from this very host and for all of its paths.

use chrono::Utc;

use super::NewSession;

/// The cookie's name.
pub const fn session_cookie_name(production: bool) -> &'static str {
    if production { "__Host-omniops_session" } else { "omniops_session" }
}

/// The `Set-Cookie` that hands a browser its session, for as long as that lasts.
pub fn session_cookie(session: &NewSession, production: bool) -> String {
    let seconds = (session.expires_at - Utc::now()).num_seconds().max(0);
    set_cookie(&session.token, seconds, production)
}

/// The `Set-Cookie` that takes the session away again.
pub fn cleared_session_cookie(production: bool) -> String {
    set_cookie("", 0, production)
}

fn set_cookie(value: &str, max_age: i64, production: bool) -> String {
    let name = session_cookie_name(production);
    let secure = if production { "; Secure" } else { "" };
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={max_age}{secure}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_production_the_cookie_is_bound_to_this_host_and_to_https() {
        assert_eq!(set_cookie("t", 60, false), "omniops_session=t; Path=/; HttpOnly; SameSite=Lax; Max-Age=60");
        assert_eq!(
            cleared_session_cookie(true),
            "__Host-omniops_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure"
        );
    }
}
