//! All SQL of the search. Row-level security confines every statement to the transaction's tenant.

use omniops_embedding::Space;
use omniops_postgres::TenantTx;
use omniops_types::{PassageHit, SearchId};
use serde_json::{Value, json};
use uuid::Uuid;

use super::SearchRequest;
use super::corpus::{Corpus, Term};
use crate::{Error, Result};

/// The part of a tenant's passages that is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Scope {
    pub domain_id: Option<Uuid>,
}

/// Languages whose passages are left out, as pages state them.
pub(super) type OtherLanguages<'a> = &'a [String];

/// What the tenant calls itself.
pub(super) async fn tenant_name(tx: &mut TenantTx) -> Result<String> {
    let id = tx.tenant_id().uuid();
    let name: Option<String> =
        sqlx::query_scalar("select name from tenants where id = $1").bind(id).fetch_optional(tx.conn()).await?;
    Ok(name.unwrap_or_default())
}

/// The space's row, if anything was ever embedded in it.
pub(super) async fn space_id(tx: &mut TenantTx, space: &Space) -> Result<Option<i16>> {
    let id =
        sqlx::query_scalar("select id from embedding_spaces where provider = $1 and model = $2 and dimensions = $3")
            .bind(&space.provider)
            .bind(&space.model)
            .bind(i32::try_from(space.dimensions).unwrap_or(i32::MAX))
            .fetch_optional(tx.conn())
            .await?;
    Ok(id)
}

/// How many passages each language has.
pub(super) async fn passages_by_language(tx: &mut TenantTx, scope: Scope) -> Result<Vec<(Option<String>, i64)>> {
    let rows = sqlx::query_as(
        "select language, count(*)
           from page_chunks
          where $1::uuid is null or domain_id = $1
          group by language",
    )
    .bind(scope.domain_id)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

pub(super) async fn vector_count(tx: &mut TenantTx, scope: Scope, space_id: i16) -> Result<i64> {
    let count = sqlx::query_scalar(
        "select count(*)
           from page_embeddings
          where space_id = $1
            and ($2::uuid is null or domain_id = $2)",
    )
    .bind(space_id)
    .bind(scope.domain_id)
    .fetch_one(tx.conn())
    .await?;
    Ok(count)
}

/// A lexeme that a configuration makes of a text.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Lexeme {
    pub configuration: String,
    pub lexeme: String,
    /// Which words of the text it was made of, counted from 1 with stop words.
    pub places: Vec<i16>,
}

/// The lexemes that the configurations make of a text, in the order of the text.
pub(super) async fn lexemes(tx: &mut TenantTx, configurations: &[&str], text: &str) -> Result<Vec<Lexeme>> {
    let lexemes = sqlx::query_as(
        "select c.configuration, l.lexeme, l.positions as places
           from unnest($1::text[]) as c (configuration)
          cross join lateral unnest(to_tsvector(c.configuration::regconfig, $2)) as l
          order by l.positions[1], l.lexeme, c.configuration",
    )
    .bind(configurations)
    .bind(text)
    .fetch_all(tx.conn())
    .await?;
    Ok(lexemes)
}

/// How many passages each of the words is in, in the order given. A word is a `tsquery`.
pub(super) async fn frequencies(tx: &mut TenantTx, scope: Scope, words: &[String]) -> Result<Vec<i64>> {
    let counts = sqlx::query_scalar(
        "select omniops_count_matching_passages(w.word::tsquery, $2)
           from unnest($1::text[]) with ordinality as w (word, place)
          order by w.place",
    )
    .bind(words)
    .bind(scope.domain_id)
    .fetch_all(tx.conn())
    .await?;
    Ok(counts)
}

/// The passages nearest to the vector by comparing all of them. The distance is of a column without a fixed
/// dimension, which no index serves.
pub(super) async fn nearest_exactly(
    tx: &mut TenantTx,
    scope: Scope,
    others: OtherLanguages<'_>,
    space_id: i16,
    vector: &[f32],
    limit: i64,
) -> Result<Vec<Uuid>> {
    let ids = sqlx::query_scalar(
        "select e.chunk_id
           from page_embeddings e
          where e.space_id = $1
            and ($2::uuid is null or e.domain_id = $2)
            and (cardinality($5::text[]) = 0 or exists (
                select from page_chunks c
                 where c.tenant_id = e.tenant_id and c.id = e.chunk_id and coalesce(c.language <> all($5), true)))
          order by e.embedding <=> $3::real[]::vector, e.chunk_id
          limit $4",
    )
    .bind(space_id)
    .bind(scope.domain_id)
    .bind(vector)
    .bind(limit)
    .bind(others)
    .fetch_all(tx.conn())
    .await?;
    Ok(ids)
}

/// Whether the schema has an index for vectors of this many dimensions.
pub(super) const fn has_index(dimensions: usize) -> bool {
    matches!(dimensions, 384 | 1_536)
}

