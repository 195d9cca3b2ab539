//! Bodies are read whole before a request takes its place among those that are worked on: who sends slowly holds a
//! connection and nothing else. They have an end, in size and in time.

use std::time::Duration;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{HeaderValue, header};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use omniops_types::ErrorCode;

use crate::{ApiError, ApiResult};

/// The largest body that any address takes, in bytes: a message of 10,000 characters with room to spare.
pub const MAX_BODY: usize = 256 * 1024;

/// Whether a body follows the head.
pub fn is_expected(request: &Request) -> bool {
    !request.body().is_end_stream()
}

/// Reads the body within the given time. 413 for one larger than [`MAX_BODY`], before it is read where its size is
/// announced; 400 for one that does not arrive whole and in time.
pub async fn read(request: Request, longest: Duration) -> ApiResult<Request> {
    if !is_expected(&request) {
        return Ok(request);
    }
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > MAX_BODY) {
        return Err(too_large());
    }
    let (parts, body) = request.into_parts();
    let whole = tokio::time::timeout(longest, whole(body)).await;
    let bytes = whole.unwrap_or_else(|_| Err(ApiError::malformed("the body did not arrive in time")))?;
    Ok(Request::from_parts(parts, Body::from(bytes)))
}

/// Refuses a request whose body was not read. The rest of it is still under way, so the connection serves no other
/// request, and the client is told so.
pub fn refuse_unread(error: ApiError) -> Response {
    let mut response = error.into_response();
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

async fn whole(body: Body) -> ApiResult<Bytes> {
    let collected = Limited::new(body, MAX_BODY).collect().await.map_err(|error| {
        if error.is::<LengthLimitError>() {
            too_large()
        } else {
            ApiError::malformed("the body could not be read to its end")
        }
    })?;
    Ok(collected.to_bytes())
}

fn too_large() -> ApiError {
    ApiError::new(ErrorCode::TooLarge, format!("the body is too large: at most {} KiB", MAX_BODY / 1024))
}
