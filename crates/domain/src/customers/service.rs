//! Recognising the visitor by the session id that the visitor alone holds.

use omniops_postgres::TenantTx;
use omniops_types::CustomerId;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::queries::{self, Customer};
use crate::Result;

/// What the database holds instead of the visitor's secret.
pub fn session_hash(session_id: &str) -> [u8; 32] {
    Sha256::digest(session_id.as_bytes()).into()
}

/// The name given, or one made from the id's random end: "Visitor 7F3A".
pub fn display_name(id: CustomerId, name: Option<&str>) -> String {
    match name.map(str::trim) {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => format!("Visitor {:04X}", id.uuid().as_u128() & 0xFFFF),
    }
}

/// The customer who holds this session, if the tenant has seen it before.
pub(crate) async fn find_by_session(tx: &mut TenantTx, session_id: &str) -> Result<Option<Customer>> {
    queries::find_by_session(tx, &session_hash(session_id)).await
}

/// The customer who holds this session; a new, anonymous one when the session is new.
///
/// The caller holds [`queries::lock_session`], so that two first requests cannot make two customers.
pub(crate) async fn get_or_create_by_session(
    tx: &mut TenantTx,
    session_id: &str,
    locale: Option<&str>,
    page_url: Option<&str>,
) -> Result<Customer> {
    if let Some(customer) = find_by_session(tx, session_id).await? {
        return Ok(customer);
    }
    let id = CustomerId(Uuid::now_v7());
    queries::insert_with_session(tx, id, &session_hash(session_id), locale, page_url).await?;
    Ok(Customer { id, name: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anonymous_customer_is_named_after_the_id() {
        let id = CustomerId(Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_7f3a));
        assert_eq!(display_name(id, None), "Visitor 7F3A");
        assert_eq!(display_name(id, Some("  ")), "Visitor 7F3A");
        assert_eq!(display_name(id, Some("Mia Berg")), "Mia Berg");
    }
}
