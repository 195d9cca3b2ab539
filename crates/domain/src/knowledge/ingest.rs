//! One page into the database: passages that stayed keep their vectors, new ones are embedded, the rest goes.

use std::collections::HashMap;

use omniops_crawler::CrawledPage;
use omniops_embedding::EmbedError;
use omniops_types::{DomainId, SourceId, TenantId};
use uuid::Uuid;

use super::chunks::{Passage, passages};
use super::ingest_queries::{self as queries, PageRow, StoredPassage};
use super::text_search;
use crate::{Domain, Error, Result};

/// Where a page belongs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub tenant: TenantId,
    pub domain_id: DomainId,
    pub source_id: SourceId,
    pub space_id: i16,
}

/// What became of a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Ingested {
    pub changed: bool,
    pub embedded: usize,
}

/// A passage with its place on the page and, where it is new, its vector.
struct Placed {
    id: Uuid,
    ordinal: i32,
    passage: Passage,
    /// Absent where the passage was on the page before.
    vector: Option<Vec<f32>>,
}

/// Brings a page up to date in one transaction. Nothing is embedded that has its vector already, and no transaction is
/// open while the model works.
pub(super) async fn ingest_page(domain: &Domain, place: Place, page: &CrawledPage) -> Result<Ingested> {
    let url = page.url.as_str();
    let mut tx = domain.database.tenant(place.tenant).await?;
    let stored = queries::find_page(&mut tx, place.source_id, url).await?;
    let existing = match &stored {
        Some(stored) => queries::passages_of(&mut tx, stored.id, place.space_id).await?,
        None => Vec::new(),
    };
    if let Some(stored) = &stored
        && stored.content_hash == page.content_hash
        && existing.iter().all(|passage| passage.has_vector)
    {
        queries::touch_page(&mut tx, stored.id, &page_row(page)).await?;
        tx.commit().await?;
        return Ok(Ingested::default());
    }
    drop(tx);

    let placed = place_passages(domain, passages(&page.document), existing).await?;
    let embedded = placed.iter().filter(|passage| passage.vector.is_some()).count();

    let mut tx = domain.database.tenant(place.tenant).await?;
    let page_id = queries::upsert_page(&mut tx, place, Uuid::now_v7(), &page_row(page)).await?;
    let kept: Vec<Uuid> = placed.iter().map(|passage| passage.id).collect();
    queries::delete_other_passages(&mut tx, page_id, &kept).await?;
    queries::make_room_for_ordinals(&mut tx, page_id).await?;
    let language = page.document.language.as_deref();
    let configuration = text_search::configuration(language);
    for Placed { id, ordinal, passage, vector } in &placed {
        let row = queries::PassageRow { id: *id, page_id, ordinal: *ordinal, passage, language, configuration };
        queries::upsert_passage(&mut tx, place, row).await?;
        if let Some(vector) = vector {
            queries::upsert_vector(&mut tx, place, *id, vector).await?;
        }
    }
    tx.commit().await?;
    Ok(Ingested { changed: true, embedded })
}

/// Gives each passage the row that it had, by content, and embeds those without a vector.
async fn place_passages(domain: &Domain, passages: Vec<Passage>, existing: Vec<StoredPassage>) -> Result<Vec<Placed>> {
    let mut by_hash: HashMap<Vec<u8>, Vec<StoredPassage>> = HashMap::new();
    for stored in existing.into_iter().rev() {
        by_hash.entry(stored.content_hash.clone()).or_default().push(stored);
    }
    let mut placed = Vec::with_capacity(passages.len());
    let mut missing = Vec::new();
    for (index, passage) in passages.into_iter().enumerate() {
        // The same words twice on a page are two passages: each row is handed out once.
        let stored = by_hash.get_mut(passage.content_hash().as_slice()).and_then(Vec::pop);
        if !stored.as_ref().is_some_and(|stored| stored.has_vector) {
            missing.push(index);
        }
        let id = stored.map_or_else(Uuid::now_v7, |stored| stored.id);
        placed.push(Placed { id, ordinal: i32::try_from(index).unwrap_or(i32::MAX), passage, vector: None });
    }
    let texts: Vec<String> =
        missing.iter().filter_map(|index| placed.get(*index)).map(|placed| placed.passage.embedding_text()).collect();
    let vectors = embed(domain, &texts).await?;
    for (index, vector) in missing.into_iter().zip(vectors) {
        if let Some(placed) = placed.get_mut(index) {
            placed.vector = Some(vector);
        }
    }
    Ok(placed)
}

/// Embeds in portions, so that a very long page does not ask for one very large answer.
pub(super) async fn embed(domain: &Domain, texts: &[String]) -> Result<Vec<Vec<f32>>> {
    const PORTION: usize = 64;
    let mut vectors = Vec::with_capacity(texts.len());
    for portion in texts.chunks(PORTION) {
        let embedded = domain.embedder.embed(portion).await.map_err(Error::internal)?;
        if embedded.len() != portion.len() {
            return Err(Error::internal(EmbedError::Malformed("not one vector a text".to_owned())));
        }
        vectors.extend(embedded);
    }
    Ok(vectors)
}

fn page_row(page: &CrawledPage) -> PageRow<'_> {
    PageRow { page, links: page.document.links.iter().map(ToString::to_string).collect() }
}
