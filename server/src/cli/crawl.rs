use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use omniops_domain::knowledge::{self, SourceOptions};
use omniops_domain::tenants::{self, DomainSummary, Host};
use omniops_domain::{Domain, Principal};
use omniops_types::{CrawlProgress, JobStatus, SourceKind};
use url::Url;

use super::{host, principal, with_domain};
use crate::config::Config;

/// Reads a site into a tenant's knowledge, to the end.
#[derive(Debug, Args)]
pub(super) struct Crawl {
    /// Slug or id
    #[arg(long)]
    tenant: String,
    /// The tenant's domain whose widget answers from the pages; the address's own host, or the only one, when left out
    #[arg(long, value_parser = host)]
    domain: Option<Host>,
    /// Only this page, not what it links to
    #[arg(long)]
    page: bool,
    /// The most pages to read
    #[arg(long)]
    max_pages: Option<u32>,
    /// Read only paths that match, such as /help/*; may be repeated
    #[arg(long)]
    include: Vec<String>,
    /// Leave out paths that match; may be repeated
    #[arg(long)]
    exclude: Vec<String>,
    /// Where to begin
    url: Url,
}

impl Crawl {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        with_domain(config, true, async |domain| {
            let principal = principal(domain, &self.tenant).await?;
            let target = self.target(domain, &principal).await?;
            let kind = if self.page { SourceKind::Page } else { SourceKind::Site };
            let source =
                knowledge::add_source(domain, &principal, target.id, kind, self.url.as_str(), self.options()).await?;
            let job = knowledge::start_own_crawl(domain, &principal, source).await?;
            let bar = progress_bar()?;
            let done = knowledge::crawl_now(domain, &principal, job, |progress| show(&bar, progress)).await;
            bar.finish_and_clear();
            let done = done?;
            for failure in knowledge::failures(domain, &principal, job).await? {
                eprintln!("not read: {}: {}", failure.url, failure.reason);
            }
            println!(
                "{}: {} pages read, {} new or changed, {} not read, {} passages embedded",
                done.status.as_str(),
                done.pages_fetched,
                done.pages_changed,
                done.pages_failed,
                done.chunks_embedded
            );
            match (done.status, done.error) {
                (JobStatus::Succeeded, _) => Ok(()),
                (_, Some(reason)) => anyhow::bail!("the crawl did not succeed: {reason}"),
                (_, None) => anyhow::bail!("the crawl did not succeed"),
            }
        })
        .await
    }

    fn options(&self) -> SourceOptions {
        let defaults = SourceOptions::default();
        SourceOptions {
            max_pages: self.max_pages.unwrap_or(defaults.max_pages),
            include: self.include.clone(),
            exclude: self.exclude.clone(),
            ..defaults
        }
    }

    async fn target(&self, domain: &Domain, principal: &Principal) -> anyhow::Result<DomainSummary> {
        let domains = tenants::domains(domain, principal).await?;
        let wanted = self.domain.clone().or_else(|| Host::of(&self.url));
        let named = domains.iter().find(|domain| wanted.as_ref().is_some_and(|host| domain.host == host.as_str()));
        match (named, domains.as_slice(), &self.domain) {
            (Some(named), _, _) => Ok(named.clone()),
            (None, [only], None) => Ok(only.clone()),
            (None, [], _) => anyhow::bail!(
                "the tenant has no domain; add one: omniops tenant add-domain --tenant {} shop.example",
                self.tenant
            ),
            (None, several, _) => {
                let hosts: Vec<&str> = several.iter().map(|domain| domain.host.as_str()).collect();
                anyhow::bail!("choose one of the tenant's domains with --domain: {}", hosts.join(", "))
            }
        }
    }
}

fn progress_bar() -> anyhow::Result<ProgressBar> {
    let style = ProgressStyle::with_template("{elapsed:>4} {bar:32} {pos}/{len} pages, {msg}")?;
    let bar = ProgressBar::new(1).with_style(style);
    bar.enable_steady_tick(Duration::from_millis(200));
    Ok(bar)
}

fn show(bar: &ProgressBar, progress: &CrawlProgress) {
    bar.set_length(u64::try_from(progress.pages_found).unwrap_or_default().max(1));
    bar.set_position(u64::try_from(progress.pages_fetched + progress.pages_failed).unwrap_or_default());
    bar.set_message(format!("{} changed, {} passages embedded", progress.pages_changed, progress.chunks_embedded));
}
