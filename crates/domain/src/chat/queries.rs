//! All SQL about sends and turns.

use omniops_postgres::{SystemTx, TenantTx};
use omniops_types::{AuthorKind, ChatResponse, ConversationId, CustomerId, DomainId, MessageId, TenantId};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Error, Result};

/// How long a turn belongs to the process that renews it. Short, because a customer waits while a dead one holds it.
pub(super) const LEASE_SECONDS: f64 = 10.0;
/// What a turn reads of the conversation, unanswered messages included.
const CONTEXT_MESSAGES: i64 = 20;

/// What names a send: who sent it, and under which key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct SendKey {
    pub(super) customer: CustomerId,
    pub(super) client_id: Uuid,
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct SendRow {
    pub(super) text_hash: Vec<u8>,
    pub(super) conversation_id: Uuid,
    pub(super) message_id: Uuid,
    pub(super) response: Option<Json<ChatResponse>>,
    /// It has no answer, and gets none until the customer is back.
    pub(super) set_aside: bool,
}

pub(super) async fn find_send(tx: &mut TenantTx, key: SendKey) -> Result<Option<SendRow>> {
    let row = sqlx::query_as::<_, SendRow>(
        "select text_hash, conversation_id, message_id, response,
                response is null and leased_until = '-infinity' as set_aside
         from chat_requests
         where tenant_id = $1 and customer_id = $2 and client_id = $3",
    )
    .bind(tx.tenant_id().uuid())
    .bind(key.customer.uuid())
    .bind(key.client_id)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row)
}

/// The answer to a send, if it has one.
pub(super) async fn response(tx: &mut TenantTx, key: SendKey) -> Result<Option<ChatResponse>> {
    Ok(find_send(tx, key).await?.and_then(|row| row.response).map(|response| response.0))
}

pub(super) async fn insert_send(
    tx: &mut TenantTx,
    key: SendKey,
    text_hash: &[u8; 32],
    conversation: ConversationId,
    message: MessageId,
    response: Option<&ChatResponse>,
) -> Result<()> {
    sqlx::query(
        "insert into chat_requests (tenant_id, customer_id, client_id, text_hash, conversation_id, message_id, response,
                                    leased_until)
         values ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(secs => $8))",
    )
    .bind(tx.tenant_id().uuid())
    .bind(key.customer.uuid())
    .bind(key.client_id)
    .bind(text_hash.as_slice())
    .bind(conversation.uuid())
    .bind(message.uuid())
    .bind(response.map(Json))
    .bind(LEASE_SECONDS)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Gives the same answer to every send of the conversation that has none, up to this message. Each names its own message.
