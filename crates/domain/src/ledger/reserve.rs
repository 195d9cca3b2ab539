//! Before a call.

use std::time::Duration;

use omniops_types::{
    BudgetSettings, BudgetStage, BudgetUse, ConversationId, MicroUsd, ModelCallId, TenantId, Timestamp,
};
use uuid::Uuid;

use super::queries::{self, Position};
use super::state::state_of;
use crate::{Domain, Error};

/// A turn lasts a minute and a half at most: whoever has not booked a call after twice that is dead.
const LIFETIME: Duration = Duration::from_secs(180);

/// What a call is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Answers a customer.
    Chat,
    /// Answers an agent who tries out the settings.
    Preview,
    /// Shortens a conversation, for the model or for an agent.
    Summary,
    /// Answers an old question again.
    Replay,
}

impl Purpose {
    /// As it stands in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Preview => "preview",
            Self::Summary => "summary",
            Self::Replay => "replay",
        }
    }
}

/// A call that is about to be made.
#[derive(Clone, Debug)]
pub struct ReserveRequest<'a> {
    pub tenant: TenantId,
    /// Whose budget the call counts for too; a preview has none.
    pub conversation: Option<ConversationId>,
    pub purpose: Purpose,
    /// Which provider and model are asked, for the books.
    pub provider: &'a str,
    pub model: &'a str,
    /// The most that the call can cost, from [`PriceTable::worst_case`](super::PriceTable::worst_case).
    pub worst_case: MicroUsd,
    pub budgets: &'a BudgetSettings,
    /// The moment; the database's clock without it.
    pub now: Option<Timestamp>,
}

/// Room in the budgets for one call, kept until the call is booked or the time is over.
///
/// Dropping it books nothing: that is what happens when a process dies, and ends as unconfirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "what is not booked ends as unconfirmed at its worst case"]
pub struct Reservation {
    /// What the ledger's entries of this call are found by.
    pub call: ModelCallId,
    pub worst_case: MicroUsd,
    /// How far the tenant's day and month are used up, without this call.
    pub stage: BudgetStage,
    pub expires_at: Timestamp,
    pub(super) tenant: TenantId,
    pub(super) model: String,
}

/// Which limit a call would have passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Budget {
    Day,
    Month,
    Conversation,
}

/// Why there is no room for a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {budget:?} budget of {limit} has no room for {wanted}: {gone} are spent and {reserved} reserved")]
pub struct Refusal {
    /// Of several the one that lasts longest: the month, then the day, then the conversation.
    pub budget: Budget,
    pub limit: MicroUsd,
    /// Spent, confirmed or not.
    pub gone: MicroUsd,
    /// What calls under way may still cost: when they have ended, the same call may find room.
    pub reserved: MicroUsd,
    pub wanted: MicroUsd,
}

/// Why there is no reservation. In both cases no call may be made.
#[derive(Debug, thiserror::Error)]
pub enum ReserveError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Failed(#[from] Error),
}

impl From<omniops_postgres::Error> for ReserveError {
    fn from(error: omniops_postgres::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Keeps room for a call in the tenant's budgets, or says which of them has none.
///
/// One tenant's reservations come one after the other, each with what the ones before it left. A call that can cost
/// nothing is never refused.
pub async fn reserve(domain: &Domain, request: ReserveRequest<'_>) -> Result<Reservation, ReserveError> {
    let worst_case = request.worst_case.max(MicroUsd::ZERO);
    let mut tx = domain.database.tenant(request.tenant).await?;
    queries::lock(&mut tx).await?;
    let position = queries::position(&mut tx, request.conversation, request.now).await?;
    let position = position.ok_or(Error::NotFound("tenant"))?;
    if position.has_expired {
        // Counted as unconfirmed in the position already: this changes where it stands and not how much it is.
        queries::expire(tx.conn(), Some(request.tenant), Some(position.now), None).await?;
    }
    if let Some(refusal) = refusal(&position, &request, worst_case) {
        tx.commit().await?;
        metrics::counter!("omniops_llm_refusals_total", "budget" => refusal.budget.as_str()).increment(1);
        return Err(refusal.into());
    }
    let reservation = Reservation {
        call: ModelCallId(Uuid::now_v7()),
        worst_case,
        stage: state_of(&position, request.budgets).stage,
        expires_at: position.now + LIFETIME,
        tenant: request.tenant,
        model: request.model.to_owned(),
    };
    let (_, price_known) = domain.settings.prices.price(request.model);
    queries::insert_reservation(&mut tx, &request, &reservation, position.today, price_known).await?;
    tx.commit().await?;
    Ok(reservation)
}

impl Budget {
    /// As metrics and telemetry name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Conversation => "conversation",
        }
    }
}

fn refusal(position: &Position, request: &ReserveRequest<'_>, wanted: MicroUsd) -> Option<Refusal> {
    if wanted == MicroUsd::ZERO {
        return None;
    }
    let budgets = request.budgets;
    let of_conversation = request.conversation.and(budgets.per_conversation);
    [
        (Budget::Month, position.month, budgets.monthly),
        (Budget::Day, position.day, budgets.daily),
        (Budget::Conversation, position.conversation, of_conversation),
    ]
    .into_iter()
    .find_map(|(budget, used, limit)| refusal_of(budget, used, limit?, wanted))
}

fn refusal_of(budget: Budget, used: BudgetUse, limit: MicroUsd, wanted: MicroUsd) -> Option<Refusal> {
    let fits = used.taken().checked_add(wanted).is_some_and(|taken| taken <= limit);
    (!fits).then(|| Refusal { budget, limit, gone: used.gone(), reserved: used.reserved, wanted })
}
