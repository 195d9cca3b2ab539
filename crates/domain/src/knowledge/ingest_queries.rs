//! All SQL of pages, passages and their vectors. Row-level security confines every statement of a tenant's
//! transaction to its rows.

use omniops_crawler::CrawledPage;
use omniops_embedding::Space;
use omniops_postgres::{SystemTx, TenantTx};
use omniops_types::{DomainId, SourceId};
use uuid::Uuid;

use super::chunks::Passage;
use super::ingest::Place;
use super::spaces::StoredSpace;
use crate::Result;

pub(super) struct PageRow<'a> {
    pub page: &'a CrawledPage,
    pub links: Vec<String>,
}

#[derive(sqlx::FromRow)]
pub(super) struct StoredPage {
    pub id: Uuid,
    pub content_hash: Vec<u8>,
}

#[derive(sqlx::FromRow)]
pub(super) struct KnownPage {
    pub url: String,
    pub content_hash: Vec<u8>,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub links: Vec<String>,
}

#[derive(sqlx::FromRow)]
pub(super) struct StoredPassage {
    pub id: Uuid,
    pub content_hash: Vec<u8>,
    /// In the space that was asked about.
    pub has_vector: bool,
}

#[derive(Clone, Copy)]
pub(super) struct PassageRow<'a> {
    pub id: Uuid,
    pub page_id: Uuid,
    pub ordinal: i32,
    pub passage: &'a Passage,
    pub language: Option<&'a str>,
    pub configuration: &'a str,
}

#[derive(sqlx::FromRow)]
pub(super) struct UnembeddedPassage {
    pub id: Uuid,
    pub heading_path: Vec<String>,
    pub text: String,
}

#[derive(sqlx::FromRow)]
struct SpaceRow {
    id: i16,
    provider: String,
    model: String,
    dimensions: i32,
}

pub(super) async fn domain_exists(tx: &mut TenantTx, id: DomainId) -> Result<bool> {
    Ok(sqlx::query_scalar("select exists (select from domains where id = $1)")
        .bind(id.uuid())
        .fetch_one(tx.conn())
        .await?)
}

pub(super) async fn find_page(tx: &mut TenantTx, source: SourceId, url: &str) -> Result<Option<StoredPage>> {
    Ok(sqlx::query_as("select id, content_hash from scraped_pages where source_id = $1 and url = $2")
        .bind(source.uuid())
        .bind(url)
        .fetch_optional(tx.conn())
        .await?)
}

/// Every page of a source, with what the next crawl wants to know of it. Pages with a passage that has no vector in
/// the space come without validators, so that they are read again.
pub(super) async fn known_pages(tx: &mut TenantTx, source: SourceId, space_id: i16) -> Result<Vec<KnownPage>> {
    Ok(sqlx::query_as(
        "select p.url, p.content_hash, p.links,
                case when whole.is_whole then p.etag end as etag,
                case when whole.is_whole then p.last_modified end as last_modified
           from scraped_pages p
          cross join lateral (
                select not exists (
                       select from page_chunks c
                         left join page_embeddings e
                                on e.tenant_id = c.tenant_id and e.chunk_id = c.id and e.space_id = $2
                        where c.tenant_id = p.tenant_id and c.page_id = p.id and e.chunk_id is null) as is_whole) whole
          where p.source_id = $1",
    )
    .bind(source.uuid())
    .bind(space_id)
    .fetch_all(tx.conn())
    .await?)
}

pub(super) async fn passages_of(tx: &mut TenantTx, page: Uuid, space_id: i16) -> Result<Vec<StoredPassage>> {
    Ok(sqlx::query_as(
        "select c.id, c.content_hash, e.chunk_id is not null as has_vector
           from page_chunks c
           left join page_embeddings e on e.tenant_id = c.tenant_id and e.chunk_id = c.id and e.space_id = $2
          where c.page_id = $1
          order by c.ordinal",
    )
    .bind(page)
    .bind(space_id)
    .fetch_all(tx.conn())
    .await?)
}

