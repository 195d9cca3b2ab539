//! How a customer proves who they are: by a code that is sent to their e-mail address, or by a token that the shop signed.
//!
//! A code is asked for and entered inside the chat. It has six digits, is good for ten minutes and three tries, and is kept as
//! a hash under the tenant's own key. Whether the shop knows the address changes nothing in what is answered, or when.

mod code;
mod email_code;
mod identity_keys;
mod identity_token;
mod queries;
mod settings;
mod texts;

pub use code::Code;
pub use email_code::{
    CODE_VALID, CODES_PER_ADDRESS, CODES_PER_CONVERSATION, CodeRequest, Confirmed, Started, TRIES, VERIFIED_FOR,
    confirm, start, verified_email,
};
pub use identity_keys::{
    IssuedIdentityKey, LIVE_KEYS, create_identity_key, identity_keys, remove_identity_key, rotate_identity_key,
};
pub use identity_token::{IdentityToken, MAX_LIFETIME, VerifiedIdentity, verify_identity};
pub use settings::{end_identity_key, identity_keys_of, issue_identity_key};
