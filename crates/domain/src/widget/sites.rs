//! The sites that this process knows: domain, tenant and configuration by host, kept until something changes.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use moka::future::Cache;
use omniops_postgres::{HubItem, Subscription};
use omniops_types::{DomainId, EventData, TenantId, WidgetConfig, WidgetSettings};
use sha2::{Digest, Sha256};

use super::queries::{self, SiteRow};
use super::settings::widget_config;
use crate::customers::Language;
use crate::tenants::Host;
use crate::{Domain, Error, Result};

const MOST_SITES: u64 = 10_000;
/// Hosts without a widget that are remembered, apart from the sites: made-up ones never push a site out.
const MOST_UNKNOWN: u64 = 10_000;
/// How long a change that no event tells about, such as another allowed origin, may stay unseen.
const LONGEST_AGE: Duration = Duration::from_secs(30);
/// How long a domain that another process has just added may stay unknown here.
const UNKNOWN_FOR: Duration = Duration::from_secs(10);

/// A domain on which a widget runs.
#[derive(Clone, Debug)]
pub struct Site {
    pub tenant_id: TenantId,
    pub domain_id: DomainId,
    pub host: String,
    /// Where the widget may stand: the host itself, and what the tenant allowed beside it.
    pub origins: Vec<String>,
    pub settings: WidgetSettings,
    english: RenderedConfig,
    german: RenderedConfig,
}

/// A configuration ready to send.
#[derive(Clone, Debug)]
pub struct RenderedConfig {
    pub config: WidgetConfig,
    /// The same as JSON.
    pub json: Bytes,
    /// Strong, with its quotes: changes whenever the JSON does.
    pub etag: String,
}

impl Site {
    /// The configuration for a visitor of this language.
    pub fn config(&self, language: Language) -> &RenderedConfig {
        match language {
            Language::English => &self.english,
            Language::German => &self.german,
        }
    }

    fn from_row(row: SiteRow) -> Result<Self> {
        let settings = row.settings.map(|settings| settings.0).unwrap_or_default();
        let version = row.version.unwrap_or(1);
        let render = |language| rendered(widget_config(&row.host, version, &settings, &row.tenant_name, language));
        Ok(Self {
            tenant_id: TenantId(row.tenant_id),
            domain_id: DomainId(row.domain_id),
            english: render(Language::English)?,
            german: render(Language::German)?,
            origins: origins_of(&row.host, row.allowed_origins),
            host: row.host,
            settings,
        })
    }
}

/// The host may be served with or without encryption: a shop on a developer's machine has none.
fn origins_of(host: &str, allowed: Vec<String>) -> Vec<String> {
    ["https", "http"].map(|scheme| format!("{scheme}://{host}")).into_iter().chain(allowed).collect()
}

fn rendered(config: WidgetConfig) -> Result<RenderedConfig> {
    let json = serde_json::to_vec(&config).map_err(Error::internal)?;
    let digest: String = Sha256::digest(&json).iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    Ok(RenderedConfig { config, json: Bytes::from(json), etag: format!("\"{digest}\"") })
}

/// The cache. Each tenant in it is watched, so that a change made by any server process is seen at once.
#[derive(Clone)]
pub struct Sites {
    by_host: Cache<String, Arc<Site>>,
    unknown: Cache<String, ()>,
    watched: Arc<Mutex<HashSet<TenantId>>>,
    /// Goes up with every change, so that what was read before a change is not kept after it.
    changes: Arc<AtomicU64>,
}

impl Default for Sites {
    fn default() -> Self {
        Self {
            by_host: Cache::builder().max_capacity(MOST_SITES).time_to_live(LONGEST_AGE).build(),
            unknown: Cache::builder().max_capacity(MOST_UNKNOWN).time_to_live(UNKNOWN_FOR).build(),
            watched: Arc::default(),
            changes: Arc::default(),
        }
    }
}

