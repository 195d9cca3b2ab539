//! A name for each request: taken from `x-request-id` where the caller sent a sensible one, made otherwise,
//! given back in the reply, in the error envelope and on every line of the log.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures::stream::{self, Stream};
use http::{HeaderMap, HeaderValue};
use tracing::Span;
use uuid::Uuid;

/// The header, in and out.
pub const HEADER: &str = "x-request-id";

tokio::task_local! {
    static REQUEST_ID: String;
}

/// The id of the request that the running task serves; absent outside of one.
pub fn current() -> Option<String> {
    REQUEST_ID.try_with(Clone::clone).ok()
}

/// A stream that goes on after the handler returned: what it makes knows the request's id, and what it logs stands in
/// the request's span.
pub fn carried<S: Stream>(stream: S) -> impl Stream<Item = S::Item> {
    let (id, span) = (current().unwrap_or_default(), Span::current());
    let mut stream = Box::pin(stream);
    stream::poll_fn(move |context| {
        let _entered = span.enter();
        REQUEST_ID.sync_scope(id.clone(), || stream.as_mut().poll_next(context))
    })
}

/// The id of the request, as the middleware leaves it in the request's extensions.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// Names the request.
pub async fn assign(mut request: Request, next: Next) -> Response {
    let id = supplied(request.headers()).unwrap_or_else(|| Uuid::now_v7().simple().to_string());
    request.extensions_mut().insert(RequestId(id.clone()));
    let header = HeaderValue::from_str(&id);
    let mut response = REQUEST_ID.scope(id, next.run(request)).await;
    if let Ok(header) = header {
        response.headers_mut().insert(HEADER, header);
    }
    response
}

/// A caller's own id, if it is short and harmless in a log line.
fn supplied(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(HEADER)?.to_str().ok()?;
    let harmless = (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    harmless.then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;

    use super::*;

    #[tokio::test]
    async fn a_stream_knows_its_request_after_the_handler_returned() {
        let ids = || stream::repeat_with(current).take(2);
        let carried = REQUEST_ID.scope("order-4711".to_owned(), async { carried(ids()) }).await;
        assert_eq!(ids().collect::<Vec<_>>().await, [None, None]);
        assert_eq!(
            carried.collect::<Vec<_>>().await,
            [const { Some("order-4711") }; 2].map(|id| id.map(str::to_owned))
        );
    }
}
