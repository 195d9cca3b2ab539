//! Providers that refuse, fail or lie.

use std::time::{Duration, SystemTime};

use omniops_llm::{ModelError, ModelEvent};
use omniops_openai_stub::{ClosedPort, Reply};
use serde_json::json;

use crate::support::{KEY, answered_with, ask, config, error_of, model, model_at, outcome, server};

#[tokio::test]
async fn a_wrong_key_is_unauthorized() {
    for reply in [Reply::unauthorized(), Reply::forbidden()] {
        let error = error_of(reply).await;
        assert!(matches!(error, ModelError::Unauthorized(_)), "{error:?}");
        assert!(error.is_free() && !error.is_transient());
    }
    let server = server([Reply::text("Yes.")]).await;
    server.require_key("sk-another");
    let refused = outcome(&model(&server), ask("Hi")).await;
    assert!(matches!(refused.error, Some(ModelError::Unauthorized(_))), "{refused:?}");
}

#[tokio::test]
async fn a_limit_tells_when_to_come_back_if_the_provider_does() {
    let limited = |retry_after| ModelError::RateLimited { retry_after };
    assert_eq!(error_of(Reply::rate_limited()).await, limited(None));
    assert_eq!(error_of(Reply::rate_limited_for(30)).await, limited(Some(Duration::from_secs(30))));

    let date = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3600));
    let error = error_of(Reply::rate_limited().header("retry-after", date)).await;
    let ModelError::RateLimited { retry_after: Some(wait) } = error else { panic!("{error:?}") };
    assert!((3500..=3600).contains(&wait.as_secs()), "{wait:?}");
}

#[tokio::test]
async fn an_account_without_credit_is_no_limit_that_passes() {
    let error = error_of(Reply::out_of_credit()).await;
    assert!(matches!(error, ModelError::Rejected { status: 429, .. }), "{error:?}");
    assert!(error.is_free() && !error.is_transient());
}

#[tokio::test]
async fn a_request_that_will_fail_again_is_rejected() {
    for status in [302, 400, 402, 404, 409, 413, 422] {
        let error = error_of(Reply::status(status)).await;
        assert!(matches!(error, ModelError::Rejected { status: told, .. } if told == status), "{error:?}");
        assert!(!error.is_transient());
    }
    let body = json!({"error": {"message": "model 'gpt-9' not found", "type": "not_found_error", "code": null}});
    let detail = "model 'gpt-9' not found".to_owned();
    assert_eq!(error_of(Reply::status(404).body(body)).await, ModelError::Rejected { status: 404, detail });
}

#[tokio::test]
async fn a_redirect_is_not_followed_with_the_key() {
    let elsewhere = server([Reply::text("Give me the key.")]).await;
    let target = format!("{}/chat/completions", elsewhere.base_url());
    for status in [301, 302, 307, 308] {
        let error = error_of(Reply::status(status).header("location", target.clone())).await;
        assert!(matches!(error, ModelError::Rejected { .. }), "{error:?}");
    }
    assert_eq!(elsewhere.all_requests(), []);
}

#[tokio::test]
async fn a_server_that_fails_is_unavailable_and_not_asked_again() {
    for status in [408, 500, 502, 503, 529] {
        let error = error_of(Reply::status(status)).await;
        assert!(
            matches!(&error, ModelError::Unavailable(detail) if detail.starts_with(&status.to_string())),
            "{error:?}"
        );
        assert!(error.is_transient());
    }
    let page = Reply::status(502).body(json!("<html>Bad Gateway</html>"));
    assert_eq!(error_of(page).await, ModelError::Unavailable("502".to_owned()));
}

#[tokio::test]
async fn a_refused_connection_is_unreachable_and_costs_nothing() {
    let nobody = ClosedPort::new().unwrap();
    let error = outcome(&model_at(&nobody.base_url()), ask("Hi")).await.error.unwrap();
    assert!(matches!(&error, ModelError::Unreachable(detail) if detail.contains("refused")), "{error:?}");
    assert!(error.is_free() && error.is_transient());
}

