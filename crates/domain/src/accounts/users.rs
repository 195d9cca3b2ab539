//! Users and their memberships. An account may belong to several tenants, so making, adding or changing one is the
//! operator's: an administrator of one tenant could otherwise take over who works in another.

use omniops_types::{Assignee, Permission, Role, UserId};
use secrecy::SecretString;
use serde_json::json;
use uuid::Uuid;

use super::password;
use super::queries::{self, MemberRow};
use crate::{Domain, EmailAddress, Error, Principal, Result, audit};

/// Somebody who will log in to the principal's tenant.
#[derive(Debug)]
pub struct NewMember {
    pub email: String,
    /// 1 to 120 characters.
    pub name: String,
    pub role: Role,
    /// 8 to 256 characters.
    pub password: SecretString,
}

/// Makes a user and a member of the tenant, for the operator alone. `conflict` when the address has an account: see [`add_member`].
pub async fn create_user(domain: &Domain, principal: &Principal, new: NewMember) -> Result<UserId> {
    principal.require_operator(Permission::TeamManage)?;
    let NewMember { email, name, role, password } = new;
    let email: EmailAddress = email.parse()?;
    let name = name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 120 {
        return Err(Error::field("name", "must be 1 to 120 characters"));
    }
    password::check(&password)?;
    let hash = domain.log_ins.hashing.hash(password).await?;
    let id = UserId(Uuid::now_v7());

    let mut tx = domain.database.system("create a user").await?;
    queries::insert_user(&mut tx, id, email.as_str(), &name, &hash).await.map_err(|error| {
        if error.is_unique_violation() {
            Error::Conflict("a user with this e-mail address exists already")
        } else {
            error.into()
        }
    })?;
    let member = MemberRow {
        user_id: id.uuid(),
        display_name: name,
        email: email.into_string(),
        role: role.as_str().to_owned(),
    };
    join(&mut tx, principal, &member).await?;
    tx.commit().await?;
    Ok(id)
}

/// Lets an existing user work in the principal's tenant too, for the operator alone. `conflict` when they already do.
pub async fn add_member(domain: &Domain, principal: &Principal, email: &str, role: Role) -> Result<UserId> {
    principal.require_operator(Permission::TeamManage)?;
    let email: EmailAddress = email.parse()?;
    let mut tx = domain.database.system("find the user who joins a tenant").await?;
    let user = queries::user_for_login(&mut tx, email.as_str()).await?.ok_or(Error::NotFound("user"))?;
    let member =
        MemberRow { user_id: user.id, display_name: user.name, email: user.email, role: role.as_str().to_owned() };
    join(&mut tx, principal, &member).await?;
    tx.commit().await?;
    Ok(user.id.into())
}

/// Gives the member with this address this password, unless it is theirs already, for the operator alone. A change ends
/// their sessions. Says whether anything changed.
pub async fn ensure_password(
    domain: &Domain,
    principal: &Principal,
    email: &str,
    password: SecretString,
) -> Result<bool> {
    principal.require_operator(Permission::TeamManage)?;
    let email: EmailAddress = email.parse()?;
    password::check(&password)?;
    let mut tx = domain.database.system("find the member whose password is set").await?;
    let user = queries::user_for_login(&mut tx, email.as_str()).await?.ok_or(Error::NotFound("user"))?;
    let memberships = queries::memberships(&mut tx, user.id).await?;
    tx.commit().await?;
    if !memberships.iter().any(|membership| membership.tenant_id == principal.tenant_id.uuid()) {
        return Err(Error::NotFound("user"));
    }
    if domain.log_ins.hashing.verify(password.clone(), Some(user.password_hash)).await? {
        return Ok(false);
    }
    let hash = domain.log_ins.hashing.hash(password).await?;
    let mut tx = domain.database.system("set a member's password").await?;
    queries::set_password_hash(&mut tx, user.id, &hash).await?;
    queries::delete_sessions_of(&mut tx, user.id).await?;
    let change =
        audit::Change { action: "member.password_set", target: &user.id.to_string(), before: None, after: None };
    audit::record_system(&mut tx, principal.tenant_id, principal, change).await?;
    tx.commit().await?;
    Ok(true)
}

async fn join(tx: &mut omniops_postgres::SystemTx, principal: &Principal, member: &MemberRow) -> Result<()> {
    queries::insert_member(tx, principal.tenant_id, member).await.map_err(|error| {
        if error.is_unique_violation() { Error::Conflict("this user is a member already") } else { error.into() }
    })?;
    let change = audit::Change {
        action: "member.added",
        target: &member.user_id.to_string(),
        before: None,
        after: Some(json!({ "email": member.email, "role": member.role })),
    };
    audit::record_system(tx, principal.tenant_id, principal, change).await
}

/// The members to whom conversations can be assigned, by name. Analysts only read.
pub async fn list_agents(domain: &Domain, principal: &Principal) -> Result<Vec<Assignee>> {
    principal.require(Permission::ConversationsRead)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let rows = queries::agents(&mut tx).await?;
    Ok(rows.into_iter().map(|row| Assignee { id: row.user_id.into(), name: row.display_name }).collect())
}
