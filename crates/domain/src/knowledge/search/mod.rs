//! Finds the passages that may answer a question: full text and vectors, fused, within one tenant.

mod corpus;
mod fusion;
mod language;
pub(super) mod queries;
mod site;

use std::sync::Arc;
use std::time::Instant;

use omniops_embedding::Embedder;
use omniops_llm::Passage;
use omniops_postgres::TenantTx;
use omniops_types::{ChunkId, ConversationId, DomainId, PassageHit, SearchId, TenantId};
use uuid::Uuid;

use super::jobs::queue_reembedding_of;
use super::{StoredSpace, active_space};
use crate::{Domain, Error, Result};
use corpus::{Corpus, Term};
pub use fusion::Evidence;
use queries::{Candidate, LogRow, OtherLanguages, Scope, Sought};

/// Candidates that each half of the search brings to the fusion.
const CANDIDATES: i64 = 60;
/// The longest query that is searched and logged, in characters.
const MAX_QUERY: usize = 4_000;
/// Hits that one request may have.
const MAX_LIMIT: usize = 50;

/// What to search for, and where.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// Only this domain's pages; all of the tenant's without it.
    pub domain_id: Option<DomainId>,
    pub query: String,
    /// Hits wanted, at most 50.
    pub limit: usize,
    /// The conversation that asks, for the log.
    pub conversation_id: Option<ConversationId>,
}

/// What was found.
#[derive(Clone, Debug)]
pub struct SearchOutcome {
    /// The row of the search log.
    pub search_id: SearchId,
    /// Best first.
    pub hits: Vec<PassageHit>,
    /// The query's unit vector in the space that was searched; empty if it could not be had.
    pub query_vector: Vec<f32>,
    /// Time to embed the query.
    pub embed_ms: u32,
    /// Time to search and log, without the embedding.
    pub search_ms: u32,
}

/// Searches with both kinds of evidence and logs the query.
///
/// A service that cannot embed the query (its model is remote and down) still answers from full text.
pub async fn search(domain: &Domain, tenant: TenantId, request: SearchRequest) -> Result<SearchOutcome> {
    search_with(domain, tenant, request, Evidence::Both).await
}

/// [`search`] with one kind of evidence only, to measure what each contributes.
pub async fn search_with(
    domain: &Domain,
    tenant: TenantId,
    request: SearchRequest,
    evidence: Evidence,
) -> Result<SearchOutcome> {
    let query = clip(request.query.trim());
    if query.is_empty() {
        return Err(Error::field("query", "say what to search for"));
    }
    let site = site::name(domain, tenant).await?;
    let (mut asked, mut embed_ms) = Asked::with(Arc::clone(&domain.embedder), &site, query).await?;

    let mut begun = Instant::now();
    let mut tx = domain.database.tenant(tenant).await?;
    if let Some((domain_id, active)) = outdated(domain, &mut tx, request.domain_id).await? {
        if let Some(older) = domain.embedder.of_space(&active.space) {
            // No connection is held while a model works.
            drop(tx);
            let (again, more_ms) = Asked::with(older, &site, query).await?;
            (asked, embed_ms) = (again, embed_ms.saturating_add(more_ms));
            begun = Instant::now();
            tx = domain.database.tenant(tenant).await?;
        }
        queue_reembedding_of(&mut tx, domain_id).await?;
    }
    let hits = find(&mut tx, &request, query, &asked, evidence).await?;
    let search_ms = millis(begun);
    let search_id = SearchId(Uuid::now_v7());
    let log = LogRow::new(search_id, &request, query, &hits, embed_ms.saturating_add(search_ms));
    queries::insert_search_log(&mut tx, log).await?;
    tx.commit().await?;

    metrics::histogram!("omniops_search_seconds").record(begun.elapsed().as_secs_f64());
    Ok(SearchOutcome { search_id, hits, query_vector: asked.vector, embed_ms, search_ms: millis(begun) })
}

