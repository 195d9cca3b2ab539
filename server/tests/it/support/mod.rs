//! A server that can be started, asked and killed.

mod doubles;
mod server;
mod sse;
mod world;

pub use server::ServerProcess;
pub use sse::SseStream;
pub use world::{HOST, World, body, conversation_of, message};