/// Notes that the page was fetched and is as it was; the server's validators and the links may still be new.
pub(super) async fn touch_page(tx: &mut TenantTx, id: Uuid, row: &PageRow<'_>) -> Result<()> {
    sqlx::query(
        "update scraped_pages set fetched_at = now(), etag = $2, last_modified = $3, links = $4, language = $5
          where id = $1",
    )
    .bind(id)
    .bind(&row.page.validators.etag)
    .bind(&row.page.validators.last_modified)
    .bind(&row.links)
    .bind(&row.page.document.language)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes that the server says the page is as it was.
pub(super) async fn touch_unmodified(tx: &mut TenantTx, source: SourceId, url: &str) -> Result<()> {
    sqlx::query("update scraped_pages set fetched_at = now() where source_id = $1 and url = $2")
        .bind(source.uuid())
        .bind(url)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn upsert_page(tx: &mut TenantTx, place: Place, id: Uuid, row: &PageRow<'_>) -> Result<Uuid> {
    let PageRow { page, links } = row;
    Ok(sqlx::query_scalar(
        "insert into scraped_pages
                (tenant_id, id, domain_id, source_id, url, title, language, content, content_hash, etag, last_modified, links)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
         on conflict (tenant_id, source_id, url) do update
            set title = excluded.title, language = excluded.language, content = excluded.content,
                content_hash = excluded.content_hash, etag = excluded.etag, last_modified = excluded.last_modified,
                links = excluded.links, fetched_at = now(), changed_at = now()
         returning id",
    )
    .bind(tx.tenant_id().uuid())
    .bind(id)
    .bind(place.domain_id.uuid())
    .bind(place.source_id.uuid())
    .bind(page.url.as_str())
    .bind(&page.document.title)
    .bind(&page.document.language)
    .bind(page.document.to_text())
    .bind(page.content_hash.as_slice())
    .bind(&page.validators.etag)
    .bind(&page.validators.last_modified)
    .bind(links)
    .fetch_one(tx.conn())
    .await?)
}

pub(super) async fn delete_other_passages(tx: &mut TenantTx, page: Uuid, kept: &[Uuid]) -> Result<()> {
    sqlx::query("delete from page_chunks where page_id = $1 and id <> all($2)")
        .bind(page)
        .bind(kept)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Ordinals are unique on a page: those of the rows that stay step aside before they are given anew.
pub(super) async fn make_room_for_ordinals(tx: &mut TenantTx, page: Uuid) -> Result<()> {
    sqlx::query("update page_chunks set ordinal = -1 - ordinal where page_id = $1")
        .bind(page)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The weights are those of `text_search`.
pub(super) async fn upsert_passage(tx: &mut TenantTx, place: Place, row: PassageRow<'_>) -> Result<()> {
    let (title, headings) = row
        .passage
        .heading_path
        .split_first()
        .map_or(("", String::new()), |(title, headings)| (title.as_str(), headings.join(" ")));
    sqlx::query(
        "insert into page_chunks
                (tenant_id, id, page_id, domain_id, ordinal, heading_path, text, content_hash, language, search)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9,
                 setweight(to_tsvector($10::regconfig, $11), 'A') || setweight(to_tsvector($10::regconfig, $12), 'B')
                 || setweight(to_tsvector($10::regconfig, $7), 'D'))
         on conflict (tenant_id, id) do update
            set ordinal = excluded.ordinal, language = excluded.language, search = excluded.search",
    )
    .bind(tx.tenant_id().uuid())
    .bind(row.id)
    .bind(row.page_id)
    .bind(place.domain_id.uuid())
    .bind(row.ordinal)
    .bind(&row.passage.heading_path)
    .bind(&row.passage.text)
    .bind(row.passage.content_hash().as_slice())
    .bind(row.language)
    .bind(row.configuration)
    .bind(title)
    .bind(headings)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn upsert_vector(tx: &mut TenantTx, place: Place, passage: Uuid, vector: &[f32]) -> Result<()> {
    sqlx::query(
        "insert into page_embeddings (tenant_id, chunk_id, space_id, domain_id, embedding)
         values ($1, $2, $3, $4, $5::real[]::vector)
         on conflict (tenant_id, chunk_id, space_id) do update set embedding = excluded.embedding",
    )
    .bind(tx.tenant_id().uuid())
    .bind(passage)
    .bind(place.space_id)
    .bind(place.domain_id.uuid())
    .bind(vector)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Deletes the pages of a source that a complete crawl did not see.
pub(super) async fn delete_unseen_pages(tx: &mut TenantTx, source: SourceId, seen: &[String]) -> Result<u64> {
    let done = sqlx::query("delete from scraped_pages where source_id = $1 and url <> all($2)")
        .bind(source.uuid())
        .bind(seen)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected())
}

/// Deletes the pages that the server says no longer exist.
pub(super) async fn delete_pages(tx: &mut TenantTx, source: SourceId, gone: &[String]) -> Result<u64> {
    let done = sqlx::query("delete from scraped_pages where source_id = $1 and url = any($2)")
        .bind(source.uuid())
        .bind(gone)
        .execute(tx.conn())
        .await?;
    Ok(done.rows_affected())
}

pub(super) async fn get_or_create_space(tx: &mut SystemTx, space: &Space) -> Result<i16> {
    let dimensions = i32::try_from(space.dimensions).unwrap_or(i32::MAX);
    sqlx::query(
        "insert into embedding_spaces (provider, model, dimensions) values ($1, $2, $3)
         on conflict (provider, model, dimensions) do nothing",
    )
    .bind(&space.provider)
    .bind(&space.model)
    .bind(dimensions)
    .execute(tx.conn())
    .await?;
    Ok(sqlx::query_scalar("select id from embedding_spaces where provider = $1 and model = $2 and dimensions = $3")
        .bind(&space.provider)
        .bind(&space.model)
        .bind(dimensions)
        .fetch_one(tx.conn())
        .await?)
}

pub(super) async fn active_space(tx: &mut TenantTx, domain_id: DomainId) -> Result<Option<StoredSpace>> {
    let row: Option<SpaceRow> = sqlx::query_as(
        "select s.id, s.provider, s.model, s.dimensions
           from domain_embedding_spaces d
           join embedding_spaces s on s.id = d.space_id
          where d.domain_id = $1",
    )
    .bind(domain_id.uuid())
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|row| StoredSpace {
        id: row.id,
        space: Space {
            provider: row.provider,
            model: row.model,
            dimensions: usize::try_from(row.dimensions).unwrap_or_default(),
        },
    }))
}

pub(super) async fn activate_space(tx: &mut TenantTx, domain_id: DomainId, space_id: i16) -> Result<()> {
    sqlx::query(
        "insert into domain_embedding_spaces (tenant_id, domain_id, space_id) values ($1, $2, $3)
         on conflict (tenant_id, domain_id) do update set space_id = excluded.space_id, activated_at = now()
          where domain_embedding_spaces.space_id <> excluded.space_id",
    )
    .bind(tx.tenant_id().uuid())
    .bind(domain_id.uuid())
    .bind(space_id)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn passages_without_vector(tx: &mut TenantTx, domain_id: DomainId, space_id: i16) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "select count(*)
           from page_chunks c
           left join page_embeddings e on e.tenant_id = c.tenant_id and e.chunk_id = c.id and e.space_id = $2
          where c.domain_id = $1 and e.chunk_id is null",
    )
    .bind(domain_id.uuid())
    .bind(space_id)
    .fetch_one(tx.conn())
    .await?)
}

