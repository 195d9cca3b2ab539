//! Who is asking. A `Principal` can only be had by proving it: a session cookie, an API key, or the command line.

use omniops_types::{ApiKeyId, Permission, Role, Scope, TenantId, UserId};

use crate::{Error, Result};

/// Behind a principal: a person, a key, or the platform itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    User {
        id: UserId,
        name: String,
        role: Role,
    },
    ApiKey {
        id: ApiKeyId,
        scopes: Vec<Scope>,
    },
    /// `omniops …` on the server's own shell.
    CommandLine,
    /// A worker or the demo.
    System,
}

/// A proven caller within one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    pub tenant_id: TenantId,
    pub actor: Actor,
}

impl Principal {
    /// The user, where a person asks.
    pub const fn user_id(&self) -> Option<UserId> {
        match &self.actor {
            Actor::User { id, .. } => Some(*id),
            Actor::ApiKey { .. } | Actor::CommandLine | Actor::System => None,
        }
    }

    /// Passes if the caller may do this, `forbidden` if not: in the words of a role, or of a key's scopes.
    pub fn require(&self, permission: Permission) -> Result<()> {
        match &self.actor {
            Actor::User { role, .. } if !role.allows(permission) => Err(Error::Forbidden(permission)),
            Actor::ApiKey { scopes, .. } if !scopes.contains(&permission) => Err(Error::OutOfScope(permission)),
            Actor::User { .. } | Actor::ApiKey { .. } | Actor::CommandLine | Actor::System => Ok(()),
        }
    }

    /// Passes if the operator of the installation asks: for what the permission covers, but with effect beyond the
    /// tenant. No role within a tenant reaches that far; `forbidden` for all of them.
    pub fn require_operator(&self, permission: Permission) -> Result<()> {
        match &self.actor {
            Actor::CommandLine | Actor::System => Ok(()),
            Actor::User { .. } | Actor::ApiKey { .. } => Err(Error::Forbidden(permission)),
        }
    }
}
