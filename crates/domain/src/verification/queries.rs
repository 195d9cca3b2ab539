//! All SQL about proving who a customer is.

use std::time::Duration;

use omniops_postgres::TenantTx;
use omniops_types::{ConversationId, CustomerId, DomainId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use crate::Result;

/// Where a code is asked for.
#[derive(FromRow)]
pub(super) struct Scene {
    /// The conversation's.
    pub locale: Option<String>,
    /// The tenant's name.
    pub shop: String,
}

/// Codes of a conversation within a time.
#[derive(FromRow)]
pub(super) struct SentCodes {
    pub count: i64,
    pub oldest: Option<Timestamp>,
}

pub(super) struct NewCode<'a> {
    pub id: Uuid,
    pub customer_id: CustomerId,
    pub conversation_id: ConversationId,
    pub email: &'a str,
    pub code_hash: &'a [u8],
    pub valid: Duration,
}

/// A code that can be entered.
#[derive(FromRow)]
pub(super) struct LiveCode {
    pub id: Uuid,
    pub email: String,
    pub code_hash: Vec<u8>,
}

/// Locks the conversation if it is this customer's.
pub(super) async fn lock_conversation(
    tx: &mut TenantTx,
    conversation: ConversationId,
    customer: CustomerId,
) -> Result<Option<Scene>> {
    let scene = sqlx::query_as::<_, Scene>(
        "select c.locale, t.name as shop
         from conversations c
         join tenants t on t.id = c.tenant_id
         where c.tenant_id = $1 and c.id = $2 and c.customer_id = $3
         for update of c",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .bind(customer.uuid())
    .fetch_optional(tx.conn())
    .await?;
    Ok(scene)
}

pub(super) async fn codes_since(
    tx: &mut TenantTx,
    conversation: ConversationId,
    window: Duration,
) -> Result<SentCodes> {
    let sent = sqlx::query_as::<_, SentCodes>(
        "select count(*) as count, min(created_at) as oldest
         from email_verifications
         where tenant_id = $1 and conversation_id = $2 and created_at > clock_timestamp() - make_interval(secs => $3)",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .bind(window.as_secs_f64())
    .fetch_one(tx.conn())
    .await?;
    Ok(sent)
}

/// Counts one more code to this address, unless there were `limit` within the window already; says whether it did. Two that
/// count at once wait for each other.
pub(super) async fn count_send(tx: &mut TenantTx, address: &[u8], limit: u8, window: Duration) -> Result<bool> {
    let done = sqlx::query(
        "insert into email_code_sends as s (tenant_id, address_hash, sends) values ($1, $2, 1)
         on conflict (tenant_id, address_hash) do update
         set sends = case when s.began_at > now() - make_interval(secs => $4) then s.sends + 1 else 1 end,
             began_at = case when s.began_at > now() - make_interval(secs => $4) then s.began_at else now() end
         where s.sends < $3 or s.began_at <= now() - make_interval(secs => $4)",
    )
    .bind(tx.tenant_id().uuid())
    .bind(address)
    .bind(i16::from(limit))
    .bind(window.as_secs_f64())
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}

pub(super) async fn sends_began_at(tx: &mut TenantTx, address: &[u8]) -> Result<Option<Timestamp>> {
    let began_at = sqlx::query_scalar::<_, Timestamp>(
        "select began_at from email_code_sends where tenant_id = $1 and address_hash = $2",
    )
    .bind(tx.tenant_id().uuid())
    .bind(address)
    .fetch_optional(tx.conn())
    .await?;
    Ok(began_at)
}

/// Makes the codes of the conversation that could still be entered useless.
pub(super) async fn void_codes(tx: &mut TenantTx, conversation: ConversationId) -> Result<()> {
    sqlx::query(
        "update email_verifications set code_hash = null
         where tenant_id = $1 and conversation_id = $2 and code_hash is not null",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Gives when the code expires.
pub(super) async fn insert_code(tx: &mut TenantTx, new: NewCode<'_>) -> Result<Timestamp> {
    let expires_at = sqlx::query_scalar::<_, Timestamp>(
        "insert into email_verifications
             (tenant_id, id, customer_id, conversation_id, email, code_hash, expires_at)
         values ($1, $2, $3, $4, $5, $6, clock_timestamp() + make_interval(secs => $7))
         returning expires_at",
    )
    .bind(tx.tenant_id().uuid())
    .bind(new.id)
    .bind(new.customer_id.uuid())
    .bind(new.conversation_id.uuid())
    .bind(new.email)
    .bind(new.code_hash)
    .bind(new.valid.as_secs_f64())
    .fetch_one(tx.conn())
    .await?;
    Ok(expires_at)
}

/// The code that can be entered in this conversation, locked: tries come one after the other.
pub(super) async fn lock_live_code(
    tx: &mut TenantTx,
    conversation: ConversationId,
    customer: CustomerId,
) -> Result<Option<LiveCode>> {
    let code = sqlx::query_as::<_, LiveCode>(
        "select id, email, code_hash from email_verifications
         where tenant_id = $1 and conversation_id = $2 and customer_id = $3
           and code_hash is not null and expires_at > clock_timestamp()
         for update",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .bind(customer.uuid())
    .fetch_optional(tx.conn())
    .await?;
    Ok(code)
}

/// Counts a wrong code; the last of the allowed ones makes the code useless. Gives how many there were.
pub(super) async fn count_try(tx: &mut TenantTx, id: Uuid, allowed: u8) -> Result<u8> {
    let tries = sqlx::query_scalar::<_, i16>(
        "update email_verifications
         set tries = tries + 1, code_hash = case when tries + 1 < $3 then code_hash end
         where tenant_id = $1 and id = $2
         returning tries",
    )
    .bind(tx.tenant_id().uuid())
    .bind(id)
    .bind(i16::from(allowed))
    .fetch_one(tx.conn())
    .await?;
    Ok(u8::try_from(tries).unwrap_or(u8::MAX))
}

pub(super) async fn mark_verified(tx: &mut TenantTx, id: Uuid, valid: Duration) -> Result<()> {
    sqlx::query(
        "update email_verifications
         set code_hash = null, verified_at = now(), verified_until = now() + make_interval(secs => $3)
         where tenant_id = $1 and id = $2",
    )
    .bind(tx.tenant_id().uuid())
    .bind(id)
    .bind(valid.as_secs_f64())
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn verified_email(tx: &mut TenantTx, customer: CustomerId) -> Result<Option<String>> {
    let email = sqlx::query_scalar::<_, String>(
        "select email from email_verifications
         where tenant_id = $1 and customer_id = $2 and verified_until > now()
         order by verified_at desc
         limit 1",
    )
    .bind(tx.tenant_id().uuid())
    .bind(customer.uuid())
    .fetch_optional(tx.conn())
    .await?;
    Ok(email)
}

pub(super) async fn domain_host(tx: &mut TenantTx, domain: DomainId) -> Result<Option<String>> {
    let host = sqlx::query_scalar::<_, String>("select host from domains where tenant_id = $1 and id = $2")
        .bind(tx.tenant_id().uuid())
        .bind(domain.uuid())
        .fetch_optional(tx.conn())
        .await?;
    Ok(host)
}

/// Locks the tenant's domain and gives its host: changes of its keys come one after the other. Conversations that begin on
/// it do not wait.
pub(super) async fn lock_domain(tx: &mut TenantTx, domain: DomainId) -> Result<Option<String>> {
    let host =
        sqlx::query_scalar::<_, String>("select host from domains where tenant_id = $1 and id = $2 for no key update")
            .bind(tx.tenant_id().uuid())
            .bind(domain.uuid())
            .fetch_optional(tx.conn())
            .await?;
    Ok(host)
}
