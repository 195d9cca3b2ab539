//! The requests of the widget: JSON both ways, no cookies, and the answer of the chat as a stream.

use gloo_net::http::{Request, RequestBuilder, Response};
use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ReadableStreamDefaultReader, RequestCredentials};

use crate::chat::AnswerSignal;
use crate::json::Json;
use crate::problem::Problem;
use crate::sse::SseParser;

/// Posts a JSON body, or gets when there is none, and reads the answer; an empty one reads as `Null`.
pub(super) async fn exchange(url: &str, body: Option<String>) -> Result<Json, Problem> {
    let request = match body {
        Some(body) => json(Request::post(url), body)?,
        None => without_cookies(Request::get(url)).build().map_err(|_| Problem::Network)?,
    };
    let text = send(request).await?.text().await.map_err(|_| Problem::Network)?;
    if text.is_empty() { Ok(Json::Null) } else { Json::parse(&text).ok_or(Problem::Server) }
}

/// Posts a message and hands on what the stream of its answer says, as it comes. Always ends with one last signal.
pub(super) async fn stream_answer(url: &str, body: String, mut hand_on: impl FnMut(Vec<AnswerSignal>)) {
    let end = match open_stream(url, body).await {
        Ok(reader) => read_stream(&reader, &mut hand_on).await,
        Err(problem) => Some(problem),
    };
    if let Some(problem) = end {
        hand_on(vec![AnswerSignal::Failed(problem)]);
    }
}

async fn open_stream(url: &str, body: String) -> Result<ReadableStreamDefaultReader, Problem> {
    let request = Request::post(url).header("Accept", "text/event-stream");
    let response = send(json(request, body)?).await?;
    let stream = response.body().ok_or(Problem::Network)?;
    Ok(stream.get_reader().unchecked_into())
}

/// Reads to the last signal; the problem that came instead of one.
async fn read_stream(
    reader: &ReadableStreamDefaultReader,
    hand_on: &mut impl FnMut(Vec<AnswerSignal>),
) -> Option<Problem> {
    let mut parser = SseParser::default();
    loop {
        let Ok(portion) = JsFuture::from(reader.read()).await else { return Some(Problem::Network) };
        let value = Reflect::get(&portion, &"value".into()).unwrap_or_default();
        let Ok(bytes) = value.dyn_into::<Uint8Array>() else { return Some(Problem::Network) };
        let signals: Vec<_> = parser.push(&bytes.to_vec()).iter().filter_map(AnswerSignal::from_event).collect();
        let is_last = signals.iter().any(AnswerSignal::is_last);
        hand_on(signals);
        if is_last {
            return None;
        }
    }
}

fn json(request: RequestBuilder, body: String) -> Result<Request, Problem> {
    let request = without_cookies(request).header("Content-Type", "application/json");
    request.body(body).map_err(|_| Problem::Network)
}

fn without_cookies(request: RequestBuilder) -> RequestBuilder {
    request.credentials(RequestCredentials::Omit)
}

async fn send(request: Request) -> Result<Response, Problem> {
    let response = request.send().await.map_err(|_| Problem::Network)?;
    if response.ok() {
        return Ok(response);
    }
    let retry_after = response.headers().get("retry-after");
    let body = response.text().await.unwrap_or_default();
    Err(Problem::from_response(response.status(), &body, retry_after.as_deref()))
}
