//! Passwords: argon2id with 19 MiB, two passes and one lane (OWASP's recommendation), a random salt each, off the async
//! threads and never more at once than the machine has cores, so that a flood of log-ins cannot eat its memory.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

use crate::{Error, Result};

const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// How long a log-in waits for its turn before it is told to come back.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

const SHORTEST: usize = 8;
/// Longer ones only cost time to hash.
const LONGEST: usize = 256;

/// Takes turns at hashing.
#[derive(Clone, Debug)]
pub(super) struct PasswordHashing {
    turns: Arc<Semaphore>,
}

impl Default for PasswordHashing {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self { turns: Arc::new(Semaphore::new(cores)) }
    }
}

impl PasswordHashing {
    /// What the database keeps of a password: a PHC string with its parameters and salt.
    pub(super) async fn hash(&self, password: SecretString) -> Result<String> {
        self.in_turn(move || {
            let hash: PasswordHash = argon2()?.hash_password(password.expose_secret().as_bytes()).map_err(failed)?;
            Ok(hash.to_string())
        })
        .await
    }

    /// Whether the password is the right one. Without a hash (there is no such account) the work is done all the same,
    /// so that the time it takes does not tell which addresses have accounts.
    pub(super) async fn verify(&self, password: SecretString, hash: Option<String>) -> Result<bool> {
        self.in_turn(move || {
            let known = hash.is_some();
            let hash = match &hash {
                Some(hash) => hash.as_str(),
                None => NOBODYS_HASH.as_ref().map_err(|message| Error::internal(*message))?,
            };
            let hash = PasswordHash::new(hash).map_err(failed)?;
            let right = argon2()?.verify_password(password.expose_secret().as_bytes(), &hash).is_ok();
            Ok(right && known)
        })
        .await
    }

    async fn in_turn<T: Send + 'static>(&self, work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
        let turn = tokio::time::timeout(LONGEST_WAIT, self.turns.clone().acquire_owned())
            .await
            .map_err(|_| Error::Unavailable { retry_after: LONGEST_WAIT })?
            .map_err(Error::internal)?;
        tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        })
        .await
        .map_err(Error::internal)?
    }
}

/// Refuses what cannot be a password. No rules about kinds of characters: length is what helps.
pub(super) fn check(password: &SecretString) -> Result<()> {
    let length = password.expose_secret().chars().count();
    if (SHORTEST..=LONGEST).contains(&length) {
        Ok(())
    } else {
        Err(Error::field("password", "must be 8 to 256 characters"))
    }
}

/// The hash of a password that nobody has, made with the same parameters as all others.
static NOBODYS_HASH: LazyLock<Result<String, &'static str>> = LazyLock::new(|| {
    let make = || -> Result<String> {
        let password = super::token::generate()?;
        let hash: PasswordHash = argon2()?.hash_password(password.as_bytes()).map_err(failed)?;
        Ok(hash.to_string())
    };
    make().map_err(|_| "the stand-in password hash could not be made")
});

fn argon2() -> Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(failed)?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::internal(format!("password hashing failed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text)
    }

    #[tokio::test]
    async fn only_the_right_password_verifies() {
        let hashing = PasswordHashing::default();
        let hash = hashing.hash(secret("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(hashing.verify(secret("correct horse"), Some(hash.clone())).await.unwrap());
        assert!(!hashing.verify(secret("battery staple"), Some(hash)).await.unwrap());
    }

    #[tokio::test]
    async fn an_account_that_is_not_there_never_verifies() {
        assert!(!PasswordHashing::default().verify(secret("anything at all"), None).await.unwrap());
    }

    #[test]
    fn short_and_endless_passwords_are_refused() {
        assert!(check(&secret("1234567")).is_err());
        assert!(check(&secret(&"x".repeat(257))).is_err());
        check(&secret("12345678")).unwrap();
    }
}
