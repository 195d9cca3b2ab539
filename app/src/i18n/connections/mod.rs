//! Which texts the page of the connections has.

pub(super) mod de;
pub(super) mod en;

use omniops_types::StoreProblem;

use super::messages::With;

/// What is wrong with a store, and what to do about it.
#[derive(Clone, Copy, Debug)]
pub struct Trouble {
    pub title: &'static str,
    pub remedy: &'static str,
}

/// The store behind a domain, and the keys with which the shop signs who its visitors are.
#[derive(Debug)]
pub struct Connections {
    pub page: &'static str,
    pub domain: &'static str,
    pub no_domain: &'static str,
    pub no_domain_hint: &'static str,
    pub command: &'static str,
    pub cancel: &'static str,
    pub store: Store,
    pub keys: IdentityKeys,
}

#[derive(Debug)]
pub struct Store {
    pub title: &'static str,
    pub lead: &'static str,
    pub address: &'static str,
    pub address_hint: &'static str,
    pub consumer_key: &'static str,
    pub consumer_secret: &'static str,
    pub keys_from: &'static str,
    /// The keys go to no other address than that for which they were given.
    pub keys_again: &'static str,
    pub address_missing: &'static str,
    pub key_missing: &'static str,
    pub pair: &'static str,
    /// What a key begins with.
    pub not_a_key: With,
    pub saved_toast: &'static str,
    pub not_saved_toast: &'static str,
    pub none: &'static str,
    pub none_hint: &'static str,
    pub connected: With,
    pub not_asked: &'static str,
    pub asking: With,
    pub works: &'static str,
    /// The site's name, or nothing, and the currency's code.
    pub works_as: fn(&str, &str) -> String,
    pub trouble: fn(StoreProblem) -> Trouble,
    pub not_checked: &'static str,
    pub check: &'static str,
    pub check_again: &'static str,
    pub disconnect: &'static str,
    pub disconnect_title: &'static str,
    /// The store's address.
    pub disconnect_text: With,
    pub disconnected_toast: &'static str,
}

#[derive(Debug)]
pub struct IdentityKeys {
    pub title: &'static str,
    pub lead: &'static str,
    pub none: &'static str,
    pub list: &'static str,
    /// Before how long ago.
    pub made: &'static str,
    pub new: &'static str,
    pub most: &'static str,
    pub replace: &'static str,
    pub replace_title: &'static str,
    /// The key's id.
    pub replace_text: With,
    pub revoke: &'static str,
    pub revoke_named: With,
    pub revoke_title: &'static str,
    pub revoke_text: With,
    pub revoked_toast: &'static str,
    pub not_made_toast: &'static str,
    pub issued: &'static str,
    pub issued_hint: &'static str,
    pub kid: &'static str,
    pub secret: &'static str,
    pub done: &'static str,
    pub how: &'static str,
    pub how_hint: &'static str,
    /// In the code, one line each.
    pub comment_server: &'static str,
    pub comment_lifetime: &'static str,
    pub comment_email: &'static str,
    pub how_sent: &'static str,
}
