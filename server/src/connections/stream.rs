//! A reply that is a stream of events, written to the socket itself.
//!
//! hyper holds a buffer to read into and one to write from for as long as a reply goes on. Streams go on for hours, and
//! nearly all of them are silent: here a stream has no buffer but the event that is being written.

use std::io;
use std::time::SystemTime;

use axum::response::Response;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::response::Parts;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};

/// Sends the reply to its end, or until the client is gone. The connection is closed then: a client that comes back
/// opens a new one anyway.
pub(super) async fn send(mut socket: TcpStream, response: Response) -> io::Result<()> {
    let (mut reader, mut writer) = socket.split();
    tokio::select! {
        sent = write(&mut writer, response) => sent,
        () = gone(&mut reader) => Ok(()),
    }
}

/// Ends when the client closes the connection. It has nothing more to say on it: what it says all the same is dropped.
async fn gone(reader: &mut ReadHalf<'_>) {
    let mut ignored = [0; 64];
    while matches!(reader.read(&mut ignored).await, Ok(1..)) {}
}

async fn write(writer: &mut WriteHalf<'_>, response: Response) -> io::Result<()> {
    let (parts, mut body) = response.into_parts();
    writer.write_all(&head(parts)).await?;
    while let Some(frame) = body.frame().await {
        // Without the mark of the end, the client knows that there was more.
        let frame = frame.map_err(io::Error::other)?;
        if let Ok(data) = frame.into_data()
            && !data.is_empty()
        {
            writer.write_all(&chunk(&data)).await?;
        }
    }
    writer.write_all(b"0\r\n\r\n").await?;
    writer.shutdown().await
}

fn head(parts: Parts) -> Vec<u8> {
    let now = DateTime::<Utc>::from(SystemTime::now()).format("%a, %d %b %Y %H:%M:%S GMT");
    let reason = parts.status.canonical_reason().unwrap_or_default();
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", parts.status.as_str()).into_bytes();
    for (name, value) in &parts.headers {
        head.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    head.extend(format!("date: {now}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n").as_bytes());
    head
}

fn chunk(data: &Bytes) -> Vec<u8> {
    [format!("{:x}\r\n", data.len()).as_bytes(), data, b"\r\n"].concat()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::body::Body;
    use axum::response::IntoResponse;
    use futures::{Stream, StreamExt, stream};
    use http::header;
    use tokio::net::TcpListener;

    use super::*;

    type Item = Result<Bytes, io::Error>;

    fn events(events: impl Stream<Item = Item> + Send + 'static) -> Response {
        ([(header::CONTENT_TYPE, "text/event-stream")], Body::from_stream(events)).into_response()
    }

    /// The client's end, and the sending on ours.
    async fn sending(response: Response) -> (TcpStream, tokio::task::JoinHandle<io::Result<()>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (socket, _) = listener.accept().await.unwrap();
        (client, tokio::spawn(send(socket, response)))
    }

    async fn received(mut client: TcpStream) -> String {
        let mut text = String::new();
        client.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn events_are_sent_in_chunks_between_a_head_and_an_end() {
        let pieces = ["data: one\n\n", "", "data: a second one\n\n"].map(|text| Ok(Bytes::from(text)));
        let (client, sent) = sending(events(stream::iter(pieces))).await;
        let text = received(client).await;
        sent.await.unwrap().unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ndate: "), "{head}");
        assert!(head.ends_with(" GMT\r\nconnection: close\r\ntransfer-encoding: chunked"), "{head}");
        assert_eq!(body, "b\r\ndata: one\n\n\r\n14\r\ndata: a second one\n\n\r\n0\r\n\r\n");
    }

    #[tokio::test]
    async fn a_stream_that_fails_is_cut_without_its_end() {
        let pieces = [Ok(Bytes::from("data: one\n\n")), Err(io::Error::other("the log is gone"))];
        let (client, sent) = sending(events(stream::iter(pieces))).await;
        assert!(received(client).await.ends_with("data: one\n\n\r\n"));
        assert!(sent.await.unwrap().is_err());
    }

    #[tokio::test]
    async fn a_stream_ends_when_its_client_is_gone() {
        let silent = stream::iter([Ok(Bytes::from("data: one\n\n"))]).chain(stream::pending());
        let (mut client, sent) = sending(events(silent)).await;
        client.write_all(b"what nobody asked for").await.unwrap();
        client.read_u8().await.unwrap();
        drop(client);
        tokio::time::timeout(Duration::from_secs(10), sent).await.expect("it goes on").unwrap().ok();
    }
}
