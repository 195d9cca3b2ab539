use omniops_types::{DomainId, Permission, TenantId};
use serde_json::json;
use uuid::Uuid;

use super::queries::{self, TenantRow};
use super::{Host, Origin};
use crate::{Actor, Domain, Error, Principal, Result, audit};

/// A tenant to be. Made on the command line and by the demo; nobody is signed in to it yet.
#[derive(Clone, Debug)]
pub struct NewTenant {
    /// 1 to 63 of `a-z 0-9 -`, not starting, ending or doubling the dash.
    pub slug: String,
    /// 1 to 120 characters.
    pub name: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantSummary {
    pub id: TenantId,
    pub slug: String,
    pub name: String,
}

/// A domain of a tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainSummary {
    pub id: DomainId,
    pub host: String,
    /// Origins beside the domain's own that may embed the widget.
    pub allowed_origins: Vec<String>,
}

impl From<TenantRow> for TenantSummary {
    fn from(row: TenantRow) -> Self {
        Self { id: row.id.into(), slug: row.slug, name: row.name }
    }
}

/// Makes a tenant. `by` is the command line or the platform: whoever calls this is trusted with all tenants.
pub async fn create(domain: &Domain, by: Actor, new: NewTenant) -> Result<TenantSummary> {
    let NewTenant { slug, name } = new;
    let name = name.trim().to_owned();
    check_slug(&slug)?;
    if name.is_empty() || name.chars().count() > 120 {
        return Err(Error::field("name", "must be 1 to 120 characters"));
    }
    let id = TenantId(Uuid::now_v7());
    let principal = Principal { tenant_id: id, actor: by };
    let mut tx = domain.database.system("create a tenant").await?;
    queries::insert_tenant(&mut tx, id, &slug, &name).await.map_err(|error| {
        if error.is_unique_violation() {
            Error::Conflict("a tenant with this slug exists already")
        } else {
            error.into()
        }
    })?;
    let change = audit::Change {
        action: "tenant.created",
        target: &slug,
        before: None,
        after: Some(json!({ "slug": slug, "name": name })),
    };
    audit::record_system(&mut tx, id, &principal, change).await?;
    tx.commit().await?;
    Ok(TenantSummary { id, slug, name })
}

/// The tenant with this slug or id, for the command line.
pub async fn find(domain: &Domain, slug_or_id: &str) -> Result<TenantSummary> {
    let mut tx = domain.database.system("find a tenant for the command line").await?;
    let row = match slug_or_id.parse::<Uuid>() {
        Ok(id) => queries::tenant_by_id(&mut tx, id).await?,
        Err(_) => queries::tenant_by_slug(&mut tx, slug_or_id).await?,
    };
    tx.commit().await?;
    row.map(Into::into).ok_or(Error::NotFound("tenant"))
}

/// Gives the tenant a domain. A host belongs to one tenant: the widget knows nothing but its host.
pub async fn add_domain(
    domain: &Domain,
    principal: &Principal,
    host: &Host,
    allowed_origins: &[Origin],
) -> Result<DomainSummary> {
    principal.require(Permission::SettingsWrite)?;
    let id = DomainId(Uuid::now_v7());
    let allowed_origins: Vec<String> = allowed_origins.iter().map(|origin| origin.as_str().to_owned()).collect();
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    queries::insert_domain(&mut tx, id, host.as_str(), &allowed_origins).await.map_err(|error| {
        // Also said of a host of another tenant: which one, is nobody's business.
        if error.is_unique_violation() { Error::Conflict("this domain is set up already") } else { error.into() }
    })?;
    let change = audit::Change {
        action: "domain.added",
        target: host.as_str(),
        before: None,
        after: Some(json!({ "host": host.as_str(), "allowed_origins": allowed_origins })),
    };
    audit::record(&mut tx, principal, change).await?;
    tx.commit().await?;
    domain.sites.forget(host.as_str()).await;
    Ok(DomainSummary { id, host: host.to_string(), allowed_origins })
}

/// The tenant's domains by name.
pub async fn domains(domain: &Domain, principal: &Principal) -> Result<Vec<DomainSummary>> {
    principal.require(Permission::SettingsRead)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let rows = queries::domains(&mut tx).await?;
    let summary = |row: queries::DomainRow| DomainSummary {
        id: row.id.into(),
        host: row.host,
        allowed_origins: row.allowed_origins,
    };
    Ok(rows.into_iter().map(summary).collect())
}

/// The tenant's domain of this host, for services that check what the caller may do with it. `not_found` for any other.
pub async fn domain_named(domain: &Domain, principal: &Principal, host: &str) -> Result<DomainId> {
    principal.require(Permission::SettingsRead)?;
    if host.contains('\0') {
        return Err(Error::NotFound("domain"));
    }
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    queries::domain_of_host(&mut tx, host).await?.ok_or(Error::NotFound("domain"))
}

fn check_slug(slug: &str) -> Result<()> {
    let words_ok = slug
        .split('-')
        .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()));
    if words_ok && slug.len() <= 63 {
        Ok(())
    } else {
        Err(Error::field("slug", "must be 1 to 63 characters of a-z, 0-9 and single dashes between them"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_what_a_path_can_hold() {
        for slug in ["a", "acme", "acme-outdoor-2"] {
            check_slug(slug).unwrap();
        }
        for slug in ["", "Acme", "-acme", "acme-", "a--b", "a b", "ä"] {
            assert!(check_slug(slug).is_err(), "{slug:?} was taken");
        }
    }
}
