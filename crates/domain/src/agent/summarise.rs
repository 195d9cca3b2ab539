//! Keeps a long conversation short for the model: what fell out of its window is summarised, once in a while.

use std::time::Duration;

use omniops_types::{ConversationId, TenantId};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::model::call::{CallContext, CallInput, Sink, call};
use super::prompt::summary_request;
use super::queries;
use super::receipts::turn_of;
use super::settings::in_force;
use super::sources::Sources;
use crate::ledger::Purpose;
use crate::{Domain, Result};

/// Lines beyond the window that are worth a call.
const WORTH_IT: usize = 10;
/// Lines that one summary takes in.
const MOST_LINES: i64 = 60;
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// The longest summary, in characters.
const MAX_SUMMARY: usize = 3_000;

/// Summarises what was said before the message of this number, if that is much and not done yet. A summary that cannot be
/// made, because the budget is gone or the model fails, is tried again after the next turn.
pub(crate) async fn summarise(
    domain: &Domain,
    tenant: TenantId,
    conversation: ConversationId,
    window_from: i64,
) -> Result<()> {
    let mut tx = domain.database.tenant(tenant).await?;
    let before = queries::summary(&mut tx, conversation).await?;
    let from = before.as_ref().map_or(0, |(_, up_to_seq)| *up_to_seq);
    let lines = queries::lines_between(&mut tx, conversation, from, window_from, MOST_LINES).await?;
    let Some(last) = lines.last().map(|line| line.seq).filter(|_| lines.len() >= WORTH_IT) else { return Ok(()) };
    let in_force = in_force(domain, &mut tx).await?;
    drop(tx);
    let Some(plan) = in_force.plan else { return Ok(()) };
    let turns: Vec<_> = lines.into_iter().map(|line| turn_of(&line.author_kind, line.text)).collect();
    let begun = Instant::now();
    let context = CallContext {
        domain: domain.clone(),
        tenant,
        conversation: Some(conversation),
        purpose: Purpose::Summary,
        plan,
        begun,
        deadline: begun + TIME_LIMIT,
        cancel: CancellationToken::new(),
    };
    let messages = summary_request(before.as_ref().map(|(summary, _)| summary.as_str()), &turns);
    let input = CallInput { step: 1, messages: &messages, tools: &[], sources: &Sources::default(), results: &[] };
    let mut summary = Text::default();
    if let Err(failure) = call(&context, input, &mut summary, &mut Vec::new()).await {
        tracing::debug!(%tenant, %conversation, code = failure.code(), "no summary was made");
        return Ok(());
    }
    let summary: String = summary.0.trim().replace('\0', "").chars().take(MAX_SUMMARY).collect();
    let mut tx = domain.database.tenant(tenant).await?;
    queries::keep_summary(&mut tx, conversation, last, &summary).await?;
    tx.commit().await?;
    Ok(())
}

/// All that the model says.
#[derive(Default)]
struct Text(String);

impl Sink for Text {
    fn say(&mut self, piece: &str, _: CallInput<'_>) -> bool {
        self.0.push_str(piece);
        true
    }

    fn end_of_call(&mut self, _: bool, _: CallInput<'_>) {}

    fn take_back(&mut self) {
        self.0.clear();
    }
}
