//! One order out of two kinds of evidence.

use std::collections::{HashMap, HashSet};

use omniops_types::{ChunkId, PageId, PassageHit};
use uuid::Uuid;

use super::queries::Candidate;

/// Which evidence a search uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    Text,
    Vectors,
    Both,
}

// What each kind of evidence is worth beside a cosine of 1. Chosen on the development half of `bench/questions`, by the
// likelihood of the right page rather than by the count of first hits, which a single question moves by two hundredths:
// see `docs/search.md`. The answerer's weights and confidence were fitted to scores made with them.

/// Of a text rank of 1.
pub(super) const TEXT_WEIGHT: f32 = 0.4;
/// Of the page's mean cosine.
const PAGE_WEIGHT: f32 = 0.3;
/// Of the cosine to what the likeliest passages say.
const FEEDBACK_WEIGHT: f32 = 0.2;
/// Passages of one page among the hits; more would crowd out other answers, fewer would lose a page's own answer
/// behind its other sections.
const PER_PAGE: usize = 6;

/// The best `limit` candidates, best first, without repeated passages and with few of any one page.
pub(super) fn fuse(candidates: Vec<Candidate>, evidence: Evidence, limit: usize) -> Vec<PassageHit> {
    let mut hits: Vec<PassageHit> =
        candidates.into_iter().map(|candidate| hit(candidate, evidence)).filter(|hit| hit.score > 0.0).collect();
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.chunk_id.cmp(&b.chunk_id)));
    diverse(hits, limit)
}

fn hit(candidate: Candidate, evidence: Evidence) -> PassageHit {
    let score = match evidence {
        Evidence::Text => candidate.text_rank,
        Evidence::Vectors => candidate.cosine.unwrap_or(0.0),
        Evidence::Both => {
            candidate.cosine.unwrap_or(0.0)
                + TEXT_WEIGHT * candidate.text_rank
                + PAGE_WEIGHT * candidate.page_cosine.unwrap_or(0.0)
                + FEEDBACK_WEIGHT * candidate.feedback_cosine.unwrap_or(0.0)
        }
    };
    PassageHit {
        chunk_id: ChunkId(candidate.chunk_id),
        page_id: PageId(candidate.page_id),
        url: candidate.url,
        title: candidate.title,
        heading_path: candidate.heading_path,
        text: candidate.text,
        content_hash: hex(&candidate.content_hash),
        cosine: candidate.cosine,
        text_rank: (candidate.text_rank > 0.0).then_some(candidate.text_rank),
        score,
    }
}

/// Keeps the order, drops a passage that stands on several pages after its first, and the seventh of a page.
pub(super) fn diverse(hits: Vec<PassageHit>, limit: usize) -> Vec<PassageHit> {
    let mut texts = HashSet::new();
    let mut of_page: HashMap<Uuid, usize> = HashMap::new();
    hits.into_iter()
        .filter(|hit| {
            let count = of_page.entry(hit.page_id.uuid()).or_default();
            if *count >= PER_PAGE || !texts.insert(hit.text.clone()) {
                return false;
            }
            *count += 1;
            true
        })
        .take(limit)
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
