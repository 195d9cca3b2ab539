//! What went wrong, in the terms of [`ModelError`]: statuses, error objects, connections.

use std::error::Error as _;
use std::time::{Duration, SystemTime};

use futures::StreamExt;
use reqwest::Response;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use tokio::time::Instant;

use crate::model::ModelError;

/// Bytes of an error's body that are read.
const BODY_LIMIT: usize = 16 * 1024;

/// How long an error's body may take; its status is enough without it.
const BODY_TIMEOUT: Duration = Duration::from_secs(2);

/// Characters of a provider's words that are kept.
const DETAIL_LIMIT: usize = 300;

/// Makes a provider's words fit to keep: short, on one line, without the key.
#[derive(Clone, Debug)]
pub(super) struct Scrubber {
    key: SecretString,
}

impl Scrubber {
    pub(super) fn new(key: SecretString) -> Self {
        Self { key }
    }

    /// The words, with every word that holds the key, the beginning of it (providers echo `sk-abcd***wxyz`) or something that
    /// looks like one replaced.
    pub(super) fn clean(&self, words: &str) -> String {
        let key = self.key.expose_secret().trim();
        let beginning = key.get(..6).filter(|_| key.len() >= 12);
        let is_secret = |word: &str| {
            (!key.is_empty() && word.contains(key))
                || beginning.is_some_and(|beginning| word.contains(beginning))
                || word.contains("sk-")
        };
        let words = words.split(|character: char| character.is_whitespace() || character.is_control());
        let mut clean = String::new();
        for word in words.filter(|word| !word.is_empty()) {
            if !clean.is_empty() {
                clean.push(' ');
            }
            clean.push_str(if is_secret(word) { "[key]" } else { word });
            if clean.len() > 4 * DETAIL_LIMIT {
                break;
            }
        }
        match clean.char_indices().nth(DETAIL_LIMIT) {
            None => clean,
            Some((end, _)) => format!("{}…", clean.get(..end).unwrap_or_default()),
        }
    }
}

/// A provider's account of a failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Fault {
    message: String,
    /// `type` and `code`, in lower case.
    kind: String,
    /// A code that is a status.
    status: Option<u16>,
}

