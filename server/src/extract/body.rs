//! JSON bodies.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header;
use omniops_types::ErrorCode;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::ApiError;

/// A JSON body, in or out.
///
/// In: 415 for another content type, 413 when too large, 400 when it is not JSON, and 422 naming the field when
/// it is JSON of another shape.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &S) -> Result<Self, ApiError> {
        if !is_json(&request) {
            return Err(ApiError::new(
                ErrorCode::UnsupportedMediaType,
                "send the body as JSON, with content-type: application/json",
            ));
        }
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == http::StatusCode::PAYLOAD_TOO_LARGE {
                ApiError::new(ErrorCode::TooLarge, "the body is larger than this address takes")
            } else {
                ApiError::malformed("the body could not be read to its end")
            }
        })?;
        parse(&body).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

fn is_json(request: &Request) -> bool {
    let content_type = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let path = error.path().to_string();
        let problem = error.into_inner();
        if problem.is_data() {
            wrong_shape(&path, &problem.to_string())
        } else {
            ApiError::malformed("the body is not valid JSON")
        }
    })?;
    deserializer.end().map_err(|_| ApiError::malformed("the body goes on after its JSON value"))?;
    Ok(value)
}

/// Names the field that does not fit. A missing one is told by serde for the object around it, in its message.
fn wrong_shape(path: &str, problem: &str) -> ApiError {
    let problem = problem.split(" at line ").next().unwrap_or(problem);
    let missing = problem.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
    match (missing, path) {
        (Some(name), ".") => ApiError::field(name, "is required"),
        (Some(name), within) => ApiError::field(format!("{within}.{name}"), "is required"),
        (None, ".") => ApiError::field("body", problem),
        (None, within) => ApiError::field(within, problem),
    }
}
