//! Products for everybody, orders for whoever has proven that they are theirs.

use std::sync::Arc;

use async_trait::async_trait;
use omniops_llm::ToolSpec;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Tool, ToolContext, ToolError, ToolOutput, text_argument};
use crate::commerce::{Commerce, CommerceError};

/// Products of one search.
const PRODUCTS: usize = 5;
/// Orders of one list.
const ORDERS: usize = 5;
const MAX_QUERY: usize = 200;
const MAX_REFERENCE: usize = 120;

fn failed(error: CommerceError) -> ToolError {
    tracing::warn!(error = &error as &dyn std::error::Error, "the store could not be asked");
    ToolError::new(error.code(), error.to_string())
}

fn output(result: &impl Serialize) -> Result<ToolOutput, ToolError> {
    let result = serde_json::to_value(result).map_err(|error| ToolError::internal(&crate::Error::internal(error)))?;
    Ok(ToolOutput::of(result))
}

pub(super) struct SearchProducts(pub(super) Arc<dyn Commerce>);

#[async_trait]
impl Tool for SearchProducts {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: "search_products".to_owned(),
            description:
                "Searches the shop's products, with price and stock as they are now. `price` is what the customer \
                pays; tell `price_without_tax` only when asked for it, and as such. For sizes and colours of one \
                product call get_product."
                    .to_owned(),
            parameters: json!({
                "type": "object",
                "properties": { "query": { "type": "string", "description": "One to four words that products have." } },
                "required": ["query"]
            }),
        }
    }

    async fn call(&self, _: &ToolContext, arguments: Value) -> Result<ToolOutput, ToolError> {
        let query = text_argument(&arguments, "query", MAX_QUERY)?;
        let products = self.0.search_products(&query, PRODUCTS).await.map_err(failed)?;
        output(&json!({ "products": products }))
    }
}

pub(super) struct GetProduct(pub(super) Arc<dyn Commerce>);

#[async_trait]
impl Tool for GetProduct {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: "get_product".to_owned(),
            description: "One product with all its variations, prices and stock as they are now. `price` is what the \
                          customer pays; tell `price_without_tax` only when asked for it, and as such."
                .to_owned(),
            parameters: json!({
                "type": "object",
                "properties": {
                    "product": { "type": "string", "description": "Its id, its SKU or the last part of its address." }
                },
                "required": ["product"]
            }),
        }
    }

    async fn call(&self, _: &ToolContext, arguments: Value) -> Result<ToolOutput, ToolError> {
        let reference = text_argument(&arguments, "product", MAX_REFERENCE)?;
        match self.0.get_product(&reference).await.map_err(failed)? {
            Some(product) => output(&product),
            None => Err(ToolError::new("not_found", "there is no such product")),
        }
    }
}

pub(super) struct LookupOrder(pub(super) Arc<dyn Commerce>);

#[async_trait]
impl Tool for LookupOrder {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: "lookup_order".to_owned(),
            description: "One order of the verified customer by its number: status, items, parcels, refunds."
                .to_owned(),
            parameters: json!({
                "type": "object",
                "properties": { "number": { "type": "string", "description": "As the customer wrote it." } },
                "required": ["number"]
            }),
        }
    }

    fn requires_verification(&self) -> bool {
        true
    }

    async fn call(&self, context: &ToolContext, arguments: Value) -> Result<ToolOutput, ToolError> {
        let number = text_argument(&arguments, "number", MAX_REFERENCE)?;
        let email = proven(context)?;
        match self.0.order_by_number(number.trim_start_matches('#'), email).await.map_err(failed)? {
            Some(order) => Ok(ToolOutput { personal: true, ..output(&order)? }),
            None => Err(ToolError::new(
                "not_found",
                "there is no order with this number for the e-mail address that the customer has proven",
            )),
        }
    }
}

pub(super) struct ListOrders(pub(super) Arc<dyn Commerce>);

#[async_trait]
impl Tool for ListOrders {
    fn spec(&self) -> ToolSpec {
        ToolSpec {
            name: "list_orders".to_owned(),
            description: "The newest orders of the verified customer.".to_owned(),
            parameters: json!({ "type": "object", "properties": {} }),
        }
    }

    fn requires_verification(&self) -> bool {
        true
    }

    async fn call(&self, context: &ToolContext, _: Value) -> Result<ToolOutput, ToolError> {
        let orders = self.0.orders_of(proven(context)?, ORDERS).await.map_err(failed)?;
        Ok(ToolOutput { personal: true, ..output(&json!({ "orders": orders }))? })
    }
}

/// The toolbox has looked already; this is the second lock.
fn proven(context: &ToolContext) -> Result<&str, ToolError> {
    context.verified_email.as_deref().ok_or_else(|| ToolError::new("verification_required", "verification needed"))
}
