//! The widget's configuration: public to read, the tenant's to change.

use omniops_postgres::retrying;
use omniops_types::{DomainWidget, EventData, Permission, UpdateWidget, WidgetConfig};

use super::queries::{self, SettingsRow};
use super::settings::{checked, widget_config};
use super::sites::site;
use crate::accounts::RequestMeta;
use crate::customers::Language;
use crate::{Domain, Error, Principal, Result, audit};

pub use super::sites::RenderedConfig;

/// What the widget on this host shows, in the language that fits the locale.
pub async fn config(domain: &Domain, host: &str, locale: Option<&str>) -> Result<WidgetConfig> {
    Ok(rendered_config(domain, host, locale).await?.config)
}

/// The same, ready to send.
pub async fn rendered_config(domain: &Domain, host: &str, locale: Option<&str>) -> Result<RenderedConfig> {
    Ok(site(domain, host).await?.config(Language::of(locale)).clone())
}

/// What is set on one of the tenant's own domains, and what the widget makes of it.
pub async fn settings(domain: &Domain, principal: &Principal, host: &str) -> Result<DomainWidget> {
    principal.require(Permission::SettingsRead)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let row = queries::lock_settings(&mut tx, host).await?.ok_or(Error::NotFound("domain"))?;
    Ok(described(host, row))
}

/// Replaces the settings of a domain's widget. Every server process hears of it at once; the change is in the
/// audit log.
pub async fn update_config(
    domain: &Domain,
    principal: &Principal,
    update: UpdateWidget,
    meta: &RequestMeta,
) -> Result<DomainWidget> {
    principal.require(Permission::SettingsWrite)?;
    let UpdateWidget { domain: host, settings, version } = update;
    let update = UpdateWidget { domain: host, settings: checked(settings)?, version };
    let saved = retrying(|| update_once(domain, principal, &update, meta)).await?;
    domain.sites.forget(&update.domain).await;
    Ok(saved)
}

async fn update_once(
    domain: &Domain,
    principal: &Principal,
    update: &UpdateWidget,
    meta: &RequestMeta,
) -> Result<DomainWidget> {
    let host = update.domain.as_str();
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let before = queries::lock_settings(&mut tx, host).await?.ok_or(Error::NotFound("domain"))?;
    if update.version.is_some_and(|version| version != before.version.unwrap_or(1)) {
        return Err(Error::Conflict("the settings changed since you read them"));
    }
    let version = queries::save_settings(&mut tx, before.domain_id.into(), &update.settings).await?;
    let change = audit::Change {
        action: "widget.config_updated",
        target: host,
        before: before.settings.as_ref().map(|settings| serde_json::json!(settings.0)),
        after: Some(serde_json::json!(update.settings)),
    };
    audit::record_request(&mut tx, principal, meta, change).await?;
    tx.emit(None, EventData::WidgetConfigUpdated { domain: host.to_owned() });
    tx.commit().await?;
    let after =
        SettingsRow { settings: Some(sqlx::types::Json(update.settings.clone())), version: Some(version), ..before };
    Ok(described(host, after))
}

fn described(host: &str, row: SettingsRow) -> DomainWidget {
    let settings = row.settings.map(|settings| settings.0).unwrap_or_default();
    let version = row.version.unwrap_or(1);
    let config = widget_config(host, version, &settings, &row.tenant_name, Language::default());
    DomainWidget { domain: host.to_owned(), version, settings, config }
}
