use std::fmt;

use omniops_types::TenantId;
use zeroize::Zeroizing;

use crate::cipher::{self, KEY_BYTES};
use crate::{DataKey, KeyId, MasterKey, VaultError};

/// The format that this release writes.
const FORMAT: u8 = 1;

/// Wraps and unwraps the tenants' data keys.
#[derive(Clone)]
pub struct Vault {
    /// The first wraps, all unwrap. None: locked.
    keys: Vec<MasterKey>,
}

impl Vault {
    /// `first` wraps from now on; what is wrapped under the `older` ones is still read.
    pub fn new(first: MasterKey, older: impl IntoIterator<Item = MasterKey>) -> Self {
        Self { keys: std::iter::once(first).chain(older).collect() }
    }

    /// Without any key: for programs that need no secret.
    pub const fn locked() -> Self {
        Self { keys: Vec::new() }
    }

    /// The key that wraps; absent in a locked vault.
    pub fn wrapping_key(&self) -> Option<KeyId> {
        self.keys.first().map(MasterKey::id)
    }

    /// All keys that unwrap, the wrapping one first.
    pub fn key_ids(&self) -> impl Iterator<Item = KeyId> {
        self.keys.iter().map(MasterKey::id)
    }

    /// A new data key for this tenant, and what to store of it.
    pub fn new_data_key(&self, tenant: TenantId) -> Result<(DataKey, Vec<u8>), VaultError> {
        let key = DataKey::generate(tenant)?;
        let wrapped = self.wrap(&key)?;
        Ok((key, wrapped))
    }

    /// The tenant's data key as it is stored, under the first master key.
    pub fn wrap(&self, key: &DataKey) -> Result<Vec<u8>, VaultError> {
        let master = self.keys.first().ok_or(VaultError::Locked)?;
        let head = head(master.id());
        let encrypted = cipher::encrypt(master.key(), &**key.key(), &bound_to(&head, key.tenant()))?;
        Ok([head.as_slice(), &encrypted].concat())
    }

    /// The data key that was stored for this tenant.
    pub fn unwrap(&self, tenant: TenantId, wrapped: &[u8]) -> Result<DataKey, VaultError> {
        if self.keys.is_empty() {
            return Err(VaultError::Locked);
        }
        let id = wrapping_key_of(wrapped)?;
        let master = self.keys.iter().find(|key| key.id() == id).ok_or(VaultError::UnknownKey(id))?;
        let encrypted = wrapped.get(HEAD_BYTES..).ok_or(VaultError::Format)?;
        let plain = cipher::decrypt(master.key(), encrypted, &bound_to(&head(id), tenant))?;
        let key: &[u8; KEY_BYTES] = plain.as_slice().try_into().map_err(|_| VaultError::Format)?;
        Ok(DataKey::new(tenant, Zeroizing::new(*key)))
    }

    /// The same data key under the first master key; absent when it is wrapped under that one already.
    pub fn rewrap(&self, tenant: TenantId, wrapped: &[u8]) -> Result<Option<Vec<u8>>, VaultError> {
        let key = self.unwrap(tenant, wrapped)?;
        if Some(wrapping_key_of(wrapped)?) == self.wrapping_key() {
            return Ok(None);
        }
        self.wrap(&key).map(Some)
    }
}

const HEAD_BYTES: usize = 1 + KeyId::BYTES;

/// The format's number and the id of the master key.
fn head(id: KeyId) -> [u8; HEAD_BYTES] {
    let mut head = [FORMAT; HEAD_BYTES];
    for (to, from) in head.iter_mut().skip(1).zip(id.0) {
        *to = from;
    }
    head
}

fn wrapping_key_of(wrapped: &[u8]) -> Result<KeyId, VaultError> {
    match wrapped.split_first_chunk::<HEAD_BYTES>() {
        Some(([FORMAT, id @ ..], _)) => Ok(KeyId(*id)),
        Some(_) | None => Err(VaultError::Format),
    }
}

fn bound_to(head: &[u8; HEAD_BYTES], tenant: TenantId) -> Vec<u8> {
    [b"omniops data key".as_slice(), head, tenant.uuid().as_bytes()].concat()
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("keys", &self.keys).finish()
    }
}
