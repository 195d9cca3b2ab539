//! Secrets of 256 random bits, and what the database keeps of them.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};

use crate::{Error, Result};

/// A new secret that nobody can guess: 43 characters of `A-Z a-z 0-9 - _`.
pub fn generate() -> Result<String> {
    let mut bytes = [0_u8; 32];
    OsRng.try_fill_bytes(&mut bytes).map_err(Error::internal)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

/// SHA-256 of the whole text. Nobody can guess 256 bits, so no slow hash is needed to protect them.
pub(super) fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_holds_256_bits_and_is_never_the_same() {
        let (one, two) = (generate().unwrap(), generate().unwrap());
        assert_eq!(URL_SAFE_NO_PAD.decode(&one).unwrap().len(), 32);
        assert_ne!(one, two);
        assert_eq!(hash(&one), hash(&one));
    }
}
