//! A question is asked of somebody: "how do I undo it?" means one thing to a database and another to a shop. The vector
//! that is searched for leans from the bare question towards the same question with the tenant's name before it.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use moka::future::Cache;
use omniops_embedding::{EmbedError, Embedder};
use omniops_types::TenantId;

use super::queries;
use crate::{Domain, Result};

/// What the named question is worth beside the bare one; chosen on the development half of `bench/questions`.
const NAMED: f32 = 0.4;
/// How long a new name takes to be noticed.
const NAME_TTL: Duration = Duration::from_secs(300);

static NAMES: LazyLock<Cache<TenantId, Arc<str>>> =
    LazyLock::new(|| Cache::builder().max_capacity(10_000).time_to_live(NAME_TTL).build());

/// What the tenant calls itself.
pub(super) async fn name(domain: &Domain, tenant: TenantId) -> Result<Arc<str>> {
    if let Some(name) = NAMES.get(&tenant).await {
        return Ok(name);
    }
    let mut tx = domain.database.tenant(tenant).await?;
    let name: Arc<str> = queries::tenant_name(&mut tx).await?.into();
    NAMES.insert(tenant, Arc::clone(&name)).await;
    Ok(name)
}

/// The unit vector of a question that is asked of a site with this name.
pub(super) async fn vector_of(embedder: &dyn Embedder, name: &str, query: &str) -> Result<Vec<f32>, EmbedError> {
    let named = format!("{name}: {query}");
    let (bare, named) = futures::try_join!(embedder.embed_query(query), embedder.embed_query(&named))?;
    let mut vector: Vec<f32> = bare.iter().zip(&named).map(|(bare, named)| bare + NAMED * named).collect();
    let norm = vector.iter().map(|x| x * x).sum::<f32>().sqrt().max(f32::EPSILON);
    vector.iter_mut().for_each(|x| *x /= norm);
    Ok(vector)
}
