//! `/api/auth/…`: log in, log out, who am I.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use omniops_domain::{Domain, Error, accounts};
use omniops_types::{ErrorBody, LoginRequest, Me};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{Credential, Json, Meta, credential};
use crate::{ApiError, ApiResult, AppState};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(login)).routes(routes!(logout)).routes(routes!(me))
}

/// Log in with e-mail address and password
///
/// Sets the session cookie. Five failures a minute for an address and for an account from there.
#[utoipa::path(
    post, path = "/api/auth/login", tag = "auth", operation_id = "login", request_body = LoginRequest,
    responses(
        (status = 200, body = Me),
        (status = 401, body = ErrorBody, description = "Wrong e-mail address or password"),
        (status = 429, body = ErrorBody, description = "Too many attempts; see Retry-After"),
    ),
    security(())
)]
async fn login(
    State(domain): State<Domain>,
    Meta(meta): Meta,
    Json(request): Json<LoginRequest>,
) -> ApiResult<Response> {
    let session = accounts::login(&domain, request, &meta).await?;
    let cookie = accounts::session_cookie(&session, domain.settings.production);
    Ok((set_cookie(&cookie)?, Json(session.me)).into_response())
}

fn set_cookie(cookie: &str) -> ApiResult<[(HeaderName, HeaderValue); 1]> {
    Ok([(header::SET_COOKIE, HeaderValue::from_str(cookie).map_err(ApiError::internal)?)])
}

/// Log out
///
/// Ends the session of the cookie and removes it. Without one nothing happens.
#[utoipa::path(post, path = "/api/auth/logout", tag = "auth", operation_id = "logout", responses((status = 204)), security(()))]
async fn logout(State(domain): State<Domain>, headers: HeaderMap) -> ApiResult<Response> {
    let production = domain.settings.production;
    if let Some(Credential::Session(token)) = credential(&headers, production) {
        accounts::logout(&domain, &token).await?;
    }
    Ok((StatusCode::NO_CONTENT, set_cookie(&accounts::cleared_session_cookie(production))?).into_response())
}

/// The signed-in user, the tenant they work in and those they can switch to
///
/// For people only: an API key belongs to no user.
#[utoipa::path(
    get, path = "/api/auth/me", tag = "auth", operation_id = "me",
    responses((status = 200, body = Me), (status = 401, body = ErrorBody))
)]
async fn me(State(domain): State<Domain>, headers: HeaderMap) -> ApiResult<Json<Me>> {
    let Some(Credential::Session(token)) = credential(&headers, domain.settings.production) else {
        return Err(Error::Unauthenticated.into());
    };
    let (_, me) = accounts::authenticate_session(&domain, &token).await?;
    Ok(Json(me))
}
