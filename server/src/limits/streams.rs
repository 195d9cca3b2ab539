//! Event streams stay open for hours, so not their rate is limited but how many are open at once.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use omniops_domain::Error;
use omniops_types::TenantId;

use crate::ApiResult;

/// How long a client that found no place should wait.
const RETRY_AFTER: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Key {
    Ip(IpAddr),
    Tenant(TenantId),
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
    pub fn enter(&self, ip: Option<IpAddr>, tenant: TenantId) -> ApiResult<StreamPlace> {
        let wanted =
            ip.map(|ip| (Key::Ip(ip), self.per_ip)).into_iter().chain([(Key::Tenant(tenant), self.per_tenant)]);
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
    use omniops_types::ErrorCode;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_place_is_given_back_when_the_stream_ends() {
        let streams = OpenStreams::new(1, 0);
        let (ip, tenant) = (Some(IpAddr::from([203, 0, 113, 9])), TenantId(Uuid::now_v7()));
        let place = streams.enter(ip, tenant).unwrap();
        let refused = streams.enter(ip, tenant).unwrap_err();
        assert_eq!(refused.code(), ErrorCode::RateLimited);
        assert_eq!(refused.detail().retry_after, Some(10));
        drop(place);
        streams.enter(ip, tenant).unwrap();
    }

    #[test]
    fn a_tenant_has_its_own_count() {
        let streams = OpenStreams::new(0, 2);
        let (one, other) = (TenantId(Uuid::now_v7()), TenantId(Uuid::now_v7()));
        let _places = [streams.enter(None, one).unwrap(), streams.enter(None, one).unwrap()];
        assert!(streams.enter(None, one).is_err());
        assert!(streams.enter(None, other).is_ok());
    }
}
