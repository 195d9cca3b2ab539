//! Requests a minute, and streams open at once. 0 switches a limit off.

use std::time::Duration;

use super::raw::{ConfigError, Raw};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitsConfig {
    /// `OMNIOPS_LIMIT_CHAT_PER_SESSION`: messages of one visitor.
    pub chat_per_session: u32,
    /// `OMNIOPS_LIMIT_CHAT_PER_IP`: messages from one address.
    pub chat_per_ip: u32,
    /// `OMNIOPS_LIMIT_CHAT_PER_DOMAIN`: messages on one domain.
    pub chat_per_domain: u32,
    /// `OMNIOPS_LIMIT_WIDGET_PER_IP`: the widget's requests from one address, messages among them.
    pub widget_per_ip: u32,
    /// `OMNIOPS_LIMIT_WIDGET_PER_DOMAIN`: the widget's other requests on one domain.
    pub widget_per_domain: u32,
    /// `OMNIOPS_LIMIT_PAGES_PER_IP`: pages and server functions for one address.
    pub pages_per_ip: u32,
    /// `OMNIOPS_LIMIT_API_PER_IP`: requests to the signed-in API from one address, before anybody is proven.
    pub api_per_ip: u32,
    /// `OMNIOPS_LIMIT_API_PER_KEY`: requests with one API key, or of one signed-in person.
    pub api_per_key: u32,
    /// `OMNIOPS_LIMIT_API_PER_TENANT`: signed-in requests of one tenant.
    pub api_per_tenant: u32,
    /// `OMNIOPS_LIMIT_TRIALS_PER_TENANT`: previews and replays of one tenant's AI, which ask a model that costs.
    pub trials_per_tenant: u32,
    /// `OMNIOPS_LIMIT_STREAMS_PER_IP`: event streams open at once from one address; visitors' and agents' each.
    pub streams_per_ip: u32,
    /// `OMNIOPS_LIMIT_STREAMS_PER_TENANT`: event streams open at once on one tenant; visitors' and agents' each.
    pub streams_per_tenant: u32,
    /// `OMNIOPS_STREAM_RECHECK`, in seconds: how often an open stream looks whether its caller still may listen.
    pub stream_recheck: Duration,
}

impl LimitsConfig {
    pub(super) fn from_raw(raw: &Raw) -> Result<Self, ConfigError> {
        let limit = |name| raw.value(name, "a whole number");
        Ok(Self {
            chat_per_session: limit("OMNIOPS_LIMIT_CHAT_PER_SESSION")?,
            chat_per_ip: limit("OMNIOPS_LIMIT_CHAT_PER_IP")?,
            chat_per_domain: limit("OMNIOPS_LIMIT_CHAT_PER_DOMAIN")?,
            widget_per_ip: limit("OMNIOPS_LIMIT_WIDGET_PER_IP")?,
            widget_per_domain: limit("OMNIOPS_LIMIT_WIDGET_PER_DOMAIN")?,
            pages_per_ip: limit("OMNIOPS_LIMIT_PAGES_PER_IP")?,
            api_per_ip: limit("OMNIOPS_LIMIT_API_PER_IP")?,
            api_per_key: limit("OMNIOPS_LIMIT_API_PER_KEY")?,
            api_per_tenant: limit("OMNIOPS_LIMIT_API_PER_TENANT")?,
            trials_per_tenant: limit("OMNIOPS_LIMIT_TRIALS_PER_TENANT")?,
            streams_per_ip: limit("OMNIOPS_LIMIT_STREAMS_PER_IP")?,
            streams_per_tenant: limit("OMNIOPS_LIMIT_STREAMS_PER_TENANT")?,
            stream_recheck: raw.seconds("OMNIOPS_STREAM_RECHECK")?,
        })
    }
}
