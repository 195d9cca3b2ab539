//! Replies are compressed where that makes them smaller and the client can read it. Streams are not: a compressor would
//! hold events back, and the room for its encoders would be held for as long as they are open.

use std::convert::Infallible;
use std::future::ready;

use axum::body::Body;
use axum::response::Response;
use http::{HeaderMap, Request, header};
use tower::{Layer, ServiceExt, service_fn};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, Predicate};

/// Takes a thousandth of a second for a page; what is smaller takes several.
const QUALITY: CompressionLevel = CompressionLevel::Precise(4);

/// The encodings that a client reads, as it said so.
#[derive(Debug)]
pub struct Accepted(HeaderMap);

impl Accepted {
    pub fn of(headers: &HeaderMap) -> Self {
        let accepted = headers.get_all(header::ACCEPT_ENCODING).into_iter().cloned();
        Self(accepted.map(|value| (header::ACCEPT_ENCODING, value)).collect())
    }
}

/// The reply as this client gets it.
pub async fn compress(accepted: Accepted, mut response: Response) -> Response {
    if !may_be_compressed(&response) {
        return response;
    }
    if accepted.0.is_empty() {
        response.headers_mut().append(header::VARY, header::ACCEPT_ENCODING.into());
        return response;
    }
    // The compressor's body has room for each encoder: boxed, so that not every request's future has it too.
    Box::pin(compressed(accepted, response)).await
}

fn may_be_compressed(response: &Response) -> bool {
    let is_whole_and_plain =
        ![header::CONTENT_ENCODING, header::CONTENT_RANGE].iter().any(|name| response.headers().contains_key(name));
    is_whole_and_plain && DefaultPredicate::new().should_compress(response)
}

async fn compressed(accepted: Accepted, mut response: Response) -> Response {
    let mut request = Request::new(());
    *request.headers_mut() = accepted.0;
    let reply = service_fn(move |_| ready(Ok::<_, Infallible>(std::mem::take(&mut response))));
    match CompressionLayer::new().quality(QUALITY).layer(reply).oneshot(request).await {
        Ok(response) => response.map(Body::new),
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse;
    use axum::response::sse::{Event, Sse};
    use futures::stream;
    use http::HeaderValue;

    use super::*;

    async fn encoding_of(response: Response) -> Option<HeaderValue> {
        let asked = HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static("br, gzip"))]);
        compress(Accepted::of(&asked), response).await.headers().get(header::CONTENT_ENCODING).cloned()
    }

    #[tokio::test]
    async fn a_text_is_compressed_as_the_client_reads_it() {
        assert_eq!(encoding_of("a text ".repeat(100).into_response()).await.unwrap(), "br");
        let plain = compress(Accepted::of(&HeaderMap::new()), "a text ".repeat(100).into_response()).await;
        assert!(!plain.headers().contains_key(header::CONTENT_ENCODING));
        assert_eq!(plain.headers()[header::VARY], "accept-encoding");
    }

    #[tokio::test]
    async fn what_is_compressed_already_stays_as_it_is() {
        let done = ([(header::CONTENT_ENCODING, "gzip")], "a text ".repeat(100)).into_response();
        assert_eq!(encoding_of(done).await.unwrap(), "gzip");
    }

    #[tokio::test]
    async fn a_stream_passes_as_it_is() {
        let events = stream::empty::<Result<Event, Infallible>>();
        assert_eq!(encoding_of(Sse::new(events).into_response()).await, None);
    }
}
