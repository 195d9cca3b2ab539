use crate::KeyId;

/// Why the vault gave nothing. Never carries a key or a text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    #[error("there is no master key, so secrets can be neither kept nor read")]
    Locked,
    /// The data key was wrapped under a master key that is not here.
    #[error("this was encrypted under master key {0}, which is not set")]
    UnknownKey(KeyId),
    /// Changed, cut off, or moved here from another tenant or name.
    #[error("this was not encrypted for this place, or was changed since")]
    Refused,
    /// Of a later release, or no vault's at all.
    #[error("this is not in a format that this release reads")]
    Format,
    #[error("the system gives no random numbers")]
    Random,
}

/// Why a text is no master key. Does not repeat the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MasterKeyError {
    #[error("a master key is 32 bytes in base64, and this is not base64")]
    NotBase64,
    #[error("a master key is 32 bytes in base64, and this is {0} bytes")]
    Length(usize),
}
