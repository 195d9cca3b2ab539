//! How often somebody may ask. A limited caller is told so, and when to come back.
//!
//! Each limit is a token bucket a key: as many at once as a minute allows, refilled evenly. Buckets that are full
//! again are forgotten every minute. Should more than 100,000 keys be alive at once, new ones share a few buckets: a
//! flood of made-up keys then limits itself, never grows our memory, and touches nobody who was there before.

mod buckets;
mod sends;
mod streams;

use std::cell::Cell;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::IpAddr;
use std::time::Duration;

use axum::response::Response;
use governor::clock::{Clock, DefaultClock};
use http::{HeaderMap, HeaderName, HeaderValue};
use omniops_domain::{Actor, Error, Network, Principal};

use crate::ApiResult;
use crate::config::LimitsConfig;

use buckets::{Buckets, per_minute};
use sends::RecentSends;
pub use streams::{Audience, OpenStreams, StreamPlace};

/// What is counted, and by which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    ChatPerSession,
    ChatPerIp,
    ChatPerDomain,
    WidgetPerIp,
    WidgetPerDomain,
    PagesPerIp,
    ApiPerIp,
    /// Of one API key, or of one person.
    ApiPerKey,
    ApiPerTenant,
    /// Previews and replays: each may ask a model that costs.
    TrialsPerTenant,
}

/// The limits of this process.
#[derive(Debug)]
pub struct Limits {
    hasher: RandomState,
    clock: DefaultClock,
    buckets: Vec<(Limit, Option<Buckets>)>,
    sends: RecentSends,
    /// Event streams open at once.
    pub streams: OpenStreams,
}

impl Limits {
    pub fn new(config: &LimitsConfig) -> Self {
        let limits = [
            (Limit::ChatPerSession, config.chat_per_session),
            (Limit::ChatPerIp, config.chat_per_ip),
            (Limit::ChatPerDomain, config.chat_per_domain),
            (Limit::WidgetPerIp, config.widget_per_ip),
            (Limit::WidgetPerDomain, config.widget_per_domain),
            (Limit::PagesPerIp, config.pages_per_ip),
            (Limit::ApiPerIp, config.api_per_ip),
            (Limit::ApiPerKey, config.api_per_key),
            (Limit::ApiPerTenant, config.api_per_tenant),
            (Limit::TrialsPerTenant, config.trials_per_tenant),
        ];
        let buckets = limits.into_iter().map(|(limit, requests)| (limit, per_minute(requests))).collect();
        Self {
            hasher: RandomState::new(),
            clock: DefaultClock::default(),
            buckets,
            sends: RecentSends::default(),
            streams: OpenStreams::new(config.streams_per_ip, config.streams_per_tenant),
        }
    }

    /// Counts one request against the key's bucket: 429 with `Retry-After` when it is empty.
    pub fn check(&self, limit: Limit, key: impl Hash) -> ApiResult<()> {
        let Some(buckets) = self.buckets.iter().find(|(of, _)| *of == limit).and_then(|(_, buckets)| buckets.as_ref())
        else {
            return Ok(());
        };
        match buckets.check_key(&self.key_of(key)) {
            Ok(state) => {
                let quota = state.quota();
                record(Standing {
                    limit: quota.burst_size().get(),
                    remaining: state.remaining_burst_capacity(),
                    reset: quota.replenish_interval() * (quota.burst_size().get() - state.remaining_burst_capacity()),
                });
                Ok(())
            }
            Err(not_yet) => {
                let retry_after = not_yet.wait_time_from(self.clock.now());
                record(Standing { limit: not_yet.quota().burst_size().get(), remaining: 0, reset: retry_after });
                metrics::counter!("omniops_rate_limited_total", "limit" => limit.name()).increment(1);
                Err(Error::RateLimited { retry_after }.into())
            }
        }
    }

    /// Counts one request against its address, with the network that it stands for. A request that has none did not
    /// come over the network.
    pub fn check_address(&self, limit: Limit, ip: Option<IpAddr>) -> ApiResult<()> {
        ip.map_or(Ok(()), |ip| self.check(limit, Network::of(ip)))
    }

    /// Counts one request against who signed it, and against their tenant.
    pub fn check_principal(&self, principal: &Principal) -> ApiResult<()> {
        match principal.actor {
            Actor::ApiKey { id, .. } => self.check(Limit::ApiPerKey, id)?,
            Actor::User { id, .. } => self.check(Limit::ApiPerKey, id)?,
            Actor::CommandLine | Actor::System => {}
        }
        self.check(Limit::ApiPerTenant, principal.tenant_id)
    }

    /// Counts one preview or replay of the tenant's AI, whoever asks for it and by which door.
    pub fn check_trial(&self, principal: &Principal) -> ApiResult<()> {
        self.check(Limit::TrialsPerTenant, principal.tenant_id)
    }

    /// Forgets the keys whose buckets are full again. Called every minute.
    pub fn forget_idle(&self) {
        for buckets in self.buckets.iter().filter_map(|(_, buckets)| buckets.as_ref()) {
            buckets.retain_recent();
            buckets.shrink_to_fit();
        }
    }

    fn key_of(&self, key: impl Hash) -> u64 {
        self.hasher.hash_one(key)
    }
}

impl Limit {
    const fn name(self) -> &'static str {
        match self {
            Self::ChatPerSession => "chat_per_session",
            Self::ChatPerIp => "chat_per_ip",
            Self::ChatPerDomain => "chat_per_domain",
            Self::WidgetPerIp => "widget_per_ip",
            Self::WidgetPerDomain => "widget_per_domain",
            Self::PagesPerIp => "pages_per_ip",
            Self::ApiPerIp => "api_per_ip",
            Self::ApiPerKey => "api_per_key",
            Self::ApiPerTenant => "api_per_tenant",
            Self::TrialsPerTenant => "trials_per_tenant",
        }
    }
}

