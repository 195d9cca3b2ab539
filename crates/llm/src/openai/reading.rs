//! A response read to its end, or to the end of somebody's patience.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use futures::stream::{self, Stream, StreamExt};
use tokio::time::{Instant, timeout_at};

use super::assemble::{Assembler, Heard};
use super::sse::EventDecoder;
use crate::model::{ModelError, ModelEvent, ModelStream};

/// How long figures are waited for once the model said why it stopped.
const FIGURES_TIMEOUT: Duration = Duration::from_secs(2);

/// How long the end of the body is waited for after `[DONE]`. It nearly always is in the same packet; read to its end, the
/// connection can serve the next request.
const END_TIMEOUT: Duration = Duration::from_millis(50);

/// Room for what surrounds the answer in a line: names of fields, Azure's filter results.
const LINE_ALLOWANCE: usize = 16 * 1024;

/// How the answer is wrapped.
#[derive(Debug)]
pub(super) enum Framing {
    /// A stream of events, as asked for.
    Events(EventDecoder),
    /// One JSON object, from a server that does not stream.
    Whole { body: Vec<u8>, limit: usize },
}

impl Framing {
    /// A line may hold the whole answer, each byte of it escaped in six.
    fn limit(max_output_bytes: usize) -> usize {
        max_output_bytes.saturating_mul(6).saturating_add(LINE_ALLOWANCE)
    }

    pub(super) fn events(max_output_bytes: usize) -> Self {
        Self::Events(EventDecoder::new(Self::limit(max_output_bytes)))
    }

    pub(super) fn whole(max_output_bytes: usize) -> Self {
        Self::Whole { body: Vec::new(), limit: Self::limit(max_output_bytes) }
    }

    fn push(&mut self, bytes: &[u8], events: &mut Vec<Vec<u8>>) -> Result<(), ModelError> {
        match self {
            Self::Events(decoder) => decoder.push(bytes, events).map_err(|_| ModelError::TooLong),
            Self::Whole { body, limit } if body.len() + bytes.len() > *limit => Err(ModelError::TooLong),
            Self::Whole { body, .. } => {
                body.extend_from_slice(bytes);
                Ok(())
            }
        }
    }

    /// What the end of the body completes.
    fn end(&mut self) -> Option<Vec<u8>> {
        match self {
            Self::Events(decoder) => decoder.end(),
            Self::Whole { body, .. } => Some(std::mem::take(body)),
        }
    }
}

/// How long the model may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// For the first piece.
    pub(super) deadline: Instant,
    /// Between two pieces.
    pub(super) idle: Duration,
}

/// Reads `bytes` into events. Dropping the stream drops `bytes`, and so closes the connection; so does every error.
pub(super) fn read<S, E>(
    bytes: S,
    framing: Framing,
    answer: Assembler,
    patience: Patience,
    describe: impl Fn(&E) -> String + Send + 'static,
) -> ModelStream
where
    S: Stream<Item = Result<Bytes, E>> + Send + Unpin + 'static,
    E: Send + 'static,
{
    let reading = Reading {
        bytes: Some(bytes),
        framing,
        answer,
        ready: VecDeque::new(),
        deadline: patience.deadline,
        idle: patience.idle,
        describe,
    };
    stream::unfold(reading, |mut reading| async move { reading.next().await.map(|event| (event, reading)) }).boxed()
}

struct Reading<S, D> {
    /// `None` once all was read or nothing more is wanted.
    bytes: Option<S>,
    framing: Framing,
    answer: Assembler,
    /// Read and not yet handed out.
    ready: VecDeque<Result<ModelEvent, ModelError>>,
    deadline: Instant,
    idle: Duration,
    describe: D,
}

impl<S, E, D> Reading<S, D>
where
    S: Stream<Item = Result<Bytes, E>> + Unpin,
    D: Fn(&E) -> String,
{
    async fn next(&mut self) -> Option<Result<ModelEvent, ModelError>> {
        if self.answer.has_begun() && !self.answer.has_finished() {
            // The time that the reader took for the last event is not the provider's.
            self.deadline = Instant::now() + self.idle;
        }
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            let bytes = self.bytes.as_mut()?;
            match timeout_at(self.deadline, bytes.next()).await {
                Ok(Some(Ok(bytes))) => self.read_on(&bytes).await,
                Ok(Some(Err(_))) | Err(_) if self.answer.has_finished() => self.finish(),
                Ok(Some(Err(_))) if self.answer.has_begun() => self.fail(ModelError::Cut),
                Ok(Some(Err(error))) => self.fail(ModelError::Unavailable((self.describe)(&error))),
                Ok(None) => self.end_of_body(),
                Err(_) => self.fail(ModelError::TimedOut),
            }
        }
    }

    async fn read_on(&mut self, bytes: &[u8]) {
        let mut data = Vec::new();
        // Events before the one that is too long still count.
        let pushed = self.framing.push(bytes, &mut data);
        for data in data {
            let had_finished = self.answer.has_finished();
            let mut events = Vec::new();
            let heard = self.answer.take(&data, &mut events);
            self.ready.extend(events.into_iter().map(Ok));
            match heard {
                Ok(Heard::Done) => {
                    self.reach_end().await;
                    return self.finish();
                }
                Ok(Heard::Piece) => self.deadline = Instant::now() + self.idle,
                Ok(Heard::Nothing) => {}
                Err(error) => return self.fail(error),
            }
            if self.answer.has_finished() && !had_finished {
                self.deadline = Instant::now() + self.idle.min(FIGURES_TIMEOUT);
            }
        }
        if let Err(error) = pushed {
            self.fail(error);
        }
    }

    /// Reads what follows `[DONE]`, which is nothing, so that the connection can be used again.
    async fn reach_end(&mut self) {
        let Some(bytes) = self.bytes.as_mut() else { return };
        let rest = async { while let Some(Ok(_)) = bytes.next().await {} };
        let _ = timeout_at(Instant::now() + END_TIMEOUT, rest).await;
    }

    fn end_of_body(&mut self) {
        let mut is_done = matches!(self.framing, Framing::Whole { .. });
        if let Some(data) = self.framing.end() {
            let mut events = Vec::new();
            let heard = self.answer.take(&data, &mut events);
            self.ready.extend(events.into_iter().map(Ok));
            match heard {
                Ok(heard) => is_done |= heard == Heard::Done,
                Err(error) => return self.fail(error),
            }
        }
        if is_done || self.answer.has_finished() { self.finish() } else { self.fail(ModelError::Cut) }
    }

    fn finish(&mut self) {
        let mut events = Vec::new();
        match self.answer.finish(&mut events) {
            Ok(()) => {
                self.ready.extend(events.into_iter().map(Ok));
                self.bytes = None;
            }
            Err(error) => self.fail(error),
        }
    }

    fn fail(&mut self, error: ModelError) {
        self.ready.push_back(Err(error));
        self.bytes = None;
    }
}
