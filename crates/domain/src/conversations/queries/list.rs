//! Conversations as the inbox shows them. Each kind of list has its own static statement, and an index that serves it.

use omniops_postgres::TenantTx;
use omniops_types::{Conversation, ConversationCounts, ConversationId, ConversationStatus, UserId};
use uuid::Uuid;

use super::super::cursor::ActivityPosition;
use super::super::rows::ConversationRow;
use crate::Result;

macro_rules! columns {
    () => {
        "select c.id, c.number, c.status, c.ai_state, c.priority, c.channel, d.host as domain, c.customer_id,
                cu.name as customer_name, cu.email as customer_email, cu.locale as customer_locale,
                cu.last_page_url as customer_page_url, c.assignee_id, a.display_name as assignee_name, c.preview,
                c.preview_author, unread.count as unread, c.waiting_since, c.created_at, c.last_activity_at, c.version "
    };
}

macro_rules! joins {
    () => {
        " join customers cu on cu.tenant_id = c.tenant_id and cu.id = c.customer_id
          join domains d on d.tenant_id = c.tenant_id and d.id = c.domain_id
          left join team_members a on a.tenant_id = c.tenant_id and a.user_id = c.assignee_id "
    };
}

/// What `$reader` has not read. Counting stops at a hundred: the inbox shows "99+" above that.
macro_rules! unread_by {
    ($reader:literal) => {
        concat!(
            " left join conversation_reads r
                on r.tenant_id = c.tenant_id and r.conversation_id = c.id and r.user_id = ",
            $reader,
            "
              cross join lateral (
                select count(*) from (
                    select 1 from messages m
                    where m.tenant_id = c.tenant_id and m.conversation_id = c.id
                      and m.seq > coalesce(r.read_seq, 0) and m.author_kind = 'customer'
                    limit 100
                ) some_unread
              ) unread "
        )
    };
}

/// One page: `$2, $3` the place to go on from, `$4` how many, `$5` the reader.
macro_rules! page_of {
    ($rows:expr) => {
        concat!(
            columns!(),
            " from (",
            $rows,
            ") c ",
            joins!(),
            unread_by!("$5"),
            " order by c.last_activity_at desc, c.id desc"
        )
    };
}

macro_rules! slice {
    ($condition:literal) => {
        concat!(
            "select * from conversations where tenant_id = $1 and ",
            $condition,
            " and (last_activity_at, id) < ($2, $3) order by last_activity_at desc, id desc limit $4"
        )
    };
}

/// Several statuses of one assignee: the newest of each, then the newest of those. An index cannot give them
/// in one order, but each of the parts.
macro_rules! merged {
    ($first:literal $(, $more:literal)+) => {
        concat!(
            "select * from ((", slice!($first), ")", $(" union all (", slice!($more), ")",)+
            ") slices order by last_activity_at desc, id desc limit $4"
        )
    };
}

const ALL: &str = page_of!(slice!("true"));
const WITH_STATUS: &str = page_of!(slice!("status = $6"));
const UNASSIGNED: &str = page_of!(slice!("assignee_id is null and status = 'open'"));
const ASSIGNED_WITH_STATUS: &str = page_of!(slice!("assignee_id = $6 and status = $7"));
const ASSIGNED_UNRESOLVED: &str = page_of!(merged!(
    "assignee_id = $6 and status = 'open'",
    "assignee_id = $6 and status = 'pending'",
    "assignee_id = $6 and status = 'snoozed'"
));
const ASSIGNED: &str = page_of!(merged!(
    "assignee_id = $6 and status = 'open'",
    "assignee_id = $6 and status = 'pending'",
    "assignee_id = $6 and status = 'snoozed'",
    "assignee_id = $6 and status = 'resolved'"
));

/// Which rows a list holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListShape {
    All,
    WithStatus(ConversationStatus),
    /// Open and without an assignee.
    Unassigned,
    AssignedWithStatus(UserId, ConversationStatus),
    AssignedUnresolved(UserId),
    Assigned(UserId),
}

#[cfg(test)]
pub(crate) const ALL_SHAPES: [ListShape; 6] = [
    ListShape::All,
    ListShape::WithStatus(ConversationStatus::Resolved),
    ListShape::Unassigned,
    ListShape::AssignedWithStatus(UserId(Uuid::from_u128(7)), ConversationStatus::Open),
    ListShape::AssignedUnresolved(UserId(Uuid::from_u128(7))),
    ListShape::Assigned(UserId(Uuid::from_u128(7))),
];

impl ListShape {
    pub(crate) const fn sql(self) -> &'static str {
        match self {
            Self::All => ALL,
            Self::WithStatus(_) => WITH_STATUS,
            Self::Unassigned => UNASSIGNED,
            Self::AssignedWithStatus(..) => ASSIGNED_WITH_STATUS,
            Self::AssignedUnresolved(_) => ASSIGNED_UNRESOLVED,
            Self::Assigned(_) => ASSIGNED,
        }
    }
}

