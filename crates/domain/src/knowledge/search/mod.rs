//! Finds the passages that may answer a question: full text and vectors, fused, within one tenant.

mod corpus;
mod fusion;
pub(super) mod queries;

use std::time::Instant;

use omniops_postgres::TenantTx;
use omniops_types::{ChunkId, ConversationId, DomainId, PassageHit, SearchId, TenantId};
use uuid::Uuid;

use crate::{Domain, Error, Result};
use corpus::Corpus;
pub use fusion::Evidence;
use queries::{Candidate, LogRow, Scope};

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
    /// The query's unit vector in the embedder's space.
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
    let (query_vector, embed_ms) = embed(domain, query).await?;

    let begun = Instant::now();
    let mut tx = domain.database.tenant(tenant).await?;
    let hits = find(domain, &mut tx, &request, query, &query_vector, evidence).await?;
    let search_ms = millis(begun);
    let search_id = SearchId(Uuid::now_v7());
    let log = LogRow::new(search_id, &request, query, &hits, embed_ms.saturating_add(search_ms));
    queries::insert_search_log(&mut tx, log).await?;
    tx.commit().await?;

    metrics::histogram!("omniops_search_seconds").record(begun.elapsed().as_secs_f64());
    Ok(SearchOutcome { search_id, hits, query_vector, embed_ms, search_ms: millis(begun) })
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
        Some(space_id) if exactly => queries::nearest_exactly(&mut tx, scope, space_id, vector, limit).await?,
        _ => corpus.nearest(&mut tx, vector, limit).await?,
    };
    Ok(ids.into_iter().map(ChunkId).collect())
}

async fn embed(domain: &Domain, query: &str) -> Result<(Vec<f32>, u32)> {
    let begun = Instant::now();
    let vector = match domain.embedder.embed_query(query).await {
        Ok(vector) => vector,
        Err(error) if error.is_outage() => {
            tracing::warn!(%error, "searching without vectors");
            Vec::new()
        }
        Err(error) => return Err(Error::internal(error)),
    };
    Ok((vector, millis(begun)))
}

async fn find(
    domain: &Domain,
    tx: &mut TenantTx,
    request: &SearchRequest,
    query: &str,
    vector: &[f32],
    evidence: Evidence,
) -> Result<Vec<PassageHit>> {
    let scope = Scope { domain_id: request.domain_id.map(DomainId::uuid) };
    let corpus = Corpus::of(tx, scope, domain.embedder.space()).await?;
    let terms = corpus.terms(tx, query).await?;
    let near = if vector.is_empty() || evidence == Evidence::Text {
        Vec::new()
    } else {
        corpus.nearest(tx, vector, CANDIDATES).await?
    };
    let selective = if evidence == Evidence::Vectors { Vec::new() } else { Corpus::selective(&terms) };
    let candidates: Vec<Candidate> =
        queries::candidates(tx, &corpus, &terms, &selective, &near, vector, CANDIDATES).await?;
    Ok(fusion::fuse(candidates, evidence, request.limit.min(MAX_LIMIT)))
}

fn clip(query: &str) -> &str {
    query.char_indices().nth(MAX_QUERY).and_then(|(end, _)| query.get(..end)).unwrap_or(query)
}

fn millis(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_millis()).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
