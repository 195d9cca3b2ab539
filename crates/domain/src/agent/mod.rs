//! The AI agent: a language model that answers from the tenant's knowledge and tools, watched at every step.
//!
//! `turn` is the way in. It searches, then `orchestrator` goes round: ask the model ([`model`]), run the tools that it
//! calls ([`tools`]), until it replies. What it says goes through `speech`, which holds each sentence back until
//! [`claims`] found support for what it claims; what is said in a language that it cannot read is first said in English
//! (`translation`, and `foreign_pages` for what the answer rests on). Text of pages, tools and customers is data between markers ([`fence`]).
//! The `trace` of all that becomes the receipt.

pub(crate) mod claims;
pub(crate) mod escalation;
mod facts;
pub(crate) mod fence;
mod foreign_pages;
mod gate;
mod language;
pub(crate) mod model;
mod orchestrator;
mod preview;
mod prompt;
mod queries;
pub(crate) mod quote;
mod receipts;
mod rehearsal;
mod reply;
mod settings;
mod sources;
mod speech;
pub(crate) mod summarise;
mod tools;
mod trace;
mod translation;
pub(crate) mod turn;

pub use model::{ModelDefaults, Models};
pub use preview::preview;
pub use receipts::{receipt, replay};
pub use reply::Outcome;
pub use settings::{agent_config, update_agent};

pub(crate) use model::call::CallFailure;
pub(crate) use orchestrator::{AgentAnswer, Observer};
pub(crate) use settings::{InForce, in_force};
pub(crate) use speech::Ear;
pub(crate) use trace::Trace;
