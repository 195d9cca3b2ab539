use chrono::Utc;
use omniops_types::{ApiKeyId, Permission, Scope, Timestamp};
use serde_json::json;
use uuid::Uuid;

use super::queries::{self, ApiKeyRow, NewApiKeyRow};
use super::token;
use crate::{Actor, Domain, Error, Principal, Result, audit};

/// What every key begins with, so that scanners for leaked secrets find them.
const PREFIX: &str = "ok_live_";
/// Characters shown of a key to recognise it by: the prefix and six more.
const SHOWN: usize = PREFIX.len() + 6;

/// A key to be.
#[derive(Clone, Debug)]
pub struct NewApiKey {
    /// What it is for: 1 to 120 characters.
    pub name: String,
    /// At least one.
    pub scopes: Vec<Scope>,
    pub expires_at: Option<Timestamp>,
}

/// A new key, shown this once.
#[derive(Clone)]
pub struct IssuedApiKey {
    pub id: ApiKeyId,
    /// `ok_live_` and 256 random bits. The database keeps only its hash.
    pub key: String,
}

impl std::fmt::Debug for IssuedApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuedApiKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// A key as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKeySummary {
    pub id: ApiKeyId,
    pub name: String,
    /// The key's first characters.
    pub prefix: String,
    pub scopes: Vec<Scope>,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// Makes a key for the tenant. Nobody gives a key more than they may do themselves.
pub async fn create_api_key(domain: &Domain, principal: &Principal, new: NewApiKey) -> Result<IssuedApiKey> {
    principal.require(Permission::TeamManage)?;
    let NewApiKey { name, scopes, expires_at } = new;
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 120 {
        return Err(Error::field("name", "must be 1 to 120 characters"));
    }
    if scopes.is_empty() {
        return Err(Error::field("scopes", "must name at least one"));
    }
    if expires_at.is_some_and(|expires_at| expires_at <= Utc::now()) {
        return Err(Error::field("expires_at", "must be in the future"));
    }
    scopes.iter().try_for_each(|scope| principal.require(*scope))?;

    let id = ApiKeyId(Uuid::now_v7());
    let key = format!("{PREFIX}{}", token::generate()?);
    let scopes: Vec<String> = scopes.iter().map(|scope| scope.as_str().to_owned()).collect();
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    queries::insert_api_key(
        &mut tx,
        NewApiKeyRow {
            id: id.uuid(),
            name: &name,
            prefix: key.get(..SHOWN).unwrap_or(PREFIX),
            key_hash: token::hash(&key),
            scopes: &scopes,
            created_by: principal.user_id().map(omniops_types::UserId::uuid),
            expires_at,
        },
    )
    .await?;
    let change = audit::Change {
        action: "api_key.created",
        target: &id.to_string(),
        before: None,
        after: Some(json!({ "name": name, "scopes": scopes, "expires_at": expires_at })),
    };
    audit::record(&mut tx, principal, change).await?;
    tx.commit().await?;
    Ok(IssuedApiKey { id, key })
}

/// The tenant's keys, newest first, revoked ones included.
pub async fn list_api_keys(domain: &Domain, principal: &Principal) -> Result<Vec<ApiKeySummary>> {
    principal.require(Permission::TeamManage)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let rows = queries::api_keys(&mut tx).await?;
    rows.into_iter().map(summary).collect()
}

/// Ends a key at once. Revoking one that is revoked changes nothing.
pub async fn revoke_api_key(domain: &Domain, principal: &Principal, id: ApiKeyId) -> Result<()> {
    principal.require(Permission::TeamManage)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let revoked = queries::revoke_api_key(&mut tx, id).await?.ok_or(Error::NotFound("API key"))?;
    if revoked {
        let change = audit::Change {
            action: "api_key.revoked",
            target: &id.to_string(),
            before: Some(json!({ "revoked": false })),
            after: Some(json!({ "revoked": true })),
        };
        audit::record(&mut tx, principal, change).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Whose key this is. `unauthenticated` for one that is unknown, expired or revoked.
pub async fn authenticate_api_key(domain: &Domain, key: &str) -> Result<Principal> {
    if !key.starts_with(PREFIX) {
        return Err(Error::Unauthenticated);
    }
    let hash = token::hash(key);
    let mut tx = domain.database.system("authenticate an API key").await?;
    let row = queries::live_api_key(&mut tx, &hash).await?.ok_or(Error::Unauthenticated)?;
    if row.used_long_ago {
        queries::touch_api_key(&mut tx, &hash).await?;
    }
    tx.commit().await?;
    Ok(Principal {
        tenant_id: row.tenant_id.into(),
        actor: Actor::ApiKey { id: row.id.into(), scopes: scopes(&row.scopes)? },
    })
}

fn summary(row: ApiKeyRow) -> Result<ApiKeySummary> {
    Ok(ApiKeySummary {
        id: row.id.into(),
        name: row.name,
        prefix: row.prefix,
        scopes: scopes(&row.scopes)?,
        created_at: row.created_at,
        last_used_at: row.last_used_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
    })
}

fn scopes(texts: &[String]) -> Result<Vec<Scope>> {
    let parse = |text: &String| {
        Scope::parse(text).ok_or_else(|| Error::internal(format!("unknown scope {text:?} in the database")))
    };
    texts.iter().map(parse).collect()
}
