//! Reading: the inbox and the transcript.

use omniops_postgres::{TenantTx, event_position};
use omniops_types::{
    Conversation, ConversationCounts, ConversationDetail, ConversationFilter, ConversationId, ConversationStatus,
    ConversationView, Cursor, Page, Permission, Transcript,
};

use super::cursor::ActivityPosition;
use super::queries::{self, ListShape};
use super::{TRANSCRIPT_WINDOW, messages_before};
use crate::{Domain, Error, Principal, Result, paging};

/// One page of a list, newest activity first. `limit` is 1 to [`MAX_LIMIT`](omniops_types::MAX_LIMIT).
pub async fn list(
    domain: &Domain,
    principal: &Principal,
    filter: ConversationFilter,
    cursor: Option<Cursor>,
    limit: u16,
) -> Result<Page<Conversation>> {
    principal.require(Permission::ConversationsRead)?;
    let position = cursor.as_ref().map(ActivityPosition::parse).transpose()?.unwrap_or_else(ActivityPosition::start);
    let Some(shape) = shape_of(principal, filter)? else {
        return Ok(Page { items: Vec::new(), next_cursor: None });
    };
    let limit = paging::limit(limit)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let mut items = queries::list_page(&mut tx, shape, position, limit as i64 + 1, principal.user_id()).await?;
    let has_more = items.len() > limit;
    items.truncate(limit);
    let next_cursor = items
        .last()
        .filter(|_| has_more)
        .map(|last| ActivityPosition { last_activity_at: last.last_activity_at, id: last.id }.to_cursor());
    Ok(Page { items, next_cursor })
}

/// The rows that a filter means; `None` when its parts exclude each other.
fn shape_of(principal: &Principal, filter: ConversationFilter) -> Result<Option<ListShape>> {
    let ConversationFilter { view, status, assignee } = filter;
    Ok(match view {
        ConversationView::Mine => {
            let me = principal
                .user_id()
                .ok_or_else(|| Error::field("view", "an API key has no conversations of its own; use all"))?;
            match status {
                _ if assignee.is_some_and(|other| other != me) => None,
                Some(status) => Some(ListShape::AssignedWithStatus(me, status)),
                None => Some(ListShape::AssignedUnresolved(me)),
            }
        }
        ConversationView::Unassigned => {
            let possible = assignee.is_none() && status.is_none_or(|status| status == ConversationStatus::Open);
            possible.then_some(ListShape::Unassigned)
        }
        ConversationView::All => Some(match (assignee, status) {
            (None, None) => ListShape::All,
            (None, Some(status)) => ListShape::WithStatus(status),
            (Some(assignee), None) => ListShape::Assigned(assignee),
            (Some(assignee), Some(status)) => ListShape::AssignedWithStatus(assignee, status),
        }),
    })
}

/// How many conversations each list holds.
pub async fn counts(domain: &Domain, principal: &Principal) -> Result<ConversationCounts> {
    principal.require(Permission::ConversationsRead)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    queries::counts(&mut tx, principal.user_id()).await
}

/// A conversation with its newest messages.
///
/// The log's position is read before everything else. What is read after it may already show later events, which
/// the subscriber then hears of a second time; it can never lack an earlier one.
pub async fn get(domain: &Domain, principal: &Principal, id: ConversationId) -> Result<ConversationDetail> {
    principal.require(Permission::ConversationsRead)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let event_seq = event_position(&mut tx).await?;
    let conversation =
        queries::load_for_agent(&mut tx, id, principal.user_id()).await?.ok_or(Error::NotFound("conversation"))?;
    let transcript = window(&mut tx, id, None, TRANSCRIPT_WINDOW, true).await?;
    Ok(ConversationDetail { conversation, transcript, event_seq })
}

/// The messages before `before`, or the newest ones; `limit` is 1 to [`MAX_LIMIT`](omniops_types::MAX_LIMIT).
pub async fn transcript(
    domain: &Domain,
    principal: &Principal,
    id: ConversationId,
    before: Option<i64>,
    limit: u16,
) -> Result<Transcript> {
    principal.require(Permission::ConversationsRead)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    if !queries::conversation_exists(&mut tx, id).await? {
        return Err(Error::NotFound("conversation"));
    }
    window(&mut tx, id, before, limit, true).await
}

/// A window of the transcript, oldest first. Without notes it is what the customer may see.
pub(crate) async fn window(
    tx: &mut TenantTx,
    id: ConversationId,
    before: Option<i64>,
    limit: u16,
    with_notes: bool,
) -> Result<Transcript> {
    let limit = paging::limit(limit)?;
    let mut messages = messages_before(tx, id, before.unwrap_or(i64::MAX), limit as i64 + 1, with_notes).await?;
    let has_older = messages.len() > limit;
    messages.truncate(limit);
    messages.reverse();
    let feedback = queries::feedback_on(tx, &messages).await?;
    Ok(Transcript { messages, has_older, feedback })
}
