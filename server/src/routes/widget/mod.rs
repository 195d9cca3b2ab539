//! The widget's own routes: public, without a cookie, from any page that the tenant allows.

mod config;
mod events;
mod session;

use std::net::IpAddr;
use std::sync::Arc;

use omniops_domain::Error;
use omniops_domain::tenants::Host;
use omniops_domain::widget::{self, Site};
use utoipa_axum::router::OpenApiRouter;

use crate::limits::Limit;
use crate::{ApiResult, AppState};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().merge(config::router()).merge(events::router()).merge(session::router())
}

/// Counts a request of the widget against its domain, and gives the site. `unknown_domain` counts against nobody's domain:
/// the address paid for it.
pub(super) async fn counted_site(state: &AppState, domain: &str) -> ApiResult<Arc<Site>> {
    let site = widget::site(&state.domain, domain).await?;
    state.limits.check(Limit::WidgetPerDomain, site.domain_id)?;
    Ok(site)
}

/// The site for what is public and cached on the way. Only what this process has to look up counts against the address,
/// so that visitors who share one can all read it, and made-up domains end soon.
pub(super) async fn public_site(state: &AppState, domain: &str, ip: Option<IpAddr>) -> ApiResult<Arc<Site>> {
    let host: Host = domain.parse().map_err(|_| Error::UnknownDomain)?;
    if !widget::is_remembered(&state.domain, &host) {
        state.limits.check_address(Limit::WidgetPerIp, ip)?;
    }
    Ok(widget::site_of(&state.domain, &host).await?)
}
