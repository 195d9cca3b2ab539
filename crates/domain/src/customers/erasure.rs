//! Deleting what is stored about a customer.

use omniops_postgres::TenantTx;
use omniops_types::{ConversationId, CustomerId, DomainId, EventData};

use super::queries;
use crate::Result;

/// Deletes the customer with every conversation, message, receipt and search, and takes their words out of the event
/// log, whose numbers stay without gaps. What remains is the log of consents with one line about this, and the
/// telemetry's figures, which hold no words.
///
/// The caller holds [`queries::lock_session`]. Everyone who watches is told with the commit.
pub(crate) async fn erase(tx: &mut TenantTx, customer: CustomerId, domain: DomainId) -> Result<Vec<ConversationId>> {
    let conversations = queries::lock_conversations_of(tx, customer).await?;
    queries::erase_events(tx, &conversations).await?;
    queries::delete_feedback(tx, customer).await?;
    queries::delete_conversations(tx, &conversations).await?;
    queries::delete(tx, customer).await?;
    queries::log_erasure(tx, customer, domain).await?;
    for id in &conversations {
        tx.emit(Some(*id), EventData::ConversationErased);
    }
    Ok(conversations)
}
