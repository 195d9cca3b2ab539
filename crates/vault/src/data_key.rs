use std::fmt;

use hmac::Mac;
use omniops_types::TenantId;
use secrecy::{ExposeSecret, SecretString};
use zeroize::Zeroizing;

use crate::VaultError;
use crate::cipher::{self, Key};

/// The format that this release writes.
const FORMAT: u8 = 1;

/// A tenant's own key: seals its secrets and makes its keyed hashes.
pub struct DataKey {
    tenant: TenantId,
    key: Key,
}

impl DataKey {
    pub(crate) fn generate(tenant: TenantId) -> Result<Self, VaultError> {
        Ok(Self { tenant, key: cipher::random_key()? })
    }

    pub(crate) const fn new(tenant: TenantId, key: Key) -> Self {
        Self { tenant, key }
    }

    /// Whose key this is.
    pub const fn tenant(&self) -> TenantId {
        self.tenant
    }

    pub(crate) const fn key(&self) -> &Key {
        &self.key
    }

    /// The text as it is stored under this name.
    pub fn seal(&self, name: &str, text: &SecretString) -> Result<Vec<u8>, VaultError> {
        let encrypted = cipher::encrypt(&self.key, text.expose_secret().as_bytes(), &self.bound_to(name))?;
        Ok([&[FORMAT], encrypted.as_slice()].concat())
    }

    /// The text that was sealed under this name.
    pub fn open(&self, name: &str, sealed: &[u8]) -> Result<SecretString, VaultError> {
        let Some((&FORMAT, encrypted)) = sealed.split_first() else { return Err(VaultError::Format) };
        let plain = cipher::decrypt(&self.key, encrypted, &self.bound_to(name))?;
        std::str::from_utf8(&plain).map(SecretString::from).map_err(|_| VaultError::Format)
    }

    /// A keyed hash of these parts. Hashes of one purpose tell nothing about those of another.
    pub fn mac(&self, purpose: &str, parts: &[&[u8]]) -> [u8; 32] {
        cipher::hmac(&self.key_for(purpose), parts).finalize().into_bytes().into()
    }

    /// Whether [`mac`](Self::mac) gives this, in a time that does not tell how much of it was right.
    pub fn verify_mac(&self, purpose: &str, parts: &[&[u8]], mac: &[u8]) -> bool {
        cipher::hmac(&self.key_for(purpose), parts).verify_slice(mac).is_ok()
    }

    fn key_for(&self, purpose: &str) -> Key {
        let tenant = self.tenant.uuid();
        let parts = [b"omniops keyed hash".as_slice(), tenant.as_bytes(), purpose.as_bytes()];
        Zeroizing::new(cipher::hmac(&self.key, &parts).finalize().into_bytes().into())
    }

    fn bound_to(&self, name: &str) -> Vec<u8> {
        [b"omniops secret".as_slice(), &[FORMAT], self.tenant.uuid().as_bytes(), name.as_bytes()].concat()
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DataKey").field("tenant", &self.tenant).finish_non_exhaustive()
    }
}
