//! People and keys: users, log-in, sessions, roles and API keys.
//!
//! Secrets that we make (session tokens, API keys) hold 256 random bits, so their plain SHA-256 is what the database
//! keeps; passwords hold whatever people choose, so theirs is argon2id.

mod api_keys;
mod attempts;
mod cookie;
mod login;
mod password;
mod queries;
mod sessions;
mod token;
mod users;

use std::net::IpAddr;

pub use api_keys::{
    ApiKeySummary, IssuedApiKey, NewApiKey, authenticate_api_key, create_api_key, list_api_keys, revoke_api_key,
};
pub use cookie::{cleared_session_cookie, session_cookie, session_cookie_name};
pub use login::{NewSession, login};
pub use sessions::{authenticate_session, logout, principal_of_session, switch_tenant};
pub use token::generate as random_password;
pub use users::{NewMember, add_member, create_user, ensure_password, list_agents};

pub(crate) use login::LogIns;

/// What the transport knows about a request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RequestMeta {
    pub ip: Option<IpAddr>,
    pub user_agent: Option<String>,
    /// The `Origin` header.
    pub origin: Option<String>,
    pub request_id: String,
}
