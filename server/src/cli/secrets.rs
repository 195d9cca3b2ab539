use anyhow::Context;
use clap::Subcommand;
use omniops_domain::secrets;

use super::with_domain;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum SecretsCommand {
    /// Put the tenants' keys under a new master key: the first of OMNIOPS_MASTER_KEY, with the old one behind a comma
    Rotate,
}

impl SecretsCommand {
    pub(super) async fn run(self, config: &Config) -> anyhow::Result<()> {
        let Self::Rotate = self;
        with_domain(config, false, async |domain| {
            let key = domain.vault.wrapping_key().context(
                "there is no master key to rotate to: set OMNIOPS_MASTER_KEY to the new one and the old one, with a comma \
                 between them",
            )?;
            let rotation = secrets::rotate(domain).await?;
            println!("{} tenants' keys are now under master key {key} and were not before", rotation.rewrapped);
            if rotation.unreadable.is_empty() {
                return Ok(());
            }
            let tenants: Vec<String> = rotation.unreadable.iter().map(ToString::to_string).collect();
            anyhow::bail!(
                "the keys of {} tenants are under a master key that is not set, so their secrets cannot be read: {}",
                tenants.len(),
                tenants.join(", ")
            )
        })
        .await
    }
}
