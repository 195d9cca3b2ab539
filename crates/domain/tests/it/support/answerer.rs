use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use omniops_llm::{Answer, AnswerEvent, AnswerProvider, AnswerRequest, ProviderError, Usage, Verdict};
use tokio::sync::{Notify, Semaphore};

/// Answers "You asked: …" in two pieces, remembers what it was asked, and can be held up or made to fail.
#[derive(Debug)]
pub struct Answerer {
    asked: Mutex<Vec<AnswerRequest>>,
    /// The span in which the last question arrived.
    span: Mutex<Option<tracing::Id>>,
    was_asked: Notify,
    /// One permit lets one answer through.
    gate: Semaphore,
    fails: bool,
    verdict: Verdict,
}

impl Answerer {
    fn with(permits: usize, fails: bool, verdict: Verdict) -> Arc<Self> {
        Arc::new(Self {
            asked: Mutex::default(),
            span: Mutex::default(),
            was_asked: Notify::new(),
            gate: Semaphore::new(permits),
            fails,
            verdict,
        })
    }

    /// Answers at once.
    pub fn ready() -> Arc<Self> {
        Self::with(Semaphore::MAX_PERMITS, false, Verdict::Answered)
    }

    /// Answers when told to by [`let_through`](Self::let_through).
    pub fn held() -> Arc<Self> {
        Self::with(0, false, Verdict::Answered)
    }

    pub fn failing() -> Arc<Self> {
        Self::with(Semaphore::MAX_PERMITS, true, Verdict::Answered)
    }

    /// Never knows the answer.
    pub fn declining() -> Arc<Self> {
        Self::with(Semaphore::MAX_PERMITS, false, Verdict::Declined)
    }

    pub fn let_through(&self, answers: usize) {
        self.gate.add_permits(answers);
    }

    pub fn questions(&self) -> Vec<String> {
        self.asked.lock().unwrap().iter().map(|request| request.question.clone()).collect()
    }

    pub fn requests(&self) -> Vec<AnswerRequest> {
        self.asked.lock().unwrap().clone()
    }

    pub fn span(&self) -> Option<tracing::Id> {
        self.span.lock().unwrap().clone()
    }

    /// Returns once this many questions arrived.
    pub async fn asked(&self, times: usize) {
        loop {
            let notified = self.was_asked.notified();
            if self.asked.lock().unwrap().len() >= times {
                return;
            }
            notified.await;
        }
    }
}

#[async_trait]
impl AnswerProvider for Answerer {
    fn name(&self) -> &str {
        "test"
    }

    fn model(&self) -> &str {
        "echo"
    }

    async fn answer(
        &self,
        request: AnswerRequest,
    ) -> Result<BoxStream<'static, Result<AnswerEvent, ProviderError>>, ProviderError> {
        let question = request.question.clone();
        self.asked.lock().unwrap().push(request);
        *self.span.lock().unwrap() = tracing::Span::current().id();
        self.was_asked.notify_waiters();
        self.gate.acquire().await.expect("never closed").forget();
        if self.fails {
            return Err(ProviderError::Unavailable("made to fail".to_owned()));
        }
        let text = format!("You asked: {question}");
        let answer =
            Answer { text, citations: Vec::new(), confidence: 0.8, verdict: self.verdict, usage: Usage::default() };
        let deltas = ["You asked: ".to_owned(), question].map(|piece| Ok(AnswerEvent::Delta(piece)));
        Ok(stream::iter(deltas).chain(stream::iter([Ok(AnswerEvent::Done(answer))])).boxed())
    }
}
