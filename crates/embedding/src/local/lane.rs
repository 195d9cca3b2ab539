//! A thread that owns nothing but its queue: it takes requests in turn and runs the model over them batch by batch.

use std::sync::Arc;

use tokenizers::Encoding;
use tokio::sync::{mpsc, oneshot};

use super::model::MiniLm;
use crate::EmbedError;

/// Requests that may wait; more wait in their callers.
const QUEUE: usize = 64;
/// Tokens a batch holds: some 100 ms of one core, so that cancelling takes effect soon.
const BATCH_TOKENS: usize = 2_048;

type Vectors = Result<Vec<Vec<f32>>, EmbedError>;

struct Request {
    texts: Vec<String>,
    reply: oneshot::Sender<Vectors>,
}

/// The sending half; the thread ends when it is dropped.
#[derive(Debug)]
pub(super) struct Lane {
    requests: mpsc::Sender<Request>,
}

impl std::fmt::Debug for Request {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Request").field("texts", &self.texts.len()).finish_non_exhaustive()
    }
}

impl Lane {
    pub(super) fn start(name: &str, model: Arc<MiniLm>) -> Result<Self, EmbedError> {
        let (requests, mut queue) = mpsc::channel::<Request>(QUEUE);
        let work = move || {
            while let Some(Request { texts, reply }) = queue.blocking_recv() {
                let vectors = run(&model, texts, &reply);
                // Nobody listening means that the caller gave up: the result has no other reader.
                drop(reply.send(vectors));
            }
        };
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(work)
            .map_err(|error| EmbedError::Load(format!("no thread for the model: {error}")))?;
        Ok(Self { requests })
    }

    pub(super) async fn embed(&self, texts: &[String]) -> Vectors {
        if texts.is_empty() {
            return Ok(Vec::new());
        }
        let stopped = || EmbedError::Model("its thread has stopped".to_owned());
        let (reply, vectors) = oneshot::channel();
        self.requests.send(Request { texts: texts.to_vec(), reply }).await.map_err(|_| stopped())?;
        vectors.await.map_err(|_| stopped())?
    }
}

/// Embeds one request in batches of similar length, the shortest first; stops when the caller is gone.
fn run(model: &MiniLm, texts: Vec<String>, reply: &oneshot::Sender<Vectors>) -> Vectors {
    let count = texts.len();
    let mut encodings: Vec<(usize, Encoding)> = model.tokenize(texts)?.into_iter().enumerate().collect();
    encodings.sort_by_key(|(_, encoding)| encoding.len());
    let mut vectors = vec![Vec::new(); count];
    let mut rest = encodings.as_slice();
    while !rest.is_empty() {
        if reply.is_closed() {
            return Err(EmbedError::Model("cancelled".to_owned()));
        }
        let (batch, later) = rest.split_at(batch_len(rest));
        rest = later;
        let rows: Vec<&Encoding> = batch.iter().map(|(_, encoding)| encoding).collect();
        for ((place, _), vector) in batch.iter().zip(model.forward(&rows)?) {
            if let Some(slot) = vectors.get_mut(*place) {
                *slot = vector;
            }
        }
    }
    Ok(vectors)
}

/// How many of the encodings fit one batch, at least one.
fn batch_len(encodings: &[(usize, Encoding)]) -> usize {
    let mut tokens = 0;
    let fitting = encodings.iter().take_while(|(_, encoding)| {
        tokens += encoding.len();
        tokens <= BATCH_TOKENS
    });
    fitting.count().max(1)
}
