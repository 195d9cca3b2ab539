//! Tenants and the domains on which their widgets run.

mod host;
mod queries;
mod service;

pub use host::{Host, Origin};
pub use service::{DomainSummary, NewTenant, TenantSummary, add_domain, create, domain_named, domains, find};
