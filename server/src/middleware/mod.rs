//! What happens around every handler, outermost first: request id, client address, trace, security headers, panics,
//! load shedding, limits announced, time-out, body size, compression.

pub mod body_limit;
pub mod client_ip;
pub mod limited;
pub mod load;
pub mod origin;
pub mod panic;
pub mod request_id;
pub mod security;
pub mod trace;