pub(super) async fn answer_sends(
    tx: &mut TenantTx,
    conversation: ConversationId,
    up_to_seq: i64,
    response: &ChatResponse,
) -> Result<()> {
    sqlx::query(
        "update chat_requests r
         set response = jsonb_set($4, '{message_id}', to_jsonb(r.message_id))
         from messages m
         where r.tenant_id = $1 and r.conversation_id = $2 and r.response is null
           and m.tenant_id = r.tenant_id and m.id = r.message_id and m.seq <= $3",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .bind(up_to_seq)
    .bind(Json(response))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A line of the conversation as a turn reads it.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct ContextRow {
    pub(super) id: Uuid,
    pub(super) seq: i64,
    pub(super) author_kind: String,
    pub(super) text: String,
    /// The key of the send that waits for an answer to this message.
    pub(super) unanswered: Option<Uuid>,
    pub(super) attempts: Option<i32>,
}

/// The newest replies of either side, newest first, and which of them wait for an answer.
pub(super) async fn context(tx: &mut TenantTx, conversation: ConversationId) -> Result<Vec<ContextRow>> {
    let rows = sqlx::query_as::<_, ContextRow>(
        "select m.id, m.seq, m.author_kind, m.text, r.client_id as unanswered, r.attempts
         from messages m
         left join chat_requests r on r.tenant_id = m.tenant_id and r.message_id = m.id and r.response is null
         where m.tenant_id = $1 and m.conversation_id = $2 and m.kind = 'reply'
         order by m.seq desc
         limit $3",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .bind(CONTEXT_MESSAGES)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// Whether the last line of the conversation is one in which the AI did not know the answer, and offered a person. The
/// receipt says so.
pub(super) async fn person_was_offered_last(tx: &mut TenantTx, conversation: ConversationId) -> Result<bool> {
    let offered = sqlx::query_scalar::<_, bool>(
        "select author_kind = 'ai' and coalesce(receipt ->> 'verdict' = 'declined' or receipt ->> 'offered' = 'true', false)
         from messages
         where tenant_id = $1 and conversation_id = $2 and kind = 'reply'
         order by seq desc
         limit 1",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .fetch_optional(tx.conn())
    .await?;
    Ok(offered.unwrap_or(false))
}

/// The host of one of the tenant's domains.
pub(super) async fn host(tx: &mut TenantTx, domain: DomainId) -> Result<String> {
    let host = sqlx::query_scalar::<_, String>("select host from domains where tenant_id = $1 and id = $2")
        .bind(tx.tenant_id().uuid())
        .bind(domain.uuid())
        .fetch_optional(tx.conn())
        .await?;
    host.ok_or(Error::NotFound("domain"))
}

/// Whether after this message an agent replied, and whether another customer message waits for an answer.
#[derive(Clone, Copy, Debug, sqlx::FromRow)]
pub(super) struct Overtaken {
    pub(super) by_agent: bool,
    pub(super) by_customer: bool,
}

pub(super) async fn overtaken(tx: &mut TenantTx, conversation: ConversationId, seq: i64) -> Result<Overtaken> {
    let row = sqlx::query_as::<_, Overtaken>(
        "select coalesce(bool_or(m.author_kind = 'agent' and m.kind = 'reply'), false) as by_agent,
                coalesce(bool_or(m.author_kind = 'customer' and r.client_id is not null), false) as by_customer
         from messages m
         left join chat_requests r on r.tenant_id = m.tenant_id and r.message_id = m.id and r.response is null
         where m.tenant_id = $1 and m.conversation_id = $2 and m.seq > $3",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .bind(seq)
    .fetch_one(tx.conn())
    .await?;
    Ok(row)
}

/// Keeps a turn's sends for this process a while longer.
pub(super) async fn renew_leases(tx: &mut TenantTx, conversation: ConversationId) -> Result<()> {
    sqlx::query(
        "update chat_requests
         set leased_until = now() + make_interval(secs => $3)
         where tenant_id = $1 and conversation_id = $2 and response is null and leased_until > '-infinity'",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .bind(LEASE_SECONDS)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Leaves the sends up to this message without an answer: a lease that ended before all time, so that nobody takes them up
/// before [`take_back`].
pub(super) async fn set_aside(tx: &mut TenantTx, conversation: ConversationId, up_to_seq: i64) -> Result<()> {
    sqlx::query(
        "update chat_requests r
         set leased_until = '-infinity'
         from messages m
         where r.tenant_id = $1 and r.conversation_id = $2 and r.response is null
           and m.tenant_id = r.tenant_id and m.id = r.message_id and m.seq <= $3",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .bind(up_to_seq)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Leases the conversation's sends that were set aside; tells whether there were any.
pub(super) async fn take_back(tx: &mut TenantTx, conversation: ConversationId) -> Result<bool> {
    let done = sqlx::query(
        "update chat_requests
         set leased_until = now() + make_interval(secs => $3)
         where tenant_id = $1 and conversation_id = $2 and response is null and leased_until = '-infinity'",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .bind(LEASE_SECONDS)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The customer's conversations with sends that were set aside, unless a person has them or has settled them.
pub(super) async fn conversations_set_aside(tx: &mut TenantTx, customer: CustomerId) -> Result<Vec<ConversationId>> {
    let ids = sqlx::query_scalar::<_, Uuid>(
        "select distinct r.conversation_id
         from chat_requests r
         join conversations c on c.tenant_id = r.tenant_id and c.id = r.conversation_id
         where r.tenant_id = $1 and r.customer_id = $2 and r.response is null and r.leased_until = '-infinity'
           and c.ai_state <> 'silenced' and c.status <> 'resolved'",
    )
    .bind(tx.tenant_id().uuid())
    .bind(customer.uuid())
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(ConversationId).collect())
}

/// A conversation with sends that nobody is answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Abandoned {
    pub(super) tenant: TenantId,
    pub(super) conversation: ConversationId,
}

/// Takes up to `limit` sends whose lease is over; another process that asks at the same time takes others.
pub(super) async fn claim_abandoned(tx: &mut SystemTx, limit: i64) -> Result<Vec<Abandoned>> {
    let rows = sqlx::query_as::<_, (Uuid, Uuid)>(
        "with abandoned as (
             select tenant_id, customer_id, client_id
             from chat_requests
             where response is null and leased_until < now() and leased_until > '-infinity'
             order by created_at
             limit $1
             for update skip locked
         ), claimed as (
             update chat_requests r
             set leased_until = now() + make_interval(secs => $2), attempts = r.attempts + 1
             from abandoned a
             where r.tenant_id = a.tenant_id and r.customer_id = a.customer_id and r.client_id = a.client_id
             returning r.tenant_id, r.conversation_id
         )
         select distinct tenant_id, conversation_id from claimed",
    )
    .bind(limit)
    .bind(LEASE_SECONDS)
    .fetch_all(tx.conn())
    .await?;
    let abandoned =
        |(tenant, conversation)| Abandoned { tenant: TenantId(tenant), conversation: ConversationId(conversation) };
    Ok(rows.into_iter().map(abandoned).collect())
}

/// An author as the database names it.
pub(super) fn author_kind(text: &str) -> Result<AuthorKind> {
    AuthorKind::parse(text).ok_or_else(|| Error::internal(format!("unknown author kind {text} in the database")))
}
