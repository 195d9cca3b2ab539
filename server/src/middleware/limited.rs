//! The limits of the signed-in API that need no proof of who asks. Those by key and tenant are checked by `Signed`.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::client_ip::ClientIp;
use crate::AppState;
use crate::limits::Limit;

/// Counts the request against its address.
pub async fn by_address(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if let Some(ip) = request.extensions().get::<ClientIp>()
        && let Err(error) = state.limits.check(Limit::ApiPerIp, ip.0)
    {
        return error.into_response();
    }
    next.run(request).await
}