/// Some passages of a source that have no vector in the space.
pub(super) async fn unembedded_passages(
    tx: &mut TenantTx,
    source: SourceId,
    space_id: i16,
    limit: i64,
) -> Result<Vec<UnembeddedPassage>> {
    Ok(sqlx::query_as(
        "select c.id, c.heading_path, c.text
           from page_chunks c
           join scraped_pages p on p.tenant_id = c.tenant_id and p.id = c.page_id
           left join page_embeddings e on e.tenant_id = c.tenant_id and e.chunk_id = c.id and e.space_id = $2
          where p.source_id = $1 and e.chunk_id is null
          order by c.id
          limit $3",
    )
    .bind(source.uuid())
    .bind(space_id)
    .bind(limit)
    .fetch_all(tx.conn())
    .await?)
}

/// Adds a vector to a passage, unless the passage went meanwhile.
pub(super) async fn insert_vector_if_there(
    tx: &mut TenantTx,
    passage: Uuid,
    space_id: i16,
    vector: &[f32],
) -> Result<()> {
    sqlx::query(
        "insert into page_embeddings (tenant_id, chunk_id, space_id, domain_id, embedding)
         select tenant_id, id, $2, domain_id, $3::real[]::vector from page_chunks where id = $1 for key share
         on conflict (tenant_id, chunk_id, space_id) do nothing",
    )
    .bind(passage)
    .bind(space_id)
    .bind(vector)
    .execute(tx.conn())
    .await?;
    Ok(())
}
