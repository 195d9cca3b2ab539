use std::time::Instant;

use chrono::{TimeDelta, Utc};
use omniops_types::{LoginRequest, Me, Timestamp};
use secrecy::SecretString;

use super::attempts::{Attempt, Attempts};
use super::password::PasswordHashing;
use super::queries::{self, NewSessionRow};
use super::sessions::me_of;
use super::users::EmailAddress;
use super::{RequestMeta, token};
use crate::{Domain, Error, Result};

/// A session ends after this many days, however much it is used.
pub(super) const ABSOLUTE_DAYS: i64 = 30;

/// What log-in remembers between calls.
#[derive(Clone, Debug, Default)]
pub(crate) struct LogIns {
    by_address: Attempts,
    by_account: Attempts,
    pub(super) hashing: PasswordHashing,
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
/// `rate_limited` after five failures in a minute from one address or for one account; `invalid_credentials` for a
/// wrong password, an unknown account, a disabled one and one without a tenant alike, in the same time.
pub async fn login(domain: &Domain, request: LoginRequest, meta: &RequestMeta) -> Result<NewSession> {
    let LoginRequest { email, password } = request;
    let attempts = count_attempt(domain, &email, meta).await?;

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
    let right = domain.log_ins.hashing.verify(SecretString::from(password), hash).await?;
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

    attempts.into_iter().for_each(Attempt::forgive);
    Ok(NewSession { token, expires_at, me })
}

async fn count_attempt(domain: &Domain, email: &str, meta: &RequestMeta) -> Result<Vec<Attempt>> {
    let now = Instant::now();
    let limited = |retry_after| Error::RateLimited { retry_after };
    let mut attempts = Vec::with_capacity(2);
    if let Some(ip) = meta.ip {
        attempts.push(domain.log_ins.by_address.begin(ip, now).await.map_err(limited)?);
    }
    let account = email.trim().to_lowercase();
    attempts.push(domain.log_ins.by_account.begin(account, now).await.map_err(limited)?);
    Ok(attempts)
}
