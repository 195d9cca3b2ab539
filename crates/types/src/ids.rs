//! One newtype an entity. All ids are UUIDv7 and are made by the side that creates the row; this crate only
//! carries them.

use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The text was not a UUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdParseError;

impl fmt::Display for IdParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a valid id")
    }
}

impl core::error::Error for IdParseError {}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The UUID inside, for binding to a query.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = IdParseError;

            fn from_str(text: &str) -> Result<Self, IdParseError> {
                Uuid::try_parse(text).map(Self).map_err(|_| IdParseError)
            }
        }
    )*};
}

ids! {
    /// A customer of OmniOps: one company with its domains, agents and conversations.
    TenantId,
    /// A site on which the tenant's widget runs.
    DomainId,
    /// A person who logs in to the dashboard. Users may belong to several tenants.
    UserId,
    /// A programmatic credential of one tenant.
    ApiKeyId,
    /// A person who writes to a tenant, known or anonymous.
    CustomerId,
    /// One conversation of one customer.
    ConversationId,
    /// One message or note within a conversation.
    MessageId,
    /// A place that knowledge comes from: a site, a page, a text.
    SourceId,
    /// One fetched page.
    PageId,
    /// One passage of a page, as it is searched and quoted.
    ChunkId,
    /// One logged search.
    SearchId,
    /// One crawl or re-embedding run.
    JobId,
    /// One turn of the AI, as telemetry keeps it.
    TurnId,
    /// Something that a person of the tenant should look at.
    AlertId,
    /// One call of a language model, from its reservation to its entries in the ledger.
    ModelCallId,
}
