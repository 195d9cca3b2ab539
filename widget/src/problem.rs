//! What can go wrong with a request, as far as the visitor has to care.

use crate::json::Json;

/// Why a request brought nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No answer at all, or one that was cut: offline, a restart, a blocked host.
    Network,
    /// The server wants the same request again after this many seconds.
    Busy { retry_after: u32 },
    /// Something failed on the server; the same request may work later.
    Server,
    /// The server will not take this request, now or later. The message is for people.
    Refused { code: String, message: String },
}

/// Seconds to wait when the server says "later" but not when.
const DEFAULT_WAIT: u32 = 5;

fn seconds(detail: &Json) -> Option<u32> {
    u32::try_from(detail.get("retry_after").number()?).ok()
}

fn refusal(detail: &Json) -> Problem {
    Problem::Refused { code: detail.get("code").owned_text(), message: detail.get("message").owned_text() }
}

impl Problem {
    /// From an HTTP answer that is not a success: its status, its body and its `Retry-After` header.
    pub fn from_response(status: u16, body: &str, retry_after: Option<&str>) -> Self {
        let body = Json::parse(body).unwrap_or(Json::Null);
        let detail = body.get("error");
        match status {
            429 | 503 => {
                let wait = seconds(detail).or_else(|| retry_after?.trim().parse().ok());
                Self::Busy { retry_after: wait.unwrap_or(DEFAULT_WAIT).max(1) }
            }
            400..=499 => refusal(detail),
            _ => Self::Server,
        }
    }

    /// From the `error` event of a stream.
    pub fn from_event(detail: &Json) -> Self {
        match detail.get("code").text() {
            Some("rate_limited" | "unavailable") => {
                Self::Busy { retry_after: seconds(detail).unwrap_or(DEFAULT_WAIT).max(1) }
            }
            Some("internal") | None => Self::Server,
            Some(_) => refusal(detail),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn a_limit_says_how_long_to_wait() {
        let body = r#"{"error":{"code":"rate_limited","message":"slow down","request_id":"r","retry_after":12}}"#;
        assert_eq!(Problem::from_response(429, body, Some("3")), Problem::Busy { retry_after: 12 });
        assert_eq!(Problem::from_response(429, "", Some(" 3 ")), Problem::Busy { retry_after: 3 });
        assert_eq!(Problem::from_response(503, "<html>", None), Problem::Busy { retry_after: 5 });
    }

    #[test]
    fn a_refusal_keeps_the_words_of_the_server() {
        let body = r#"{"error":{"code":"too_large","message":"at most 4000 characters"}}"#;
        let refused = Problem::Refused { code: "too_large".into(), message: "at most 4000 characters".into() };
        assert_eq!(Problem::from_response(413, body, None), refused);
    }

    #[test]
    fn an_error_event_reads_like_the_answer_it_replaces() {
        let from_event = |data| Problem::from_event(&Json::parse(data).unwrap_or(Json::Null));
        assert_eq!(from_event(r#"{"code":"internal","message":"oops"}"#), Problem::Server);
        assert_eq!(from_event("not json"), Problem::Server);
        let limited = r#"{"code":"rate_limited","message":"m","retry_after":2}"#;
        assert_eq!(from_event(limited), Problem::Busy { retry_after: 2 });
    }
}
