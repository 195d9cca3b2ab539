//! Event streams stay open for hours, so not their rate is limited but how many are open at once. Agents' and visitors'
//! are counted apart: visitors are anybody, and must not be able to take the team's places.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use omniops_domain::{Error, Network};
use omniops_types::TenantId;

use crate::ApiResult;

/// How long a client that found no place should wait.
const RETRY_AFTER: Duration = Duration::from_secs(10);

/// Who listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    Agents,
    Visitors,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    Network(Audience, Network),
    Tenant(Audience, TenantId),
}

/// Counts the open streams of this process. 0 switches a limit off.
#[derive(Clone, Debug)]
pub struct OpenStreams {
    per_ip: usize,
    per_tenant: usize,
    open: Arc<Mutex<HashMap<Key, usize>>>,
}

/// A place among the open streams, given back when dropped.
#[derive(Debug)]
pub struct StreamPlace {
    streams: OpenStreams,
    keys: Vec<Key>,
}

impl OpenStreams {
    pub fn new(per_ip: u32, per_tenant: u32) -> Self {
        Self { per_ip: per_ip as usize, per_tenant: per_tenant as usize, open: Arc::default() }
    }

    /// A place for one more stream: 429 with `Retry-After` when the address or the tenant has too many.
    pub fn enter(&self, audience: Audience, ip: Option<IpAddr>, tenant: TenantId) -> ApiResult<StreamPlace> {
        let of_network = ip.map(|ip| (Key::Network(audience, Network::of(ip)), self.per_ip));
        let wanted = of_network.into_iter().chain([(Key::Tenant(audience, tenant), self.per_tenant)]);
        let wanted: Vec<(Key, usize)> = wanted.filter(|(_, limit)| *limit > 0).collect();
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if wanted.iter().any(|(key, limit)| open.get(key).is_some_and(|count| count >= limit)) {
            return Err(Error::RateLimited { retry_after: RETRY_AFTER }.into());
        }
        let keys: Vec<Key> = wanted.into_iter().map(|(key, _)| key).collect();
        for key in &keys {
            *open.entry(*key).or_default() += 1;
        }
        Ok(StreamPlace { streams: self.clone(), keys })
    }
}

impl Drop for StreamPlace {
    fn drop(&mut self) {
        let mut open = self.streams.open.lock().unwrap_or_else(PoisonError::into_inner);
        for key in &self.keys {
            if let Some(count) = open.get_mut(key) {
                *count -= 1;
                if *count == 0 {
                    open.remove(key);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use omniops_types::ErrorCode;
    use uuid::Uuid;

    use super::*;

    const ADDRESS: Option<IpAddr> = Some(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9)));

    fn tenant() -> TenantId {
        TenantId(Uuid::now_v7())
    }

    #[test]
    fn a_place_is_given_back_when_the_stream_ends() {
        let streams = OpenStreams::new(1, 0);
        let tenant = tenant();
        let place = streams.enter(Audience::Visitors, ADDRESS, tenant).unwrap();
        let refused = streams.enter(Audience::Visitors, ADDRESS, tenant).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::RateLimited);
        assert_eq!(refused.detail().retry_after, Some(10));
        drop(place);
        streams.enter(Audience::Visitors, ADDRESS, tenant).unwrap();
    }

    #[test]
    fn a_tenant_has_its_own_count() {
        let streams = OpenStreams::new(0, 2);
        let (one, other) = (tenant(), tenant());
        let enter = |tenant| streams.enter(Audience::Visitors, None, tenant);
        let _places = [enter(one).unwrap(), enter(one).unwrap()];
        assert!(enter(one).is_err());
        assert!(enter(other).is_ok());
    }

    #[test]
    fn visitors_do_not_take_the_teams_places() {
        let streams = OpenStreams::new(1, 1);
        let tenant = tenant();
        let _visitor = streams.enter(Audience::Visitors, ADDRESS, tenant).unwrap();
        let _agent = streams.enter(Audience::Agents, ADDRESS, tenant).unwrap();
        assert!(streams.enter(Audience::Agents, ADDRESS, tenant).is_err());
    }

    #[test]
    fn an_ipv6_line_is_one_address() {
        let streams = OpenStreams::new(1, 0);
        let enter = |ip: &str| streams.enter(Audience::Visitors, Some(ip.parse().unwrap()), tenant());
        let _place = enter("2001:db8::1").unwrap();
        assert!(enter("2001:db8::2").is_err());
    }
}