/// At most `limit` conversations after `position`, newest activity first.
pub(crate) async fn list_page(
    tx: &mut TenantTx,
    shape: ListShape,
    position: ActivityPosition,
    limit: i64,
    reader: Option<UserId>,
) -> Result<Vec<Conversation>> {
    let query = sqlx::query_as::<_, ConversationRow>(shape.sql())
        .bind(tx.tenant_id().uuid())
        .bind(position.last_activity_at)
        .bind(position.id.uuid())
        .bind(limit)
        .bind(reader_or_nobody(reader));
    let query = match shape {
        ListShape::All | ListShape::Unassigned => query,
        ListShape::WithStatus(status) => query.bind(status.as_str()),
        ListShape::AssignedWithStatus(assignee, status) => query.bind(assignee.uuid()).bind(status.as_str()),
        ListShape::AssignedUnresolved(assignee) | ListShape::Assigned(assignee) => query.bind(assignee.uuid()),
    };
    let rows = query.fetch_all(tx.conn()).await?;
    rows.into_iter().map(Conversation::try_from).collect()
}

/// One conversation with what `reader` has not read of it.
pub(crate) async fn load_for_agent(
    tx: &mut TenantTx,
    id: ConversationId,
    reader: Option<UserId>,
) -> Result<Option<Conversation>> {
    let row = sqlx::query_as::<_, ConversationRow>(concat!(
        columns!(),
        " from conversations c ",
        joins!(),
        unread_by!("$3"),
        " where c.tenant_id = $1 and c.id = $2"
    ))
    .bind(tx.tenant_id().uuid())
    .bind(id.uuid())
    .bind(reader_or_nobody(reader))
    .fetch_optional(tx.conn())
    .await?;
    row.map(Conversation::try_from).transpose()
}

/// One conversation as an event carries it: unread is what the customer wrote since the last agent's reply, as far
/// as the last hundred messages tell.
pub(crate) async fn load_for_event(tx: &mut TenantTx, id: ConversationId) -> Result<Option<Conversation>> {
    let row = sqlx::query_as::<_, ConversationRow>(concat!(
        columns!(),
        " from conversations c ",
        joins!(),
        " cross join lateral (
            select count(*) from messages m
            where m.tenant_id = c.tenant_id and m.conversation_id = c.id and m.author_kind = 'customer'
              and m.seq > c.message_seq - 100
              and m.seq > coalesce((
                  select max(agent.seq) from messages agent
                  where agent.tenant_id = c.tenant_id and agent.conversation_id = c.id
                    and agent.author_kind = 'agent' and agent.kind = 'reply' and agent.seq > c.message_seq - 100), 0)
          ) unread
          where c.tenant_id = $1 and c.id = $2"
    ))
    .bind(tx.tenant_id().uuid())
    .bind(id.uuid())
    .fetch_optional(tx.conn())
    .await?;
    row.map(Conversation::try_from).transpose()
}

#[derive(Debug, sqlx::FromRow)]
struct CountsRow {
    mine: i64,
    unassigned: i64,
    all_of_them: i64,
    open: i64,
    pending: i64,
    snoozed: i64,
    resolved: i64,
}

/// The sums over the counting rows that a trigger keeps; no conversation is touched.
pub(crate) async fn counts(tx: &mut TenantTx, reader: Option<UserId>) -> Result<ConversationCounts> {
    let row = sqlx::query_as::<_, CountsRow>(
        "select
             coalesce(sum(count) filter (where assignee_id = $2 and status <> 'resolved'), 0)::bigint as mine,
             coalesce(sum(count) filter (where assignee_id = $3 and status = 'open'), 0)::bigint as unassigned,
             coalesce(sum(count), 0)::bigint as all_of_them,
             coalesce(sum(count) filter (where status = 'open'), 0)::bigint as open,
             coalesce(sum(count) filter (where status = 'pending'), 0)::bigint as pending,
             coalesce(sum(count) filter (where status = 'snoozed'), 0)::bigint as snoozed,
             coalesce(sum(count) filter (where status = 'resolved'), 0)::bigint as resolved
         from conversation_counts
         where tenant_id = $1",
    )
    .bind(tx.tenant_id().uuid())
    .bind(reader.map(UserId::uuid))
    .bind(Uuid::nil())
    .fetch_one(tx.conn())
    .await?;
    let CountsRow { mine, unassigned, all_of_them, open, pending, snoozed, resolved } = row;
    Ok(ConversationCounts { mine, unassigned, all: all_of_them, open, pending, snoozed, resolved })
}

/// A key reads as nobody: it has no reading marks, so everything is unread.
fn reader_or_nobody(reader: Option<UserId>) -> Uuid {
    reader.map_or(Uuid::nil(), UserId::uuid)
}
