//! The identity keys of a domain that is named by its host, as the settings page and the API speak of them.

use omniops_types::{CreateIdentityKey, IdentityKeys, IssuedKey};
use secrecy::ExposeSecret;

use super::identity_keys::{
    IssuedIdentityKey, create_identity_key, identity_keys, remove_identity_key, rotate_identity_key,
};
use crate::accounts::RequestMeta;
use crate::tenants::domain_named;
use crate::{Domain, Principal, Result};

/// The keys of the tenant's domain of this host, oldest first. `not_found` for a host that is not the tenant's.
pub async fn identity_keys_of(domain: &Domain, principal: &Principal, host: &str) -> Result<IdentityKeys> {
    let id = domain_named(domain, principal, host).await?;
    Ok(IdentityKeys { items: identity_keys(domain, principal, id).await? })
}

/// Makes a key, told this once. `conflict` when there are two already and none is to be rotated out.
pub async fn issue_identity_key(
    domain: &Domain,
    principal: &Principal,
    request: CreateIdentityKey,
    meta: &RequestMeta,
) -> Result<IssuedKey> {
    let id = domain_named(domain, principal, &request.domain).await?;
    let IssuedIdentityKey { kid, secret } = if request.rotate {
        rotate_identity_key(domain, principal, id, meta).await?
    } else {
        create_identity_key(domain, principal, id, meta).await?
    };
    Ok(IssuedKey { kid, secret: secret.expose_secret().to_owned() })
}

/// Ends a key at once: tokens that it signed are refused from now on. `not_found` when the domain has none of this id.
pub async fn end_identity_key(
    domain: &Domain,
    principal: &Principal,
    host: &str,
    kid: &str,
    meta: &RequestMeta,
) -> Result<()> {
    let id = domain_named(domain, principal, host).await?;
    remove_identity_key(domain, principal, id, kid, meta).await
}
