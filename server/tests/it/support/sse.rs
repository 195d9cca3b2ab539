use std::time::Duration;

use futures::StreamExt;
use futures::stream::BoxStream;

/// Longer than between two heartbeats.
const PATIENCE: Duration = Duration::from_secs(30);

/// One event as `EventSource` would dispatch it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SseEvent {
    pub id: Option<i64>,
    pub name: String,
    pub data: String,
}

impl SseEvent {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.data).unwrap()
    }
}

/// Reads a stream of events. Dropping it cuts the connection.
pub struct SseStream {
    bytes: BoxStream<'static, reqwest::Result<bytes::Bytes>>,
    buffer: String,
}

impl SseStream {
    pub fn new(response: reqwest::Response) -> Self {
        Self { bytes: response.bytes_stream().boxed(), buffer: String::new() }
    }

    /// The next event; `None` when the connection ended.
    pub async fn next(&mut self) -> Option<SseEvent> {
        loop {
            if let Some(end) = self.buffer.find("\n\n") {
                let block: String = self.buffer.drain(..end + 2).collect();
                match parse(&block) {
                    Some(event) => return Some(event),
                    None => continue,
                }
            }
            let bytes = tokio::time::timeout(PATIENCE, self.bytes.next()).await.expect("the stream fell silent")?;
            self.buffer.push_str(std::str::from_utf8(&bytes.ok()?).unwrap());
        }
    }

    /// The next event that is not a heartbeat.
    pub async fn next_event(&mut self) -> Option<SseEvent> {
        loop {
            let event = self.next().await?;
            if event.name != "heartbeat" {
                return Some(event);
            }
        }
    }
}

/// A block of lines; `None` for a comment.
fn parse(block: &str) -> Option<SseEvent> {
    let mut event = SseEvent::default();
    for line in block.lines() {
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" => event.id = Some(value.parse().unwrap()),
            "event" => value.clone_into(&mut event.name),
            "data" => event.data.push_str(value),
            _ => {}
        }
    }
    (!event.data.is_empty()).then_some(event)
}
