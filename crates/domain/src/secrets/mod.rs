//! Secrets that a tenant entrusts to us: provider keys, store credentials, signing keys.
//!
//! A name and a text, sealed under the tenant's data key ([`omniops_vault`]). Services call these within the transaction of
//! their own change, after they authorised it, and write their own line into the audit log. What a page may show of a
//! secret is its [`SecretSummary`]; the text goes to whom it opens something, and nowhere else.

mod data_key;
mod queries;
mod rotation;

use omniops_postgres::TenantTx;
use omniops_types::Timestamp;
use omniops_vault::VaultError;
use secrecy::{ExposeSecret, SecretString};

pub use rotation::{Rotation, rotate};

pub(crate) use data_key::data_key;

use crate::{Domain, Error, Result};

/// The longest text of a secret, in bytes: a private key in PEM has room.
pub const MAX_BYTES: usize = 16 * 1024;

/// From this length on the last characters may be shown: what remains cannot be guessed.
const HINT_FROM: usize = 16;
const HINT_CHARS: usize = 4;

/// What may be shown of a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecretSummary {
    pub name: String,
    /// The last four characters of a long secret.
    pub hint: Option<String>,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Keeps the secret under this name, in place of one that was there.
///
/// Names are `a-z 0-9 . _ -`, at most 200 characters, and chosen by us: `llm.api_key`. A text is 1 byte to [`MAX_BYTES`].
pub async fn put(domain: &Domain, tx: &mut TenantTx, name: &str, text: &SecretString) -> Result<()> {
    check_name(name)?;
    let length = text.expose_secret().len();
    if length == 0 {
        return Err(Error::field("secret", "must not be empty"));
    }
    if length > MAX_BYTES {
        return Err(Error::TooLarge { limit: MAX_BYTES as u64, unit: "bytes" });
    }
    let key = data_key(domain, tx).await?;
    let sealed = key.seal(name, text)?;
    queries::upsert_secret(tx, name, &sealed, hint_of(text.expose_secret()).as_deref()).await
}

/// The secret under this name, if there is one.
pub async fn get(domain: &Domain, tx: &mut TenantTx, name: &str) -> Result<Option<SecretString>> {
    let Some(row) = queries::secret(tx, name).await? else { return Ok(None) };
    let key = domain.vault.unwrap(tx.tenant_id(), &row.wrapped_key)?;
    Ok(Some(key.open(name, &row.sealed)?))
}

/// Takes the secret away; says whether there was one.
pub async fn remove(tx: &mut TenantTx, name: &str) -> Result<bool> {
    queries::delete_secret(tx, name).await
}

/// Whether there is a secret under this name. Reads none, and so needs no key.
pub async fn exists(tx: &mut TenantTx, name: &str) -> Result<bool> {
    Ok(summary(tx, name).await?.is_some())
}

/// What may be shown of the secret under this name, if there is one.
pub async fn summary(tx: &mut TenantTx, name: &str) -> Result<Option<SecretSummary>> {
    queries::summary(tx, name).await
}

/// What may be shown of the secrets whose names begin like this, by name.
pub async fn summaries(tx: &mut TenantTx, prefix: &str) -> Result<Vec<SecretSummary>> {
    queries::summaries(tx, prefix).await
}

/// How many tenants' secrets cannot be read, because the master key that they are under is not set.
pub async fn unreadable(domain: &Domain) -> Result<u64> {
    let keys: Vec<String> = domain.vault.key_ids().map(|key| key.to_string()).collect();
    let mut tx = domain.database.system("count the tenants whose master key is not set").await?;
    queries::count_keys_under_others(&mut tx, &keys).await
}

fn hint_of(text: &str) -> Option<String> {
    let chars = text.chars().count();
    (chars >= HINT_FROM).then(|| text.chars().skip(chars - HINT_CHARS).collect())
}

/// A wrong name is a mistake in our own code: none comes from a request.
fn check_name(name: &str) -> Result<()> {
    let well_formed = (1..=200).contains(&name.len())
        && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-'))
        && name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if well_formed { Ok(()) } else { Err(Error::internal(format!("{name:?} cannot name a secret"))) }
}

impl From<VaultError> for Error {
    /// None is the caller's fault: the operator has to set a key, or something was changed behind our back.
    fn from(error: VaultError) -> Self {
        Self::internal(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_long_secret_shows_its_end() {
        assert_eq!(hint_of("sk-0123456789abcdef").as_deref(), Some("cdef"));
        assert_eq!(hint_of("äöüäöüäöüäöüäöüß").as_deref(), Some("äöüß"));
        assert_eq!(hint_of("fifteen_letters"), None);
    }

    #[test]
    fn names_are_plain() {
        for good in ["llm.api_key", "identity.0199a0-b1.k1", "a"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        for wrong in ["", ".a", "Key", "a b", "ä", "a/b", &"x".repeat(201)] {
            assert!(check_name(wrong).is_err(), "{wrong}");
        }
    }
}
