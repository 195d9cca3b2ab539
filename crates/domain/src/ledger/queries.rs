//! All SQL of the cost ledger.
//!
//! An amount moves from the reservations to the ledger and its sums within one statement, so that whoever adds them up
//! in one statement counts each call once. Rows of `llm_spend` are locked in the order of its key.

use chrono::NaiveDate;
use omniops_llm::TokenUsage;
use omniops_postgres::TenantTx;
use omniops_types::{BudgetUse, ConversationId, MicroUsd, ModelCallId, TenantId, Timestamp};
use sqlx::PgConnection;

use super::{Reservation, ReserveRequest};
use crate::Result;

/// Lets one of the tenant's reservations pass at a time, until the transaction ends. The next statement sees what the
/// one before it left.
pub(super) async fn lock(tx: &mut TenantTx) -> Result<()> {
    let tenant = tx.tenant_id().uuid();
    sqlx::query("select pg_advisory_xact_lock(hashtext('llm_reservations'), hashtext($1::text))")
        .bind(tenant)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// What the tenant's budgets hold. Reservations whose time is over are unconfirmed here, booked or not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position {
    pub(super) now: Timestamp,
    pub(super) today: NaiveDate,
    /// None of the three holds its limit.
    pub(super) day: BudgetUse,
    pub(super) month: BudgetUse,
    /// All that is gone is spent here, confirmed or not.
    pub(super) conversation: BudgetUse,
    /// Whether there is a reservation whose time is over.
    pub(super) has_expired: bool,
}

#[derive(sqlx::FromRow)]
struct PositionRow {
    now: Timestamp,
    today: NaiveDate,
    day_settled: i64,
    day_unconfirmed: i64,
    day_reserved: i64,
    month_settled: i64,
    month_unconfirmed: i64,
    month_reserved: i64,
    conversation_gone: i64,
    conversation_reserved: i64,
    has_expired: bool,
}

impl From<PositionRow> for Position {
    fn from(row: PositionRow) -> Self {
        let used = |spent, unconfirmed, reserved| BudgetUse {
            spent: MicroUsd(spent),
            unconfirmed: MicroUsd(unconfirmed),
            reserved: MicroUsd(reserved),
            limit: None,
        };
        Self {
            now: row.now,
            today: row.today,
            day: used(row.day_settled, row.day_unconfirmed, row.day_reserved),
            month: used(row.month_settled, row.month_unconfirmed, row.month_reserved),
            conversation: used(row.conversation_gone, 0, row.conversation_reserved),
            has_expired: row.has_expired,
        }
    }
}

/// Absent when there is no such tenant.
pub(super) async fn position(
    tx: &mut TenantTx,
    conversation: Option<ConversationId>,
    now: Option<Timestamp>,
) -> Result<Option<Position>> {
    let row = sqlx::query_as::<_, PositionRow>(
        "with clock as (
             select moment.now, local.today, date_trunc('month', local.today::timestamp)::date as month
             from tenants t
             cross join lateral (select coalesce($3, statement_timestamp()) as now) as moment
             cross join lateral (select (moment.now at time zone t.time_zone)::date as today) as local
             where t.id = $1
         ), open as (
             select r.micro_usd, r.conversation_id = $2 as is_of_conversation, r.day = c.today as is_of_day,
                    r.day >= c.month and r.day < c.month + interval '1 month' as is_of_month,
                    r.expires_at <= c.now as is_over
             from clock c
             join llm_reservations r on r.tenant_id = $1
         ), reserved as (
             select coalesce(sum(micro_usd) filter (where is_of_day and not is_over), 0)::bigint as day,
                    coalesce(sum(micro_usd) filter (where is_of_day and is_over), 0)::bigint as day_over,
                    coalesce(sum(micro_usd) filter (where is_of_month and not is_over), 0)::bigint as month,
                    coalesce(sum(micro_usd) filter (where is_of_month and is_over), 0)::bigint as month_over,
                    coalesce(sum(micro_usd) filter (where is_of_conversation and not is_over), 0)::bigint as conversation,
                    coalesce(sum(micro_usd) filter (where is_of_conversation and is_over), 0)::bigint
                        as conversation_over,
                    coalesce(bool_or(is_over), false) as has_expired
             from open
         )
         select c.now, c.today,
                coalesce(d.settled, 0) as day_settled,
                coalesce(d.unconfirmed, 0) + r.day_over as day_unconfirmed,
                r.day as day_reserved,
                coalesce(m.settled, 0) as month_settled,
                coalesce(m.unconfirmed, 0) + r.month_over as month_unconfirmed,
                r.month as month_reserved,
                (select coalesce(sum(l.micro_usd), 0)::bigint from llm_ledger l
                  where l.tenant_id = $1 and l.conversation_id = $2) + r.conversation_over as conversation_gone,
                r.conversation as conversation_reserved,
                r.has_expired
         from clock c
         cross join reserved r
         left join llm_spend d on d.tenant_id = $1 and d.period = 'day' and d.starts_on = c.today
         left join llm_spend m on m.tenant_id = $1 and m.period = 'month' and m.starts_on = c.month",
    )
    .bind(tx.tenant_id().uuid())
    .bind(conversation.map(ConversationId::uuid))
    .bind(now)
    .fetch_optional(tx.conn())
    .await?;
    Ok(row.map(Into::into))
}

