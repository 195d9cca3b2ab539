//! Who is asking, and what they may do.

use serde::{Deserialize, Serialize};

use crate::conversation::text_enum;
use crate::{TenantId, UserId};

text_enum! {
    /// What a member of a team is.
    Role {
        Owner = "owner",
        Admin = "admin",
        Agent = "agent",
        /// Reads, never writes.
        Analyst = "analyst",
    }
}

text_enum! {
    /// One thing that a role may do. Services ask for a permission, never for a role.
    Permission {
        ConversationsRead = "conversations:read",
        ConversationsWrite = "conversations:write",
        KnowledgeRead = "knowledge:read",
        KnowledgeWrite = "knowledge:write",
        SettingsRead = "settings:read",
        SettingsWrite = "settings:write",
        /// Members and API keys.
        TeamManage = "team:manage",
        /// What the AI costs, how fast it is and where it fails.
        AnalyticsRead = "analytics:read",
    }
}

impl Role {
    /// Whether the role holds the permission.
    pub const fn allows(self, permission: Permission) -> bool {
        match self {
            Self::Owner | Self::Admin => true,
            Self::Agent => matches!(
                permission,
                Permission::ConversationsRead
                    | Permission::ConversationsWrite
                    | Permission::KnowledgeRead
                    | Permission::SettingsRead
            ),
            Self::Analyst => matches!(
                permission,
                Permission::ConversationsRead | Permission::KnowledgeRead | Permission::AnalyticsRead
            ),
        }
    }
}

/// What an API key may do: the same words as the permissions of a role.
pub type Scope = Permission;

/// `POST /api/auth/login`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LoginRequest {
    pub email: String,
    pub password: String,
}

impl core::fmt::Debug for LoginRequest {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("LoginRequest").field("email", &self.email).finish_non_exhaustive()
    }
}

/// A tenant that the user belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Membership {
    pub tenant_id: TenantId,
    pub slug: String,
    pub name: String,
    pub role: Role,
}

/// `GET /api/auth/me`: the signed-in user, the tenant they are working in and those they can switch to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Me {
    pub user_id: UserId,
    pub name: String,
    pub email: String,
    pub current: Membership,
    pub memberships: Vec<Membership>,
}
