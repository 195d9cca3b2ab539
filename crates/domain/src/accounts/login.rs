use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use moka::future::Cache;
use omniops_types::{LoginRequest, Me, Timestamp};
use secrecy::SecretString;

use super::attempts::{Attempt, Attempts};
use super::password::PasswordHashing;
use super::queries::{self, NewSessionRow};
use super::sessions::me_of;
use super::{RequestMeta, token};
use crate::{Domain, EmailAddress, Error, Network, Result};

/// A session ends after this many days, however much it is used.
pub(super) const ABSOLUTE_DAYS: i64 = 30;
/// As long as a session can last: who has one is on a familiar network when it ends.
const FAMILIAR_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Failures a minute from one network, whichever accounts they name.
const MOST_OF_A_NETWORK: usize = 5;
/// Failures a minute for one account, from all networks on which its owner was not seen. More than one network can
/// use up, so that nobody can keep the owner out from a single place.
const MOST_OF_STRANGERS: usize = 30;

/// What log-in remembers between calls.
#[derive(Clone, Debug)]
pub(crate) struct LogIns {
    by_network: Attempts,
    by_strangers: Attempts,
    /// On which networks an account's owner logged in lately. There only the network's own limit holds: however many
    /// strangers try the account, they cannot keep its owner out.
    familiar: Cache<(String, Network), ()>,
    pub(super) hashing: PasswordHashing,
}

impl Default for LogIns {
    fn default() -> Self {
        Self {
            by_network: Attempts::new(MOST_OF_A_NETWORK),
            by_strangers: Attempts::new(MOST_OF_STRANGERS),
            familiar: Cache::builder().max_capacity(100_000).time_to_live(FAMILIAR_FOR).build(),
            hashing: PasswordHashing::default(),
        }
    }
}

/// A session that has just begun.
#[derive(Clone)]
pub struct NewSession {
    /// The secret for the cookie; the database knows only its hash.
    pub token: String,
    pub expires_at: Timestamp,
    pub me: Me,
}

impl std::fmt::Debug for NewSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewSession").field("me", &self.me).finish_non_exhaustive()
    }
}

/// Checks address and password and begins a session.
///
/// `rate_limited` after five failures in a minute from one network, or thirty for one account from networks on which
/// its owner was not seen; `invalid_credentials` for a wrong password, an unknown account, a disabled one and one without a tenant alike, in the same time.
pub async fn login(domain: &Domain, request: LoginRequest, meta: &RequestMeta) -> Result<NewSession> {
    let LoginRequest { email, password } = request;
    let log_ins = &domain.log_ins;
    let attempts = count_attempt(log_ins, &email, meta).await?;
    let account = account_of(&email);

    // What cannot be an address has no account; it takes as long as one that could.
    let email: Option<EmailAddress> = email.parse().ok();
    let user = match &email {
        Some(email) => {
            let mut tx = domain.database.system("find the user who logs in").await?;
            let user = queries::user_for_login(&mut tx, email.as_str()).await?;
            tx.commit().await?;
            user
        }
        None => None,
    };
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let right = log_ins.hashing.verify(SecretString::from(password), hash).await?;
    let Some(user) = user.filter(|user| right && user.disabled_at.is_none()) else {
        return Err(Error::InvalidCredentials);
    };

    let token = token::generate()?;
    let expires_at = Utc::now() + TimeDelta::days(ABSOLUTE_DAYS);
    let mut tx = domain.database.system("begin a session").await?;
    let memberships = queries::memberships(&mut tx, user.id).await?;
    // The tenant last worked in, else the first by name.
    let last = queries::last_tenant(&mut tx, user.id).await?;
    let current = memberships.iter().find(|m| Some(m.tenant_id) == last).or(memberships.first());
    let Some(tenant_id) = current.map(|membership| membership.tenant_id) else {
        return Err(Error::InvalidCredentials);
    };
    queries::insert_session(
        &mut tx,
        NewSessionRow {
            token_hash: token::hash(&token),
            user_id: user.id,
            tenant_id,
            expires_at,
            ip: meta.ip.map(|ip| ip.to_string()),
            user_agent: meta.user_agent.as_deref().map(|agent| agent.chars().take(300).collect()),
        },
    )
    .await?;
    let me = me_of(user.id, user.name, user.email, tenant_id, memberships)?;
    tx.commit().await?;

    welcome(log_ins, attempts, account, meta).await;
    Ok(NewSession { token, expires_at, me })
}

/// The account as it is counted, whether it exists or not.
fn account_of(email: &str) -> String {
    email.trim().to_lowercase()
}

async fn count_attempt(log_ins: &LogIns, email: &str, meta: &RequestMeta) -> Result<Vec<Attempt>> {
    let now = Instant::now();
    let limited = |retry_after| Error::RateLimited { retry_after };
    let network = meta.ip.map(Network::of);
    let account = account_of(email);
    let mut attempts = Vec::with_capacity(2);
    if let Some(network) = network {
        attempts.push(log_ins.by_network.begin(network, now).await.map_err(limited)?);
    }
    let is_familiar = network.is_some_and(|network| log_ins.familiar.contains_key(&(account.clone(), network)));
    if !is_familiar {
        attempts.push(log_ins.by_strangers.begin(account, now).await.map_err(limited)?);
    }
    Ok(attempts)
}

/// It was the account's owner: the attempts do not count, and the network is known from now on.
async fn welcome(log_ins: &LogIns, attempts: Vec<Attempt>, account: String, meta: &RequestMeta) {
    attempts.into_iter().for_each(Attempt::forgive);
    if let Some(ip) = meta.ip {
        log_ins.familiar.insert((account, Network::of(ip)), ()).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: &str = "ana@shop.example";

    fn from(ip: &str) -> RequestMeta {
        RequestMeta { ip: Some(ip.parse().unwrap()), ..RequestMeta::default() }
    }

    async fn fail(log_ins: &LogIns, email: &str, ip: &str) -> bool {
        count_attempt(log_ins, email, &from(ip)).await.is_ok()
    }

    #[tokio::test]
    async fn one_network_has_five_failures_a_minute_for_all_accounts_together() {
        let log_ins = LogIns::default();
        for host in 1..=5 {
            assert!(fail(&log_ins, &format!("{host}@shop.example"), &format!("2001:db8::{host}")).await);
        }
        assert!(!fail(&log_ins, OWNER, "2001:db8::6").await);
        assert!(fail(&log_ins, OWNER, "2001:db8:0:1::6").await);
    }

    #[tokio::test]
    async fn one_network_cannot_keep_an_owner_out() {
        let log_ins = LogIns::default();
        while fail(&log_ins, OWNER, "198.51.100.1").await {}
        assert!(fail(&log_ins, OWNER, "203.0.113.9").await);
    }

    #[tokio::test]
    async fn many_networks_can_slow_strangers_down_but_not_the_owner_at_home() {
        let log_ins = LogIns::default();
        let home = from("203.0.113.9");
        let attempts = count_attempt(&log_ins, OWNER, &home).await.unwrap();
        welcome(&log_ins, attempts, account_of(" Ana@Shop.example "), &home).await;

        for network in 0..20_u8 {
            while fail(&log_ins, OWNER, &format!("198.51.100.{network}")).await {}
        }
        assert!(!fail(&log_ins, OWNER, "192.0.2.1").await, "guessing from everywhere is not limited");
        assert!(fail(&log_ins, OWNER, "203.0.113.9").await);
    }
}