impl Fault {
    /// Reads `{"message", "type", "code"}`, or a text. `code` may be a number.
    fn read(value: &Value) -> Self {
        let field = |name: &str| match value.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(Value::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let message = match value {
            Value::String(text) => text.clone(),
            _ => [field("message"), field("detail")].into_iter().find(|text| !text.is_empty()).unwrap_or_default(),
        };
        let kind = format!("{} {}", field("type"), field("code")).to_lowercase();
        let status = field("code").parse().ok().filter(|code| (400..600).contains(code));
        Self { message, kind, status }
    }

    /// Reads an error's body: `{"error": …}`, `{"message": …}`, `{"detail": …}`, or words. HTML says nothing.
    fn read_body(body: &[u8]) -> Self {
        if let Ok(value) = serde_json::from_slice::<Value>(body) {
            // Some wrap it in a list.
            let value = value.get(0).unwrap_or(&value);
            return Self::read(value.get("error").filter(|error| !error.is_null()).unwrap_or(value));
        }
        let words = String::from_utf8_lossy(body);
        let message = if words.trim_start().starts_with('<') { String::new() } else { words.into_owned() };
        Self { message, ..Self::default() }
    }
}

/// The error that a status other than 2xx stands for; reads some of its body.
pub(super) async fn from_response(response: Response, scrubber: &Scrubber, deadline: Instant) -> ModelError {
    let status = response.status().as_u16();
    let retry_after = retry_after(response.headers(), SystemTime::now());
    let mut body = Vec::new();
    let read = async {
        let mut pieces = response.bytes_stream();
        while let Some(Ok(piece)) = pieces.next().await {
            let room = BODY_LIMIT - body.len();
            body.extend_from_slice(piece.get(..room).unwrap_or(&piece));
            if body.len() == BODY_LIMIT {
                break;
            }
        }
    };
    // What came by then will do.
    let _ = tokio::time::timeout_at(deadline.min(Instant::now() + BODY_TIMEOUT), read).await;
    by_status(status, &Fault::read_body(&body), retry_after, scrubber)
}

fn by_status(status: u16, fault: &Fault, retry_after: Option<Duration>, scrubber: &Scrubber) -> ModelError {
    let detail = scrubber.clean(&fault.message);
    match status {
        401 | 403 => ModelError::Unauthorized(detail),
        // No credit left: asking again in a moment does not help.
        429 if fault.kind.contains("insufficient_quota") => ModelError::Rejected { status, detail },
        429 => ModelError::RateLimited { retry_after },
        408 | 425 | 500.. => ModelError::Unavailable(with_status(status, &detail)),
        _ => ModelError::Rejected { status, detail },
    }
}

fn with_status(status: u16, detail: &str) -> String {
    if detail.is_empty() { status.to_string() } else { format!("{status}: {detail}") }
}

/// The error that an error object in a stream stands for. Once a piece has come, tokens were made, so that it is none of the
/// errors that cost nothing.
pub(super) fn in_stream(error: &Value, begun: bool, scrubber: &Scrubber) -> ModelError {
    let fault = Fault::read(error);
    let status = fault.status.or_else(|| status_of(&fault.kind)).filter(|_| !begun);
    match status {
        Some(status) => by_status(status, &fault, None, scrubber),
        None => ModelError::Unavailable(scrubber.clean(&fault.message)),
    }
}

/// The status that these words stand for; `None` for failures of the server and unknown words.
fn status_of(kind: &str) -> Option<u16> {
    const WORDS: &[(&[&str], u16)] = &[
        (&["rate_limit", "insufficient_quota", "too_many_requests"], 429),
        (&["invalid_api_key", "authentication", "permission", "unauthorized"], 401),
        (&["not_found"], 404),
        (&["invalid_request", "badrequest", "context_length", "content_filter", "invalid_prompt"], 400),
    ];
    WORDS.iter().find(|(words, _)| words.iter().any(|word| kind.contains(word))).map(|(_, status)| *status)
}

/// The error of a request that got no response.
pub(super) fn unsent(error: &reqwest::Error, scrubber: &Scrubber) -> ModelError {
    if error.is_connect() {
        let why =
            if error.is_timeout() { "no connection within the time allowed".to_owned() } else { innermost(error) };
        return ModelError::Unreachable(scrubber.clean(&why));
    }
    if error.is_timeout() {
        return ModelError::TimedOut;
    }
    ModelError::Unavailable(scrubber.clean(&innermost(error)))
}

/// What the deepest cause says; the outer ones repeat the address, which may hold a secret.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    let mut text = None;
    let mut cause = error.source();
    while let Some(current) = cause {
        text = Some(current.to_string());
        cause = current.source();
    }
    text.unwrap_or_else(|| "the request failed".to_owned())
}

