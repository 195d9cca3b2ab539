//! `/api/settings/store` and `/api/settings/identity-keys`: what a domain is connected to.

use axum::extract::State;
use http::StatusCode;
use omniops_domain::{Domain, commerce, verification};
use omniops_types::{CreateIdentityKey, ErrorBody, IdentityKeys, IssuedKey, StoreCheck, StoreSettings, UpdateStore};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::extract::{ExactJson, Json, Meta, Path, Query, Signed};
use crate::{ApiResult, AppState};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(store, connect, disconnect))
        .routes(routes!(check))
        .routes(routes!(keys, issue))
        .routes(routes!(end))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct DomainQuery {
    /// The host, as registered.
    domain: String,
}

/// Read which store is behind a domain
///
/// Its keys are never told, only the last characters of one.
#[utoipa::path(
    get, path = "/api/settings/store", tag = "settings", operation_id = "getStore", params(DomainQuery),
    responses(
        (status = 200, body = StoreSettings), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody, description = "The domain is not one of yours"),
    )
)]
async fn store(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    Query(query): Query<DomainQuery>,
) -> ApiResult<Json<StoreSettings>> {
    Ok(Json(commerce::store_settings(&domain, &principal, &query.domain).await?))
}

/// Connect a store to a domain
///
/// In place of the one that was. The AI looks up products there, and orders for customers who have proven who they are;
/// nothing is written. The keys stay when they are left out, unless the address changes. The store is not asked: see the
/// check.
#[utoipa::path(
    put, path = "/api/settings/store", tag = "settings", operation_id = "connectStore", request_body = UpdateStore,
    responses(
        (status = 200, body = StoreSettings), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody, description = "The domain is not one of yours"), (status = 422, body = ErrorBody),
    )
)]
async fn connect(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    Meta(meta): Meta,
    ExactJson(request): ExactJson<UpdateStore>,
) -> ApiResult<Json<StoreSettings>> {
    Ok(Json(commerce::update_store(&domain, &principal, request, &meta).await?))
}

/// Disconnect a domain's store
///
/// Its keys are forgotten.
#[utoipa::path(
    delete, path = "/api/settings/store", tag = "settings", operation_id = "disconnectStore", params(DomainQuery),
    responses(
        (status = 204), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody, description = "None is connected, or the domain is not one of yours"),
    )
)]
async fn disconnect(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    Meta(meta): Meta,
    Query(query): Query<DomainQuery>,
) -> ApiResult<StatusCode> {
    commerce::remove_store(&domain, &principal, &query.domain, &meta).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ask a connected store whether it answers
///
/// Whether its products and orders may be read; what is wrong is part of the answer, not an error.
#[utoipa::path(
    post, path = "/api/settings/store/check", tag = "settings", operation_id = "checkStore", params(DomainQuery),
    responses(
        (status = 200, body = StoreCheck), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody, description = "None is connected, or the domain is not one of yours"),
        (status = 429, body = ErrorBody, description = "Checks ask another server: so many a minute for a tenant"),
    )
)]
async fn check(
    State(state): State<AppState>,
    Signed(principal): Signed,
    Query(query): Query<DomainQuery>,
) -> ApiResult<Json<StoreCheck>> {
    state.limits.check_trial(&principal)?;
    Ok(Json(commerce::check_store(&state.domain, &principal, &query.domain).await?))
}

/// List the keys with which a shop signs who its visitors are
#[utoipa::path(
    get, path = "/api/settings/identity-keys", tag = "settings", operation_id = "listIdentityKeys", params(DomainQuery),
    responses(
        (status = 200, body = IdentityKeys), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody, description = "The domain is not one of yours"),
    )
)]
async fn keys(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    Query(query): Query<DomainQuery>,
) -> ApiResult<Json<IdentityKeys>> {
    Ok(Json(verification::identity_keys_of(&domain, &principal, &query.domain).await?))
}

/// Make a key for signing who visitors are
///
/// The secret is told this once. A domain has two keys at most, so that a shop can change from one to the next: with
/// `rotate` the new one takes the place of the oldest.
#[utoipa::path(
    post, path = "/api/settings/identity-keys", tag = "settings", operation_id = "createIdentityKey",
    request_body = CreateIdentityKey,
    responses(
        (status = 200, body = IssuedKey), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody, description = "The domain is not one of yours"),
        (status = 409, body = ErrorBody, description = "There are two keys already"),
    )
)]
async fn issue(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    Meta(meta): Meta,
    ExactJson(request): ExactJson<CreateIdentityKey>,
) -> ApiResult<Json<IssuedKey>> {
    Ok(Json(verification::issue_identity_key(&domain, &principal, request, &meta).await?))
}

/// End a key for signing who visitors are
///
/// Tokens that it signed are refused from now on.
#[utoipa::path(
    delete, path = "/api/settings/identity-keys/{kid}", tag = "settings", operation_id = "endIdentityKey",
    params(("kid" = String, Path, description = "The key's id"), DomainQuery),
    responses(
        (status = 204), (status = 401, body = ErrorBody), (status = 403, body = ErrorBody),
        (status = 404, body = ErrorBody, description = "No such key, or the domain is not one of yours"),
    )
)]
async fn end(
    State(domain): State<Domain>,
    Signed(principal): Signed,
    Meta(meta): Meta,
    Path(kid): Path<String>,
    Query(query): Query<DomainQuery>,
) -> ApiResult<StatusCode> {
    verification::end_identity_key(&domain, &principal, &query.domain, &kid, &meta).await?;
    Ok(StatusCode::NO_CONTENT)
}
