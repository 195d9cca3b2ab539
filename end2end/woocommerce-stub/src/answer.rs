use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, Response, StatusCode, header};
use futures::stream::{self, StreamExt};
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::params::Refusal;
use crate::recorded;

/// What the store says.
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: Value,
}

impl Answer {
    pub(crate) const fn ok(body: Value) -> Self {
        Self { status: 200, headers: Vec::new(), body }
    }

    pub(crate) fn refusal(name: Refusal) -> Self {
        let (status, body) = recorded::error(name);
        Self { status, headers: Vec::new(), body }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    fn text(&self) -> String {
        self.body.to_string()
    }

    pub(crate) fn response(self) -> Response<Body> {
        let text = self.text();
        respond(self.status, &self.headers, Body::from(text))
    }

    /// The answer as the fault makes of it.
    pub(crate) async fn spoiled(self, fault: Fault) -> Response<Body> {
        match fault {
            Fault::Slow(time) => {
                tokio::time::sleep(time).await;
                self.response()
            }
            Fault::Hang => std::future::pending().await,
            Fault::Status(status) => {
                let body = json!({"code": "internal_server_error", "message": "<p>There has been a critical error on this website.</p>", "data": {"status": status}});
                respond(status, &[], Body::from(body.to_string()))
            }
            Fault::Page(status) => {
                let page = "<!DOCTYPE html><html><head><title>Just a moment</title></head><body>Sorry</body></html>";
                let mut response = respond(status, &[], Body::from(page));
                response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
                response
            }
            Fault::TooManyRequests(seconds) => {
                let headers: Vec<_> = seconds.map(|seconds| ("retry-after", seconds.to_string())).into_iter().collect();
                respond(429, &headers, Body::from("Too Many Requests"))
            }
            Fault::RateLimited(seconds) => {
                let refusal = Self::refusal("400_rate_limit_exceeded");
                refusal.with("ratelimit-retry-after", seconds).response()
            }
            Fault::Redirect(address) => respond(302, &[("location", address)], Body::empty()),
            Fault::Cut => {
                let text = self.text();
                let half = text.get(..text.floor_char_boundary(text.len() / 2)).unwrap_or_default().to_owned();
                let pieces = stream::iter([Ok(Bytes::from(half)), Err(std::io::Error::other("cut"))]);
                respond(200, &[], Body::from_stream(stream_slowly(pieces)))
            }
            Fault::Huge(bytes) => {
                let piece = Bytes::from(" ".repeat(64 * 1024));
                let pieces = bytes.div_ceil(piece.len());
                let padding = stream::iter(std::iter::repeat_n(piece, pieces));
                let ends = |text: &'static str| stream::iter([Bytes::from_static(text.as_bytes())]);
                let all = ends("[").chain(padding).chain(ends("]")).map(Ok::<_, std::io::Error>);
                respond(200, &[], Body::from_stream(all))
            }
            Fault::Warnings => {
                let text = format!("<br />\n<b>Warning</b>: Undefined array key in plugin.php<br />\n{}", self.text());
                respond(200, &[], Body::from(text))
            }
            Fault::OtherShape => respond(200, &[], Body::from(r#"{"id":{"not":"a number"}}"#)),
        }
    }
}

/// Lets the first piece leave before the connection breaks: hyper would drop it with the connection.
fn stream_slowly<S>(pieces: S) -> impl futures::Stream<Item = S::Item>
where
    S: futures::Stream,
{
    pieces.then(|piece| async {
        tokio::task::yield_now().await;
        piece
    })
}

fn respond(status: u16, headers: &[(&'static str, String)], body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let own = response.headers_mut();
    own.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=UTF-8"));
    own.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            own.insert(HeaderName::from_static(name), value);
        }
    }
    response
}
