//! What the benchmarks are made with.

pub mod child;
pub mod http;
pub mod load;
pub mod machine;
pub mod stats;
pub mod world;