impl std::fmt::Debug for Sites {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sites").field("cached", &self.by_host.entry_count()).finish_non_exhaustive()
    }
}

impl Sites {
    /// Looks again when this host is asked for next. `host` as the database has it.
    pub(crate) async fn forget(&self, host: &str) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.by_host.invalidate(host).await;
        self.unknown.invalidate(host).await;
    }

    /// Marks the tenant as watched; false if it was already.
    fn claim_watch(&self, tenant: TenantId) -> bool {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).insert(tenant)
    }

    fn release_watch(&self, tenant: TenantId) {
        self.changes.fetch_add(1, Ordering::SeqCst);
        self.by_host.invalidate_all();
        self.watched.lock().unwrap_or_else(PoisonError::into_inner).remove(&tenant);
    }

    async fn watch(self, tenant: TenantId, mut subscription: Subscription) {
        while let Some(item) = subscription.next().await {
            if let HubItem::Event(event) = item
                && let EventData::WidgetConfigUpdated { domain } = &event.data
            {
                self.forget(domain).await;
            }
        }
        self.release_watch(tenant);
    }
}

/// Whether this process can tell about the host without asking the database.
pub fn is_remembered(domain: &Domain, host: &Host) -> bool {
    domain.sites.by_host.contains_key(host.as_str()) || domain.sites.unknown.contains_key(host.as_str())
}

/// As [`site_of`]; the host is taken as a person may write it.
pub async fn site(domain: &Domain, host: &str) -> Result<Arc<Site>> {
    let host = host.parse::<Host>().map_err(|_| Error::UnknownDomain)?;
    site_of(domain, &host).await
}

/// The site with this host, or `unknown_domain`.
pub async fn site_of(domain: &Domain, host: &Host) -> Result<Arc<Site>> {
    if let Some(site) = domain.sites.by_host.get(host.as_str()).await {
        return Ok(site);
    }
    if domain.sites.unknown.contains_key(host.as_str()) {
        return Err(Error::UnknownDomain);
    }
    // Boxed, so that a request whose site is remembered does not carry the room that a query takes.
    Box::pin(find(domain, host)).await
}

/// Asks the database, and remembers what it says.
async fn find(domain: &Domain, host: &Host) -> Result<Arc<Site>> {
    loop {
        let changes = domain.sites.changes.load(Ordering::SeqCst);
        let Some(site) = load(domain, host).await? else {
            domain.sites.unknown.insert(host.to_string(), ()).await;
            return Err(Error::UnknownDomain);
        };
        if domain.sites.claim_watch(site.tenant_id) {
            start_watching(domain, site.tenant_id).await?;
            continue;
        }
        let site = Arc::new(site);
        if domain.sites.changes.load(Ordering::SeqCst) == changes {
            domain.sites.by_host.insert(host.to_string(), site.clone()).await;
            if domain.sites.changes.load(Ordering::SeqCst) != changes {
                domain.sites.by_host.invalidate(host.as_str()).await;
            }
        }
        return Ok(site);
    }
}

async fn load(domain: &Domain, host: &Host) -> Result<Option<Site>> {
    let mut tx = domain.database.system("find the tenant of a widget's host").await?;
    let row = queries::find_site(&mut tx, host.as_str()).await?;
    tx.commit().await?;
    row.map(Site::from_row).transpose()
}

async fn start_watching(domain: &Domain, tenant: TenantId) -> Result<()> {
    let only_changes = Box::new(
        |item: &HubItem| matches!(item, HubItem::Event(event) if matches!(event.data, EventData::WidgetConfigUpdated { .. })),
    );
    match domain.database.hub().subscribe_filtered(tenant, None, only_changes).await {
        Ok(subscription) => {
            tokio::spawn(domain.sites.clone().watch(tenant, subscription));
            Ok(())
        }
        Err(error) => {
            domain.sites.release_watch(tenant);
            Err(error.into())
        }
    }
}