#[tokio::test]
async fn a_connection_that_closes_without_a_byte_is_unavailable_and_not_tried_again() {
    let error = error_of(Reply::close_without_a_byte()).await;
    assert!(matches!(error, ModelError::Unavailable(_)), "{error:?}");

    // Nor on a connection that served before, where clients like to try again.
    let server = server([Reply::text("Yes."), Reply::close_without_a_byte(), Reply::text("never asked for")]).await;
    let model = model(&server);
    assert_eq!(outcome(&model, ask("Hi")).await.error, None);
    assert!(matches!(outcome(&model, ask("Hi")).await.error, Some(ModelError::Unavailable(_))));
    assert_eq!(server.left_over(), 1);
}

#[tokio::test]
async fn a_malformed_chunk_is_malformed_and_what_came_before_it_is_not_lost() {
    let outcome =
        answered_with(Reply::text("On its").then_raw("data: {\"choices\": [{oops\n\n").then_text(" way.")).await;
    assert_eq!(outcome.events, [ModelEvent::Text("On its".to_owned())]);
    assert!(matches!(outcome.error, Some(ModelError::Malformed(_))), "{outcome:?}");
}

#[tokio::test]
async fn a_page_instead_of_an_answer_is_malformed() {
    let page = Reply::raw("<html>Sign in to the guest network</html>").header("content-type", "text/html");
    assert!(matches!(error_of(page).await, ModelError::Malformed(_)));
    let json = Reply::raw("{oops").header("content-type", "application/json");
    assert!(matches!(error_of(json).await, ModelError::Malformed(_)));
}

#[tokio::test]
async fn an_error_object_stands_for_a_status_before_the_first_piece_and_for_a_failure_after_it() {
    let overloaded = json!({"message": "Rate limit reached", "type": "requests", "code": "rate_limit_exceeded"});
    let error = error_of(Reply::error_in_stream(overloaded.clone())).await;
    assert_eq!(error, ModelError::RateLimited { retry_after: None });
    let whole = Reply::raw(json!({"error": {"message": "No credit", "code": 402}}).to_string());
    let error = error_of(whole.header("content-type", "application/json")).await;
    assert_eq!(error, ModelError::Rejected { status: 402, detail: "No credit".to_owned() });

    let later = answered_with(Reply::text("On its").then_error(overloaded)).await;
    assert_eq!(later.events, [ModelEvent::Text("On its".to_owned())]);
    assert_eq!(later.error, Some(ModelError::Unavailable("Rate limit reached".to_owned())));
}

#[tokio::test]
async fn the_key_stands_in_no_error_and_in_nothing_that_is_printed() {
    let echo = format!("Incorrect API key provided: {KEY} ({}***cdef)", &KEY[..8]);
    let body = json!({"error": {"message": echo}});
    let mut printed = String::new();
    for reply in [
        Reply::unauthorized().body(body.clone()),
        Reply::status(400).body(body.clone()),
        Reply::status(500).body(json!(echo)),
        Reply::error_in_stream(body["error"].clone()),
    ] {
        let error = error_of(reply).await;
        printed.push_str(&format!("{error} {error:?}\n"));
    }
    let settings = config("https://user.test/v1?code=hidden");
    printed.push_str(&format!("{settings:?} {:?}", model_at("https://user.test/v1?code=hidden")));
    assert!(printed.contains("Incorrect API key provided"), "{printed}");
    for secret in [KEY, &KEY[..8], "cdef", "hidden"] {
        assert!(!printed.contains(secret), "{secret} is in {printed}");
    }
}

#[tokio::test]
async fn an_error_of_ten_megabytes_is_clipped() {
    let error = error_of(Reply::status(400).body(json!({"error": {"message": "x".repeat(10_000_000)}}))).await;
    let ModelError::Rejected { detail, .. } = error else { panic!("{error:?}") };
    assert!(detail.chars().count() <= 301, "{}", detail.len());
}
