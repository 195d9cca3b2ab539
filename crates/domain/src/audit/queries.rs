use omniops_types::TenantId;
use sqlx::PgConnection;
use uuid::Uuid;

use super::Change;
use crate::accounts::RequestMeta;
use crate::{Actor, Principal};

pub(super) struct Entry<'a> {
    pub tenant: TenantId,
    pub principal: &'a Principal,
    pub meta: Option<&'a RequestMeta>,
    pub change: Change<'a>,
}

pub(super) async fn insert(conn: &mut PgConnection, entry: Entry<'_>) -> sqlx::Result<()> {
    let (kind, actor) = match &entry.principal.actor {
        Actor::User { id, .. } => ("user", Some(id.uuid())),
        Actor::ApiKey { id, .. } => ("api_key", Some(id.uuid())),
        Actor::CommandLine => ("cli", None),
        Actor::System => ("system", None),
    };
    sqlx::query(
        "insert into config_audit_log
             (tenant_id, id, actor_kind, actor_id, action, target, before, after, ip, request_id)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9::text::inet, $10)",
    )
    .bind(entry.tenant.uuid())
    .bind(Uuid::now_v7())
    .bind(kind)
    .bind(actor)
    .bind(entry.change.action)
    .bind(entry.change.target)
    .bind(entry.change.before)
    .bind(entry.change.after)
    .bind(entry.meta.and_then(|meta| meta.ip).map(|ip| ip.to_string()))
    .bind(entry.meta.map(|meta| meta.request_id.as_str()).filter(|id| !id.is_empty()))
    .execute(conn)
    .await?;
    Ok(())
}
