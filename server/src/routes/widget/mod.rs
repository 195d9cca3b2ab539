//! The widget's own routes: public, without a cookie, from any page that the tenant allows.

mod config;
mod events;
mod session;

use std::net::IpAddr;

use utoipa_axum::router::OpenApiRouter;

use crate::limits::{Limit, Limits};
use crate::{ApiResult, AppState};

pub fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().merge(config::router()).merge(events::router()).merge(session::router())
}

/// Counts a request of the widget against its address and its domain.
fn check(limits: &Limits, ip: Option<IpAddr>, domain: &str) -> ApiResult<()> {
    if let Some(ip) = ip {
        limits.check(Limit::WidgetPerIp, ip)?;
    }
    limits.check(Limit::WidgetPerDomain, domain)
}
