use clap::Subcommand;
use omniops_domain::{telemetry, tenants};

use super::with_domain;
use crate::config::Config;

/// The figures of the telemetry page.
#[derive(Debug, Subcommand)]
pub(super) enum TelemetryCommand {
    /// Count a tenant's telemetry anew from its turns
    ///
    /// Changes nothing where the figures are right. Safe while the server runs.
    Rebuild {
        /// Slug or id
        #[arg(long)]
        tenant: String,
    },
}

impl TelemetryCommand {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let Self::Rebuild { tenant } = self;
        with_domain(config, false, async |domain| {
            let tenant = tenants::find(domain, &tenant).await?;
            let quarters = telemetry::rebuild(domain, tenant.id).await?;
            println!("{}: {quarters} quarters of an hour counted anew", tenant.slug);
            Ok(())
        })
        .await
    }
}
