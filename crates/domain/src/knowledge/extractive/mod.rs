//! Answers without a language model: it finds the sentences that answer the question and quotes them word for word.

mod confidence;
mod courtesy;
mod evidence;
mod expected;
pub(crate) mod negation;
mod offers;
mod phrases;
pub(crate) mod sentences;
mod several;
mod window;
pub(crate) mod words;

use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use moka::future::Cache;
use omniops_embedding::{EmbedError, Embedder};
use omniops_llm::{
    Answer, AnswerEvent, AnswerProvider, AnswerRequest, Citation, ProviderError, Speaker, Turn, Usage, Verdict,
};

use confidence::THRESHOLD;
use evidence::Question;
use offers::Offer;
use phrases::Phrases;
pub use several::{Answered, OneReply, one_reply, questions_of};
use window::Window;

/// Vectors of sentences that are remembered: 20,000 of 384 numbers are 30 MB.
const REMEMBERED_SENTENCES: u64 = 20_000;
/// A shorter question leans on what was said before it.
const SHORT_QUESTION: usize = 4;

/// The extractive answerer. Share one: it remembers the vectors of sentences.
pub struct Extractive {
    embedder: Arc<dyn Embedder>,
    sentences: Cache<String, Arc<[f32]>>,
}

impl std::fmt::Debug for Extractive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Extractive").field("space", self.embedder.space()).finish_non_exhaustive()
    }
}

impl Extractive {
    pub fn new(embedder: Arc<dyn Embedder>) -> Self {
        Self { embedder, sentences: Cache::new(REMEMBERED_SENTENCES) }
    }

    async fn compose(&self, request: AnswerRequest) -> Result<Composed, ProviderError> {
        let phrases = Phrases::of(request.locale.as_deref(), &request.question);
        if let Some(text) = courtesy::reply(&request.question, phrases) {
            return Ok(Composed::fixed(text, Verdict::Courtesy, 1.0));
        }
        let query = retrieval_query(&request.question, &request.history);
        let vector = self.embedder.embed_query(&query).await.map_err(unavailable)?;
        let question = Question::new(&request.question, &query, vector);
        let readings = evidence::weigh(&question, &request.passages, |texts| self.vectors(texts)).await?;
        let confidence = confidence::of(&question, &request.passages, &readings);
        let windows = window::choose(&readings);
        if confidence < THRESHOLD || windows.is_empty() {
            let declined = Offer::of(request.locale.as_deref(), &request.question).declined();
            return Ok(Composed::fixed(&declined, Verdict::Declined, confidence));
        }
        Ok(Composed::quoting(&request, &windows, confidence))
    }

    /// Vectors of sentences, from memory where they were asked for before.
    async fn vectors(&self, texts: Vec<String>) -> Result<Vec<Arc<[f32]>>, ProviderError> {
        let mut vectors = Vec::with_capacity(texts.len());
        let mut unknown = Vec::new();
        for text in &texts {
            let known = self.sentences.get(text).await;
            if known.is_none() {
                unknown.push(text.clone());
            }
            vectors.push(known);
        }
        let mut computed = self.embedder.embed_urgent(&unknown).await.map_err(unavailable)?.into_iter();
        let mut complete = Vec::with_capacity(texts.len());
        for (text, known) in texts.into_iter().zip(vectors) {
            let vector = match known {
                Some(vector) => vector,
                None => {
                    let missing = || ProviderError::Malformed("a sentence has no vector".to_owned());
                    let vector: Arc<[f32]> = computed.next().ok_or_else(missing)?.into();
                    self.sentences.insert(text, Arc::clone(&vector)).await;
                    vector
                }
            };
            complete.push(vector);
        }
        Ok(complete)
    }
}

#[async_trait]
impl AnswerProvider for Extractive {
    fn name(&self) -> &str {
        "extractive"
    }

    fn model(&self) -> &str {
        &self.embedder.space().model
    }

