//! A conversation's own row: making it, locking it, saving its state.

use omniops_postgres::TenantTx;
use omniops_types::{
    AiState, Channel, ConversationId, ConversationStatus, CustomerId, DomainId, Priority, Timestamp, UserId,
};
use uuid::Uuid;

use super::super::rows::known;
use super::super::state::State;
use crate::{Error, Result};

/// A conversation whose row nobody else can change until the transaction ends.
#[derive(Clone, Debug)]
pub(crate) struct LockedConversation {
    pub(crate) id: ConversationId,
    pub(crate) customer_id: CustomerId,
    pub(crate) domain_id: DomainId,
    pub(crate) channel: Channel,
    pub(crate) locale: Option<String>,
    pub(crate) version: i64,
    pub(crate) state: State,
}

#[derive(Debug, sqlx::FromRow)]
struct LockedRow {
    customer_id: Uuid,
    domain_id: Uuid,
    channel: String,
    locale: Option<String>,
    version: i64,
    status: String,
    ai_state: String,
    priority: String,
    assignee_id: Option<Uuid>,
    escalated_at: Option<Timestamp>,
    waiting_since: Option<Timestamp>,
    snoozed_until: Option<Timestamp>,
    resolved_at: Option<Timestamp>,
}

/// Locks the conversation; `not_found` when the tenant has none with this id.
pub(crate) async fn lock_conversation(tx: &mut TenantTx, id: ConversationId) -> Result<LockedConversation> {
    let row = sqlx::query_as::<_, LockedRow>(
        "select customer_id, domain_id, channel, locale, version, status, ai_state, priority, assignee_id,
                escalated_at, waiting_since, snoozed_until, resolved_at
         from conversations
         where tenant_id = $1 and id = $2
         for no key update",
    )
    .bind(tx.tenant_id().uuid())
    .bind(id.uuid())
    .fetch_optional(tx.conn())
    .await?
    .ok_or(Error::NotFound("conversation"))?;
    Ok(LockedConversation {
        id,
        customer_id: CustomerId(row.customer_id),
        domain_id: DomainId(row.domain_id),
        channel: known(Channel::parse(&row.channel), "channel")?,
        locale: row.locale,
        version: row.version,
        state: State {
            status: known(ConversationStatus::parse(&row.status), "conversation status")?,
            ai_state: known(AiState::parse(&row.ai_state), "AI state")?,
            priority: known(Priority::parse(&row.priority), "priority")?,
            assignee: row.assignee_id.map(UserId),
            escalated_at: row.escalated_at,
            waiting_since: row.waiting_since,
            snoozed_until: row.snoozed_until,
            resolved_at: row.resolved_at,
        },
    })
}

/// Writes the state of a locked conversation.
pub(crate) async fn save_state(tx: &mut TenantTx, id: ConversationId, state: &State) -> Result<()> {
    let State { status, ai_state, priority, assignee, escalated_at, waiting_since, snoozed_until, resolved_at } = state;
    sqlx::query(
        "update conversations
         set status = $3, ai_state = $4, priority = $5, assignee_id = $6, escalated_at = $7, waiting_since = $8,
             snoozed_until = $9, resolved_at = $10, version = version + 1
         where tenant_id = $1 and id = $2",
    )
    .bind(tx.tenant_id().uuid())
    .bind(id.uuid())
    .bind(status.as_str())
    .bind(ai_state.as_str())
    .bind(priority.as_str())
    .bind(assignee.map(UserId::uuid))
    .bind(escalated_at)
    .bind(waiting_since)
    .bind(snoozed_until)
    .bind(resolved_at)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Since when the customer waits, by the transcript: the first message that nobody answered, or the wish for a person
/// that no person answered. What resolving took from the row, opening again needs.
pub(crate) async fn unanswered_since(tx: &mut TenantTx, id: ConversationId) -> Result<Option<Timestamp>> {
    let since = sqlx::query_scalar(
        "with replies as (
             select author_kind, seq, created_at from messages
             where tenant_id = $1 and conversation_id = $2 and kind = 'reply'
         )
         select least(
             (select min(created_at) from replies
              where author_kind = 'customer'
                and seq > coalesce((select max(seq) from replies where author_kind in ('agent', 'ai')), 0)),
             (select escalated_at from conversations c
              where tenant_id = $1 and id = $2
                and not exists (select from replies where author_kind = 'agent' and created_at >= c.escalated_at)))",
    )
    .bind(tx.tenant_id().uuid())
    .bind(id.uuid())
    .fetch_one(tx.conn())
    .await?;
    Ok(since)
}

