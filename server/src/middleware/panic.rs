//! A handler that panics costs one request, not the process.

use std::any::Any;

use axum::body::Body;
use axum::response::IntoResponse;
use http::Response;

use crate::ApiError;

/// The envelope in place of the handler's reply; what the panic said goes to the log.
pub fn caught(panic: Box<dyn Any + Send + 'static>) -> Response<Body> {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    metrics::counter!("omniops_panics_total").increment(1);
    ApiError::internal(format!("a handler panicked: {message}")).into_response()
}
