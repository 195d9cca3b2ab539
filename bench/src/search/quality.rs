//! Whether the search finds the page that answers, and whether the answerer knows what it does not know.

use anyhow::{Result, bail};
use futures::StreamExt;
use omniops_domain::Domain;
use omniops_domain::knowledge::{Evidence, SearchRequest, passage, search_with};
use omniops_llm::{Answer, AnswerEvent, AnswerRequest, Verdict};
use omniops_types::PassageHit;
use serde_json::{Value, json};

use super::corpus::Corpus;
use super::questions::{Half, Question, questions};

/// Hits asked for when ranks are measured.
const RANKED: usize = 50;
/// Hits that an answer is made from, as the chat does it.
const READ: usize = 8;

/// Ranks of the first page that answers, of one way to search.
#[derive(Default)]
struct Ranks(Vec<Option<usize>>);

impl Ranks {
    fn share_within(&self, rank: usize) -> f64 {
        share(self.0.iter().filter(|found| found.is_some_and(|found| found <= rank)).count(), self.0.len())
    }

    fn mean_reciprocal(&self) -> f64 {
        let sum: f64 = self.0.iter().flatten().map(|&rank| 1.0 / rank as f64).sum();
        sum / self.0.len().max(1) as f64
    }

    fn to_json(&self) -> Value {
        json!({
            "questions": self.0.len(),
            "hit_at_1": round(self.share_within(1)),
            "hit_at_5": round(self.share_within(5)),
            "mrr": round(self.mean_reciprocal()),
        })
    }
}

/// What became of the questions when they were asked as a customer asks.
#[derive(Default)]
struct Verdicts {
    answerable: usize,
    answered: usize,
    /// Answered, and the first source is a page that answers.
    answered_from_right_page: usize,
    unanswerable: usize,
    declined: usize,
    misjudged: Vec<Value>,
}

impl Verdicts {
    fn to_json(&self) -> Value {
        json!({
            "answerable": self.answerable,
            "answered": round(share(self.answered, self.answerable)),
            "answered_first_from_a_right_page": round(share(self.answered_from_right_page, self.answerable)),
            "unanswerable": self.unanswerable,
            "declined": round(share(self.declined, self.unanswerable)),
            "misjudged": self.misjudged,
        })
    }
}

/// Asks all labelled questions: ranks for text alone, vectors alone, both, and both as they are usually fused, and
/// verdicts of the extractive answerer.
pub async fn quality(domain: &Domain, corpus: &Corpus) -> Result<Value> {
    let questions = questions()?;
    let mut halves = serde_json::Map::new();
    for (name, half) in [("dev", Some(Half::Dev)), ("test", Some(Half::Test)), ("all", None)] {
        let of_half: Vec<&Question> =
            questions.iter().filter(|question| half.is_none_or(|half| question.split == half)).collect();
        let mut measured = serde_json::Map::new();
        for (way, evidence) in [("text", Evidence::Text), ("vectors", Evidence::Vectors), ("fused", Evidence::Both)] {
            measured.insert(way.to_owned(), ranks(domain, corpus, &of_half, evidence).await?.to_json());
        }
        measured.insert("equal_rrf".to_owned(), equal_rrf(domain, corpus, &of_half).await?.to_json());
        measured.insert("answers".to_owned(), verdicts(domain, corpus, &of_half).await?.to_json());
        halves.insert(name.to_owned(), Value::Object(measured));
    }
    let measured = json!({
        "pages": corpus.pages,
        "passages": corpus.passages,
        "crawl_seconds": corpus.crawl_seconds,
        "targets": {"hit_at_1": 0.75, "hit_at_5": 0.93, "declined": 0.9, "answered": 0.9},
        "halves": halves,
    });
    // The table shows what is aimed at; what was measured beside it is for whoever works on the search.
    eprintln!("{measured:#}");
    Ok(measured)
}

