//! A handler that panics costs one request, not the process.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use axum::response::{IntoResponse, Response};
use futures::FutureExt;

use crate::ApiError;

/// The work's reply, or the envelope in its place. What the work had in its hands is dropped with it.
pub async fn catch(work: impl Future<Output = Response>) -> Response {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(caught)
}

/// What the panic said goes to the log.
fn caught(panic: Box<dyn Any + Send + 'static>) -> Response {
    let message = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    metrics::counter!("omniops_panics_total").increment(1);
    ApiError::internal(format!("a handler panicked: {message}")).into_response()
}
