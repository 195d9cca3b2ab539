//! The routes, and how a reply becomes a response.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, Stream};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::check::complaint;
use crate::control;
use crate::plan::{Act, Acts, at_once, streamed};
use crate::received::{Ended, Received, now};
use crate::reply::{Reply, Start};
use crate::state::{Answering, Shared};

/// The script breaks the connection.
#[derive(Debug)]
pub(crate) struct Broken;

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the script breaks the connection")
    }
}

impl std::error::Error for Broken {}

pub(crate) type Answer = Response<UnsyncBoxBody<Bytes, Broken>>;

/// Answers one request; an error closes the connection without a byte.
pub(crate) async fn answer(shared: Arc<Shared>, connection: u64, request: Request<Incoming>) -> Result<Answer, Broken> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let body = body.collect().await.map_err(|_| Broken)?.to_bytes();
    if path.starts_with("/_") {
        return Ok(control::answer(&shared, &head.method, &path, &body));
    }
    let request = Received {
        number: 0,
        connection,
        method: head.method.to_string(),
        path,
        headers: headers(&head.headers),
        body: serde_json::from_slice(&body).unwrap_or_default(),
        answered_by: String::new(),
        received_at: now(),
        first_piece_at: None,
        ended: None,
        ended_at: None,
    };
    if request.is_chat() && head.method == Method::POST {
        return chat(shared, request).await;
    }
    if request.path.ends_with("/models") && head.method == Method::GET {
        return Ok(models(&shared, request));
    }
    Ok(error(404, &format!("openai-stub: there is no {} {}", request.method, request.path)))
}

async fn chat(shared: Arc<Shared>, request: Received) -> Result<Answer, Broken> {
    let key_refused = refuses_key(&shared, &request);
    let complaint = complaint(&request);
    let refusal = if key_refused { Some("the key".to_owned()) } else { complaint.clone() };
    let (request, reply) = shared.change(|state| state.record(request, refusal));
    let mut answering = Answering::new(shared, request.number);
    let Some(reply) = reply else {
        answering.ends(Ended::Answered);
        return Ok(if key_refused {
            unauthorized()
        } else if let Some(complaint) = complaint {
            error(400, &complaint)
        } else {
            error(500, &unscripted(&request))
        });
    };
    if reply.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(reply.delay_ms)).await;
    }
    match reply.start {
        Start::Answer => Ok(scripted(reply, &request, answering)),
        Start::Hang => std::future::pending().await,
        Start::Close => {
            answering.ends(Ended::BrokenOff);
            Err(Broken)
        }
    }
}

fn models(shared: &Arc<Shared>, request: Received) -> Answer {
    let refused = refuses_key(shared, &request);
    let models = shared.change(|state| {
        let request = Received { answered_by: "models".to_owned(), ended: Some(Ended::Answered), ..request };
        state.keep(request);
        state.models.clone()
    });
    if refused {
        return unauthorized();
    }
    let data = models.iter().map(|id| json!({"id": id, "object": "model", "created": 0, "owned_by": "stub"}));
    json_answer(200, &json!({"object": "list", "data": data.collect::<Vec<_>>()}))
}

fn refuses_key(shared: &Shared, request: &Received) -> bool {
    shared.lock().required_key.as_deref().is_some_and(|key| request.bearer() != Some(key))
}

fn scripted(reply: Reply, request: &Received, mut answering: Answering) -> Answer {
    let added: Vec<(String, String)> = reply.headers.clone().into_iter().collect();
    let mut answer = if reply.status != 200 {
        answering.ends(Ended::Answered);
        match &reply.body {
            Some(Value::String(text)) => plain(reply.status, text.clone()),
            Some(body) => json_answer(reply.status, body),
            None => error(reply.status, "openai-stub: the script says so"),
        }
    } else if request.streams() {
        performed("text/event-stream", streamed(reply, request), answering)
    } else {
        performed("application/json", at_once(&reply, request), answering)
    };
    for (name, value) in added {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer
}

fn performed(content_type: &'static str, acts: Acts, answering: Answering) -> Answer {
    let body = StreamBody::new(frames(acts, answering)).boxed_unsync();
    let mut answer = Response::new(body);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    answer
}

/// Performs the acts. Being polled while nothing is ready is what makes the HTTP library send what it holds, so each piece is
/// followed by a turn in which nothing is: it reaches the client on its own, and a break cannot overtake it.
fn frames(acts: Acts, answering: Answering) -> impl Stream<Item = Result<Frame<Bytes>, Broken>> {
    stream::unfold((acts, answering, false), |(mut acts, mut answering, mut unsent)| async move {
        loop {
            if unsent {
                tokio::task::yield_now().await;
                unsent = false;
            }
            let Some(act) = acts.next() else {
                answering.ends(Ended::Answered);
                return None;
            };
            match act {
                Act::Pause(pause) => tokio::time::sleep(pause).await,
                Act::Hang => std::future::pending().await,
                Act::Break => {
                    tokio::task::yield_now().await;
                    answering.ends(Ended::BrokenOff);
                    return Some((Err(Broken), (acts, answering, false)));
                }
                Act::Write(bytes) => return Some((Ok(Frame::data(bytes)), (acts, answering, false))),
                Act::Piece(bytes) => {
                    answering.piece();
                    return Some((Ok(Frame::data(bytes)), (acts, answering, true)));
                }
                Act::Bulk(bytes) => {
                    answering.piece();
                    return Some((Ok(Frame::data(bytes)), (acts, answering, false)));
                }
            }
        }
    })
}

fn unscripted(request: &Received) -> String {
    let last = request.messages().last().map(Value::to_string).unwrap_or_default();
    let last: String = last.chars().take(200).collect();
    format!("openai-stub: nothing is scripted for request {} (model {}): {last}", request.number, request.model())
}

fn unauthorized() -> Answer {
    let message = "Incorrect API key provided. You can find your API key in the settings.";
    json_answer(
        401,
        &json!({"error": {"message": message, "type": "invalid_request_error", "param": null,
        "code": "invalid_api_key"}}),
    )
}

/// An error as OpenAI words it.
pub(crate) fn error(status: u16, message: &str) -> Answer {
    let (kind, code) = match status {
        401 => ("invalid_request_error", json!("invalid_api_key")),
        429 => ("requests", json!("rate_limit_exceeded")),
        500.. => ("server_error", Value::Null),
        _ => ("invalid_request_error", Value::Null),
    };
    json_answer(status, &json!({"error": {"message": message, "type": kind, "param": null, "code": code}}))
}

pub(crate) fn json_answer(status: u16, body: &Value) -> Answer {
    let mut answer = plain(status, body.to_string());
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

fn plain(status: u16, body: String) -> Answer {
    let body = Full::new(Bytes::from(body)).map_err(|never: Infallible| match never {}).boxed_unsync();
    let mut answer = Response::new(body);
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    answer
}

fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect()
}