async fn ranks(domain: &Domain, corpus: &Corpus, questions: &[&Question], evidence: Evidence) -> Result<Ranks> {
    let mut ranks = Ranks::default();
    for question in questions.iter().filter(|question| question.is_answerable()) {
        let hits = find(domain, corpus, question, RANKED, evidence).await?;
        ranks.0.push(rank(corpus, question, &hits));
    }
    Ok(ranks)
}

/// What is usually done: both orders fused by the reciprocal ranks of their passages, with equal weight and the usual
/// constant (Cormack, Clarke and Büttcher, 2009).
async fn equal_rrf(domain: &Domain, corpus: &Corpus, questions: &[&Question]) -> Result<Ranks> {
    const SMOOTHING: f64 = 60.0;
    let mut ranks = Ranks::default();
    for question in questions.iter().filter(|question| question.is_answerable()) {
        let mut fused: Vec<(f64, PassageHit)> = Vec::new();
        for evidence in [Evidence::Text, Evidence::Vectors] {
            for (place, hit) in find(domain, corpus, question, RANKED, evidence).await?.into_iter().enumerate() {
                let share = 1.0 / (SMOOTHING + place as f64 + 1.0);
                match fused.iter_mut().find(|(_, known)| known.chunk_id == hit.chunk_id) {
                    Some((score, _)) => *score += share,
                    None => fused.push((share, hit)),
                }
            }
        }
        fused.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        let hits: Vec<PassageHit> = fused.into_iter().map(|(_, hit)| hit).collect();
        ranks.0.push(rank(corpus, question, &hits));
    }
    Ok(ranks)
}

async fn find(
    domain: &Domain,
    corpus: &Corpus,
    question: &Question,
    limit: usize,
    evidence: Evidence,
) -> Result<Vec<PassageHit>> {
    let request = SearchRequest {
        domain_id: Some(corpus.domain_id),
        query: question.question.clone(),
        limit,
        conversation_id: None,
    };
    Ok(search_with(domain, corpus.tenant, request, evidence).await?.hits)
}

/// The place, from 1, of the first page that answers among the different pages found.
fn rank(corpus: &Corpus, question: &Question, hits: &[PassageHit]) -> Option<usize> {
    let mut pages: Vec<&str> = Vec::new();
    for hit in hits {
        if !pages.contains(&hit.url.as_str()) {
            pages.push(&hit.url);
        }
    }
    pages.iter().position(|url| question.accepts(&corpus.site, url)).map(|index| index + 1)
}

async fn verdicts(domain: &Domain, corpus: &Corpus, questions: &[&Question]) -> Result<Verdicts> {
    let mut verdicts = Verdicts::default();
    for question in questions {
        let hits = find(domain, corpus, question, READ, Evidence::Both).await?;
        let answer = answer(domain, question, &hits).await?;
        let answered = answer.verdict == Verdict::Answered;
        let right = answer
            .citations
            .first()
            .and_then(|citation| hits.get(citation.passage))
            .is_some_and(|hit| question.accepts(&corpus.site, &hit.url));
        if question.is_answerable() {
            verdicts.answerable += 1;
            verdicts.answered += usize::from(answered);
            verdicts.answered_from_right_page += usize::from(answered && right);
        } else {
            verdicts.unanswerable += 1;
            verdicts.declined += usize::from(!answered);
        }
        if answered != question.is_answerable() {
            let confidence = round(f64::from(answer.confidence));
            verdicts
                .misjudged
                .push(json!({"id": question.id, "question": question.question, "confidence": confidence}));
        }
    }
    Ok(verdicts)
}

async fn answer(domain: &Domain, question: &Question, hits: &[PassageHit]) -> Result<Answer> {
    let passages = hits.iter().map(passage).collect();
    let request = AnswerRequest { question: question.question.clone(), history: Vec::new(), passages, locale: None };
    let mut events = domain.answerer.answer(request).await?;
    while let Some(event) = events.next().await {
        if let AnswerEvent::Done(answer) = event? {
            return Ok(answer);
        }
    }
    bail!("the answerer stopped without an answer to {}", question.id)
}

fn share(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

fn round(number: f64) -> f64 {
    (number * 1_000.0).round() / 1_000.0
}
