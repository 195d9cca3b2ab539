//! Orders, and the only ways to them: what is personal leaves this folder for the owner of the billing e-mail alone.

mod order;
mod raw;

pub use order::{Order, OrderLine, OrderStatus};

use crate::client::Client;
use crate::error::Result;
use raw::{FIELDS, RawOrder, RawOwner, from_raw};

/// Orders that one page of a search holds at most, by WooCommerce's own limit.
const MAX_PER_PAGE: usize = 100;
/// Pages of a search that are read; whoever has more orders sees the newest.
const MAX_PAGES: usize = 5;
/// Characters of an order number.
const MAX_NUMBER: usize = 40;

impl Client {
    /// The order with exactly this number, if exactly this e-mail was billed. The answer for an order of somebody else is
    /// that for no order at all, and the store is asked the same for both. A leading `#` is dropped.
    pub async fn order_by_number(&self, number: &str, email: &str) -> Result<Option<Order>> {
        let Some(number) = order_number(number) else { return Ok(None) };
        let Some(email) = searchable(email) else { return Ok(None) };
        // The number is the id unless a plugin counts otherwise.
        if let Ok(id) = number.parse::<u64>()
            && let Some(order) = self.order(id).await?
            && order.number == number
            && same_email(&order.email, email)
        {
            return Ok(Some(order));
        }
        // Searched by e-mail: finds an own number too, and a customer has fewer orders than numbers look alike.
        for page in 1..=MAX_PAGES {
            let found = self.owners(email, page).await?;
            let hit = found.iter().find(|owner| owner.number == number && same_email(&owner.billing.email, email));
            if let Some(id) = hit.and_then(|owner| owner.id) {
                let order = self.order(id).await?;
                return Ok(order.filter(|order| order.number == number && same_email(&order.email, email)));
            }
            if found.len() < MAX_PER_PAGE {
                break;
            }
        }
        Ok(None)
    }

    /// The orders for which exactly this e-mail was billed, newest first, guests' too.
    pub async fn orders_of_email(&self, email: &str, limit: usize) -> Result<Vec<Order>> {
        let Some(email) = searchable(email) else { return Ok(Vec::new()) };
        self.orders(("search", email), limit, |order| same_email(&order.email, email)).await
    }

    /// The orders that a registered customer placed while signed in, newest first. Whose account it is has to be known:
    /// an account's e-mail is not proven by having it.
    pub async fn orders_of_customer(&self, customer_id: u64, limit: usize) -> Result<Vec<Order>> {
        if customer_id == 0 {
            // All guests' orders.
            return Ok(Vec::new());
        }
        let customer = customer_id.to_string();
        self.orders(("customer", &customer), limit, |order| order.customer_id == Some(customer_id)).await
    }

    async fn orders(
        &self,
        filter: (&str, &str),
        limit: usize,
        is_theirs: impl Fn(&Order) -> bool,
    ) -> Result<Vec<Order>> {
        let mut orders = Vec::new();
        if limit == 0 {
            return Ok(orders);
        }
        // Some of a page may be other people's.
        let per_page = limit.clamp(20, MAX_PER_PAGE);
        for page in 1..=MAX_PAGES {
            let (per_page_text, page) = (per_page.to_string(), page.to_string());
            let query = [filter, ("per_page", &per_page_text), ("page", &page), ("_fields", FIELDS)];
            let raw: Vec<RawOrder> = self.get("wc/v3/orders", &query).await?;
            let count = raw.len();
            for order in raw {
                if let Some(order) = from_raw(order)?
                    && is_theirs(&order)
                {
                    orders.push(order);
                }
            }
            if count < per_page || orders.len() >= limit {
                break;
            }
        }
        orders.truncate(limit);
        Ok(orders)
    }

    async fn order(&self, id: u64) -> Result<Option<Order>> {
        let raw: Option<RawOrder> = self.find(&format!("wc/v3/orders/{id}"), &[("_fields", FIELDS)]).await?;
        raw.map_or(Ok(None), from_raw)
    }

    async fn owners(&self, email: &str, page: usize) -> Result<Vec<RawOwner>> {
        let (per_page, page) = (MAX_PER_PAGE.to_string(), page.to_string());
        let query =
            [("search", email), ("per_page", &per_page), ("page", &page), ("_fields", "id,number,billing.email")];
        self.get("wc/v3/orders", &query).await
    }
}

/// Whether two addresses are the same, written in whatever case. Only ASCII is folded: other letters that look alike
/// are other people.
pub fn same_email(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    !one.is_empty() && one.eq_ignore_ascii_case(other)
}

/// The number as the store writes it, without what people put around it.
fn order_number(written: &str) -> Option<&str> {
    let number = written.trim().trim_start_matches('#').trim();
    let is_number = !number.is_empty() && number.len() <= MAX_NUMBER && !number.chars().any(char::is_control);
    is_number.then_some(number)
}

/// An address that is worth a search: an empty one would find everybody's orders.
fn searchable(email: &str) -> Option<&str> {
    let email = email.trim();
    let is_email =
        email.len() <= 254 && email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    is_email.then_some(email)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_email_is_compared_whole_and_only_ascii_is_folded() {
        assert!(same_email(" Kunde01@Mail.example ", "kunde01@mail.example"));
        assert!(!same_email("kunde01@mail.example", "xkunde01@mail.example"));
        assert!(!same_email("kunde01@mail.example", "kunde01@mail.example.evil"));
        assert!(!same_email("\u{212a}unde@mail.example", "kunde@mail.example"), "the Kelvin sign is no k");
        assert!(!same_email("", ""));
    }

    #[test]
    fn a_number_is_taken_as_people_write_it() {
        assert_eq!(order_number(" #1001 "), Some("1001"));
        assert_eq!(order_number("# 1001"), Some("1001"));
        assert_eq!(order_number("SO-2026/17"), Some("SO-2026/17"));
        assert_eq!(order_number("#"), None);
        assert_eq!(order_number("1\n2"), None);
        assert_eq!(order_number(&"9".repeat(41)), None);
    }

    #[test]
    fn only_an_email_is_searched_for() {
        assert_eq!(searchable(" a@b.example "), Some("a@b.example"));
        for text in ["", " ", "a", "@", "a@", "@b"] {
            assert_eq!(searchable(text), None, "{text:?}");
        }
    }
}
