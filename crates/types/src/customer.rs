//! Customers as a conversation shows them.

use serde::{Deserialize, Serialize};

use crate::CustomerId;

/// Enough of a customer to show beside a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CustomerCard {
    pub id: CustomerId,
    /// The name given, or a generated one such as "Visitor 7F3A".
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// The page on which the customer last wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_url: Option<String>,
}
