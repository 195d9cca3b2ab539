//! Messages and reading marks.

use omniops_postgres::TenantTx;
use omniops_types::{
    AuthorKind, ConversationId, CustomerId, FeedbackReason, Message, MessageFeedback, MessageId, MessageKind, Rating,
    Source, Timestamp, UserId,
};
use sqlx::types::Json;
use uuid::Uuid;

use super::super::rows::MessageRow;
use crate::Result;

macro_rules! message_columns {
    () => {
        "select id, conversation_id, seq, author_kind, author_user_id, author_name, kind, text, sources, confidence,
                client_id, created_at
         from messages "
    };
}

/// At most `limit` messages before `before`, newest first. What is for the team only `for_team`.
pub(crate) async fn messages_before(
    tx: &mut TenantTx,
    conversation: ConversationId,
    before: i64,
    limit: i64,
    for_team: bool,
) -> Result<Vec<Message>> {
    let rows = sqlx::query_as::<_, MessageRow>(concat!(
        message_columns!(),
        "where tenant_id = $1 and conversation_id = $2 and seq < $3 and ($5 or not (kind = 'note' or kind = 'activity' and author_kind = 'agent'))
         order by seq desc
         limit $4"
    ))
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .bind(before)
    .bind(limit)
    .bind(for_team)
    .fetch_all(tx.conn())
    .await?;
    rows.into_iter().map(Message::try_from).collect()
}

/// What the customer thinks of the answers among these messages.
pub(crate) async fn feedback_on(tx: &mut TenantTx, messages: &[Message]) -> Result<Vec<MessageFeedback>> {
    let answers: Vec<Uuid> = messages
        .iter()
        .filter(|message| message.author.kind == AuthorKind::Ai)
        .map(|message| message.id.uuid())
        .collect();
    if answers.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sqlx::query_as::<_, (Uuid, String, Option<String>, Option<String>)>(
        "select message_id, rating, reason, comment from message_feedback
         where tenant_id = $1 and message_id = any($2)
         order by created_at, message_id",
    )
    .bind(tx.tenant_id().uuid())
    .bind(answers)
    .fetch_all(tx.conn())
    .await?;
    let feedback = rows.into_iter().filter_map(|(message, rating, reason, comment)| {
        let reason = reason.as_deref().and_then(FeedbackReason::parse);
        Some(MessageFeedback { message_id: MessageId(message), rating: Rating::parse(&rating)?, reason, comment })
    });
    Ok(feedback.collect())
}

/// The message that this send has already made in the conversation.
pub(crate) async fn find_by_client_id(
    tx: &mut TenantTx,
    conversation: ConversationId,
    client_id: Uuid,
) -> Result<Option<Message>> {
    let row = sqlx::query_as::<_, MessageRow>(concat!(
        message_columns!(),
        "where tenant_id = $1 and conversation_id = $2 and client_id = $3"
    ))
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .bind(client_id)
    .fetch_optional(tx.conn())
    .await?;
    row.map(Message::try_from).transpose()
}

/// What a new message's row holds beside its number and time.
#[derive(Debug)]
pub(crate) struct MessageValues<'a> {
    pub(crate) id: MessageId,
    pub(crate) conversation: ConversationId,
    pub(crate) author_kind: AuthorKind,
    pub(crate) author_user_id: Option<UserId>,
    pub(crate) author_name: &'a str,
    pub(crate) kind: MessageKind,
    pub(crate) text: &'a str,
    pub(crate) sources: &'a [Source],
    pub(crate) confidence: Option<f32>,
    pub(crate) receipt: Option<&'a serde_json::Value>,
    pub(crate) client_id: Option<Uuid>,
    pub(crate) answers: Option<MessageId>,
    /// What the inbox shows from now on, when this message is to be shown there.
    pub(crate) preview: Option<&'a str>,
    /// Whether the conversation's last activity stays what it was.
    pub(crate) keeps_place: bool,
}

/// Adds a message under the conversation's next number; gives the number and the time.
pub(crate) async fn insert_message(tx: &mut TenantTx, values: &MessageValues<'_>) -> Result<(i64, Timestamp)> {
    let row = sqlx::query_as::<_, (i64, Timestamp)>(
        "with numbered as (
             update conversations
             set message_seq = message_seq + 1,
                 version = version + 1,
                 last_activity_at = case when $15 then last_activity_at
                                         else greatest(last_activity_at, clock_timestamp()) end,
                 preview = coalesce($13, preview),
                 preview_author = case when $13 is null then preview_author else $4 end
             where tenant_id = $1 and id = $2
             returning message_seq, last_activity_at
         )
         insert into messages (tenant_id, conversation_id, id, author_kind, author_user_id, author_name, kind, text,
                               sources, confidence, receipt, client_id, answers_id, seq, created_at)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $14, message_seq,
                case when $15 then greatest(last_activity_at, clock_timestamp()) else last_activity_at end
         from numbered
         returning seq, created_at",
    )
    .bind(tx.tenant_id().uuid())
    .bind(values.conversation.uuid())
    .bind(values.id.uuid())
    .bind(values.author_kind.as_str())
    .bind(values.author_user_id.map(UserId::uuid))
    .bind(values.author_name)
    .bind(values.kind.as_str())
    .bind(values.text)
    .bind(Json(values.sources))
    .bind(values.confidence)
    .bind(values.receipt)
    .bind(values.client_id)
    .bind(values.preview)
    .bind(values.answers.map(MessageId::uuid))
    .bind(values.keeps_place)
    .fetch_one(tx.conn())
    .await?;
    Ok(row)
}

/// Notes that the agent has read up to `seq`, or up to the newest message if that is less. Marks never go back.
pub(crate) async fn mark_agent_read(
    tx: &mut TenantTx,
    conversation: ConversationId,
    user: UserId,
    seq: i64,
) -> Result<bool> {
    let done = sqlx::query(
        "insert into conversation_reads as r (tenant_id, conversation_id, user_id, read_seq)
         select tenant_id, id, $3, least($4, message_seq) from conversations where tenant_id = $1 and id = $2
         on conflict (tenant_id, conversation_id, user_id)
         do update set read_seq = greatest(r.read_seq, excluded.read_seq), read_at = now()",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .bind(user.uuid())
    .bind(seq)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}

/// The same for the customer, if the conversation is theirs.
pub(crate) async fn mark_customer_read(
    tx: &mut TenantTx,
    conversation: ConversationId,
    customer: CustomerId,
    seq: i64,
) -> Result<bool> {
    let done = sqlx::query(
        "update conversations
         set customer_read_seq = greatest(customer_read_seq, least($4, message_seq))
         where tenant_id = $1 and id = $2 and customer_id = $3",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .bind(customer.uuid())
    .bind(seq)
    .execute(tx.conn())
    .await?;
    Ok(done.rows_affected() > 0)
}
