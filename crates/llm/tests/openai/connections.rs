//! Connections: made, used again, closed, and guarded by whoever passes a client.

use std::net::Ipv4Addr;
use std::time::Duration;

use futures::StreamExt;
use omniops_llm::{ChatModel, FinishReason, ModelError, ModelEvent, ModelRequest, OpenAiModel, http_client_builder};
use omniops_openai_stub::{Ended, Reply, StubServer};
use reqwest::dns::{Name, Resolve, Resolving};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{LONG, ask, config, model, model_at, outcome, server};

#[tokio::test]
async fn dropping_the_stream_closes_the_connection() {
    let server = server([Reply::repeating("word ").every(Duration::from_millis(5))]).await;
    let mut stream = model(&server).stream(ask("Hi")).await.unwrap();
    assert!(matches!(stream.next().await, Some(Ok(ModelEvent::Text(_)))));
    assert_eq!(server.requests()[0].ended, None);
    drop(stream);
    assert_eq!(server.ended(1).await, Some(Ended::ClientLeft));
}

#[tokio::test]
async fn dropping_the_call_before_it_is_answered_closes_the_connection() {
    let server = server([Reply::hang()]).await;
    let model = model(&server);
    let call = tokio::spawn(async move { model.stream(ask("Hi")).await.map(drop) });
    assert_eq!(server.received(1).await.len(), 1);
    call.abort();
    assert_eq!(server.ended(1).await, Some(Ended::ClientLeft));
}

#[tokio::test]
async fn a_connection_is_used_again_even_by_those_who_stop_at_the_last_event() {
    let server = server([Reply::text("One."), Reply::text("Two.")]).await;
    let model = model(&server);
    for _ in 0..2 {
        let mut stream = model.stream(ask("Hi")).await.unwrap();
        let finished = Some(Ok(ModelEvent::Finished(FinishReason::Stop)));
        while stream.next().await != finished {}
    }
    let connections: Vec<u64> = server.requests().iter().map(|request| request.connection).collect();
    assert_eq!(connections, [1, 1]);
}

#[tokio::test]
async fn three_hundred_conversations_at_once_get_each_its_own_answer() {
    let server = StubServer::start().await.unwrap();
    server.answer_with(|request| {
        let text = format!("You asked: {}", request.last_user_text());
        Some(Reply::text(text).in_pieces(10).every(Duration::from_millis(1)))
    });
    let model = model(&server);
    let calls = (0..300).map(|number| {
        let model = &model;
        async move {
            let outcome = outcome(model, ask(&format!("question {number}"))).await;
            assert_eq!((outcome.text(), outcome.error), (format!("You asked: question {number}"), None));
        }
    });
    futures::future::join_all(calls).await;
    assert_eq!(server.requests().len(), 300);
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_no_connection() {
    // Accepts, and then says nothing to the client that wants TLS.
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let mut settings = config(&format!("https://{}/v1", listener.local_addr().unwrap()));
    settings.connect_timeout = Duration::from_millis(100);
    let model = OpenAiModel::new(settings).unwrap();
    let (accepted, outcome) = tokio::join!(listener.accept(), outcome(&model, ask("Hi")));
    drop(accepted);
    assert!(matches!(outcome.error, Some(ModelError::Unreachable(_))), "{outcome:?}");
}

#[tokio::test]
async fn the_body_of_an_error_is_not_waited_for_longer_than_the_answer() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let model = model_at(&format!("http://{}/v1", listener.local_addr().unwrap()));
    let serve = async {
        let (mut connection, _) = listener.accept().await.unwrap();
        assert_ne!(connection.read(&mut vec![0; 64 * 1024]).await.unwrap(), 0, "the request comes first");
        connection.write_all(b"HTTP/1.1 500 Oh\r\ncontent-length: 100\r\n\r\nthe disk is full").await.unwrap();
        connection
    };
    let request = ModelRequest { first_token_timeout: Duration::from_secs(1), ..ask("Hi") };
    let (_connection, outcome) = tokio::join!(serve, outcome(&model, request));
    assert_eq!(outcome.error, Some(ModelError::Unavailable("500: the disk is full".to_owned())));
}

/// Lets no name through, as a guard against private addresses does.
struct Guard;

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let refusal = format!("{} is a private address", name.as_str());
        Box::pin(async move { Err(refusal.into()) })
    }
}

#[tokio::test]
async fn a_client_of_the_callers_resolves_names_its_own_way() {
    let server = server([Reply::text("Yes.")]).await;
    let port = server.addr().port();
    let with = |builder: reqwest::ClientBuilder| {
        let mut settings = config(&format!("http://provider.test:{port}/v1"));
        settings.client = Some(builder.build().unwrap());
        OpenAiModel::new(settings).unwrap()
    };

    let refused = outcome(&with(http_client_builder(LONG).dns_resolver(Guard)), ask("Hi")).await;
    let refusal = ModelError::Unreachable("provider.test is a private address".to_owned());
    assert_eq!(refused.error, Some(refusal));
    assert_eq!(server.requests(), []);

    let model = with(http_client_builder(LONG).resolve("provider.test", server.addr()));
    assert_eq!(outcome(&model, ask("Hi")).await.text(), "Yes.");
}
