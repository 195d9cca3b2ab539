use omniops_types::{Me, Membership, Role, TenantId};
use uuid::Uuid;

use super::queries::{self, MembershipRow, SessionRow};
use super::token;
use crate::{Actor, Domain, Error, Principal, Result};

/// Who holds this token, in the tenant they are working in. `unauthenticated` when the session ended, was idle for
/// 14 days, or its user was disabled or left the tenant.
pub async fn principal_of_session(domain: &Domain, token: &str) -> Result<Principal> {
    let mut tx = domain.database.system("authenticate a session").await?;
    let session = live_session(&mut tx, token).await?;
    tx.commit().await?;
    principal(&session)
}

/// The same, with all that a page shows about the signed-in user.
pub async fn authenticate_session(domain: &Domain, token: &str) -> Result<(Principal, Me)> {
    let mut tx = domain.database.system("authenticate a session").await?;
    let session = live_session(&mut tx, token).await?;
    let memberships = queries::memberships(&mut tx, session.user_id).await?;
    tx.commit().await?;
    let principal = principal(&session)?;
    let me = me_of(session.user_id, session.name, session.email, session.tenant_id, memberships)?;
    Ok((principal, me))
}

/// Ends the session. One that is not there has ended already.
pub async fn logout(domain: &Domain, token: &str) -> Result<()> {
    let mut tx = domain.database.system("end a session").await?;
    queries::delete_session(&mut tx, &token::hash(token)).await?;
    tx.commit().await?;
    Ok(())
}

/// Goes on in another tenant of the same user. `not_found` for a tenant that the user does not belong to.
pub async fn switch_tenant(domain: &Domain, token: &str, tenant: TenantId) -> Result<Me> {
    let mut tx = domain.database.system("switch a session to another tenant").await?;
    let session = live_session(&mut tx, token).await?;
    let memberships = queries::memberships(&mut tx, session.user_id).await?;
    if !memberships.iter().any(|membership| membership.tenant_id == tenant.uuid()) {
        return Err(Error::NotFound("tenant"));
    }
    queries::set_session_tenant(&mut tx, &token::hash(token), tenant).await?;
    tx.commit().await?;
    me_of(session.user_id, session.name, session.email, tenant.uuid(), memberships)
}

/// The session, noted as seen at most once a minute: reads stay reads.
async fn live_session(tx: &mut omniops_postgres::SystemTx, token: &str) -> Result<SessionRow> {
    let hash = token::hash(token);
    let session = queries::live_session(tx, &hash).await?.ok_or(Error::Unauthenticated)?;
    if session.seen_long_ago {
        queries::touch_session(tx, &hash).await?;
    }
    Ok(session)
}

fn principal(session: &SessionRow) -> Result<Principal> {
    Ok(Principal {
        tenant_id: session.tenant_id.into(),
        actor: Actor::User {
            id: session.user_id.into(),
            name: session.display_name.clone(),
            role: role(&session.role)?,
        },
    })
}

pub(super) fn me_of(
    user_id: Uuid,
    name: String,
    email: String,
    tenant_id: Uuid,
    memberships: Vec<MembershipRow>,
) -> Result<Me> {
    let memberships = memberships.into_iter().map(membership).collect::<Result<Vec<_>>>()?;
    let current = memberships
        .iter()
        .find(|membership| membership.tenant_id.uuid() == tenant_id)
        .cloned()
        .ok_or(Error::Unauthenticated)?;
    Ok(Me { user_id: user_id.into(), name, email, current, memberships })
}

fn membership(row: MembershipRow) -> Result<Membership> {
    Ok(Membership { tenant_id: row.tenant_id.into(), slug: row.slug, name: row.tenant_name, role: role(&row.role)? })
}

fn role(text: &str) -> Result<Role> {
    Role::parse(text).ok_or_else(|| Error::internal(format!("unknown role {text:?} in the database")))
}