/// Where a new conversation comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewConversation<'a> {
    pub(crate) id: ConversationId,
    pub(crate) customer_id: CustomerId,
    pub(crate) domain_id: DomainId,
    pub(crate) channel: Channel,
    pub(crate) page_url: Option<&'a str>,
    pub(crate) locale: Option<&'a str>,
}

/// Makes a conversation for the AI, under the tenant's next number.
pub(crate) async fn insert_conversation(
    tx: &mut TenantTx,
    new: NewConversation<'_>,
    now: Timestamp,
) -> Result<LockedConversation> {
    let number = next_number(tx).await?;
    let state = State::new();
    sqlx::query(
        "insert into conversations (tenant_id, id, number, customer_id, domain_id, channel, status, ai_state, page_url,
                                    locale, created_at, last_activity_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)",
    )
    .bind(tx.tenant_id().uuid())
    .bind(new.id.uuid())
    .bind(number)
    .bind(new.customer_id.uuid())
    .bind(new.domain_id.uuid())
    .bind(new.channel.as_str())
    .bind(state.status.as_str())
    .bind(state.ai_state.as_str())
    .bind(new.page_url)
    .bind(new.locale)
    .bind(now)
    .execute(tx.conn())
    .await?;
    Ok(LockedConversation {
        id: new.id,
        customer_id: new.customer_id,
        domain_id: new.domain_id,
        channel: new.channel,
        locale: new.locale.map(str::to_owned),
        version: 1,
        state,
    })
}

/// Takes the tenant's next conversation number, whose row stays locked to the commit.
async fn next_number(tx: &mut TenantTx) -> Result<i64> {
    let number = sqlx::query_scalar::<_, i64>(
        "insert into tenant_counters as t (tenant_id, conversation_number) values ($1, 1)
         on conflict (tenant_id) do update set conversation_number = t.conversation_number + 1
         returning conversation_number",
    )
    .bind(tx.tenant_id().uuid())
    .fetch_one(tx.conn())
    .await?;
    Ok(number)
}

pub(crate) async fn conversation_exists(tx: &mut TenantTx, id: ConversationId) -> Result<bool> {
    let found =
        sqlx::query_scalar::<_, bool>("select exists (select 1 from conversations where tenant_id = $1 and id = $2)")
            .bind(tx.tenant_id().uuid())
            .bind(id.uuid())
            .fetch_one(tx.conn())
            .await?;
    Ok(found)
}

/// The display name of somebody in the tenant's team to whom conversations can be given: analysts only read.
pub(crate) async fn assignable_name(tx: &mut TenantTx, user: UserId) -> Result<Option<String>> {
    let name = sqlx::query_scalar::<_, String>(
        "select display_name from team_members where tenant_id = $1 and user_id = $2 and role <> 'analyst'",
    )
    .bind(tx.tenant_id().uuid())
    .bind(user.uuid())
    .fetch_optional(tx.conn())
    .await?;
    Ok(name)
}

pub(crate) async fn tenant_name(tx: &mut TenantTx) -> Result<String> {
    let name = sqlx::query_scalar::<_, String>("select name from tenants where id = $1")
        .bind(tx.tenant_id().uuid())
        .fetch_one(tx.conn())
        .await?;
    Ok(name)
}