/// Where the caller stands with one limit.
#[derive(Clone, Copy, Debug)]
struct Standing {
    limit: u32,
    remaining: u32,
    /// Until the bucket is full again, or until the next request is taken.
    reset: Duration,
}

tokio::task_local! {
    static TIGHTEST: Cell<Option<Standing>>;
}

/// Keeps the limit with the least room: it is the one that a client has to know.
fn record(standing: Standing) {
    // Outside of a request there is nobody to tell.
    let _ = TIGHTEST.try_with(|tightest| {
        if tightest.get().is_none_or(|known| standing.remaining <= known.remaining) {
            tightest.set(Some(standing));
        }
    });
}

/// Tells the caller, on every reply of a limited route, how much room is left.
pub async fn announce(work: impl Future<Output = Response>) -> Response {
    TIGHTEST
        .scope(Cell::new(None), async move {
            let mut response = work.await;
            if let Some(standing) = TIGHTEST.with(Cell::get) {
                write(response.headers_mut(), standing);
            }
            response
        })
        .await
}

fn write(headers: &mut HeaderMap, standing: Standing) {
    let reset = u32::try_from(standing.reset.as_millis().div_ceil(1000)).unwrap_or(u32::MAX);
    for (name, value) in
        [("ratelimit-limit", standing.limit), ("ratelimit-remaining", standing.remaining), ("ratelimit-reset", reset)]
    {
        headers.insert(HeaderName::from_static(name), HeaderValue::from(value));
    }
}

#[cfg(test)]
mod tests {
    use omniops_types::{ErrorCode, Role, TenantId, UserId};
    use uuid::Uuid;

    use super::buckets::{CAPACITY, OVERFLOW_BUCKETS};
    use super::*;
    use crate::config::Config;

    fn limits(name: &str, per_minute: &str) -> Limits {
        Limits::new(&Config::from_variables([(name, per_minute)]).unwrap().limits)
    }

    #[test]
    fn a_key_that_used_its_minute_is_told_when_to_come_back() {
        let limits = limits("OMNIOPS_LIMIT_CHAT_PER_SESSION", "3");
        for _ in 0..3 {
            limits.check(Limit::ChatPerSession, "visitor").unwrap();
        }
        let error = limits.check(Limit::ChatPerSession, "visitor").unwrap_err();
        assert_eq!(error.code(), ErrorCode::RateLimited);
        assert!((1..=20).contains(&error.detail().retry_after.unwrap()));
    }

    #[test]
    fn keys_and_limits_do_not_share_a_bucket() {
        let limits = limits("OMNIOPS_LIMIT_CHAT_PER_SESSION", "1");
        limits.check(Limit::ChatPerSession, "one").unwrap();
        limits.check(Limit::ChatPerSession, "two").unwrap();
        limits.check(Limit::ChatPerIp, "one").unwrap();
    }

    #[test]
    fn a_person_has_an_allowance_of_their_own_within_the_tenants() {
        let limits = Limits::new(
            &Config::from_variables([("OMNIOPS_LIMIT_API_PER_KEY", "2"), ("OMNIOPS_LIMIT_API_PER_TENANT", "3")])
                .unwrap()
                .limits,
        );
        let tenant_id = TenantId(Uuid::now_v7());
        let person = || Principal {
            tenant_id,
            actor: Actor::User { id: UserId(Uuid::now_v7()), name: "Ana".to_owned(), role: Role::Agent },
        };
        let (ana, ben) = (person(), person());
        limits.check_principal(&ana).unwrap();
        limits.check_principal(&ana).unwrap();
        assert!(limits.check_principal(&ana).is_err());
        limits.check_principal(&ben).unwrap();
        assert!(limits.check_principal(&ben).is_err(), "the tenant's three are used up");
    }

    #[test]
    fn zero_switches_a_limit_off() {
        let limits = limits("OMNIOPS_LIMIT_CHAT_PER_SESSION", "0");
        for _ in 0..1000 {
            limits.check(Limit::ChatPerSession, "visitor").unwrap();
        }
    }

    #[test]
    fn a_line_with_many_ipv6_addresses_has_one_allowance() {
        let limits = limits("OMNIOPS_LIMIT_CHAT_PER_IP", "1");
        let from = |ip: &str| limits.check_address(Limit::ChatPerIp, Some(ip.parse().unwrap()));
        from("2001:db8::1").unwrap();
        assert!(from("2001:db8::2").is_err());
        from("2001:db8:0:1::1").unwrap();
    }

    #[test]
    fn a_flood_of_keys_grows_no_memory_and_touches_nobody_who_was_there_before() {
        let limits = limits("OMNIOPS_LIMIT_CHAT_PER_IP", "2");
        limits.check(Limit::ChatPerIp, "visitor").unwrap();
        for key in 0..CAPACITY + 3 * OVERFLOW_BUCKETS as usize {
            let _ = limits.check(Limit::ChatPerIp, key);
        }
        let (_, buckets) = limits.buckets.iter().find(|(of, _)| *of == Limit::ChatPerIp).unwrap();
        assert!(buckets.as_ref().unwrap().len() <= CAPACITY + OVERFLOW_BUCKETS as usize);
        limits.check(Limit::ChatPerIp, "visitor").unwrap();
        assert!(limits.check(Limit::ChatPerIp, "visitor").is_err(), "the flood gave the visitor a second allowance");
    }
}