/// What `Retry-After` says, in seconds or as a date, or `retry-after-ms`, which OpenAI and Azure send beside it.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |value: Option<&reqwest::header::HeaderValue>| Some(value?.to_str().ok()?.trim().to_owned());
    if let Some(millis) = text(headers.get("retry-after-ms")).and_then(|value| value.parse::<f64>().ok()) {
        return Duration::try_from_secs_f64(millis / 1000.0).ok();
    }
    let value = text(headers.get(RETRY_AFTER))?;
    if let Ok(seconds) = value.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    // A date that has passed: now.
    httpdate::parse_http_date(&value).ok().map(|date| date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;
    use serde_json::json;

    use super::*;

    fn scrubber() -> Scrubber {
        Scrubber::new(SecretString::from("key-0123456789abcdef"))
    }

    #[test]
    fn a_detail_is_short_on_one_line_and_without_the_key() {
        let clean =
            scrubber().clean("Incorrect key:\n\u{1b}[31mkey-0123456789abcdef, or key-01********cdef or sk-proj-XYZ.");
        assert_eq!(clean, "Incorrect key: [key] or [key] or [key]");
        let long = scrubber().clean(&"é".repeat(5000));
        assert_eq!(long.chars().count(), DETAIL_LIMIT + 1);
        assert!(long.ends_with('…'));
    }

    #[test]
    fn retry_after_may_be_seconds_milliseconds_or_a_date() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let read = |pairs: &[(&'static str, &'static str)]| {
            let headers = pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_static(value)));
            retry_after(&headers.collect(), now)
        };
        assert_eq!(read(&[("retry-after", "30")]), Some(Duration::from_secs(30)));
        assert_eq!(read(&[("retry-after", " 1.5 ")]), Some(Duration::from_millis(1500)));
        assert_eq!(read(&[("retry-after", "1"), ("retry-after-ms", "250")]), Some(Duration::from_millis(250)));
        assert_eq!(read(&[("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT")]), Some(Duration::from_secs(60)));
        assert_eq!(read(&[("retry-after", "Sunday, 06-Nov-94 08:50:37 GMT")]), Some(Duration::from_secs(60)));
        assert_eq!(read(&[("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")]), Some(Duration::ZERO));
        assert_eq!(read(&[("retry-after", "soon")]), None);
        assert_eq!(read(&[("retry-after", "-3")]), None);
        assert_eq!(read(&[]), None);
    }

    #[test]
    fn bodies_of_errors_are_read_in_every_shape() {
        let message = |body: &str| Fault::read_body(body.as_bytes()).message;
        assert_eq!(message(r#"{"error": {"message": "no", "code": 1}}"#), "no");
        assert_eq!(message(r#"{"error": "no such model"}"#), "no such model");
        assert_eq!(message(r#"{"object": "error", "message": "too long"}"#), "too long");
        assert_eq!(message(r#"{"detail": "Not Found"}"#), "Not Found");
        assert_eq!(message(r#"[{"error": {"message": "quota"}}]"#), "quota");
        assert_eq!(message("upstream connect error"), "upstream connect error");
        assert_eq!(message("<html><body>502 Bad Gateway</body></html>"), "");
    }

    #[test]
    fn an_error_in_the_stream_is_told_by_its_code_or_its_words() {
        let read = |error: Value| in_stream(&error, false, &scrubber());
        assert_eq!(read(json!({"message": "slow down", "code": 429})), ModelError::RateLimited { retry_after: None });
        assert_eq!(
            read(json!({"message": "slow down", "type": "rate_limit_error"})),
            ModelError::RateLimited { retry_after: None }
        );
        assert_eq!(
            read(json!({"message": "no", "code": "invalid_api_key", "type": "invalid_request_error"})),
            ModelError::Unauthorized("no".to_owned())
        );
        assert_eq!(
            read(json!({"message": "long", "code": "context_length_exceeded"})),
            ModelError::Rejected { status: 400, detail: "long".to_owned() }
        );
        assert_eq!(
            read(json!({"message": "long", "object": "error", "type": "BadRequestError", "code": 400})),
            ModelError::Rejected { status: 400, detail: "long".to_owned() }
        );
        assert_eq!(read(json!({"message": "oh", "code": "502"})), ModelError::Unavailable("502: oh".to_owned()));
        assert_eq!(read(json!({"message": "oh", "type": "server_error"})), ModelError::Unavailable("oh".to_owned()));
        assert_eq!(read(json!("overloaded")), ModelError::Unavailable("overloaded".to_owned()));
    }

    #[test]
    fn after_the_first_piece_no_error_in_the_stream_is_free() {
        for error in [json!({"message": "m", "code": 429}), json!({"message": "m", "code": "invalid_api_key"})] {
            let error = in_stream(&error, true, &scrubber());
            assert_eq!(error, ModelError::Unavailable("m".to_owned()));
            assert!(!error.is_free());
        }
    }
}
