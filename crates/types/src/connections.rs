//! What a domain is connected to: the store behind it, and the keys with which the shop signs who its visitors are.

use serde::{Deserialize, Serialize};

use crate::{Currency, Timestamp};

/// What a store runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum StoreKind {
    WooCommerce,
}

impl StoreKind {
    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WooCommerce => "woocommerce",
        }
    }
}

/// A connected store, without its keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoreConnection {
    pub kind: StoreKind,
    pub base_url: String,
    /// The last characters of the consumer key, to recognise it by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_hint: Option<String>,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub updated_at: Timestamp,
}

/// `GET /api/settings/store`: the store behind a domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StoreSettings {
    /// `null` when none is connected.
    pub connection: Option<StoreConnection>,
}

/// `PUT /api/settings/store`: connects a store in place of the one that was.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct UpdateStore {
    /// The domain's host, as registered.
    pub domain: String,
    pub kind: StoreKind,
    /// The store's home address, spelled as the store has its own configured.
    pub base_url: String,
    /// `ck_…`, of a pair that may read. Both keys or none: without them those that are kept stay, unless the address
    /// changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer_key: Option<String>,
    /// `cs_…`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consumer_secret: Option<String>,
}

impl core::fmt::Debug for UpdateStore {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("UpdateStore")
            .field("domain", &self.domain)
            .field("kind", &self.kind)
            .field("base_url", &self.base_url)
            .field("with_keys", &self.consumer_key.is_some())
            .finish_non_exhaustive()
    }
}

/// Whether a connected store answers as it should.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "result")]
pub enum StoreCheck {
    /// Its keys may read products and orders.
    Works {
        /// The site's name; empty where the site does not tell.
        name: String,
        #[cfg_attr(feature = "openapi", schema(value_type = String))]
        currency: Currency,
    },
    Fails {
        problem: StoreProblem,
    },
}

/// What is wrong with a store, in a form that a page can put into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum StoreProblem {
    /// The keys are wrong, may not read orders, or, over plain http, the address is spelled in another way than the
    /// store's own or its clock is wrong.
    KeysRefused,
    /// No WooCommerce REST API at the address; WordPress with plain permalinks has none either.
    NoApi,
    /// The store sends to another address: the right one should be entered.
    Redirected,
    /// Not reached, or reached and failing.
    Unavailable,
    /// It wants fewer requests.
    Busy,
    /// Something answered that is no store.
    Unusable,
}

/// A key with which the shop signs who its visitors are, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IdentityKey {
    /// Goes into the token's header.
    pub kid: String,
    #[cfg_attr(feature = "openapi", schema(value_type = String, format = DateTime))]
    pub created_at: Timestamp,
}

/// `GET /api/settings/identity-keys`: a domain's keys, oldest first; two at most.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IdentityKeys {
    pub items: Vec<IdentityKey>,
}

/// `POST /api/settings/identity-keys`: a new key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateIdentityKey {
    /// The domain's host, as registered.
    pub domain: String,
    /// In place of the oldest, where there are two already; without it that is a conflict.
    #[serde(default)]
    pub rotate: bool,
}

/// A new key, with its secret, told this once.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IssuedKey {
    pub kid: String,
    /// The text itself, not what its base64 stands for, is the key of HS256.
    pub secret: String,
}

impl core::fmt::Debug for IssuedKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("IssuedKey").field("kid", &self.kid).finish_non_exhaustive()
    }
}