/// The passages nearest to the vector by walking the index, which goes on until it has enough of this tenant's.
pub(super) async fn nearest_by_index(
    tx: &mut TenantTx,
    scope: Scope,
    others: OtherLanguages<'_>,
    space_id: i16,
    vector: &[f32],
    limit: i64,
) -> Result<Vec<Uuid>> {
    sqlx::query(
        "select set_config('hnsw.iterative_scan', 'relaxed_order', true),
                set_config('hnsw.ef_search', '200', true),
                set_config('enable_seqscan', 'off', true)",
    )
    .execute(tx.conn())
    .await?;
    let statement = if vector.len() == 1_536 {
        "with near as materialized (
             select chunk_id, embedding::vector(1536) <=> $3::real[]::vector(1536) as distance
               from page_embeddings e
              where vector_dims(embedding) = 1536
                and space_id = $1
                and ($2::uuid is null or domain_id = $2)
                and (cardinality($5::text[]) = 0 or exists (
                    select from page_chunks c
                     where c.tenant_id = e.tenant_id and c.id = e.chunk_id and coalesce(c.language <> all($5), true)))
              order by embedding::vector(1536) <=> $3::real[]::vector(1536)
              limit $4)
         select chunk_id from near order by distance, chunk_id"
    } else {
        "with near as materialized (
             select chunk_id, embedding::vector(384) <=> $3::real[]::vector(384) as distance
               from page_embeddings e
              where vector_dims(embedding) = 384
                and space_id = $1
                and ($2::uuid is null or domain_id = $2)
                and (cardinality($5::text[]) = 0 or exists (
                    select from page_chunks c
                     where c.tenant_id = e.tenant_id and c.id = e.chunk_id and coalesce(c.language <> all($5), true)))
              order by embedding::vector(384) <=> $3::real[]::vector(384)
              limit $4)
         select chunk_id from near order by distance, chunk_id"
    };
    let ids = sqlx::query_scalar(statement)
        .bind(space_id)
        .bind(scope.domain_id)
        .bind(vector)
        .bind(limit)
        .bind(others)
        .fetch_all(tx.conn())
        .await?;
    Ok(ids)
}

/// A passage with all evidence for it. The three similarities are absent where there are no vectors to compare.
#[derive(Clone, Debug, sqlx::FromRow)]
pub(super) struct Candidate {
    pub chunk_id: Uuid,
    pub page_id: Uuid,
    pub url: String,
    pub title: String,
    pub heading_path: Vec<String>,
    pub text: String,
    pub content_hash: Vec<u8>,
    /// To the question.
    pub cosine: Option<f32>,
    /// The share of the query's weight that the passage's words carry, 0 to about 1.
    pub text_rank: f32,
    /// The mean of its page's passages' cosines to the question: what the page is about.
    pub page_cosine: Option<f32>,
    /// To the middle of the likeliest passages: what is like them is likely too (Rocchio's relevance feedback).
    pub feedback_cosine: Option<f32>,
}

/// What is searched for, and how far.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sought<'a> {
    pub terms: &'a [Term],
    /// Words of which a passage has to hold one to be found by full text.
    pub selective: &'a [String],
    /// What the vectors found.
    pub near: &'a [Uuid],
    /// Empty where there is none.
    pub vector: &'a [f32],
    pub others: OtherLanguages<'a>,
    /// Passages that full text adds.
    pub limit: i64,
    /// What a text rank of 1 is worth beside a cosine of 1, where the likeliest passages are chosen.
    pub text_weight: f32,
}

