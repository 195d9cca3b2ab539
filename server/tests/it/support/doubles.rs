use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use omniops_embedding::{EmbedError, Embedder, Space};
use omniops_llm::{Answer, AnswerEvent, AnswerProvider, AnswerRequest, ProviderError, Usage, Verdict};

/// Gives every text the same unit vector: these tests are not about finding anything.
pub struct FixedEmbedder(Space);

impl Default for FixedEmbedder {
    fn default() -> Self {
        Self(Space { provider: "local".to_owned(), model: "fixed".to_owned(), dimensions: 4 })
    }
}

#[async_trait]
impl Embedder for FixedEmbedder {
    fn space(&self) -> &Space {
        &self.0
    }

    async fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, EmbedError> {
        Ok(texts.iter().map(|_| vec![1.0, 0.0, 0.0, 0.0]).collect())
    }
}

/// Answers "You asked: …" in two pieces.
pub struct Echo;

#[async_trait]
impl AnswerProvider for Echo {
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
        let text = format!("You asked: {}", request.question);
        let deltas = ["You asked: ".to_owned(), request.question].map(|piece| Ok(AnswerEvent::Delta(piece)));
        let answer = Answer {
            text,
            citations: Vec::new(),
            confidence: 0.8,
            verdict: Verdict::Answered,
            usage: Usage::default(),
        };
        Ok(stream::iter(deltas).chain(stream::iter([Ok(AnswerEvent::Done(answer))])).boxed())
    }
}
