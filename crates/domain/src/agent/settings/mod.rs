//! What a tenant sets about its agent: read, change, and put to use.

mod checked;
mod queries;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use omniops_postgres::{TenantTx, retrying};
use omniops_types::{AgentConfig, AgentSettings, Permission, UpdateAgent};
use secrecy::SecretString;
use serde_json::json;

use super::model::Plan;
use crate::accounts::RequestMeta;
use crate::{Domain, Error, Principal, Result, audit, secrets};

const API_KEY: &str = "llm.api_key";
const TOOL_PREFIX: &str = "llm.tool.";
/// The longest key or secret, in characters.
const MAX_SECRET: usize = 500;

/// What is set, without secrets, and who answers because of it.
pub async fn agent_config(domain: &Domain, principal: &Principal) -> Result<AgentConfig> {
    principal.require(Permission::SettingsRead)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let (settings, version) = queries::settings(&mut tx).await?.unwrap_or_else(|| (AgentSettings::default(), 1));
    described(domain, &mut tx, settings, version).await
}

/// Replaces the settings, and the secrets that were given. The change is in the audit log, without secrets.
pub async fn update_agent(
    domain: &Domain,
    principal: &Principal,
    update: UpdateAgent,
    meta: &RequestMeta,
) -> Result<AgentConfig> {
    principal.require(Permission::SettingsWrite)?;
    let UpdateAgent { settings, api_key, tool_secrets, version } = update;
    let settings = checked::checked(settings, &domain.settings)?;
    for (field, secret) in
        api_key.iter().map(|key| ("api_key", key)).chain(tool_secrets.values().map(|secret| ("tool_secrets", secret)))
    {
        if secret.chars().count() > MAX_SECRET || secret.chars().any(char::is_control) {
            return Err(Error::field(field, "at most 500 characters, without line breaks"));
        }
    }
    if let Some(unknown) = tool_secrets.keys().find(|name| settings.tools.http.iter().all(|tool| tool.name != **name)) {
        return Err(Error::field("tool_secrets", &format!("there is no tool {unknown}")));
    }
    let update = UpdateAgent { settings, api_key, tool_secrets, version };
    retrying(|| update_once(domain, principal, &update, meta)).await
}

async fn update_once(
    domain: &Domain,
    principal: &Principal,
    update: &UpdateAgent,
    meta: &RequestMeta,
) -> Result<AgentConfig> {
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let (before, version) = queries::lock_settings(&mut tx, &AgentSettings::default()).await?;
    if update.version.is_some_and(|read| read != version) {
        return Err(Error::Conflict("the settings changed since you read them"));
    }
    refuse_stolen_key(&mut tx, update, &before).await?;
    let version = queries::save_settings(&mut tx, &update.settings).await?;
    if let Some(key) = &update.api_key {
        put_or_remove(domain, &mut tx, API_KEY, key).await?;
    }
    for (tool, secret) in &update.tool_secrets {
        put_or_remove(domain, &mut tx, &format!("{TOOL_PREFIX}{tool}"), secret).await?;
    }
    for gone in
        before.tools.http.iter().filter(|tool| update.settings.tools.http.iter().all(|new| new.name != tool.name))
    {
        secrets::remove(&mut tx, &format!("{TOOL_PREFIX}{}", gone.name)).await?;
    }
    let changed_secrets: Vec<&str> =
        update.api_key.iter().map(|_| "api_key").chain(update.tool_secrets.keys().map(String::as_str)).collect();
    let change = audit::Change {
        action: "agent.settings_updated",
        target: "agent",
        before: Some(json!(before)),
        after: Some(json!({ "settings": update.settings, "changed_secrets": changed_secrets })),
    };
    audit::record_request(&mut tx, principal, meta, change).await?;
    let config = described(domain, &mut tx, update.settings.clone(), version).await?;
    tx.commit().await?;
    Ok(config)
}

