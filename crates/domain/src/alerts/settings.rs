//! From where on something is an alert, as the tenant sets it.

use omniops_postgres::retrying;
use omniops_types::{AlertConfig, AlertSettings, FieldErrors, Permission, UpdateAlerts};
use serde_json::json;

use super::queries;
use crate::accounts::RequestMeta;
use crate::{Domain, Error, Principal, Result, audit};

/// Turns or searches that may have to be there: more would take a large shop's day.
const MOST_NEEDED: i64 = 100_000;

/// What is set.
pub async fn config(domain: &Domain, principal: &Principal) -> Result<AlertConfig> {
    principal.require(Permission::SettingsRead)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let (settings, version) = queries::settings(&mut tx).await?.unwrap_or_else(|| (AlertSettings::default(), 1));
    tx.commit().await?;
    Ok(AlertConfig { settings, version })
}

/// Replaces what is set; the next check goes by it. The change is in the audit log.
pub async fn update_config(
    domain: &Domain,
    principal: &Principal,
    update: UpdateAlerts,
    meta: &RequestMeta,
) -> Result<AlertConfig> {
    principal.require(Permission::SettingsWrite)?;
    check(&update.settings)?;
    retrying(|| update_once(domain, principal, update, meta)).await
}

async fn update_once(
    domain: &Domain,
    principal: &Principal,
    UpdateAlerts { settings, version }: UpdateAlerts,
    meta: &RequestMeta,
) -> Result<AlertConfig> {
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let (before, current) = queries::lock_settings(&mut tx, &AlertSettings::default()).await?;
    if version.is_some_and(|read| read != current) {
        return Err(Error::Conflict("the settings changed since you read them"));
    }
    let version = queries::save_settings(&mut tx, &settings).await?;
    let change = audit::Change {
        action: "alerts.settings_updated",
        target: "alerts",
        before: Some(json!(before)),
        after: Some(json!(settings)),
    };
    audit::record_request(&mut tx, principal, meta, change).await?;
    tx.commit().await?;
    Ok(AlertConfig { settings, version })
}

fn check(settings: &AlertSettings) -> Result<()> {
    let AlertSettings { error_percent, fewest_turns, zero_results_percent, fewest_searches } = *settings;
    let mut errors = FieldErrors::new();
    for (field, percent) in [("error_percent", error_percent), ("zero_results_percent", zero_results_percent)] {
        if !(0.1..=100.0).contains(&percent) {
            errors.insert(field.to_owned(), "must be 0.1 to 100".to_owned());
        }
    }
    for (field, fewest) in [("fewest_turns", fewest_turns), ("fewest_searches", fewest_searches)] {
        if !(1..=MOST_NEEDED).contains(&fewest) {
            errors.insert(field.to_owned(), "must be 1 to 100,000".to_owned());
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::InvalidFields(errors)) }
}
