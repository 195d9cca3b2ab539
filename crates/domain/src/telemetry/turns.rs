//! The rows behind a figure.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::DateTime;
use omniops_types::{
    Channel, ConversationId, Cursor, DomainId, LocalSpan, MessageId, MicroUsd, Page, Permission, Rating, Resolution,
    TelemetryQuery, TelemetryTurn, TurnFallback, TurnFilter, TurnId, TurnOutcome,
};
use uuid::Uuid;

use super::range::Span;
use super::report::{check_text, domain_of};
use super::report_queries::{self, Filter};
use super::turn_queries::{self as queries, TurnPosition, TurnRow};
use crate::{Domain, Error, Principal, Result, paging};

/// Turns in one page of a file.
const EXPORT_PAGE: usize = 1_000;

/// The turns of the query's span and filters, the newest first: all of them together are what the figures of
/// [`report`](super::report) count.
///
/// A list without an explicit `to` ends when it is asked for, so that a later page may begin earlier than the first did.
pub async fn turns(
    domain: &Domain,
    principal: &Principal,
    query: &TelemetryQuery,
    filter: &TurnFilter,
    cursor: Option<Cursor>,
    limit: u16,
) -> Result<Page<TelemetryTurn>> {
    page(domain, principal, query, filter, cursor, paging::limit(limit)?).await
}

/// The span of which [`turns`] lists the rows for this query, by the tenant's clocks.
pub async fn listed_span(domain: &Domain, principal: &Principal, query: &TelemetryQuery) -> Result<LocalSpan> {
    principal.require(Permission::AnalyticsRead)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let calendar = report_queries::calendar(&mut tx, None).await?;
    let span = Span::of(query, calendar.now)?;
    let (from, to) = report_queries::local_ends(&mut tx, &calendar.time_zone, span).await?;
    tx.commit().await?;
    Ok(LocalSpan { from, to, time_zone: calendar.time_zone })
}

/// A long page for a file that holds all of them. Its query has to be [`pinned`](super::pinned).
pub async fn export_page(
    domain: &Domain,
    principal: &Principal,
    query: &TelemetryQuery,
    filter: &TurnFilter,
    cursor: Option<Cursor>,
) -> Result<Page<TelemetryTurn>> {
    page(domain, principal, query, filter, cursor, EXPORT_PAGE).await
}

async fn page(
    domain: &Domain,
    principal: &Principal,
    query: &TelemetryQuery,
    filter: &TurnFilter,
    cursor: Option<Cursor>,
    limit: usize,
) -> Result<Page<TelemetryTurn>> {
    principal.require(Permission::AnalyticsRead)?;
    check(filter)?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let calendar = report_queries::calendar(&mut tx, None).await?;
    let span = Span::of(query, calendar.now)?;
    let scope = Filter { domain: domain_of(&mut tx, query).await?, model: query.model.as_deref() };
    let position = match cursor {
        Some(cursor) => TurnPosition::parse(&cursor)?,
        None => TurnPosition { created_at: span.to, id: Uuid::max() },
    };
    let zone = (calendar.time_zone.as_str(), span);
    let mut rows = queries::turns_before(&mut tx, (scope, filter), zone, position, limit as i64 + 1).await?;
    tx.commit().await?;
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    let last = rows.last().filter(|_| has_more);
    let next_cursor = last.map(|row| TurnPosition { created_at: row.created_at, id: row.id }.to_cursor());
    Ok(Page { items: rows.into_iter().map(turn).collect::<Result<_>>()?, next_cursor })
}

fn check(filter: &TurnFilter) -> Result<()> {
    check_text("tool", filter.tool.as_deref())?;
    check_text("error", filter.error.as_deref())?;
    if filter.weekday.is_some_and(|weekday| !(1..=7).contains(&weekday)) {
        return Err(Error::field("weekday", "must be 1 (Monday) to 7 (Sunday)"));
    }
    if filter.hour.is_some_and(|hour| !(0..=23).contains(&hour)) {
        return Err(Error::field("hour", "must be 0 to 23"));
    }
    Ok(())
}

impl TurnPosition {
    fn to_cursor(self) -> Cursor {
        let mut bytes = [0_u8; 24];
        let (time, id) = bytes.split_at_mut(8);
        time.copy_from_slice(&self.created_at.timestamp_micros().to_be_bytes());
        id.copy_from_slice(self.id.as_bytes());
        Cursor(URL_SAFE_NO_PAD.encode(bytes))
    }

    fn parse(cursor: &Cursor) -> Result<Self> {
        /// The year 9999: beyond what Postgres is asked.
        const LATEST: i64 = 253_370_764_800;
        let malformed = || Error::Malformed("the cursor is not one of ours");
        let bytes = URL_SAFE_NO_PAD.decode(&cursor.0).map_err(|_| malformed())?;
        let (time, id) = bytes.split_first_chunk::<8>().ok_or_else(malformed)?;
        let created_at = DateTime::from_timestamp_micros(i64::from_be_bytes(*time))
            .filter(|time| (0..=LATEST).contains(&time.timestamp()))
            .ok_or_else(malformed)?;
        Ok(Self { created_at, id: Uuid::from_slice(id).map_err(|_| malformed())? })
    }
}

fn turn(row: TurnRow) -> Result<TelemetryTurn> {
    let unknown = |what: &str, text: &str| Error::internal(format!("unknown {what} {text} in the database"));
    Ok(TelemetryTurn {
        id: TurnId(row.id),
        created_at: row.created_at,
        conversation_id: ConversationId(row.conversation_id),
        conversation_number: row.conversation_number,
        reply_id: row.reply_id.map(MessageId),
        domain_id: DomainId(row.domain_id),
        host: row.host,
        channel: Channel::parse(&row.channel).ok_or_else(|| unknown("channel", &row.channel))?,
        provider: row.provider,
        model: row.model,
        outcome: TurnOutcome::parse(&row.outcome).ok_or_else(|| unknown("outcome", &row.outcome))?,
        fallback: TurnFallback::parse(&row.fallback).ok_or_else(|| unknown("fallback", &row.fallback))?,
        error: row.error_code,
        confidence: row.confidence,
        steps: row.steps,
        searches: row.searches,
        zero_results: row.zero_results,
        tool_calls: row.tool_calls.0,
        prompt_tokens: row.prompt_tokens,
        cached_input_tokens: row.cached_input_tokens,
        completion_tokens: row.completion_tokens,
        reasoning_tokens: row.reasoning_tokens,
        cost: MicroUsd(row.cost_micro_usd),
        price_known: row.price_known,
        queue_ms: row.queue_ms,
        embed_ms: row.embed_ms,
        search_ms: row.search_ms,
        model_ms: row.model_ms,
        claim_check_ms: row.claim_check_ms,
        first_token_ms: row.first_token_ms,
        last_token_ms: row.last_token_ms,
        first_delta_ms: row.first_delta_ms,
        total_ms: row.total_ms,
        rating: row.rating.as_deref().and_then(Rating::parse),
        resolution: row.resolution.as_deref().and_then(Resolution::parse),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_as_the_place_it_was_made_from() {
        let place = TurnPosition {
            created_at: DateTime::from_timestamp_micros(1_800_000_000_123_456).unwrap(),
            id: Uuid::now_v7(),
        };
        assert_eq!(TurnPosition::parse(&place.to_cursor()).unwrap(), place);
        for text in ["", "AAAA", "not base64!", &"A".repeat(500)] {
            assert!(TurnPosition::parse(&Cursor(text.to_owned())).is_err(), "{text}");
        }
    }
}
