//! XChaCha20-Poly1305 and HMAC-SHA256 over 32-byte keys.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::VaultError;

pub(crate) const KEY_BYTES: usize = 32;
pub(crate) const NONCE_BYTES: usize = 24;

/// A key that is wiped when dropped.
pub(crate) type Key = Zeroizing<[u8; KEY_BYTES]>;

/// The block of SHA-256: HMAC pads its key with zeros to this length.
const BLOCK_BYTES: usize = 64;

pub(crate) fn random_key() -> Result<Key, VaultError> {
    let mut key = Key::default();
    fill_random(&mut *key)?;
    Ok(key)
}

/// The nonce, the ciphertext and its tag. `aad` is authenticated and not stored.
pub(crate) fn encrypt(key: &Key, plain: &[u8], aad: &[u8]) -> Result<Vec<u8>, VaultError> {
    let mut nonce = [0_u8; NONCE_BYTES];
    fill_random(&mut nonce)?;
    let cipher = XChaCha20Poly1305::new((&**key).into());
    // Fails for texts of 256 GB only.
    let encrypted =
        cipher.encrypt(&XNonce::from(nonce), Payload { msg: plain, aad }).map_err(|_| VaultError::Format)?;
    Ok([nonce.as_slice(), &encrypted].concat())
}

/// The text of what [`encrypt`] gave, if key and `aad` are the same.
pub(crate) fn decrypt(key: &Key, encrypted: &[u8], aad: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let (nonce, encrypted) = encrypted.split_first_chunk::<NONCE_BYTES>().ok_or(VaultError::Format)?;
    let cipher = XChaCha20Poly1305::new((&**key).into());
    cipher
        .decrypt(&XNonce::from(*nonce), Payload { msg: encrypted, aad })
        .map(Zeroizing::new)
        .map_err(|_| VaultError::Refused)
}

/// HMAC-SHA256 that has read these parts, each with its length before it, so that no two lists of parts read the same.
pub(crate) fn hmac(key: &Key, parts: &[&[u8]]) -> Hmac<Sha256> {
    let mut block = Zeroizing::new([0_u8; BLOCK_BYTES]);
    for (to, from) in block.iter_mut().zip(key.iter()) {
        *to = *from;
    }
    let mut hmac = Hmac::<Sha256>::new((&*block).into());
    for part in parts {
        hmac.update(&(part.len() as u64).to_be_bytes());
        hmac.update(part);
    }
    hmac
}

fn fill_random(bytes: &mut [u8]) -> Result<(), VaultError> {
    OsRng.try_fill_bytes(bytes).map_err(|_| VaultError::Random)
}
