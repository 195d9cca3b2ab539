//! Connections: taken one by one, cut when a client is slow to say what it wants, and closed in order at the end.

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

const EVENT_STREAM: HeaderValue = HeaderValue::from_static("text/event-stream");

/// Serves until `stopping`; then takes no more connections and returns when the requests under way are answered.
///
/// A request's head must arrive within `longest_head` of the connection's beginning or of the answer before it, so that
/// neither a trickle nor an idle connection stays for ever.
pub async fn serve(mut listener: TcpListener, router: Router, longest_head: Duration, stopping: CancellationToken) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(longest_head);
    let open = TaskTracker::new();
    loop {
        let (socket, peer) = tokio::select! {
            // Waits and goes on when the process has no more descriptors.
            accepted = Listener::accept(&mut listener) => accepted,
            () = stopping.cancelled() => break,
        };
        // Without it a small reply waits for the client's delayed acknowledgement.
        let _ = socket.set_nodelay(true);
        let conversation = converse(http.clone(), socket, peer, router.clone(), stopping.clone());
        open.spawn(async move {
            let Some((socket, response)) = conversation.await else { return };
            if let Err(error) = stream::send(socket, response).await {
                tracing::trace!(%error, %peer, "a stream broke");
            }
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
