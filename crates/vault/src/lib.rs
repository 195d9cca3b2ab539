#![doc = include_str!("../README.md")]

mod cipher;
mod data_key;
mod error;
mod master_key;
mod vault;

pub use data_key::DataKey;
pub use error::{MasterKeyError, VaultError};
pub use master_key::{KeyId, MasterKey};
pub use vault::Vault;