/// A kept secret goes to the address for which it was given. Who may change the address but never saw the secret must not
/// have it sent to a place of their own.
async fn refuse_stolen_key(tx: &mut TenantTx, update: &UpdateAgent, before: &AgentSettings) -> Result<()> {
    let moved = update.settings.model.base_url != before.model.base_url;
    if moved && update.api_key.is_none() && secrets::exists(tx, API_KEY).await? {
        return Err(Error::field("api_key", "enter the key again: it is only sent to the address it was given for"));
    }
    for tool in &update.settings.tools.http {
        let name = &tool.name;
        let moved = before
            .tools
            .http
            .iter()
            .any(|old| old.name == *name && (old.url != tool.url || old.secret_header != tool.secret_header));
        let kept = moved && !update.tool_secrets.contains_key(name);
        if kept && secrets::exists(tx, &format!("{TOOL_PREFIX}{name}")).await? {
            return Err(Error::field(
                "tool_secrets",
                &format!("enter the secret of {name} again: its address changed"),
            ));
        }
    }
    Ok(())
}

async fn put_or_remove(domain: &Domain, tx: &mut TenantTx, name: &str, secret: &str) -> Result<()> {
    let secret = secret.trim();
    if secret.is_empty() {
        secrets::remove(tx, name).await?;
        Ok(())
    } else {
        secrets::put(domain, tx, name, &SecretString::from(secret)).await
    }
}

async fn described(domain: &Domain, tx: &mut TenantTx, settings: AgentSettings, version: i64) -> Result<AgentConfig> {
    let key = secrets::summary(tx, API_KEY).await?;
    // Who answers depends on whether there is a key, not on which.
    let stand_in = key.as_ref().map(|_| SecretString::from("kept"));
    let in_force = domain.models.in_force(&settings, stand_in.as_ref(), &domain.settings.prices);
    let tool_secrets = secrets::summaries(tx, TOOL_PREFIX).await?;
    Ok(AgentConfig {
        settings,
        version,
        api_key_hint: key.map(|key| key.hint.unwrap_or_default()),
        tool_secrets: tool_secrets
            .into_iter()
            .filter_map(|secret| secret.name.strip_prefix(TOOL_PREFIX).map(str::to_owned))
            .collect(),
        in_force,
    })
}

/// What a turn needs of the settings.
#[derive(Clone, Debug)]
pub(crate) struct InForce {
    pub(crate) settings: Arc<AgentSettings>,
    /// `None`: answers are quoted.
    pub(crate) plan: Option<Plan>,
    /// By tool.
    pub(crate) tool_secrets: Arc<HashMap<String, SecretString>>,
}

/// Reads the settings with their secrets for a turn.
pub(crate) async fn in_force(domain: &Domain, tx: &mut TenantTx) -> Result<InForce> {
    let settings = queries::settings(tx).await?.map(|(settings, _)| settings);
    let kept = settings.is_some();
    let settings = Arc::new(settings.unwrap_or_default());
    // Who never saved settings has no secrets: most turns read one row.
    let key = if kept { secrets::get(domain, tx, API_KEY).await? } else { None };
    let mut tool_secrets = HashMap::new();
    for tool in settings.tools.http.iter().filter(|tool| tool.secret_header.is_some()) {
        if let Some(secret) = secrets::get(domain, tx, &format!("{TOOL_PREFIX}{}", tool.name)).await? {
            tool_secrets.insert(tool.name.clone(), secret);
        }
    }
    let plan = domain.models.plan(settings.clone(), key.as_ref())?;
    Ok(InForce { settings, plan, tool_secrets: Arc::new(tool_secrets) })
}

/// Settings that were not saved, for a preview: checked, with the secrets that are kept.
pub(crate) async fn in_force_with(domain: &Domain, tx: &mut TenantTx, settings: AgentSettings) -> Result<InForce> {
    let settings = checked::checked(settings, &domain.settings)?;
    let saved = queries::settings(tx).await?.map(|(settings, _)| settings).unwrap_or_default();
    let unchanged = UpdateAgent { settings, api_key: None, tool_secrets: BTreeMap::new(), version: None };
    refuse_stolen_key(tx, &unchanged, &saved).await?;
    let settings = Arc::new(unchanged.settings);
    let key = secrets::get(domain, tx, API_KEY).await?;
    let mut tool_secrets = HashMap::new();
    for tool in settings.tools.http.iter().filter(|tool| tool.secret_header.is_some()) {
        if let Some(secret) = secrets::get(domain, tx, &format!("{TOOL_PREFIX}{}", tool.name)).await? {
            tool_secrets.insert(tool.name.clone(), secret);
        }
    }
    let plan = domain.models.plan(settings.clone(), key.as_ref())?;
    Ok(InForce { settings, plan, tool_secrets: Arc::new(tool_secrets) })
}