/// The passages of `near` and the `limit` best of those that hold one of the `selective` words, each with its
/// evidence. The text rank is the sum over the query's words of their weight times `ts_rank` of that word alone, as a
/// share of all their weight (a word of several forms as often as it has forms, since `ts_rank` divides by them); a word
/// in the title counts more than one in a heading, and that more than one in the
/// text. Feedback comes from the ten likeliest, two of a page at most; a very long page is judged by its first 200. Of a
/// page that several sources of the domain hold, only the copy that was read last counts.
pub(super) async fn candidates(tx: &mut TenantTx, corpus: &Corpus, sought: Sought<'_>) -> Result<Vec<Candidate>> {
    let words: Vec<&str> = sought.terms.iter().map(|term| term.query.as_str()).collect();
    let weights: Vec<f32> = sought.terms.iter().map(|term| term.weight).collect();
    let forms: Vec<f32> = sought.terms.iter().map(|term| term.forms).collect();
    let any_word = (!sought.selective.is_empty()).then(|| sought.selective.join(" | "));
    let rows = sqlx::query_as(
        "with terms as materialized (
             select t.word::tsquery as word, t.weight, t.weight * t.forms as worth
               from unnest($1::text[], $2::real[], $11::real[]) as t (word, weight, forms)),
         total as materialized (
             select greatest(sum(weight), 0.001) as weight from terms),
         ranked as (
             select c.id
               from omniops_matching_passages($3::text::tsquery, $4) as m (id)
               join page_chunks c on c.id = m.id
              where coalesce(c.language <> all($9), true)
              order by (select sum(t.worth * ts_rank('{0.7, 0.7, 0.8, 1}', c.search, t.word)) from terms t) desc, c.id
              limit $5),
         chosen as (
             select id from ranked union select unnest($6::uuid[])),
         found as materialized (
             select c.id as chunk_id, c.page_id, c.heading_path, c.text, c.content_hash, e.embedding,
                    1 - (e.embedding <=> $7::real[]::vector) as cosine,
                    coalesce((select sum(t.worth * ts_rank('{0.7, 0.7, 0.8, 1}', c.search, t.word)) from terms t)
                             / total.weight, 0) as text_rank
               from chosen
               join page_chunks c on c.id = chosen.id
              cross join total
               left join page_embeddings e on e.chunk_id = c.id and e.space_id = $8
              where not exists (
                    select from scraped_pages p
                      join knowledge_sources s on s.domain_id = p.domain_id and s.id <> p.source_id
                      join scraped_pages newer on newer.source_id = s.id and newer.url = p.url
                     where p.id = c.page_id and (newer.fetched_at, newer.id) > (p.fetched_at, p.id))),
         likely as (
             select embedding, cosine + $10 * text_rank as score,
                    row_number() over (partition by page_id order by cosine + $10 * text_rank desc, chunk_id) as place
               from found
              where cosine is not null),
         middle as materialized (
             select avg(best.embedding) as embedding
               from (select embedding from likely where place <= 2 order by score desc limit 10) best),
         pages as materialized (
             select f.page_id, avg(1 - (e.embedding <=> $7::real[]::vector)) as cosine
               from (select distinct page_id from found) f
               join page_chunks c on c.page_id = f.page_id and c.ordinal < 200
               join page_embeddings e on e.chunk_id = c.id and e.space_id = $8
              group by f.page_id)
         select f.chunk_id, f.page_id, p.url, p.title, f.heading_path, f.text, f.content_hash,
                f.cosine::real as cosine, f.text_rank::real as text_rank, pages.cosine::real as page_cosine,
                (1 - (f.embedding <=> middle.embedding))::real as feedback_cosine
           from found f
           join scraped_pages p on p.id = f.page_id
          cross join middle
           left join pages on pages.page_id = f.page_id",
    )
    .bind(words)
    .bind(weights)
    .bind(any_word)
    .bind(corpus.scope.domain_id)
    .bind(sought.limit)
    .bind(sought.near)
    .bind((!sought.vector.is_empty()).then_some(sought.vector))
    .bind(corpus.space_id)
    .bind(sought.others)
    .bind(sought.text_weight)
    .bind(forms)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// A row of the search log.
#[derive(Debug)]
pub(super) struct LogRow<'a> {
    id: SearchId,
    request: &'a SearchRequest,
    query: &'a str,
    results: Value,
    result_count: i32,
    best_cosine: Option<f32>,
    duration_ms: i32,
}

impl<'a> LogRow<'a> {
    pub fn new(
        id: SearchId,
        request: &'a SearchRequest,
        query: &'a str,
        hits: &[PassageHit],
        duration_ms: u32,
    ) -> Self {
        let result = |hit: &PassageHit| {
            json!({
                "chunk_id": hit.chunk_id,
                "content_hash": hit.content_hash,
                "cosine": hit.cosine,
                "text_rank": hit.text_rank,
                "score": hit.score,
            })
        };
        Self {
            id,
            request,
            query,
            results: hits.iter().map(result).collect(),
            result_count: i32::try_from(hits.len()).unwrap_or(i32::MAX),
            best_cosine: hits.iter().filter_map(|hit| hit.cosine).max_by(f32::total_cmp),
            duration_ms: i32::try_from(duration_ms).unwrap_or(i32::MAX),
        }
    }
}

/// `NotFound` if the domain or the conversation is not the tenant's.
pub(super) async fn insert_search_log(tx: &mut TenantTx, row: LogRow<'_>) -> Result<()> {
    let inserted = sqlx::query(
        "insert into search_log (tenant_id, id, domain_id, conversation_id, query, results, result_count, best_cosine, duration_ms)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(tx.tenant_id().uuid())
    .bind(row.id.uuid())
    .bind(row.request.domain_id.map(omniops_types::DomainId::uuid))
    .bind(row.request.conversation_id.map(omniops_types::ConversationId::uuid))
    .bind(row.query)
    .bind(row.results)
    .bind(row.result_count)
    .bind(row.best_cosine)
    .bind(row.duration_ms)
    .execute(tx.conn())
    .await;
    match inserted {
        Ok(_) => Ok(()),
        Err(sqlx::Error::Database(error)) if error.is_foreign_key_violation() => {
            let of_domain = error.constraint().is_some_and(|name| name.contains("domain_id"));
            Err(Error::NotFound(if of_domain { "domain" } else { "conversation" }))
        }
        Err(error) => Err(error.into()),
    }
}
