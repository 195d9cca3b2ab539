//! All SQL about customers and their identities.

use omniops_postgres::TenantTx;
use omniops_types::{ConversationId, CustomerId, DomainId, EventData};
use uuid::Uuid;

use crate::Result;

/// As much of a customer as writing a message needs.
#[derive(Clone, Debug)]
pub(crate) struct Customer {
    pub(crate) id: CustomerId,
    pub(crate) name: Option<String>,
}

/// Lets one request of a visitor pass at a time, until the transaction ends: retries of one send and two first
/// requests of one session come one after the other.
pub(crate) async fn lock_session(tx: &mut TenantTx, hash: &[u8; 32]) -> Result<()> {
    let (head, _) = hash.split_first_chunk::<8>().unwrap_or((&[0; 8], &[]));
    let key = i64::from_be_bytes(*head) ^ (tx.tenant_id().uuid().as_u128() as i64);
    sqlx::query("select pg_advisory_xact_lock($1)").bind(key).execute(tx.conn()).await?;
    Ok(())
}

pub(super) async fn find_by_session(tx: &mut TenantTx, hash: &[u8; 32]) -> Result<Option<Customer>> {
    let tenant = tx.tenant_id().uuid();
    let row = sqlx::query_as::<_, (Uuid, Option<String>)>(
        "select c.id, c.name
         from customer_identities i
         join customers c on c.tenant_id = i.tenant_id and c.id = i.customer_id
         where i.tenant_id = $1 and i.kind = 'session' and i.value_hash = $2",
    )
    .bind(tenant)
    .bind(hash.as_slice())
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(|(id, name)| Customer { id: CustomerId(id), name }))
}

pub(super) async fn insert_with_session(
    tx: &mut TenantTx,
    id: CustomerId,
    hash: &[u8; 32],
    locale: Option<&str>,
    page_url: Option<&str>,
) -> Result<()> {
    let tenant = tx.tenant_id().uuid();
    sqlx::query("insert into customers (tenant_id, id, locale, last_page_url) values ($1, $2, $3, $4)")
        .bind(tenant)
        .bind(id.uuid())
        .bind(locale)
        .bind(page_url)
        .execute(tx.conn())
        .await?;
    sqlx::query(
        "insert into customer_identities (tenant_id, kind, value_hash, customer_id) values ($1, 'session', $2, $3)",
    )
    .bind(tenant)
    .bind(hash.as_slice())
    .bind(id.uuid())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes where and when the customer was last seen; an absent value leaves what is known.
pub(crate) async fn touch(
    tx: &mut TenantTx,
    id: CustomerId,
    locale: Option<&str>,
    page_url: Option<&str>,
) -> Result<()> {
    let tenant = tx.tenant_id().uuid();
    sqlx::query(
        "update customers
         set last_seen_at = now(), locale = coalesce($3, locale), last_page_url = coalesce($4, last_page_url)
         where tenant_id = $1 and id = $2",
    )
    .bind(tenant)
    .bind(id.uuid())
    .bind(locale)
    .bind(page_url)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Locks the customer's conversations on all domains and gives their ids.
pub(super) async fn lock_conversations_of(tx: &mut TenantTx, customer: CustomerId) -> Result<Vec<ConversationId>> {
    let ids = sqlx::query_scalar::<_, Uuid>(
        "select id from conversations where tenant_id = $1 and customer_id = $2 order by id for update",
    )
    .bind(tx.tenant_id().uuid())
    .bind(customer.uuid())
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(ConversationId).collect())
}

/// Leaves of each event about these conversations only its number and that the conversation is erased.
pub(super) async fn erase_events(tx: &mut TenantTx, conversations: &[ConversationId]) -> Result<()> {
    let erased = EventData::ConversationErased;
    let payload = serde_json::to_string(&erased).map_err(crate::Error::internal)?;
    sqlx::query("update events set kind = $3, payload = $4::jsonb where tenant_id = $1 and conversation_id = any($2)")
        .bind(tx.tenant_id().uuid())
        .bind(uuids(conversations))
        .bind(erased.kind())
        .bind(payload)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Deletes the customer's thumbs. Left to the cascade of the messages, they would go on being counted: the note that the
/// figures changed is the tenant's to write, and cascades run with the owner's rights.
pub(super) async fn delete_feedback(tx: &mut TenantTx, customer: CustomerId) -> Result<()> {
    sqlx::query("delete from message_feedback where tenant_id = $1 and customer_id = $2")
        .bind(tx.tenant_id().uuid())
        .bind(customer.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Deletes conversations; messages, sends, reads and searches go with them.
pub(super) async fn delete_conversations(tx: &mut TenantTx, conversations: &[ConversationId]) -> Result<()> {
    sqlx::query("delete from conversations where tenant_id = $1 and id = any($2)")
        .bind(tx.tenant_id().uuid())
        .bind(uuids(conversations))
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Deletes a customer who has no conversation any more; the identities go with the row.
pub(super) async fn delete(tx: &mut TenantTx, customer: CustomerId) -> Result<()> {
    sqlx::query("delete from customers where tenant_id = $1 and id = $2")
        .bind(tx.tenant_id().uuid())
        .bind(customer.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub(super) async fn log_erasure(tx: &mut TenantTx, customer: CustomerId, domain: DomainId) -> Result<()> {
    sqlx::query(
        "insert into privacy_logs (tenant_id, id, customer_id, domain_id, kind, created_at)
         values ($1, $2, $3, $4, 'erased', clock_timestamp())",
    )
    .bind(tx.tenant_id().uuid())
    .bind(Uuid::now_v7())
    .bind(customer.uuid())
    .bind(domain.uuid())
    .execute(tx.conn())
    .await?;
    Ok(())
}

fn uuids(conversations: &[ConversationId]) -> Vec<Uuid> {
    conversations.iter().map(|id| id.uuid()).collect()
}
