//! Talking to the agent as a test visitor, with the whole trace. Nothing is written down but what it costs.

use omniops_llm::{Speaker, Turn as HistoryTurn};
use omniops_types::{Permission, PreviewLine, PreviewReply, PreviewRequest};

use super::rehearsal::{Rehearsal, Rehearsed, rehearse};
use super::settings;
use crate::ledger::Purpose;
use crate::tenants::domain_named;
use crate::widget::{MAX_CUSTOMER_MESSAGE_CHARS, check_optional};
use crate::{Domain, Error, Principal, Result};

const MAX_HISTORY: usize = 40;

/// Answers one message as the chat would, with the saved settings or with others.
pub async fn preview(domain: &Domain, principal: &Principal, request: PreviewRequest) -> Result<PreviewReply> {
    principal.require(Permission::SettingsWrite)?;
    let PreviewRequest { domain: host, settings, message, history, verified_email, locale } = request;
    let message = message.trim().to_owned();
    if message.is_empty() || message.chars().count() > MAX_CUSTOMER_MESSAGE_CHARS || message.contains('\0') {
        return Err(Error::field("message", "must be 1 to 4,000 characters"));
    }
    let too_long = history.iter().any(|line| line.text.chars().count() > 2 * MAX_CUSTOMER_MESSAGE_CHARS);
    if history.len() > MAX_HISTORY || too_long {
        return Err(Error::field("history", "must be at most 40 lines of 8,000 characters"));
    }
    if history.iter().any(|line| line.text.contains('\0')) {
        return Err(Error::field("history", "must not contain NUL characters"));
    }
    check_optional("verified_email", verified_email.as_deref(), 254)?;
    check_optional("locale", locale.as_deref(), 35)?;
    let domain_id = domain_named(domain, principal, &host).await?;
    let mut tx = domain.database.tenant(principal.tenant_id).await?;
    let in_force = match settings {
        Some(settings) => settings::in_force_with(domain, &mut tx, settings).await?,
        None => settings::in_force(domain, &mut tx).await?,
    };
    drop(tx);
    let rehearsal = Rehearsal {
        tenant: principal.tenant_id,
        domain_id,
        purpose: Purpose::Preview,
        locale,
        verified_email: verified_email.filter(|email| !email.trim().is_empty()),
        unanswered: vec![message],
        history: history.into_iter().map(line).collect(),
    };
    let Rehearsed { text, sources, confidence, escalated, receipt, prompt, candidates } =
        Box::pin(rehearse(domain, &in_force, rehearsal)).await?;
    Ok(PreviewReply { text, sources, confidence, escalated, receipt, prompt, candidates })
}

fn line(line: PreviewLine) -> HistoryTurn {
    let speaker = if line.by_customer { Speaker::Customer } else { Speaker::Assistant };
    HistoryTurn { speaker, text: line.text }
}
