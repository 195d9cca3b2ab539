//! Counting a customer's messages, not the tries it takes to bring them through.

use std::net::IpAddr;
use std::time::Duration;

use moka::future::Cache;
use omniops_domain::Error;
use omniops_types::{ChatRequest, DomainId};

use super::{Limit, Limits};
use crate::ApiResult;

const MOST_SENDS: u64 = 100_000;
/// How long a message may be tried again without counting again.
const REMEMBERED: Duration = Duration::from_secs(600);

/// The messages that were let through lately.
#[derive(Debug)]
pub struct RecentSends(Cache<u64, ()>);

impl Default for RecentSends {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MOST_SENDS).time_to_live(REMEMBERED).build())
    }
}

impl Limits {
    /// Lets a message through if its address, session and domain have not sent too many. A repetition of one that
    /// was let through counts only as a request, so that a bad connection does not use up anybody's messages; when
    /// several arrive at once, one is counted and the others share what it was told.
    pub async fn check_message(&self, domain: DomainId, request: &ChatRequest, ip: Option<IpAddr>) -> ApiResult<()> {
        let send = self.key_of((domain, &request.session_id, request.client_id, &request.message));
        let counted = self.sends.0.try_get_with(send, async {
            self.check_send(domain, &request.session_id, ip).map_err(|error| error.detail().retry_after.unwrap_or(1))
        });
        counted
            .await
            .map_err(|seconds| Error::RateLimited { retry_after: Duration::from_secs(u64::from(*seconds)) }.into())
    }

    /// Counts what reaches the team as a message does, such as the wish for a person.
    pub fn check_send(&self, domain: DomainId, session_id: &str, ip: Option<IpAddr>) -> ApiResult<()> {
        self.check_address(Limit::ChatPerIp, ip)?;
        self.check(Limit::ChatPerSession, (domain, session_id))?;
        self.check(Limit::ChatPerDomain, domain)
    }
}

#[cfg(test)]
mod tests {
    use omniops_types::ErrorCode;
    use uuid::Uuid;

    use super::*;
    use crate::config::Config;

    fn request(client_id: Uuid) -> ChatRequest {
        ChatRequest {
            domain: "shop.example".to_owned(),
            session_id: "a-session-of-a-visitor".to_owned(),
            message: "Hello".to_owned(),
            client_id,
            conversation_id: None,
            page_url: None,
            locale: None,
            identity_token: None,
        }
    }

    #[tokio::test]
    async fn a_repeated_message_counts_once() {
        let config = Config::from_variables([("OMNIOPS_LIMIT_CHAT_PER_SESSION", "1")]).unwrap();
        let limits = Limits::new(&config.limits);
        let domain = DomainId(Uuid::now_v7());
        let first = request(Uuid::now_v7());
        for _ in 0..50 {
            limits.check_message(domain, &first, None).await.unwrap();
        }
        let error = limits.check_message(domain, &request(Uuid::now_v7()), None).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::RateLimited);
        assert!(error.detail().retry_after.unwrap() >= 1);
    }
}
