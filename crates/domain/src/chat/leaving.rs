//! Customers who leave before they are answered, and who come back.
//!
//! A model that answers nobody is money thrown away, so it stops when the customer was gone for a while: no request of
//! theirs waits, and no event stream of theirs is open in this process. Their message stays as it is and is set aside;
//! whatever brings them back (the same send again, another message, the event stream) has it answered after all.

use std::time::Duration;

use omniops_types::{ConversationId, TenantId};
use tokio::time::Instant;

use super::begin::{answer_apart, prepare};
use super::queries;
use super::turn::Listener;
use super::turns::ensure_telemetry;
use crate::widget::Visitor;
use crate::{Domain, Error, Result, conversations};

/// How long a customer may be away before nobody works for them any more. A lost connection is back sooner, and so is
/// the next page of the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Absence(pub Duration);

impl Default for Absence {
    fn default() -> Self {
        Self(Duration::from_secs(20))
    }
}

/// Has answered what was set aside when this visitor left. The answers come as events, like all others.
pub async fn welcome_back(domain: &Domain, visitor: &Visitor) -> Result<()> {
    let tenant = visitor.site.tenant_id;
    let mut tx = domain.database.tenant(tenant).await?;
    let waiting = queries::conversations_set_aside(&mut tx, visitor.customer_id).await?;
    drop(tx);
    for conversation in waiting {
        resume(domain, tenant, conversation).await?;
    }
    Ok(())
}

/// Has the conversation's messages answered, if they were set aside and nobody was faster. Does not wait for the answer.
pub(super) async fn resume(domain: &Domain, tenant: TenantId, conversation: ConversationId) -> Result<()> {
    ensure_telemetry(domain).await?;
    let mut tx = domain.database.tenant(tenant).await?;
    let conversation = match conversations::lock_conversation(&mut tx, conversation).await {
        // Erased since.
        Err(Error::NotFound(_)) => return Ok(()),
        locked => locked?,
    };
    if !queries::take_back(&mut tx, conversation.id).await? {
        return Ok(());
    }
    let turn = prepare(&mut tx, &conversation, Instant::now()).await?;
    tx.commit().await?;
    if let Some(turn) = turn {
        answer_apart(domain, turn, Listener::nobody());
    }
    Ok(())
}
