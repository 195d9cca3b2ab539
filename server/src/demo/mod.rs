//! `serve --demo`: the demo store at `/demo`, and a tenant whose widget runs on it.
//!
//! Everything takes the real way: the store's pages are fetched over HTTP from the server that has just begun to listen,
//! and the past conversations are held through the services.

mod credentials;
mod site;

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use axum::Router;
use omniops_domain::demo::{DemoAccess, DemoTenant};
use omniops_domain::tenants::{Host, Origin};
use omniops_domain::{Domain, Principal, demo, knowledge};
use omniops_types::{CrawlProgress, JobId, JobStatus, SourceKind};
use secrecy::ExposeSecret;
use url::Url;

use crate::config::Config;

/// What the demo needs to know before the server listens.
#[derive(Debug)]
pub struct Demo {
    public_url: String,
    host: Host,
    origins: Vec<Origin>,
    access: DemoAccess,
}

impl Demo {
    /// Refuses an address that others can reach, unless `anywhere` is set: the demo's password is printed.
    pub fn new(config: &Config, domain: &Domain, addr: SocketAddr, anywhere: bool) -> anyhow::Result<Self> {
        if !addr.ip().is_loopback() && !anywhere {
            bail!(
                "--demo listens on loopback only, and {addr} can be reached by others; set OMNIOPS_ADDR=127.0.0.1:{} \
                 or add --demo-anywhere",
                addr.port()
            );
        }
        let public_url = domain.settings.public_url.clone();
        let url = Url::parse(&public_url).context("the public address cannot be read")?;
        let host = Host::of(&url).context("the public address has no host")?;
        // The same server under its other name.
        let origins = [format!("http://localhost:{}", addr.port()), format!("http://127.0.0.1:{}", addr.port())];
        let origins = origins.iter().map(|origin| origin.parse()).collect::<Result<Vec<Origin>, _>>()?;
        Ok(Self { public_url, host, origins, access: credentials::load_or_make(config)? })
    }

    /// The store's pages.
    pub fn routes(&self) -> Router {
        site::routes(self.host.as_str().to_owned())
    }

    /// Makes the tenant, crawls the store and plays the past. The server has to listen already. Whatever is there is
    /// kept, so that a second start takes about a second.
    pub async fn prepare(&self, domain: &Domain) -> anyhow::Result<()> {
        let tenant = demo::ensure(domain, &self.host, &self.origins, &self.access).await?;
        self.crawl(domain, &tenant).await?;
        let made = demo::play(domain, &tenant, |done, all| {
            tracing::debug!(done, all, "playing the demo's past");
        })
        .await?;
        if made > 0 {
            println!("demo: held {made} conversations of the last thirty days");
        }
        Ok(())
    }

    async fn crawl(&self, domain: &Domain, tenant: &DemoTenant) -> anyhow::Result<()> {
        let start = format!("{}/demo/", self.public_url);
        let options =
            knowledge::SourceOptions { include: vec!["/demo/*".to_owned()], ..knowledge::SourceOptions::default() };
        let principal = &tenant.principal;
        let source =
            knowledge::add_source(domain, principal, tenant.domain_id, SourceKind::Site, &start, options).await?;
        let job = knowledge::start_own_crawl(domain, principal, source).await?;
        // The worker of this process may have been quicker; then there is only its end to wait for.
        let done = match knowledge::crawl_now(domain, principal, job, |_| {}).await {
            Err(omniops_domain::Error::Conflict(_)) => finished(domain, principal, job).await?,
            outcome => outcome?,
        };
        ensure!(
            done.status == JobStatus::Succeeded,
            "the demo store could not be crawled: {}",
            done.error.unwrap_or_else(|| format!("{} pages failed", done.pages_failed))
        );
        if done.pages_changed > 0 {
            println!("demo: read {} pages of the store, {} passages", done.pages_fetched, done.chunks_embedded);
        }
        Ok(())
    }

    /// Where to go and how to log in, for the terminal.
    pub fn invitation(&self) -> String {
        format!(
            "\n  store      {url}/demo/\n  dashboard  {url}/login\n  log in as  {email}\n  password   {password}\n",
            url = self.public_url,
            email = self.access.owner_email,
            password = self.access.password.expose_secret(),
        )
    }
}

/// Waits until a crawl that somebody else does has ended.
async fn finished(domain: &Domain, principal: &Principal, job: JobId) -> anyhow::Result<CrawlProgress> {
    loop {
        let progress = knowledge::progress(domain, principal, job).await?;
        match progress.status {
            JobStatus::Queued | JobStatus::Running => tokio::time::sleep(Duration::from_millis(200)).await,
            JobStatus::Succeeded | JobStatus::Failed | JobStatus::Cancelled => return Ok(progress),
        }
    }
}
