//! The requests of the widget: JSON both ways, no cookies, and the answer of the chat as a stream.

use js_sys::{Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Headers, ReadableStreamDefaultReader, RequestCache, RequestCredentials, RequestInit, Response};

use super::dom::window;
use crate::chat::AnswerSignal;
use crate::json::Json;
use crate::problem::Problem;
use crate::sse::SseParser;

/// Posts a JSON body, or gets when there is none, and reads the answer; an empty one reads as `Null`. `again`: asks the
/// server whether what the browser has cached is still true.
pub(super) async fn exchange(url: &str, body: Option<String>, again: bool) -> Result<Json, Problem> {
    let text = text_of(&send(url, body, "application/json", again).await?).await.ok_or(Problem::Network)?;
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
    let response = send(url, Some(body), "text/event-stream", false).await?;
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

async fn send(url: &str, body: Option<String>, accept: &str, again: bool) -> Result<Response, Problem> {
    let response = fetch(url, body, accept, again).await.map_err(|_| Problem::Network)?;
    if response.ok() {
        return Ok(response);
    }
    let retry_after = response.headers().get("retry-after").ok().flatten();
    let body = text_of(&response).await.unwrap_or_default();
    Err(Problem::from_response(response.status(), &body, retry_after.as_deref()))
}

async fn fetch(url: &str, body: Option<String>, accept: &str, again: bool) -> Result<Response, JsValue> {
    let request = RequestInit::new();
    if again {
        request.set_cache(RequestCache::NoCache);
    }
    let headers = Headers::new()?;
    headers.set("Accept", accept)?;
    if let Some(body) = body {
        request.set_method("POST");
        headers.set("Content-Type", "application/json")?;
        request.set_body(&body.into());
    }
    request.set_headers(&headers);
    request.set_credentials(RequestCredentials::Omit);
    JsFuture::from(window().fetch_with_str_and_init(url, &request)).await.map(JsCast::unchecked_into)
}

async fn text_of(response: &Response) -> Option<String> {
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}
