use omniops_postgres::{Result, SystemTx, TenantTx};
use omniops_types::{ApiKeyId, TenantId, Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

#[derive(FromRow)]
pub(super) struct UserRow {
    pub id: Uuid,
    pub email: String,
    pub name: String,
    pub password_hash: String,
    pub disabled_at: Option<Timestamp>,
}

pub(super) async fn user_for_login(tx: &mut SystemTx, email: &str) -> Result<Option<UserRow>> {
    let row = sqlx::query_as("select id, email, name, password_hash, disabled_at from users where email = $1")
        .bind(email)
        .fetch_optional(tx.conn())
        .await?;
    Ok(row)
}

pub(super) async fn insert_user(
    tx: &mut SystemTx,
    id: UserId,
    email: &str,
    name: &str,
    password_hash: &str,
) -> Result<()> {
    sqlx::query("insert into users (id, email, name, password_hash) values ($1, $2, $3, $4)")
        .bind(id.uuid())
        .bind(email)
        .bind(name)
        .bind(password_hash)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn set_password_hash(tx: &mut SystemTx, user: Uuid, password_hash: &str) -> Result<()> {
    sqlx::query("update users set password_hash = $2 where id = $1")
        .bind(user)
        .bind(password_hash)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn delete_sessions_of(tx: &mut SystemTx, user: Uuid) -> Result<()> {
    sqlx::query("delete from sessions where user_id = $1").bind(user).execute(tx.conn()).await?;
    Ok(())
}

#[derive(FromRow)]
pub(super) struct MemberRow {
    pub user_id: Uuid,
    pub display_name: String,
    pub email: String,
    pub role: String,
}

pub(super) async fn insert_member(tx: &mut SystemTx, tenant: TenantId, member: &MemberRow) -> Result<()> {
    sqlx::query("insert into team_members (tenant_id, user_id, role, display_name, email) values ($1, $2, $3, $4, $5)")
        .bind(tenant.uuid())
        .bind(member.user_id)
        .bind(&member.role)
        .bind(&member.display_name)
        .bind(&member.email)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A team is small; the list is not paged.
pub(super) async fn agents(tx: &mut TenantTx) -> Result<Vec<MemberRow>> {
    let rows = sqlx::query_as(
        "select user_id, display_name, email, role
           from team_members
          where role <> 'analyst'
          order by display_name, user_id",
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

#[derive(FromRow)]
pub(super) struct MembershipRow {
    pub tenant_id: Uuid,
    pub slug: String,
    pub tenant_name: String,
    pub role: String,
}

pub(super) async fn memberships(tx: &mut SystemTx, user: Uuid) -> Result<Vec<MembershipRow>> {
    let rows = sqlx::query_as(
        "select m.tenant_id, t.slug, t.name as tenant_name, m.role
           from team_members m
           join tenants t on t.id = m.tenant_id
          where m.user_id = $1
          order by t.name, t.id",
    )
    .bind(user)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// The tenant of the user's most recent session.
pub(super) async fn last_tenant(tx: &mut SystemTx, user: Uuid) -> Result<Option<Uuid>> {
    let tenant = sqlx::query_scalar(
        "select tenant_id from sessions where user_id = $1 order by last_seen_at desc, token_hash limit 1",
    )
    .bind(user)
    .fetch_optional(tx.conn())
    .await?;
    Ok(tenant)
}

pub(super) struct NewSessionRow {
    pub token_hash: Vec<u8>,
    pub user_id: Uuid,
    pub tenant_id: Uuid,
    pub expires_at: Timestamp,
    pub ip: Option<String>,
    pub user_agent: Option<String>,
}

pub(super) async fn insert_session(tx: &mut SystemTx, session: NewSessionRow) -> Result<()> {
    sqlx::query(
        "insert into sessions (token_hash, user_id, tenant_id, expires_at, ip, user_agent)
         values ($1, $2, $3, $4, $5::text::inet, $6)",
    )
    .bind(session.token_hash)
    .bind(session.user_id)
    .bind(session.tenant_id)
    .bind(session.expires_at)
    .bind(session.ip)
    .bind(session.user_agent)
    .execute(tx.conn())
    .await?;
    Ok(())
}

#[derive(FromRow)]
pub(super) struct SessionRow {
    pub user_id: Uuid,
    pub tenant_id: Uuid,
    pub name: String,
    pub email: String,
    pub display_name: String,
    pub role: String,
    pub seen_long_ago: bool,
}

/// A session that has neither expired nor been idle for fourteen days, of a user who is not disabled.
pub(super) async fn live_session(tx: &mut SystemTx, token_hash: &[u8]) -> Result<Option<SessionRow>> {
    let row = sqlx::query_as(
        "select s.user_id, s.tenant_id, u.name, u.email, m.display_name, m.role,
                s.last_seen_at < now() - interval '1 minute' as seen_long_ago
           from sessions s
           join users u on u.id = s.user_id
           join team_members m on m.tenant_id = s.tenant_id and m.user_id = s.user_id
          where s.token_hash = $1
            and s.expires_at > now()
            and s.last_seen_at > now() - interval '14 days'
            and u.disabled_at is null",
    )
    .bind(token_hash)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row)
}

pub(super) async fn touch_session(tx: &mut SystemTx, token_hash: &[u8]) -> Result<()> {
    sqlx::query(
        "update sessions set last_seen_at = now()
          where token_hash = $1 and last_seen_at < now() - interval '1 minute'",
    )
    .bind(token_hash)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn set_session_tenant(tx: &mut SystemTx, token_hash: &[u8], tenant: TenantId) -> Result<()> {
    sqlx::query("update sessions set tenant_id = $2 where token_hash = $1")
        .bind(token_hash)
        .bind(tenant.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn delete_session(tx: &mut SystemTx, token_hash: &[u8]) -> Result<()> {
    sqlx::query("delete from sessions where token_hash = $1").bind(token_hash).execute(tx.conn()).await?;
    Ok(())
}

pub(super) struct NewApiKeyRow<'a> {
    pub id: Uuid,
    pub name: &'a str,
    pub prefix: &'a str,
    pub key_hash: Vec<u8>,
    pub scopes: &'a [String],
    pub created_by: Option<Uuid>,
    pub expires_at: Option<Timestamp>,
}

pub(super) async fn insert_api_key(tx: &mut TenantTx, key: NewApiKeyRow<'_>) -> Result<()> {
    sqlx::query(
        "insert into api_keys (tenant_id, id, name, prefix, key_hash, scopes, created_by, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(tx.tenant_id().uuid())
    .bind(key.id)
    .bind(key.name)
    .bind(key.prefix)
    .bind(key.key_hash)
    .bind(key.scopes)
    .bind(key.created_by)
    .bind(key.expires_at)
    .execute(tx.conn())
    .await?;
    Ok(())
}

#[derive(FromRow)]
pub(super) struct ApiKeyRow {
    pub id: Uuid,
    pub name: String,
    pub prefix: String,
    pub scopes: Vec<String>,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

/// A tenant has a handful; the list is not paged.
pub(super) async fn api_keys(tx: &mut TenantTx) -> Result<Vec<ApiKeyRow>> {
    let rows = sqlx::query_as(
        "select id, name, prefix, scopes, created_at, last_used_at, expires_at, revoked_at
           from api_keys
          order by created_at desc, id desc",
    )
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// Whether the key was live until now; absent when there is no such key.
pub(super) async fn revoke_api_key(tx: &mut TenantTx, id: ApiKeyId) -> Result<Option<bool>> {
    let was_live = sqlx::query_scalar(
        "with known as (select id, revoked_at is null as was_live from api_keys where id = $1 for update),
              changed as (
                  update api_keys set revoked_at = now()
                   where id in (select id from known where was_live)
              )
         select was_live from known",
    )
    .bind(id.uuid())
    .fetch_optional(tx.conn())
    .await?;
    Ok(was_live)
}

#[derive(FromRow)]
pub(super) struct LiveApiKeyRow {
    pub tenant_id: Uuid,
    pub id: Uuid,
    pub scopes: Vec<String>,
    pub used_long_ago: bool,
}

pub(super) async fn live_api_key(tx: &mut SystemTx, key_hash: &[u8]) -> Result<Option<LiveApiKeyRow>> {
    let row = sqlx::query_as(
        "select tenant_id, id, scopes,
                coalesce(last_used_at < now() - interval '1 minute', true) as used_long_ago
           from api_keys
          where key_hash = $1
            and revoked_at is null
            and (expires_at is null or expires_at > now())",
    )
    .bind(key_hash)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row)
}

pub(super) async fn touch_api_key(tx: &mut SystemTx, key_hash: &[u8]) -> Result<()> {
    sqlx::query(
        "update api_keys set last_used_at = now()
          where key_hash = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')",
    )
    .bind(key_hash)
    .execute(tx.conn())
    .await?;
    Ok(())
}
