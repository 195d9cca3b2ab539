use clap::Args;
use omniops_domain::knowledge::{self, SourceSummary};
use omniops_types::CrawlProgress;

use super::{principal, with_domain};
use crate::config::Config;

/// Lists what a tenant's AI answers from, and how each source was read last.
#[derive(Debug, Args)]
pub(super) struct Sources {
    /// Slug or id
    #[arg(long)]
    tenant: String,
}

impl Sources {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        with_domain(config, false, async |domain| {
            let principal = principal(domain, &self.tenant).await?;
            for source in knowledge::sources(domain, &principal).await? {
                println!("{}", line(&source));
            }
            Ok(())
        })
        .await
    }
}

fn state(crawl: &CrawlProgress) -> String {
    let status = crawl.status.as_str();
    match (crawl.error_code, &crawl.error) {
        (Some(code), Some(reason)) => format!("{status} ({}): {reason}", code.as_str()),
        (None, Some(reason)) => format!("{status}: {reason}"),
        (_, None) => format!("{status}: {} pages read", crawl.pages_fetched),
    }
}

/// Host, kind, address and the newest crawl; a failure with its code and its reason.
fn line(source: &SourceSummary) -> String {
    let SourceSummary { kind, url, host, last_crawl, .. } = source;
    let state = last_crawl.as_ref().map_or_else(|| "never crawled".to_owned(), state);
    format!("{host}\t{}\t{url}\t{state}", kind.as_str())
}