pub(super) async fn insert_reservation(
    tx: &mut TenantTx,
    request: &ReserveRequest<'_>,
    reservation: &Reservation,
    day: NaiveDate,
    price_known: bool,
) -> Result<()> {
    sqlx::query(
        "insert into llm_reservations (tenant_id, id, conversation_id, purpose, provider, model, micro_usd, price_known,
                                       day, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(tx.tenant_id().uuid())
    .bind(reservation.call.uuid())
    .bind(request.conversation.map(ConversationId::uuid))
    .bind(request.purpose.as_str())
    .bind(request.provider)
    .bind(request.model)
    .bind(reservation.worst_case.micros())
    .bind(price_known)
    .bind(day)
    .bind(reservation.expires_at)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// To what end a call came, as its entry says. What takes an unconfirmed amount back is written by [`correct`] alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EntryKind {
    Settled,
    Released,
    Unconfirmed,
}

impl EntryKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Released => "released",
            Self::Unconfirmed => "unconfirmed",
        }
    }
}

/// The entry that ends a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Closing {
    pub(super) kind: EntryKind,
    pub(super) micro_usd: MicroUsd,
    pub(super) tokens: Option<TokenUsage>,
    /// What the reservation says without it.
    pub(super) price_known: Option<bool>,
}

/// The call's reservation becomes this entry. False when there is no reservation any more.
pub(super) async fn close(tx: &mut TenantTx, call: ModelCallId, closing: &Closing) -> Result<bool> {
    let statement = "
        with closed as (
            delete from llm_reservations where tenant_id = $1 and id = $2 returning *
        ), entry as (
            insert into llm_ledger (tenant_id, call_id, kind, day, conversation_id, purpose, provider, model,
                                    input_tokens, cached_input_tokens, output_tokens, reasoning_tokens,
                                    micro_usd, reserved_micro_usd, price_known)
            select tenant_id, id, $3, day, conversation_id, purpose, provider, model,
                   $6, $7, $8, $9, $4, micro_usd, coalesce($5, price_known)
            from closed
        ), counted as (
            insert into llm_spend as s (tenant_id, period, starts_on, settled, unconfirmed)
            select c.tenant_id, p.period, p.starts_on, case $3 when 'settled' then $4 else 0 end,
                   case $3 when 'unconfirmed' then $4 else 0 end
            from closed c
            cross join lateral (values ('day', c.day), ('month', date_trunc('month', c.day::timestamp)::date))
                as p (period, starts_on)
            where $4 > 0
            order by p.period, p.starts_on
            on conflict (tenant_id, period, starts_on) do update
            set settled = s.settled + excluded.settled, unconfirmed = s.unconfirmed + excluded.unconfirmed
        )
        select exists (select from closed)";
    bound(statement, tx.tenant_id(), call, closing, tx.conn()).await
}

