//! A customer's message in, an answer out.
//!
//! [`begin`] commits the message with its event and the row that remembers the send, then a task of its own makes the
//! answer: search, answerer, and one last transaction that posts the reply with receipt, telemetry and event. The task
//! does not depend on anybody listening, unless the customer is gone for good ([`Absence`]). A person is always faster: if the AI was silenced or an agent wrote in the
//! meantime, the answer is dropped.
//!
//! Several messages in a row are answered together by the turn of the newest, each question by itself in one reply; the
//! turns before it end without a reply of their own, and every send gets the same answer. A send whose process died is
//! taken up by [`keep_recovering`].

mod agent;
mod answer;
mod begin;
mod code;
mod finish;
mod incoming;
mod leaving;
mod offer;
mod person;
mod queries;
mod receipt;
mod recover;
mod telemetry_queries;
mod turn;
mod turns;

pub use begin::begin;
pub use leaving::{Absence, welcome_back};
pub use recover::{keep_recovering, recover};
pub use turn::{ChatEvent, ChatTurn};
pub use turns::Turns;
