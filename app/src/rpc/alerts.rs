//! From where on something is an alert.

use leptos::prelude::*;
use omniops_types::{AlertConfig, UpdateAlerts};
use server_fn::codec::Json;

use crate::error::AppError;

#[cfg(feature = "ssr")]
use {crate::ssr::authenticated, omniops_domain::alerts as service};

/// Replaces the settings.
#[server(name = SaveAlerts, prefix = "/rpc", endpoint = "alerts/update", input = Json)]
pub async fn update(update: UpdateAlerts) -> Result<AlertConfig, AppError> {
    let (context, session) = authenticated()?;
    let config = service::update_config(&context.domain, &session.principal, update, &context.meta).await;
    config.map_err(|e| context.fail(e))
}
