//! The one error of the HTTP layer.
//!
//! Handlers return [`ApiResult`] and use `?` on a service's [`omniops_domain::Error`]; what only HTTP knows
//! (a bad body, an unknown method) has constructors here. Turning it into a response logs what the caller must
//! not see, once, with the request id of the surrounding span.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use omniops_types::{ErrorBody, ErrorCode, ErrorDetail, FieldErrors};

use crate::middleware::request_id;

pub type ApiResult<T, E = ApiError> = Result<T, E>;

/// An error as a client sees it, with what only the log may see.
#[derive(Debug)]
pub struct ApiError {
    code: ErrorCode,
    message: String,
    fields: FieldErrors,
    /// Seconds.
    retry_after: Option<u32>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl ApiError {
    /// An error with nothing to hide.
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), fields: FieldErrors::new(), retry_after: None, source: None }
    }

    /// The request could not be read.
    pub fn malformed(message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Malformed, message)
    }

    /// One field is wrong.
    pub fn field(name: impl Into<String>, problem: impl Into<String>) -> Self {
        let mut error = Self::new(ErrorCode::InvalidFields, "some fields are not acceptable");
        error.fields.insert(name.into(), problem.into());
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
        self.code
    }

    /// What goes inside the envelope; event streams send it as their `error` event.
    pub fn detail(&self) -> ErrorDetail {
        ErrorDetail {
            code: self.code,
            message: self.message.clone(),
            request_id: request_id::current().unwrap_or_default(),
            fields: self.fields.clone(),
            retry_after: self.retry_after,
        }
    }

    /// Writes what the client does not see to the log. Called once, where the error leaves the process.
    pub fn log(&self) {
        match (&self.source, self.code) {
            (Some(source), _) => tracing::error!(code = %self.code, error = %chain(&**source), "request failed"),
            (None, ErrorCode::Internal | ErrorCode::Unavailable) => {
                tracing::warn!(code = %self.code, message = %self.message, "request refused");
            }
            _ => tracing::debug!(code = %self.code, message = %self.message, "request refused"),
        }
    }
}

/// The error and all of its causes in one line. No error of ours repeats its cause in its own words.
pub fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        next = cause.source();
    }
    text
}

impl From<omniops_domain::Error> for ApiError {
    fn from(error: omniops_domain::Error) -> Self {
        let code = error.code();
        let message = error.to_string();
        let retry_after = error.retry_after();
        let (fields, source) = match error {
            omniops_domain::Error::InvalidFields(fields) => (fields, None),
            omniops_domain::Error::Internal(source) => (FieldErrors::new(), Some(source)),
            _ => (FieldErrors::new(), None),
        };
        Self { code, message, fields, retry_after, source }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        self.log();
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(ErrorBody { error: self.detail() })).into_response();
        if let Some(seconds) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}
