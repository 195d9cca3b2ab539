//! Bodies have an end. One that says it is larger is refused before it is read; one that does not say is cut.

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header;
use http_body_util::Limited;
use omniops_types::ErrorCode;

use crate::ApiError;

/// The largest body that any address takes, in bytes: a message of 10,000 characters with room to spare.
pub const MAX_BODY: usize = 256 * 1024;

/// Enforces [`MAX_BODY`].
pub async fn enforce(request: Request, next: Next) -> Response {
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > MAX_BODY) {
        return too_large().into_response();
    }
    let (parts, body) = request.into_parts();
    next.run(Request::from_parts(parts, Body::new(Limited::new(body, MAX_BODY)))).await
}

/// 413.
pub fn too_large() -> ApiError {
    ApiError::new(ErrorCode::TooLarge, format!("the body is too large: at most {} KiB", MAX_BODY / 1024))
}
