//! Where a request comes from.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::header;
use http::request::Parts;
use omniops_domain::accounts::RequestMeta;

use crate::middleware::client_ip::ClientIp;
use crate::middleware::request_id::RequestId;

/// Address, user agent, origin and request id: what services log, limit by and check.
#[derive(Clone, Debug)]
pub struct Meta(pub RequestMeta);

impl Meta {
    /// The same for code that has no extractor, such as the context of server functions.
    pub fn of(parts: &Parts) -> Self {
        let text =
            |name| parts.headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok()).map(str::to_owned);
        Self(RequestMeta {
            ip: parts.extensions.get::<ClientIp>().map(|ip| ip.0),
            user_agent: text(header::USER_AGENT),
            origin: text(header::ORIGIN),
            request_id: parts.extensions.get::<RequestId>().map(RequestId::to_string).unwrap_or_default(),
        })
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Meta {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}
