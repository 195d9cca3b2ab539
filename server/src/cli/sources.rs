use clap::{Args, Subcommand};
use omniops_domain::knowledge::{self, SourceSummary};
use omniops_types::CrawlProgress;

use super::{principal, with_domain};
use crate::config::Config;

/// Lists what a tenant's AI answers from, and how each source was read last.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct Sources {
    /// Slug or id
    #[arg(long, required = true)]
    tenant: Option<String>,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Take a source away, with all that was read from it
    Remove(Remove),
}

#[derive(Debug, Args)]
struct Remove {
    /// Slug or id
    #[arg(long)]
    tenant: String,
    /// Its id or its address, as `omniops sources` lists them
    source: String,
}

impl Sources {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        if let Some(Action::Remove(remove)) = self.action {
            return remove.run(config).await;
        }
        let tenant = self.tenant.unwrap_or_default();
        with_domain(config, false, async |domain| {
            let principal = principal(domain, &tenant).await?;
            for source in knowledge::sources(domain, &principal).await? {
                println!("{}", line(&source));
            }
            Ok(())
        })
        .await
    }
}

impl Remove {
    async fn run(self, config: &Config) -> anyhow::Result<()> {
        with_domain(config, false, async |domain| {
            let principal = principal(domain, &self.tenant).await?;
            let source = knowledge::find_source(domain, &principal, &self.source).await?;
            let pages = knowledge::remove_source(domain, &principal, source.id).await?;
            println!("{} is removed, and {pages} pages with it", source.url);
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

/// Host, kind, address, the newest crawl and the id; a failure with its code and its reason.
fn line(source: &SourceSummary) -> String {
    let SourceSummary { id, kind, url, host, last_crawl } = source;
    let state = last_crawl.as_ref().map_or_else(|| "never crawled".to_owned(), state);
    format!("{host}\t{}\t{url}\t{state}\t{id}", kind.as_str())
}
