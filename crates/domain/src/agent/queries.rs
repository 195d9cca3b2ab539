//! All SQL of the agent's turns.

use std::collections::HashMap;

use omniops_postgres::TenantTx;
use omniops_types::{ChunkId, ConversationId, CustomerId, DomainId, MessageId, Receipt};
use sqlx::types::Json;
use uuid::Uuid;

use super::foreign_pages::EnglishPassage;
use crate::Result;

/// Keeps a contact; an absent value leaves what is known.
pub(super) async fn keep_contact(
    tx: &mut TenantTx,
    customer: CustomerId,
    name: Option<&str>,
    email: Option<&str>,
) -> Result<()> {
    sqlx::query(
        "update customers set name = coalesce($3, name), email = coalesce($4, email) where tenant_id = $1 and id = $2",
    )
    .bind(tx.tenant_id().uuid())
    .bind(customer.uuid())
    .bind(name)
    .bind(email)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Where a turn takes place.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct Surroundings {
    pub(super) host: String,
    pub(super) shop: String,
    /// Where the customer was seen last.
    pub(super) page_url: Option<String>,
}

pub(super) async fn surroundings(
    tx: &mut TenantTx,
    domain: DomainId,
    customer: Option<CustomerId>,
) -> Result<Option<Surroundings>> {
    let row = sqlx::query_as::<_, Surroundings>(
        "select d.host, t.name as shop, c.last_page_url as page_url
         from domains d
         join tenants t on t.id = d.tenant_id
         left join customers c on c.tenant_id = d.tenant_id and c.id = $3
         where d.tenant_id = $1 and d.id = $2",
    )
    .bind(tx.tenant_id().uuid())
    .bind(domain.uuid())
    .bind(customer.map(CustomerId::uuid))
    .fetch_optional(tx.conn())
    .await?;
    Ok(row)
}

/// Whether an earlier answer of this conversation offered a person already. Receipts say so.
pub(super) async fn person_was_offered(tx: &mut TenantTx, conversation: ConversationId) -> Result<bool> {
    let offered = sqlx::query_scalar::<_, bool>(
        "select exists (
             select from messages
             where tenant_id = $1 and conversation_id = $2 and author_kind = 'ai'
               and (receipt ->> 'offered' = 'true' or receipt ->> 'verdict' = 'declined')
         )",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .fetch_one(tx.conn())
    .await?;
    Ok(offered)
}

/// Whether a turn for the message of this number is needed no more: the AI was silenced, an agent wrote, or the customer
/// wrote again and the newer message's turn answers both. Also when the conversation is gone.
pub(super) async fn is_overtaken(tx: &mut TenantTx, conversation: ConversationId, seq: i64) -> Result<bool> {
    let overtaken = sqlx::query_scalar::<_, bool>(
        "select c.ai_state = 'silenced' or exists (
             select from messages m
             where m.tenant_id = c.tenant_id and m.conversation_id = c.id and m.seq > $3 and m.kind = 'reply'
               and m.author_kind in ('agent', 'customer')
         )
         from conversations c
         where c.tenant_id = $1 and c.id = $2",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .bind(seq)
    .fetch_optional(tx.conn())
    .await?;
    Ok(overtaken.unwrap_or(true))
}

/// The summary of the conversation's older part, and the number of the last message in it.
pub(crate) async fn summary(tx: &mut TenantTx, conversation: ConversationId) -> Result<Option<(String, i64)>> {
    let row = sqlx::query_as::<_, (String, i64)>(
        "select summary, up_to_seq from conversation_summaries where tenant_id = $1 and conversation_id = $2",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .fetch_optional(tx.conn())
    .await?;
    Ok(row)
}

/// Keeps a summary, unless a longer one is there.
pub(crate) async fn keep_summary(
    tx: &mut TenantTx,
    conversation: ConversationId,
    up_to_seq: i64,
    summary: &str,
) -> Result<()> {
    sqlx::query(
        "insert into conversation_summaries as s (tenant_id, conversation_id, up_to_seq, summary)
         values ($1, $2, $3, $4)
         on conflict (tenant_id, conversation_id) do update
             set up_to_seq = excluded.up_to_seq, summary = excluded.summary, updated_at = now()
             where s.up_to_seq < excluded.up_to_seq",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .bind(up_to_seq)
    .bind(summary)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// An answer of the AI with its receipt.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct AnswerRow {
    pub(super) seq: i64,
    pub(super) text: String,
    pub(super) receipt: Option<Json<Receipt>>,
    pub(super) domain_id: Uuid,
    pub(super) locale: Option<String>,
}

pub(super) async fn answer(
    tx: &mut TenantTx,
    conversation: ConversationId,
    message: MessageId,
) -> Result<Option<AnswerRow>> {
    let row = sqlx::query_as::<_, AnswerRow>(
        "select m.seq, m.text, m.receipt, c.domain_id, c.locale
         from messages m
         join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
         where m.tenant_id = $1 and m.conversation_id = $2 and m.id = $3 and m.author_kind = 'ai'",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .bind(message.uuid())
    .fetch_optional(tx.conn())
    .await?;
    Ok(row)
}

/// Author and text of the replies before this number, newest first.
pub(super) async fn lines_before(
    tx: &mut TenantTx,
    conversation: ConversationId,
    seq: i64,
    limit: i64,
) -> Result<Vec<(String, String)>> {
    let rows = sqlx::query_as::<_, (String, String)>(
        "select author_kind, text from messages
         where tenant_id = $1 and conversation_id = $2 and seq < $3 and kind = 'reply'
         order by seq desc
         limit $4",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .bind(seq)
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// A line of the conversation.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct LineRow {
    pub(super) seq: i64,
    pub(super) author_kind: String,
    pub(super) text: String,
}

/// The replies between these numbers, both left out, oldest first.
pub(super) async fn lines_between(
    tx: &mut TenantTx,
    conversation: ConversationId,
    after_seq: i64,
    before_seq: i64,
    limit: i64,
) -> Result<Vec<LineRow>> {
    let rows = sqlx::query_as::<_, LineRow>(
        "select seq, author_kind, text from messages
         where tenant_id = $1 and conversation_id = $2 and seq > $3 and seq < $4 and kind = 'reply'
         order by seq
         limit $5",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.uuid())
    .bind(after_seq)
    .bind(before_seq)
    .bind(limit)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows)
}

/// The hashes that passages have today; those that are gone are left out.
pub(super) async fn hashes_of(tx: &mut TenantTx, chunks: &[ChunkId]) -> Result<Vec<(ChunkId, String)>> {
    let ids: Vec<Uuid> = chunks.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as::<_, (Uuid, String)>(
        "select id, encode(content_hash, 'hex') from page_chunks where tenant_id = $1 and id = any($2)",
    )
    .bind(tx.tenant_id().uuid())
    .bind(ids)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|(id, hash)| (ChunkId(id), hash)).collect())
}

/// What those of the passages say in English that were translated, or could not be on this day.
pub(super) async fn translations_of(tx: &mut TenantTx, chunks: &[ChunkId]) -> Result<HashMap<ChunkId, EnglishPassage>> {
    #[derive(sqlx::FromRow)]
    struct Row {
        chunk_id: Uuid,
        #[sqlx(flatten)]
        english: EnglishPassage,
    }
    let ids: Vec<Uuid> = chunks.iter().map(|id| id.uuid()).collect();
    let rows = sqlx::query_as::<_, Row>(
        "select chunk_id, title, heading_path, text, is_whole from chunk_translations
         where tenant_id = $1 and chunk_id = any($2) and (is_whole or made_at > now() - interval '1 day')",
    )
    .bind(tx.tenant_id().uuid())
    .bind(ids)
    .fetch_all(tx.conn())
    .await?;
    Ok(rows.into_iter().map(|row| (ChunkId(row.chunk_id), row.english)).collect())
}

/// Keeps a translation, unless the passage has a whole one or is gone.
pub(super) async fn keep_translation(
    tx: &mut TenantTx,
    chunk: ChunkId,
    english: &EnglishPassage,
    model: &str,
) -> Result<()> {
    sqlx::query(
        "insert into chunk_translations as t (tenant_id, chunk_id, title, heading_path, text, is_whole, model)
         select tenant_id, id, $3, $4, $5, $6, $7 from page_chunks where tenant_id = $1 and id = $2
         on conflict (tenant_id, chunk_id) do update
         set title = excluded.title, heading_path = excluded.heading_path, text = excluded.text,
             is_whole = excluded.is_whole, model = excluded.model, made_at = excluded.made_at
         where not t.is_whole",
    )
    .bind(tx.tenant_id().uuid())
    .bind(chunk.uuid())
    .bind(&english.title)
    .bind(&english.heading_path)
    .bind(&english.text)
    .bind(english.is_whole)
    .bind(model)
    .execute(tx.conn())
    .await?;
    Ok(())
}
