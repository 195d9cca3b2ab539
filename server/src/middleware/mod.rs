//! What happens around every handler, outermost first: request id, client address, trace, security headers, panics,
//! limits announced, the address's limit, the body read, load shedding with its time-out, compression.

pub mod around;
pub mod body;
pub mod client_ip;
mod compression;
pub mod limited;
pub mod load;
pub mod origin;
pub mod panic;
pub mod request_id;
pub mod security;
pub mod trace;
