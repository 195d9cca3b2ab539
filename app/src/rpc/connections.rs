//! What a domain is connected to: its store, and the keys with which the shop signs who its visitors are.

use leptos::prelude::*;
use omniops_types::{CreateIdentityKey, IdentityKey, IssuedKey, StoreCheck, StoreConnection, UpdateStore};
use serde::{Deserialize, Serialize};
use server_fn::codec::Json;

use crate::error::AppError;

#[cfg(feature = "ssr")]
use {
    crate::ssr::authenticated,
    omniops_domain::{commerce, tenants, verification},
};

/// The connections of one domain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Connections {
    pub domain: String,
    pub store: Option<StoreConnection>,
    /// Oldest first; two at most.
    pub identity_keys: Vec<IdentityKey>,
}

/// The connections of all of the tenant's domains.
#[server(name = ReadConnections, prefix = "/rpc", endpoint = "connections/read", input = Json)]
pub async fn read() -> Result<Vec<Connections>, AppError> {
    let (context, session) = authenticated()?;
    let all = async {
        let (domain, principal) = (&context.domain, &session.principal);
        let mut all = Vec::new();
        for summary in tenants::domains(domain, principal).await? {
            let store = commerce::connection(domain, principal, summary.id).await?;
            let identity_keys = verification::identity_keys(domain, principal, summary.id).await?;
            all.push(Connections { domain: summary.host, store, identity_keys });
        }
        Ok(all)
    };
    all.await.map_err(|e| context.fail(e))
}

/// Connects a store in place of the one that was.
#[server(name = ConnectStore, prefix = "/rpc", endpoint = "connections/connect-store", input = Json)]
pub async fn connect_store(store: UpdateStore) -> Result<Option<StoreConnection>, AppError> {
    let (context, session) = authenticated()?;
    let settings = commerce::update_store(&context.domain, &session.principal, store, &context.meta).await;
    settings.map(|settings| settings.connection).map_err(|e| context.fail(e))
}

/// Asks the connected store whether its products and orders may be read.
#[server(name = CheckStore, prefix = "/rpc", endpoint = "connections/check-store", input = Json)]
pub async fn check_store(domain: String) -> Result<StoreCheck, AppError> {
    let (context, session) = authenticated()?;
    commerce::check_store(&context.domain, &session.principal, &domain).await.map_err(|e| context.fail(e))
}

/// Disconnects the store and forgets its keys.
#[server(name = DisconnectStore, prefix = "/rpc", endpoint = "connections/disconnect-store", input = Json)]
pub async fn disconnect_store(domain: String) -> Result<(), AppError> {
    let (context, session) = authenticated()?;
    let removed = commerce::remove_store(&context.domain, &session.principal, &domain, &context.meta).await;
    removed.map_err(|e| context.fail(e))
}

/// Makes a key; its secret is told this once.
#[server(name = IssueIdentityKey, prefix = "/rpc", endpoint = "connections/issue-key", input = Json)]
pub async fn issue_key(key: CreateIdentityKey) -> Result<IssuedKey, AppError> {
    let (context, session) = authenticated()?;
    let issued = verification::issue_identity_key(&context.domain, &session.principal, key, &context.meta).await;
    issued.map_err(|e| context.fail(e))
}

/// Ends a key at once.
#[server(name = EndIdentityKey, prefix = "/rpc", endpoint = "connections/end-key", input = Json)]
pub async fn end_key(domain: String, kid: String) -> Result<(), AppError> {
    let (context, session) = authenticated()?;
    let ended = verification::end_identity_key(&context.domain, &session.principal, &domain, &kid, &context.meta).await;
    ended.map_err(|e| context.fail(e))
}
