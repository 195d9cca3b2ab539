//! What happens around every handler.

pub mod client_ip;
pub mod request_id;
