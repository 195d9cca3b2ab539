//! Connections: taken one by one, cut when a client is slow to say what it wants, and closed in order at the end.

mod places;
mod stream;

use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::response::Response;
use axum::serve::Listener;
use http::{HeaderValue, Method, Request, Version, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use places::Places;
pub use places::possible;

const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");

/// Serves until `stopping`; then takes no more connections and returns when the requests under way are answered.
///
/// A request's head must arrive within `longest_head` of the connection's beginning or of the answer before it, so that
/// neither a trickle nor an idle connection stays for ever. Beyond `most` open connections one is told to come back.
pub async fn serve(
    mut listener: TcpListener,
    router: Router,
    longest_head: Duration,
    most: usize,
    stopping: CancellationToken,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(longest_head);
    let open = TaskTracker::new();
    let places = Places::new(most);
    let mut is_full = false;
    loop {
        let (socket, peer) = tokio::select! {
            // Waits and goes on when the process has no more descriptors.
            accepted = Listener::accept(&mut listener) => accepted,
            () = stopping.cancelled() => break,
        };
        let Some(place) = places.enter() else {
            if !is_full {
                tracing::warn!(most, "no place for more connections; see OMNIOPS_MAX_CONNECTIONS");
            }
            is_full = true;
            places.turn_away(socket);
            continue;
        };
        is_full = false;
        // Without it a small reply waits for the client's delayed acknowledgement.
        let _ = socket.set_nodelay(true);
        let conversation = converse(http.clone(), socket, peer, router.clone(), stopping.clone());
        open.spawn(async move {
            if let Some((socket, response)) = conversation.await
                && let Err(error) = stream::send(socket, response).await
            {
                tracing::trace!(%error, %peer, "a stream broke");
            }
            drop(place);
        });
    }
    drop(listener);
    open.close();
    open.wait().await;
}

/// Answers the connection's requests until it closes, or until one is answered with a stream, which is left to send.
async fn converse(
    http: http1::Builder,
    socket: TcpStream,
    peer: SocketAddr,
    router: Router,
    stopping: CancellationToken,
) -> Option<(TcpStream, Response)> {
    let service = service_fn(move |request| answer(router.clone(), peer, request));
    let mut connection = http.serve_connection(TokioIo::new(socket), service);
    let ended = tokio::select! {
        ended = &mut connection => Some(ended),
        () = stopping.cancelled() => None,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            Pin::new(&mut connection).graceful_shutdown();
            (&mut connection).await
        }
    };
    let error = ended.err()?;
    match error.source().and_then(|source| source.downcast_ref()).and_then(StreamBegins::take) {
        Some(response) => Some((connection.into_parts().io.into_inner(), response)),
        None => {
            tracing::trace!(%error, %peer, "a connection broke");
            None
        }
    }
}

async fn answer(router: Router, peer: SocketAddr, request: Request<Incoming>) -> Result<Response, StreamBegins> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(ConnectInfo(peer));
    let can_stream = request.version() == Version::HTTP_11 && request.method() == Method::GET;
    let response = match router.oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    if can_stream && response.headers().get(header::CONTENT_TYPE) == Some(&EVENT_STREAM) {
        return Err(StreamBegins(Mutex::new(Some(response))));
    }
    Ok(response)
}

/// Takes a connection from hyper, which has written nothing of this reply: an error is how a service ends one.
///
/// Nothing is lost: hyper begins a request when the answer to the one before is written whole, and what a client sends
/// behind its request for a stream is never answered, as the reply's `connection: close` says.
struct StreamBegins(Mutex<Option<Response>>);

impl StreamBegins {
    fn take(&self) -> Option<Response> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl fmt::Debug for StreamBegins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamBegins").finish_non_exhaustive()
    }
}

impl fmt::Display for StreamBegins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the reply is a stream")
    }
}

impl Error for StreamBegins {}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::response::IntoResponse;
    use axum::routing::get;
    use bytes::Bytes;
    use futures::stream;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// More than the sockets' buffers hold.
    const LARGE: usize = 48 * 1024 * 1024;

    async fn events() -> Response {
        let pieces = ["data: one\n\n", "data: two\n\n"].map(|text| Ok::<_, Infallible>(Bytes::from(text)));
        ([(header::CONTENT_TYPE, EVENT_STREAM)], Body::from_stream(stream::iter(pieces))).into_response()
    }

    async fn serving(most: usize) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let large = get(|| async { Bytes::from(vec![b'x'; LARGE]) });
        let router = Router::new()
            .route("/small", get(|| async { "small" }))
            .route("/large", large)
            .route("/events", get(events));
        tokio::spawn(serve(listener, router, Duration::from_secs(30), most, CancellationToken::new()));
        address
    }

    fn request(path: &str) -> String {
        format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n")
    }

    async fn connect(address: SocketAddr, sent: &str) -> TcpStream {
        let mut client = TcpStream::connect(address).await.unwrap();
        client.write_all(sent.as_bytes()).await.unwrap();
        client
    }

    async fn rest(mut client: TcpStream) -> String {
        let mut text = String::new();
        let read = tokio::time::timeout(Duration::from_secs(60), client.read_to_string(&mut text)).await;
        read.expect("the connection stays open").unwrap();
        text
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn what_was_asked_before_a_stream_is_answered_whole_however_slowly_it_is_read() {
        let address = serving(10).await;
        let told = rest(connect(address, &(request("/small") + &request("/events") + &request("/small"))).await).await;
        assert_eq!(told.matches("HTTP/1.1 200 OK").count(), 2, "nothing comes after a stream: {told}");
        assert!(told.contains("\r\n\r\nsmallHTTP/1.1 200 OK"), "{told}");
        assert!(told.contains("connection: close") && told.ends_with("data: two\n\n\r\n0\r\n\r\n"), "{told}");

        // What the sockets' buffers do not hold has to wait for the client, and the stream with it.
        let told = rest(connect(address, &(request("/large") + &request("/events"))).await).await;
        assert!(told.contains(&"x".repeat(LARGE)), "{} bytes", told.len());
        assert!(told.ends_with("data: two\n\n\r\n0\r\n\r\n"), "{} bytes", told.len());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn beyond_the_most_connections_one_is_told_to_come_back_and_gets_in_when_another_leaves() {
        let address = serving(1).await;
        let mut first = connect(address, &request("/small")).await;
        let mut start = [0; 15];
        first.read_exact(&mut start).await.unwrap();
        let told = rest(connect(address, &request("/small")).await).await;
        assert!(told.starts_with("HTTP/1.1 503") && told.contains("retry-after: 5"), "{told}");
        drop(first);
        let deadline = tokio::time::Instant::now() + Duration::from_secs(30);
        loop {
            let mut next = connect(address, &request("/small")).await;
            next.read_exact(&mut start).await.unwrap();
            if &start == b"HTTP/1.1 200 OK" {
                return;
            }
            assert!(tokio::time::Instant::now() < deadline, "the place is not given back");
        }
    }
}
