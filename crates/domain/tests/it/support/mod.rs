//! Builders for the world that a test needs, and stand-ins for the outside things.

mod answerer;
mod embedder;
mod world;

pub use answerer::Answerer;
pub use embedder::FixedEmbedder;
pub use world::{HOST, World, request};
