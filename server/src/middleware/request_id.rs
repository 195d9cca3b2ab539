//! A name for each request: taken from `x-request-id` where the caller sent a sensible one, made otherwise,
//! given back in the reply, in the error envelope and on every line of the log.

use std::fmt;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use futures::stream::{self, Stream};
use http::{HeaderMap, HeaderValue};
use tracing::Span;
use uuid::Uuid;

/// The header, in and out.
pub const HEADER: &str = "x-request-id";

tokio::task_local! {
    static REQUEST_ID: RequestId;
}

/// The id of the request that the running task serves; absent outside of one.
pub fn current() -> Option<String> {
    REQUEST_ID.try_with(RequestId::to_string).ok()
}

/// A stream that goes on after the handler returned: what it makes knows the request's id, and what it logs stands in
/// the request's span.
pub fn carried<S: Stream>(stream: S) -> impl Stream<Item = S::Item> {
    let (id, span) = (REQUEST_ID.try_with(Clone::clone).unwrap_or_default(), Span::current());
    let mut stream = Box::pin(stream);
    stream::poll_fn(move |context| {
        let _entered = span.enter();
        REQUEST_ID.sync_scope(id.clone(), || stream.as_mut().poll_next(context))
    })
}

/// The id of the request, also in the request's extensions.
#[derive(Clone, Debug, Default)]
pub struct RequestId(Arc<str>);

impl RequestId {
    /// The caller's own id where it sent a sensible one, else a new one.
    pub fn of(headers: &HeaderMap) -> Self {
        match supplied(headers) {
            Some(id) => Self(id.into()),
            None => Self((&*new().simple().encode_lower(&mut Uuid::encode_buffer())).into()),
        }
    }

    /// The work, which then knows the id; see [`current`].
    pub fn scope<F: Future>(&self, work: F) -> impl Future<Output = F::Output> {
        REQUEST_ID.scope(self.clone(), work)
    }

    /// Gives the id back.
    pub fn write(&self, headers: &mut HeaderMap) {
        if let Ok(id) = HeaderValue::from_str(&self.0) {
            headers.insert(HEADER, id);
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A UUIDv7. Its random bits come from this thread: nothing is proven by the id, so it is not worth asking the kernel.
fn new() -> Uuid {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    uuid::Builder::from_unix_timestamp_millis(since_epoch.as_millis() as u64, &rand::random()).into_uuid()
}

/// A caller's own id, if it is short and harmless in a log line.
fn supplied(headers: &HeaderMap) -> Option<&str> {
    let id = headers.get(HEADER)?.to_str().ok()?;
    let harmless = (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    harmless.then_some(id)
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;

    use super::*;

    #[tokio::test]
    async fn a_stream_knows_its_request_after_the_handler_returned() {
        let ids = || stream::repeat_with(current).take(2);
        let carried = RequestId("order-4711".into()).scope(async { carried(ids()) }).await;
        assert_eq!(ids().collect::<Vec<_>>().await, [None, None]);
        assert_eq!(
            carried.collect::<Vec<_>>().await,
            [const { Some("order-4711") }; 2].map(|id| id.map(str::to_owned))
        );
    }
}
