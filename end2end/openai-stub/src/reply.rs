//! What the server answers with: data, so that it can come from Rust and from JSON.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::pieces::Pieces;

/// One answer to one request. Made by the builder functions and refined by the methods; its fields are its JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reply {
    /// Whether there is an answer at all.
    pub start: Start,
    /// From the request to the first byte.
    pub delay_ms: u64,
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    /// The body of a status other than 200: JSON, or a string that is sent as it is. Without it, an error as OpenAI words it.
    pub body: Option<Value>,
    pub parts: Vec<Part>,
    /// Between two pieces.
    pub every_ms: u64,
    pub usage: UsageReply,
    pub end: End,
    /// Nothing but the parts: no opening chunk with the role.
    pub bare: bool,
}

/// Whether there is an answer at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    #[default]
    Answer,
    /// The connection stays open without a byte until the client leaves.
    Hang,
    /// The connection closes without a byte.
    Close,
}

/// A part of a streamed answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Text(Pieces),
    /// `reasoning_content`, as several servers send what a model thinks before it answers.
    Reasoning(Pieces),
    ToolCall(ToolCallPart),
    /// The JSON of one chunk, sent as it is.
    Chunk(Value),
    /// Bytes of the stream, sent as they are.
    Raw(String),
    /// An error object in the stream.
    Error(Value),
    /// The same text without end.
    Repeat(String),
    /// Text of so many bytes, in chunks of 1 KiB or in one line.
    Flood {
        bytes: usize,
        one_line: bool,
    },
}

/// A call of a tool. Calls take the places 0, 1, 2 … in the order of their parts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolCallPart {
    /// Without it: `call_<number of the request>_<place of the call>`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    pub name: String,
    pub arguments: Pieces,
}

/// What is said of the tokens used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsageReply {
    /// A token for each four bytes, when the request asks for usage or does not stream.
    #[default]
    Estimated,
    Absent,
    /// These figures, asked for or not.
    Exactly(Usage),
}

/// Tokens as OpenAI counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Usage {
    /// All of the input.
    pub prompt_tokens: u32,
    /// The part of the input that came from the cache.
    pub cached_tokens: u32,
    /// All of the output.
    pub completion_tokens: u32,
    /// The part of the output that was reasoning.
    pub reasoning_tokens: u32,
}

/// How a streamed answer ends.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum End {
    /// `stop`, or `tool_calls` where there are any; then usage and `[DONE]`.
    #[default]
    Finish,
    /// This reason; then usage and `[DONE]`.
    FinishWith(String),
    /// The connection breaks after the last piece.
    Cut,
    /// The connection breaks in the middle of a line of the stream.
    Torn,
    /// Nothing more comes, and the connection stays open until the client leaves.
    Hang,
    /// The body ends as if all were well, with neither a reason nor `[DONE]`.
    Silent,
    /// `[DONE]` without a reason or usage.
    Done,
}

impl Default for Reply {
    fn default() -> Self {
        Self {
            start: Start::Answer,
            delay_ms: 0,
            status: 200,
            headers: BTreeMap::new(),
            body: None,
            parts: Vec::new(),
            every_ms: 0,
            usage: UsageReply::Estimated,
            end: End::Finish,
            bare: false,
        }
    }
}

/// Answers.
impl Reply {
    /// This text in one piece.
    pub fn text(text: impl Into<String>) -> Self {
        Self::default().then_text(text)
    }

    /// This text in exactly these pieces.
    pub fn text_in<S: Into<String>>(pieces: impl IntoIterator<Item = S>) -> Self {
        Self::with(Part::Text(Pieces::exactly(pieces)))
    }

    /// One call of a tool.
    pub fn tool_call(name: impl Into<String>, arguments: Value) -> Self {
        Self::default().then_tool_call(name, arguments)
    }

    /// Several calls at once.
    pub fn tool_calls<N: Into<String>>(calls: impl IntoIterator<Item = (N, Value)>) -> Self {
        calls.into_iter().fold(Self::default(), |reply, (name, arguments)| reply.then_tool_call(name, arguments))
    }

    /// A call whose arguments are this text, JSON or not.
    pub fn tool_call_raw(name: impl Into<String>, arguments: impl Into<String>) -> Self {
        Self::default().then(tool_call(name, Pieces::whole(arguments)))
    }

    /// A finished answer without a word.
    pub fn empty() -> Self {
        Self::default()
    }

    /// The same text without end.
    pub fn repeating(text: impl Into<String>) -> Self {
        Self::with(Part::Repeat(text.into()))
    }

    /// Text of so many bytes, in many chunks.
    pub fn flood(bytes: usize) -> Self {
        Self::with(Part::Flood { bytes, one_line: false })
    }

    /// Text of so many bytes, in one line of the stream.
    pub fn flood_in_one_line(bytes: usize) -> Self {
        Self::with(Part::Flood { bytes, one_line: true })
    }

    /// Exactly these chunks and `[DONE]`: another server's way of saying things.
    pub fn chunks(chunks: impl IntoIterator<Item = Value>) -> Self {
        let parts = chunks.into_iter().map(Part::Chunk).collect();
        Self { parts, end: End::Done, bare: true, ..Self::default() }
    }

    /// Exactly these bytes.
    pub fn raw(stream: impl Into<String>) -> Self {
        Self { parts: vec![Part::Raw(stream.into())], end: End::Silent, bare: true, ..Self::default() }
    }

    fn with(part: Part) -> Self {
        Self::default().then(part)
    }
}

/// Failures before an answer.
impl Reply {
    /// This status with an error as OpenAI words it.
    pub fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    /// 401.
    pub fn unauthorized() -> Self {
        Self::status(401)
    }

