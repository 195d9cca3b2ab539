//! The demo's only SQL: pushing what really happened into the past.

use chrono::TimeDelta;
use omniops_postgres::TenantTx;
use omniops_types::ConversationId;
use sqlx::postgres::types::PgInterval;

use crate::Result;

fn interval(by: TimeDelta) -> PgInterval {
    PgInterval { months: 0, days: 0, microseconds: by.num_microseconds().unwrap_or(i64::MAX) }
}

/// Whether the tenant has any conversation.
pub async fn has_conversations(tx: &mut TenantTx) -> Result<bool> {
    Ok(sqlx::query_scalar("select exists (select from conversations)").fetch_one(tx.conn()).await?)
}

/// Moves everything that a conversation wrote so far back by `by`, its customer included. The event log stays as
/// it is: it tells when rows were written, not when the story happened.
pub async fn move_into_past(tx: &mut TenantTx, conversation: ConversationId, by: TimeDelta) -> Result<()> {
    let by = interval(by);
    sqlx::query(
        "update conversations
            set created_at = created_at - $2,
                last_activity_at = last_activity_at - $2,
                waiting_since = waiting_since - $2,
                escalated_at = escalated_at - $2,
                resolved_at = resolved_at - $2
          where id = $1",
    )
    .bind(conversation.uuid())
    .bind(by)
    .execute(tx.conn())
    .await?;
    sqlx::query("update messages set created_at = created_at - $2 where conversation_id = $1")
        .bind(conversation.uuid())
        .bind(by)
        .execute(tx.conn())
        .await?;
    sqlx::query("update chat_requests set created_at = created_at - $2 where conversation_id = $1")
        .bind(conversation.uuid())
        .bind(by)
        .execute(tx.conn())
        .await?;
    sqlx::query("update chat_telemetry set created_at = created_at - $2 where conversation_id = $1")
        .bind(conversation.uuid())
        .bind(by)
        .execute(tx.conn())
        .await?;
    sqlx::query("update search_log set created_at = created_at - $2 where conversation_id = $1")
        .bind(conversation.uuid())
        .bind(by)
        .execute(tx.conn())
        .await?;
    sqlx::query(
        "update customers
            set created_at = created_at - $2,
                last_seen_at = last_seen_at - $2
          where id = (select customer_id from conversations where id = $1)",
    )
    .bind(conversation.uuid())
    .bind(by)
    .execute(tx.conn())
    .await?;
    Ok(())
}