/// A call that was left unconfirmed is taken back and gets this entry instead. False when it was not, or has come to an
/// end since.
pub(super) async fn correct(tx: &mut TenantTx, call: ModelCallId, closing: &Closing) -> Result<bool> {
    let statement = "
        with corrected as (
            insert into llm_ledger (tenant_id, call_id, kind, day, conversation_id, purpose, provider, model,
                                    micro_usd, reserved_micro_usd, price_known)
            select tenant_id, call_id, 'corrected', day, conversation_id, purpose, provider, model,
                   -micro_usd, reserved_micro_usd, price_known
            from llm_ledger
            where tenant_id = $1 and call_id = $2 and kind = 'unconfirmed'
            on conflict do nothing
            returning *
        ), entry as (
            insert into llm_ledger (tenant_id, call_id, kind, day, conversation_id, purpose, provider, model,
                                    input_tokens, cached_input_tokens, output_tokens, reasoning_tokens,
                                    micro_usd, reserved_micro_usd, price_known)
            select tenant_id, call_id, $3, day, conversation_id, purpose, provider, model,
                   $6, $7, $8, $9, $4, reserved_micro_usd, coalesce($5, price_known)
            from corrected
        ), counted as (
            insert into llm_spend as s (tenant_id, period, starts_on, settled, unconfirmed)
            select c.tenant_id, p.period, p.starts_on, $4, c.micro_usd
            from corrected c
            cross join lateral (values ('day', c.day), ('month', date_trunc('month', c.day::timestamp)::date))
                as p (period, starts_on)
            order by p.period, p.starts_on
            on conflict (tenant_id, period, starts_on) do update
            set settled = s.settled + excluded.settled, unconfirmed = s.unconfirmed + excluded.unconfirmed
        )
        select exists (select from corrected)";
    bound(statement, tx.tenant_id(), call, closing, tx.conn()).await
}

/// Runs one of the two statements above, which take the same values in the same places.
async fn bound(
    statement: &'static str,
    tenant: TenantId,
    call: ModelCallId,
    closing: &Closing,
    conn: &mut PgConnection,
) -> Result<bool> {
    let tokens = |of: fn(&TokenUsage) -> u32| closing.tokens.as_ref().map(|tokens| i64::from(of(tokens)));
    let done = sqlx::query_scalar::<_, bool>(statement)
        .bind(tenant.uuid())
        .bind(call.uuid())
        .bind(closing.kind.as_str())
        .bind(closing.micro_usd.micros())
        .bind(closing.price_known)
        .bind(tokens(|tokens| tokens.input))
        .bind(tokens(|tokens| tokens.cached_input))
        .bind(tokens(|tokens| tokens.output))
        .bind(tokens(|tokens| tokens.reasoning))
        .fetch_one(conn)
        .await?;
    Ok(done)
}

/// Whether the call has come to an end.
pub(super) async fn has_entry(tx: &mut TenantTx, call: ModelCallId) -> Result<bool> {
    let tenant = tx.tenant_id().uuid();
    let found = sqlx::query_scalar("select exists (select from llm_ledger where tenant_id = $1 and call_id = $2)")
        .bind(tenant)
        .bind(call.uuid())
        .fetch_one(tx.conn())
        .await?;
    Ok(found)
}

/// Books at most `limit` reservations whose time is over as unconfirmed, of one tenant or of all, and gives how many.
/// Passes over those that somebody is just booking.
pub(super) async fn expire(
    conn: &mut PgConnection,
    tenant: Option<TenantId>,
    now: Option<Timestamp>,
    limit: Option<i64>,
) -> Result<i64> {
    let expired = sqlx::query_scalar::<_, i64>(
        "with over as (
             select tenant_id, id from llm_reservations
             where expires_at <= coalesce($2, statement_timestamp()) and ($1::uuid is null or tenant_id = $1)
             order by expires_at
             limit $3
             for update skip locked
         ), closed as (
             delete from llm_reservations r using over
             where r.tenant_id = over.tenant_id and r.id = over.id
             returning r.*
         ), entry as (
             insert into llm_ledger (tenant_id, call_id, kind, day, conversation_id, purpose, provider, model,
                                     micro_usd, reserved_micro_usd, price_known)
             select tenant_id, id, 'unconfirmed', day, conversation_id, purpose, provider, model,
                    micro_usd, micro_usd, price_known
             from closed
         ), counted as (
             insert into llm_spend as s (tenant_id, period, starts_on, unconfirmed)
             select c.tenant_id, p.period, p.starts_on, sum(c.micro_usd)::bigint
             from closed c
             cross join lateral (values ('day', c.day), ('month', date_trunc('month', c.day::timestamp)::date))
                 as p (period, starts_on)
             group by c.tenant_id, p.period, p.starts_on
             order by c.tenant_id, p.period, p.starts_on
             on conflict (tenant_id, period, starts_on) do update
             set unconfirmed = s.unconfirmed + excluded.unconfirmed
         )
         select count(*) from closed",
    )
    .bind(tenant.map(TenantId::uuid))
    .bind(now)
    .bind(limit)
    .fetch_one(conn)
    .await?;
    Ok(expired)
}
