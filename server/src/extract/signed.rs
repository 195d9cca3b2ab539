//! Who is asking.

use axum::extract::FromRequestParts;
use http::request::Parts;
use http::{HeaderMap, header};
use omniops_app::ssr::cookie;
use omniops_domain::accounts;
use omniops_domain::{Error, Principal};

use crate::{ApiError, AppState};

/// A proven caller: the session cookie of a person, or `Authorization: Bearer` with an API key. 401 without one.
///
/// A key wins over a cookie: a caller that names its credential means that one, and a cookie that the browser
/// adds by itself must not decide.
#[derive(Clone, Debug)]
pub struct Signed(pub Principal);

/// How a request tries to prove who sent it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    ApiKey(String),
    Session(String),
}

/// The credential in the headers, if there is one.
pub fn credential(headers: &HeaderMap, production: bool) -> Option<Credential> {
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let (scheme, key) = value.to_str().ok()?.split_once(' ')?;
        return scheme.eq_ignore_ascii_case("bearer").then(|| Credential::ApiKey(key.trim().to_owned()));
    }
    let name = accounts::session_cookie_name(production);
    cookie(headers, name).map(|token| Credential::Session(token.to_owned()))
}

impl FromRequestParts<AppState> for Signed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, ApiError> {
        let domain = &state.domain;
        let principal = match credential(&parts.headers, domain.settings.production) {
            Some(Credential::ApiKey(key)) => accounts::authenticate_api_key(domain, &key).await?,
            Some(Credential::Session(token)) => accounts::principal_of_session(domain, &token).await?,
            None => return Err(Error::Unauthenticated.into()),
        };
        state.limits.check_principal(&principal)?;
        Ok(Self(principal))
    }
}
