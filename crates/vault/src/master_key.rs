use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::Mac;
use secrecy::SecretString;
use zeroize::Zeroizing;

use crate::cipher::{self, KEY_BYTES, Key};
use crate::{MasterKeyError, VaultError};

/// Base64 as programs print it, with or without the `=` at its end.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The key that wraps the tenants' data keys. Its text form is 32 bytes in base64.
#[derive(Clone)]
pub struct MasterKey {
    id: KeyId,
    key: Key,
}

impl MasterKey {
    /// A new one that nobody can guess.
    pub fn generate() -> Result<Self, VaultError> {
        Ok(Self::new(cipher::random_key()?))
    }

    fn new(key: Key) -> Self {
        let digest: [u8; 32] = cipher::hmac(&key, &[b"omniops master key id"]).finalize().into_bytes().into();
        let (id, _) = digest.split_first_chunk::<{ KeyId::BYTES }>().unwrap_or((&[0; KeyId::BYTES], &[]));
        Self { id: KeyId(*id), key }
    }

    /// What names the key without telling it.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// As an operator keeps it: 44 characters of base64.
    pub fn to_text(&self) -> SecretString {
        SecretString::from(BASE64.encode(self.key.as_slice()))
    }

    pub(crate) const fn key(&self) -> &Key {
        &self.key
    }
}

impl FromStr for MasterKey {
    type Err = MasterKeyError;

    fn from_str(text: &str) -> Result<Self, MasterKeyError> {
        let bytes = Zeroizing::new(BASE64.decode(text.trim()).map_err(|_| MasterKeyError::NotBase64)?);
        let key: &[u8; KEY_BYTES] = bytes.as_slice().try_into().map_err(|_| MasterKeyError::Length(bytes.len()))?;
        Ok(Self::new(Zeroizing::new(*key)))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MasterKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Names a master key: 8 bytes, shown as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct KeyId(pub(crate) [u8; Self::BYTES]);

impl KeyId {
    pub(crate) const BYTES: usize = 8;
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