    /// 403.
    pub fn forbidden() -> Self {
        Self::status(403)
    }

    /// 429 without `Retry-After`.
    pub fn rate_limited() -> Self {
        Self::status(429)
    }

    /// 429 with `Retry-After` in seconds.
    pub fn rate_limited_for(seconds: u64) -> Self {
        Self::rate_limited().header("retry-after", seconds.to_string())
    }

    /// 429 as OpenAI says that the account has no credit left.
    pub fn out_of_credit() -> Self {
        Self::status(429).body(json!({"error": {
            "message": "You exceeded your current quota, please check your plan and billing details.",
            "type": "insufficient_quota", "param": null, "code": "insufficient_quota",
        }}))
    }

    /// 500.
    pub fn server_error() -> Self {
        Self::status(500)
    }

    /// 503.
    pub fn unavailable() -> Self {
        Self::status(503)
    }

    /// The connection closes without a byte.
    pub fn close_without_a_byte() -> Self {
        Self { start: Start::Close, ..Self::default() }
    }

    /// Not a byte comes, and the connection stays open.
    pub fn hang() -> Self {
        Self { start: Start::Hang, ..Self::default() }
    }

    /// The headers and the opening chunk come, and then nothing.
    pub fn hang_after_headers() -> Self {
        Self::default().then_hang()
    }

    /// An error object in the stream, where the first piece would be.
    pub fn error_in_stream(error: Value) -> Self {
        Self::default().then_error(error)
    }
}

/// What follows, and how it comes.
impl Reply {
    /// Adds a part.
    pub fn then(mut self, part: Part) -> Self {
        self.parts.push(part);
        self
    }

    /// Adds text in one piece.
    pub fn then_text(self, text: impl Into<String>) -> Self {
        self.then(Part::Text(Pieces::whole(text)))
    }

    /// Adds a call, beside those that are there.
    pub fn then_tool_call(self, name: impl Into<String>, arguments: Value) -> Self {
        self.then(tool_call(name, Pieces::whole(arguments.to_string())))
    }

    /// Adds bytes of the stream: `data: {oops\n\n` is a malformed chunk.
    pub fn then_raw(self, bytes: impl Into<String>) -> Self {
        self.then(Part::Raw(bytes.into()))
    }

    /// Adds an error object, and ends the body there.
    pub fn then_error(self, error: Value) -> Self {
        Self { end: End::Silent, ..self.then(Part::Error(error)) }
    }

    /// Puts this before everything: `reasoning_content`.
    pub fn after_reasoning(mut self, thought: impl Into<String>) -> Self {
        self.parts.insert(0, Part::Reasoning(Pieces::whole(thought)));
        self
    }

    /// Sends the last text or call in so many pieces.
    pub fn in_pieces(self, count: usize) -> Self {
        self.recut(|pieces| pieces.in_pieces(count))
    }

    /// Sends the last text or call a word a piece.
    pub fn in_words(self) -> Self {
        self.recut(Pieces::in_words)
    }

    /// Gives the last call this id.
    pub fn call_id(mut self, id: impl Into<String>) -> Self {
        if let Some(Part::ToolCall(call)) = self.parts.last_mut() {
            call.id = Some(id.into());
        }
        self
    }

    /// Waits so long between two pieces.
    pub fn every(self, pause: Duration) -> Self {
        Self { every_ms: millis(pause), ..self }
    }

    /// Waits so long before the first byte.
    pub fn after(self, delay: Duration) -> Self {
        Self { delay_ms: millis(delay), ..self }
    }

    /// Says these figures.
    pub fn usage(self, usage: Usage) -> Self {
        Self { usage: UsageReply::Exactly(usage), ..self }
    }

    /// Says nothing of tokens.
    pub fn without_usage(self) -> Self {
        Self { usage: UsageReply::Absent, ..self }
    }

    /// Ends with this reason: `length`, `content_filter`.
    pub fn finish(self, reason: impl Into<String>) -> Self {
        Self { end: End::FinishWith(reason.into()), ..self }
    }

    /// Breaks the connection after the last piece.
    pub fn cut(self) -> Self {
        Self { end: End::Cut, ..self }
    }

    /// Breaks the connection after so many pieces of the last text or call.
    pub fn cut_after(self, pieces: usize) -> Self {
        self.recut(|all| {
            let mut kept = all.clone();
            kept.truncate(pieces);
            kept
        })
        .cut()
    }

    /// Breaks the connection in the middle of the line that would have come next.
    pub fn torn(self) -> Self {
        Self { end: End::Torn, ..self }
    }

    /// Sends no more after the last piece, and keeps the connection open.
    pub fn then_hang(self) -> Self {
        Self { end: End::Hang, ..self }
    }

    /// Ends the body without a reason and without `[DONE]`.
    pub fn without_finish(self) -> Self {
        Self { end: End::Silent, ..self }
    }

    /// Adds a header.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.insert(name.into(), value.into());
        self
    }

    /// The body of a status other than 200.
    pub fn body(self, body: Value) -> Self {
        Self { body: Some(body), ..self }
    }

    fn recut(mut self, cut: impl Fn(&Pieces) -> Pieces) -> Self {
        let last = self.parts.iter_mut().rev().find_map(|part| match part {
            Part::Text(pieces) | Part::ToolCall(ToolCallPart { arguments: pieces, .. }) => Some(pieces),
            _ => None,
        });
        if let Some(pieces) = last {
            *pieces = cut(pieces);
        }
        self
    }
}

fn tool_call(name: impl Into<String>, arguments: Pieces) -> Part {
    Part::ToolCall(ToolCallPart { id: None, name: name.into(), arguments })
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
