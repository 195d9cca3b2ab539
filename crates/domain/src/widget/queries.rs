//! All SQL of the widget's side.

use omniops_postgres::{SystemTx, TenantTx};
use omniops_types::{ConversationId, CustomerId, DomainId, FeedbackReason, MessageId, Rating, WidgetSettings};
use sqlx::types::Json;
use uuid::Uuid;

use crate::Result;

/// A domain with its tenant and its widget's settings.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct SiteRow {
    pub(super) tenant_id: Uuid,
    pub(super) domain_id: Uuid,
    pub(super) host: String,
    pub(super) allowed_origins: Vec<String>,
    pub(super) tenant_name: String,
    pub(super) settings: Option<Json<WidgetSettings>>,
    pub(super) version: Option<i64>,
}

/// The site with this host, whosever it is: the widget knows nothing but its host.
pub(super) async fn find_site(tx: &mut SystemTx, host: &str) -> Result<Option<SiteRow>> {
    let row = sqlx::query_as::<_, SiteRow>(
        "select d.tenant_id, d.id as domain_id, d.host, d.allowed_origins, t.name as tenant_name, w.settings, w.version
         from domains d
         join tenants t on t.id = d.tenant_id
         left join widget_configs w on w.tenant_id = d.tenant_id and w.domain_id = d.id
         where d.host = $1",
    )
    .bind(host)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row)
}

#[derive(Debug, sqlx::FromRow)]
pub(super) struct SettingsRow {
    pub(super) domain_id: Uuid,
    pub(super) tenant_name: String,
    pub(super) settings: Option<Json<WidgetSettings>>,
    pub(super) version: Option<i64>,
}

/// The settings of one of the tenant's own domains, locked against other writers.
pub(super) async fn lock_settings(tx: &mut TenantTx, host: &str) -> Result<Option<SettingsRow>> {
    let row = sqlx::query_as::<_, SettingsRow>(
        "select d.id as domain_id, t.name as tenant_name, w.settings, w.version
         from domains d
         join tenants t on t.id = d.tenant_id
         left join widget_configs w on w.tenant_id = d.tenant_id and w.domain_id = d.id
         where d.tenant_id = $1 and d.host = $2
         for no key update of d",
    )
    .bind(tx.tenant_id().uuid())
    .bind(host)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row)
}

/// Replaces the settings; gives their new version.
pub(super) async fn save_settings(tx: &mut TenantTx, domain: DomainId, settings: &WidgetSettings) -> Result<i64> {
    let version = sqlx::query_scalar::<_, i64>(
        "insert into widget_configs as w (tenant_id, domain_id, settings, version) values ($1, $2, $3, 2)
         on conflict (tenant_id, domain_id) do update set settings = excluded.settings, version = w.version + 1
         returning version",
    )
    .bind(tx.tenant_id().uuid())
    .bind(domain.uuid())
    .bind(Json(settings))
    .fetch_one(tx.conn())
    .await?;
    Ok(version)
}

/// The version that the visitor agreed to last, unless that was withdrawn.
pub(crate) async fn consented_version(
    tx: &mut TenantTx,
    customer: CustomerId,
    domain: DomainId,
) -> Result<Option<String>> {
    let newest = sqlx::query_as::<_, (String, Option<String>)>(
        "select kind, consent_version from privacy_logs
         where tenant_id = $1 and customer_id = $2 and domain_id = $3
         order by created_at desc, id desc
         limit 1",
    )
    .bind(tx.tenant_id().uuid())
    .bind(customer.uuid())
    .bind(domain.uuid())
    .fetch_optional(tx.conn())
    .await?;
    Ok(newest.and_then(|(kind, version)| version.filter(|_| kind == "consent_granted")))
}

pub(super) async fn insert_consent(
    tx: &mut TenantTx,
    customer: CustomerId,
    domain: DomainId,
    granted: bool,
    version: &str,
) -> Result<()> {
    sqlx::query(
        "insert into privacy_logs (tenant_id, id, customer_id, domain_id, kind, consent_version, created_at)
         values ($1, $2, $3, $4, $5, $6, clock_timestamp())",
    )
    .bind(tx.tenant_id().uuid())
    .bind(Uuid::now_v7())
    .bind(customer.uuid())
    .bind(domain.uuid())
    .bind(if granted { "consent_granted" } else { "consent_withdrawn" })
    .bind(version)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The customer's newest conversation on this domain that is not resolved.
pub(crate) async fn newest_unresolved(
    tx: &mut TenantTx,
    customer: CustomerId,
    domain: DomainId,
) -> Result<Option<ConversationId>> {
    let id = sqlx::query_scalar::<_, Uuid>(
        "select id from conversations
         where tenant_id = $1 and customer_id = $2 and domain_id = $3 and status <> 'resolved'
         order by created_at desc, id desc
         limit 1",
    )
    .bind(tx.tenant_id().uuid())
    .bind(customer.uuid())
    .bind(domain.uuid())
    .fetch_optional(tx.conn())
    .await?;
    Ok(id.map(ConversationId))
}

/// Whether the conversation is this customer's, on this domain.
pub(crate) async fn find_conversation(
    tx: &mut TenantTx,
    id: ConversationId,
    customer: CustomerId,
    domain: DomainId,
) -> Result<Option<ConversationId>> {
    let id = sqlx::query_scalar::<_, Uuid>(
        "select id from conversations where tenant_id = $1 and id = $2 and customer_id = $3 and domain_id = $4",
    )
    .bind(tx.tenant_id().uuid())
    .bind(id.uuid())
    .bind(customer.uuid())
    .bind(domain.uuid())
    .fetch_optional(tx.conn())
    .await?;
    Ok(id.map(ConversationId))
}

/// Where a conversation stands, as its visitor may know it.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct StandingRow {
    pub(super) status: String,
    pub(super) ai_state: String,
    pub(super) agent: Option<String>,
    pub(super) unread: i64,
}