/// The nearest passages to a vector of the embedder's space: as a search finds them, or `exactly`, by comparing all.
/// The difference between the two is what the index loses.
pub async fn nearest_passages(
    domain: &Domain,
    tenant: TenantId,
    domain_id: DomainId,
    vector: &[f32],
    limit: i64,
    exactly: bool,
) -> Result<Vec<ChunkId>> {
    let mut tx = domain.database.tenant(tenant).await?;
    let scope = Scope { domain_id: Some(domain_id.uuid()) };
    let corpus = Corpus::of(&mut tx, scope, domain.embedder.space()).await?;
    let ids = match corpus.space_id {
        Some(space_id) if exactly => queries::nearest_exactly(&mut tx, scope, &[], space_id, vector, limit).await?,
        _ => corpus.nearest(&mut tx, &[], vector, limit).await?,
    };
    Ok(ids.into_iter().map(ChunkId).collect())
}

/// The query's vector and whose it is.
struct Asked {
    embedder: Arc<dyn Embedder>,
    /// Empty while the embedder's service is down.
    vector: Vec<f32>,
}

impl Asked {
    async fn with(embedder: Arc<dyn Embedder>, site: &str, query: &str) -> Result<(Self, u32)> {
        let begun = Instant::now();
        let vector = match site::vector_of(embedder.as_ref(), site, query).await {
            Ok(vector) => vector,
            Err(error) if error.is_outage() => {
                tracing::warn!(%error, "searching without vectors");
                Vec::new()
            }
            Err(error) => return Err(Error::internal(error)),
        };
        Ok((Self { embedder, vector }, millis(begun)))
    }
}

/// The domain and the space that answers for it, if that is not yet the current model's.
async fn outdated(
    domain: &Domain,
    tx: &mut TenantTx,
    domain_id: Option<DomainId>,
) -> Result<Option<(DomainId, StoredSpace)>> {
    let Some(domain_id) = domain_id else { return Ok(None) };
    let active = active_space(tx, domain_id).await?;
    Ok(active.filter(|active| active.space != *domain.embedder.space()).map(|active| (domain_id, active)))
}

async fn find(
    tx: &mut TenantTx,
    request: &SearchRequest,
    query: &str,
    asked: &Asked,
    evidence: Evidence,
) -> Result<Vec<PassageHit>> {
    let scope = Scope { domain_id: request.domain_id.map(DomainId::uuid) };
    let corpus = Corpus::of(tx, scope, asked.embedder.space()).await?;
    let words = corpus.words(tx, query).await?;
    let limit = request.limit.min(MAX_LIMIT);
    let candidates = candidates(tx, &corpus, &words.terms, &words.other_languages, &asked.vector, evidence).await?;
    let mut hits = fusion::fuse(candidates, evidence, limit);
    if hits.len() < limit && !words.other_languages.is_empty() {
        // What the question's language does not fill, the others may: behind it, but better than nothing.
        let candidates = self::candidates(tx, &corpus, &words.terms, &[], &asked.vector, evidence).await?;
        let more = fusion::fuse(candidates, evidence, limit);
        hits.extend(more);
        hits = fusion::diverse(hits, limit);
    }
    Ok(hits)
}

async fn candidates(
    tx: &mut TenantTx,
    corpus: &Corpus,
    terms: &[Term],
    others: OtherLanguages<'_>,
    vector: &[f32],
    evidence: Evidence,
) -> Result<Vec<Candidate>> {
    let near = if vector.is_empty() || evidence == Evidence::Text {
        Vec::new()
    } else {
        corpus.nearest(tx, others, vector, CANDIDATES).await?
    };
    let selective = if evidence == Evidence::Vectors { Vec::new() } else { Corpus::selective(terms) };
    let text_weight = fusion::TEXT_WEIGHT;
    let sought = Sought { terms, selective: &selective, near: &near, vector, others, limit: CANDIDATES, text_weight };
    queries::candidates(tx, corpus, sought).await
}

/// What of a hit an answerer is given.
pub fn passage(hit: &PassageHit) -> Passage {
    Passage {
        title: hit.title.clone(),
        url: hit.url.clone(),
        heading_path: hit.heading_path.clone(),
        text: hit.text.clone(),
        cosine: hit.cosine,
        score: hit.score,
    }
}

fn clip(query: &str) -> &str {
    query.char_indices().nth(MAX_QUERY).and_then(|(end, _)| query.get(..end)).unwrap_or(query)
}

fn millis(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod plan_test;
#[cfg(test)]
mod tests;
