//! After a call.

use omniops_llm::TokenUsage;
use omniops_types::MicroUsd;

use super::queries::{self, Closing, EntryKind};
use super::{Cost, Reservation};
use crate::{Domain, Error, Result};

/// What a call turned out to have cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actual {
    /// What the provider counted, priced by the table.
    Usage(TokenUsage),
    /// What the provider charged by its own account.
    Cost(MicroUsd),
}

/// What became of a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Booking {
    Booked,
    /// The reservation's time was over: the unconfirmed amount was taken back, and the truth stands in its place.
    Late,
    /// The call had come to an end before, and that stands.
    Already,
}

/// What a call cost, and what became of booking it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settlement {
    pub cost: Cost,
    pub booking: Booking,
}

/// Books what the call cost, in place of its reservation. The second time it does nothing.
///
/// More than was reserved is booked too, because it is owed, and counted: a provider that does not keep to the limits it
/// was given.
pub async fn settle(domain: &Domain, reservation: &Reservation, actual: Actual) -> Result<Settlement> {
    let (cost, tokens) = match actual {
        Actual::Usage(usage) => (domain.settings.prices.cost(&reservation.model, usage), Some(usage)),
        Actual::Cost(micro_usd) => (Cost { micro_usd: micro_usd.max(MicroUsd::ZERO), price_known: true }, None),
    };
    let closing =
        Closing { kind: EntryKind::Settled, micro_usd: cost.micro_usd, tokens, price_known: Some(cost.price_known) };
    let booking = close(domain, reservation, &closing).await?;
    if booking != Booking::Already {
        count_settled(reservation, cost);
    }
    Ok(Settlement { cost, booking })
}

/// Books that the call cost nothing: the provider turned it away, or it was never sent.
pub async fn release(domain: &Domain, reservation: &Reservation) -> Result<Booking> {
    let closing = Closing { kind: EntryKind::Released, micro_usd: MicroUsd::ZERO, tokens: None, price_known: None };
    close(domain, reservation, &closing).await
}

/// Books that nobody knows what the call cost: all that was reserved.
///
/// For a stream that was cut off or left before the provider told its count. What was heard of it is no bound: a model
/// thinks unheard, and writes on for a while when nobody listens any more. A [`settle`] that follows takes it back.
pub async fn leave_unconfirmed(domain: &Domain, reservation: &Reservation) -> Result<Booking> {
    let closing =
        Closing { kind: EntryKind::Unconfirmed, micro_usd: reservation.worst_case, tokens: None, price_known: None };
    close(domain, reservation, &closing).await
}

async fn close(domain: &Domain, reservation: &Reservation, closing: &Closing) -> Result<Booking> {
    let mut tx = domain.database.tenant(reservation.tenant).await?;
    let booking = if queries::close(&mut tx, reservation.call, closing).await? {
        Booking::Booked
    } else if closing.kind != EntryKind::Unconfirmed && queries::correct(&mut tx, reservation.call, closing).await? {
        Booking::Late
    } else if queries::has_entry(&mut tx, reservation.call).await? {
        Booking::Already
    } else {
        // The tenant is gone.
        return Err(Error::NotFound("reservation"));
    };
    tx.commit().await?;
    Ok(booking)
}

fn count_settled(reservation: &Reservation, cost: Cost) {
    metrics::counter!("omniops_llm_micro_usd_total").increment(cost.micro_usd.0.unsigned_abs());
    if !cost.price_known {
        metrics::counter!("omniops_llm_unknown_price_total").increment(1);
    }
    if cost.micro_usd > reservation.worst_case {
        metrics::counter!("omniops_llm_overruns_total").increment(1);
        tracing::warn!(
            model = reservation.model,
            reserved = %reservation.worst_case,
            cost = %cost.micro_usd,
            "a model call cost more than it could by its limits"
        );
    }
}
