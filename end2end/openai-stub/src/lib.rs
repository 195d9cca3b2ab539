#![doc = include_str!("../README.md")]

mod check;
mod control;
mod http;
mod pieces;
mod plan;
mod received;
mod reply;
mod script;
mod server;
mod state;

pub use pieces::Pieces;
pub use received::{Ended, Received};
pub use reply::{End, Part, Reply, Start, ToolCallPart, Usage, UsageReply};
pub use script::{Answers, Rule, Script, When};
pub use server::{ClosedPort, StubServer};
