//! A change of the embedding model: every passage gets its vector in the new space, in the background. The old
//! vectors stay and answer until the last passage has a new one.

use omniops_types::DomainId;

use super::ingest::embed;
use super::jobs::{Claim, Ending, Reporter, Tally};
use super::{chunks, ingest_queries, job_queries, spaces};
use crate::{Domain, Error, Result};

/// Passages embedded and stored in one step.
const PORTION: i64 = 64;

pub(super) async fn run(domain: &Domain, claim: &Claim, reporter: &mut Reporter<'_>) -> Result<Ending> {
    let space_id = spaces::current_space(domain).await?;
    let mut tx = domain.database.tenant(claim.tenant).await?;
    let source = job_queries::source(&mut tx, claim.source).await?.ok_or(Error::NotFound("source"))?;
    drop(tx);
    let mut tally = Tally::default();
    loop {
        let mut tx = domain.database.tenant(claim.tenant).await?;
        let portion = ingest_queries::unembedded_passages(&mut tx, claim.source, space_id, PORTION).await?;
        drop(tx);
        if portion.is_empty() {
            break;
        }
        let texts: Vec<String> = portion
            .iter()
            .map(|row| {
                chunks::Passage { heading_path: row.heading_path.clone(), text: row.text.clone() }.embedding_text()
            })
            .collect();
        let vectors = embed(domain, &texts).await?;
        let mut tx = domain.database.tenant(claim.tenant).await?;
        for (row, vector) in portion.iter().zip(&vectors) {
            ingest_queries::insert_vector_if_there(&mut tx, row.id, space_id, vector).await?;
        }
        tx.commit().await?;
        tally.embedded += i64::try_from(vectors.len()).unwrap_or(i64::MAX);
        if !reporter.report(&tally).await? {
            return Ok(Ending::NoLongerOurs);
        }
    }
    let mut tx = domain.database.tenant(claim.tenant).await?;
    spaces::activate_if_complete(&mut tx, DomainId::from(source.domain_id), space_id).await?;
    tx.commit().await?;
    Ok(Ending::Succeeded)
}
