//! The one error of the HTTP layer.
//!
//! Handlers return [`ApiResult`] and use `?` on a service's [`omniops_domain::Error`]; what only HTTP knows
//! (a bad body, an unknown method) has constructors here. Turning it into a response logs what the caller must
//! not see, once, with the request id of the surrounding span.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use omniops_domain::chain;
use omniops_types::{ErrorBody, ErrorCode, ErrorDetail, FieldErrors};

use crate::middleware::request_id;

pub type ApiResult<T, E = ApiError> = Result<T, E>;

/// An error as a client sees it, with what only the log may see.
#[derive(Debug)]
pub struct ApiError {
    /// Without the request's id, which is known where the error leaves.
    detail: ErrorDetail,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl ApiError {
    /// An error with nothing to hide.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        let (request_id, fields) = (String::new(), FieldErrors::new());
        Self {
            detail: ErrorDetail { code, message: message.into(), request_id, fields, retry_after: None },
            source: None,
        }
    }

    /// The request could not be read.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Malformed, message)
    }

    /// One field is wrong.
    pub fn field(name: impl Into<String>, problem: impl Into<String>) -> Self {
        Self::fields(FieldErrors::from([(name.into(), problem.into())]))
    }

    /// These fields are wrong.
    pub fn fields(fields: FieldErrors) -> Self {
        let mut error = Self::new(ErrorCode::InvalidFields, "some fields are not acceptable");
        error.detail.fields = fields;
        error
    }

    /// No route has this path.
    pub fn no_route() -> Self {
        Self::new(ErrorCode::NotFound, "there is nothing at this address; see /api/docs")
    }

    /// The route exists, but not for this method.
    pub fn method_not_allowed() -> Self {
        Self::new(ErrorCode::MethodNotAllowed, "this address does not take that method; see /api/docs")
    }

    /// What is not the caller's fault.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let mut error = Self::new(ErrorCode::Internal, "something went wrong on our side");
        error.source = Some(source.into());
        error
    }

    pub const fn code(&self) -> ErrorCode {
        self.detail.code
    }

    /// What goes inside the envelope; event streams send it as their `error` event.
    pub fn detail(&self) -> ErrorDetail {
        ErrorDetail { request_id: request_id::current().unwrap_or_default(), ..self.detail.clone() }
    }

    /// Writes what the client does not see to the log. Called once, where the error leaves the process.
    pub fn log(&self) {
        let ErrorDetail { code, message, .. } = &self.detail;
        match (&self.source, code) {
            (Some(source), _) => tracing::error!(%code, error = %chain(&**source), "request failed"),
            (None, ErrorCode::Internal | ErrorCode::Unavailable) => tracing::warn!(%code, %message, "request refused"),
            _ => tracing::debug!(%code, %message, "request refused"),
        }
    }
}

impl From<omniops_domain::Error> for ApiError {
    fn from(error: omniops_domain::Error) -> Self {
        Self { detail: error.detail(String::new()), source: error.into_source() }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.log();
        let status = StatusCode::from_u16(self.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(ErrorBody { error: self.detail() })).into_response();
        if let Some(seconds) = self.detail.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
