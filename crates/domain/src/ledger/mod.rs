//! What language models cost a tenant, and the budgets that they cannot overrun.
//!
//! Before a call the most that it can cost is [reserved](reserve); after it, what it did cost is [booked](settle). A
//! reservation is refused when with it the tenant's day, month or conversation could cost more than its budget: what was
//! spent, what calls under way may still cost and this one together. So the cap holds however many calls run at once.
//!
//! Every reservation comes to exactly one end. A call that failed before it could cost anything is [released](release);
//! one whose price nobody learned is [left unconfirmed](leave_unconfirmed) at the most that it can have cost; one whose
//! process died becomes that by itself when its time is over (`docs/decisions/unconfirmed-spend.md`).
//!
//! Days and months are those of the tenant's time zone. A call counts for the day on which it was reserved. Changing
//! the zone moves the end of the current day and nothing that was booked.

mod book;
mod expiry;
mod prices;
mod queries;
mod reserve;
mod state;

pub use book::{Actual, Booking, Settlement, leave_unconfirmed, release, settle};
pub use expiry::{expire_reservations, keep_expiring};
pub use prices::{Cost, ModelPrice, PriceTable};
pub use reserve::{Budget, Purpose, Refusal, Reservation, ReserveError, ReserveRequest, reserve};
pub use state::{state, state_at};
