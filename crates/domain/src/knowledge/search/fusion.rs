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

/// What a text rank of 1 is worth beside a cosine of 1; chosen on the development half of `bench/questions`. The
/// extractive answerer's confidence was fitted to scores made with it.
const TEXT_WEIGHT: f32 = 0.4;
/// Passages of one page among the hits; more would crowd out other answers.
const PER_PAGE: usize = 2;

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
        Evidence::Both => candidate.cosine.unwrap_or(0.0) + TEXT_WEIGHT * candidate.text_rank,
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

/// Keeps the order, drops a passage that stands on several pages after its first, and the third of a page.
fn diverse(hits: Vec<PassageHit>, limit: usize) -> Vec<PassageHit> {
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