    async fn answer(
        &self,
        request: AnswerRequest,
    ) -> Result<BoxStream<'static, Result<AnswerEvent, ProviderError>>, ProviderError> {
        let Composed { pieces, answer } = self.compose(request).await?;
        let events = pieces.into_iter().map(AnswerEvent::Delta).chain([AnswerEvent::Done(answer)]);
        Ok(stream::iter(events.map(Ok).collect::<Vec<_>>()).boxed())
    }
}

fn unavailable(error: EmbedError) -> ProviderError {
    ProviderError::Unavailable(error.to_string())
}

/// A finished answer and the pieces in which it is streamed.
struct Composed {
    pieces: Vec<String>,
    answer: Answer,
}

impl Composed {
    fn new(pieces: Vec<String>, citations: Vec<Citation>, confidence: f32, verdict: Verdict) -> Self {
        let answer = Answer { text: pieces.concat(), citations, confidence, verdict, usage: Usage::default() };
        Self { pieces, answer }
    }

    fn fixed(text: &str, verdict: Verdict, confidence: f32) -> Self {
        Self::new(vec![text.to_owned()], Vec::new(), confidence, verdict)
    }

    /// Each window's sentences, then its number; a blank line between windows, and rows and list items on lines of
    /// their own.
    fn quoting(request: &AnswerRequest, windows: &[Window], confidence: f32) -> Self {
        let mut pieces = Vec::new();
        let mut citations = Vec::new();
        for (number, window) in windows.iter().enumerate() {
            let Some(passage) = request.passages.get(window.passage) else { continue };
            let mut end_of_last = None;
            for sentence in &window.sentences {
                let between = end_of_last.and_then(|end| passage.text.get(end..sentence.start));
                let before = match (number, between) {
                    (0, None) => "",
                    (_, None) => "\n\n",
                    (_, Some(between)) if between.contains('\n') => "\n",
                    (_, Some(_)) => " ",
                };
                end_of_last = Some(sentence.end);
                let text = passage.text.get(sentence.clone()).unwrap_or_default();
                let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
                let mark = if Some(sentence.end) == window.sentences.last().map(|last| last.end) {
                    format!(" [{}]", number + 1)
                } else {
                    String::new()
                };
                pieces.push(format!("{before}{line}{mark}"));
            }
            let quote = passage.text.get(window.span()).unwrap_or_default().to_owned();
            citations.push(Citation { passage: window.passage, quote });
        }
        Self::new(pieces, citations, confidence, Verdict::Answered)
    }
}

/// The offer of a person after an answer, in the language of the answer, or of the question where the answer is short.
pub(crate) fn offer_after(locale: Option<&str>, question: &str, answer: &str) -> &'static str {
    Offer::of(locale, &format!("{question}\n{answer}")).offer
}

/// The sentences of a text as byte ranges, in order.
pub(crate) fn sentences_of(text: &str) -> Vec<std::ops::Range<usize>> {
    sentences::sentences(text)
}

/// Earlier lines of the customer that a question may lean on.
const EARLIER_LINES: usize = 3;

/// What to search for: the question, with the customer's lines before it where the question alone does not say what it
/// is about ("and to Austria?", "how much is it?"), back to the first that stands by itself.
pub fn retrieval_query(question: &str, history: &[Turn]) -> String {
    let question = question.trim();
    let mut lines = vec![question];
    if words::leans_on_context(question, SHORT_QUESTION) {
        let earlier = history
            .iter()
            .rev()
            .filter(|turn| turn.speaker == Speaker::Customer)
            .map(|turn| turn.text.trim())
            .filter(|text| !text.is_empty() && *text != question && !courtesy::is_courtesy(text));
        for line in earlier.take(EARLIER_LINES) {
            lines.push(line);
            if !words::leans_on_context(line, SHORT_QUESTION) {
                break;
            }
        }
    }
    lines.reverse();
    lines.join(" ")
}

#[cfg(test)]
mod tests;