/// Unread counts what the team or the AI wrote after the customer's mark, up to a hundred.
pub(super) async fn standing(tx: &mut TenantTx, id: ConversationId) -> Result<StandingRow> {
    let row = sqlx::query_as::<_, StandingRow>(
        "select c.status, c.ai_state, a.display_name as agent, unread.count as unread
         from conversations c
         left join team_members a on a.tenant_id = c.tenant_id and a.user_id = c.assignee_id
         cross join lateral (
             select count(*) from (
                 select 1 from messages m
                 where m.tenant_id = c.tenant_id and m.conversation_id = c.id and m.seq > c.customer_read_seq
                   and m.kind = 'reply' and m.author_kind <> 'customer'
                 limit 100
             ) some_unread
         ) unread
         where c.tenant_id = $1 and c.id = $2",
    )
    .bind(tx.tenant_id().uuid())
    .bind(id.uuid())
    .fetch_one(tx.conn())
    .await?;
    Ok(row)
}

/// The ids of the customer's newest conversations, for recognising them in the event stream.
pub(super) async fn conversation_ids(tx: &mut TenantTx, customer: CustomerId) -> Result<Vec<ConversationId>> {
    let ids = sqlx::query_scalar::<_, Uuid>(
        "select id from conversations
         where tenant_id = $1 and customer_id = $2
         order by created_at desc, id desc
         limit 100",
    )
    .bind(tx.tenant_id().uuid())
    .bind(customer.uuid())
    .fetch_all(tx.conn())
    .await?;
    Ok(ids.into_iter().map(ConversationId).collect())
}

/// Whether the message is an answer of the AI to this customer on this domain. What else it says, such as that it hands
/// over, has no confidence.
pub(super) async fn is_answer_to(
    tx: &mut TenantTx,
    message: MessageId,
    customer: CustomerId,
    domain: DomainId,
) -> Result<bool> {
    let is_theirs = sqlx::query_scalar::<_, bool>(
        "select exists (
             select from messages m
             join conversations c on c.tenant_id = m.tenant_id and c.id = m.conversation_id
             where m.tenant_id = $1 and m.id = $2 and m.author_kind = 'ai' and m.kind = 'reply'
               and m.confidence is not null and c.customer_id = $3 and c.domain_id = $4)",
    )
    .bind(tx.tenant_id().uuid())
    .bind(message.uuid())
    .bind(customer.uuid())
    .bind(domain.uuid())
    .fetch_one(tx.conn())
    .await?;
    Ok(is_theirs)
}

/// Takes the place of what the customer thought of the message before.
pub(super) async fn save_feedback(
    tx: &mut TenantTx,
    message: MessageId,
    customer: CustomerId,
    rating: Rating,
    reason: Option<FeedbackReason>,
    comment: Option<&str>,
) -> Result<()> {
    sqlx::query(
        "insert into message_feedback (tenant_id, message_id, customer_id, rating, reason, comment)
         values ($1, $2, $3, $4, $5, $6)
         on conflict (tenant_id, message_id, customer_id)
         do update set rating = excluded.rating, reason = excluded.reason, comment = excluded.comment",
    )
    .bind(tx.tenant_id().uuid())
    .bind(message.uuid())
    .bind(customer.uuid())
    .bind(rating.as_str())
    .bind(reason.map(FeedbackReason::as_str))
    .bind(comment)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub(super) async fn delete_feedback(tx: &mut TenantTx, message: MessageId, customer: CustomerId) -> Result<()> {
    sqlx::query("delete from message_feedback where tenant_id = $1 and message_id = $2 and customer_id = $3")
        .bind(tx.tenant_id().uuid())
        .bind(message.uuid())
        .bind(customer.uuid())
        .execute(tx.conn())
        .await?;
    Ok(())
}
