//! Each address has so many requests a minute, counted before anything but a request's head is read. What needs to know
//! who asks, or for which domain, is counted where that is known: by `Signed`, by the pages and by the widget's routes.

use axum::extract::Request;

use super::client_ip::ClientIp;
use crate::ApiResult;
use crate::limits::{Limit, Limits};

/// Counts the request against its address.
pub fn by_address(limits: &Limits, request: &Request) -> ApiResult<()> {
    let ip = request.extensions().get::<ClientIp>().map(|ip| ip.0);
    limit_of(request.uri().path()).map_or(Ok(()), |limit| limits.check_address(limit, ip))
}

/// Which limit a path counts against.
fn limit_of(path: &str) -> Option<Limit> {
    let is_below = |folders: &[&str]| folders.iter().any(|folder| path.starts_with(folder));
    if is_below(&["/health/", "/pkg/"]) {
        // Load balancers share an address with everybody behind them; files are cheap.
        None
    } else if is_below(&["/embed.js", "/api/customer/config", "/widget/"]) {
        // Cached everywhere, and read by whole offices: the handlers count what is not answered from memory.
        None
    } else if is_below(&["/api/chat", "/api/widget/"]) {
        Some(Limit::WidgetPerIp)
    } else if is_below(&["/api/", "/metrics"]) {
        Some(Limit::ApiPerIp)
    } else {
        Some(Limit::PagesPerIp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_counts_as_a_page() {
        for path in ["/", "/login", "/rpc/auth/login", "/demo/index.html", "/no/such/page", "/apis", "//api/chat"] {
            assert_eq!(limit_of(path), Some(Limit::PagesPerIp), "{path}");
        }
        assert_eq!(limit_of("/api/chat"), Some(Limit::WidgetPerIp));
        assert_eq!(limit_of("/api/auth/login"), Some(Limit::ApiPerIp));
        assert_eq!(limit_of("/health/ready"), None);
    }
}
