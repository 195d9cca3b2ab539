//! What a thing's state is said to be: whether a product can be had, and where an order stands.

mod status;
mod stock;

use std::collections::HashSet;

use super::text::{Kind, Token};
use super::values::{Found, Value};

pub(super) use status::Status;
pub(super) use stock::Stock;

/// The states that a text states. `is_data` is a field or a label rather than a sentence, where a word is enough.
pub(super) fn states(tokens: &[Token], is_data: bool) -> Vec<Found> {
    let words = Words::of(tokens);
    let mut found = stock::states(&words);
    found.extend(status::states(&words, is_data));
    found
}

/// The words of the tokens, each with its place.
struct Words<'a>(Vec<(usize, &'a str)>);

impl<'a> Words<'a> {
    fn of(tokens: &'a [Token]) -> Self {
        let words = tokens.iter().enumerate().filter(|(_, token)| matches!(token.kind, Kind::Word | Kind::Number));
        Self(words.map(|(at, token)| (at, token.lower.as_str())).collect())
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn get(&self, at: usize) -> Option<&'a str> {
        self.0.get(at).map(|(_, word)| *word)
    }

    fn is(&self, at: usize, words: &[&str]) -> bool {
        self.get(at).is_some_and(|word| words.contains(&word))
    }

    /// Whether nothing stands between the word and the next.
    fn is_next(&self, at: usize) -> bool {
        match (self.0.get(at), self.0.get(at + 1)) {
            (Some((place, _)), Some((next, _))) => place + 1 == *next,
            (_, None) => true,
            (None, Some(_)) => false,
        }
    }

    fn has_before(&self, at: usize, reach: usize, list: &HashSet<&str>) -> bool {
        (at.saturating_sub(reach)..at).any(|place| self.get(place).is_some_and(|word| list.contains(word)))
    }

    fn has(&self, list: &HashSet<&str>) -> bool {
        self.0.iter().any(|(_, word)| list.contains(word))
    }

    fn found(&self, value: Value, at: usize, length: usize) -> Option<Found> {
        let (first, _) = self.0.get(at)?;
        let (last, _) = self.0.get(at + length.max(1) - 1)?;
        Some(Found::new(value, *first..last + 1))
    }
}

const NEGATIONS: &str =
    "not cannot never no nicht nie isn't aren't wasn't hasn't haven't weren't don't doesn't didn't kein keine keinen";

#[cfg(test)]
mod tests {
    use super::super::text::tokens;
    use super::*;

    fn values(text: &str) -> Vec<Value> {
        states(&tokens(text), false).into_iter().map(|found| found.value).collect()
    }

    #[test]
    fn stock_is_recognised_in_both_languages() {
        for (text, expected) in [
            ("The Tarn 2 is in stock.", vec![Stock::In]),
            ("The Tarn 2 in stock", vec![Stock::In]),
            ("It is currently not available.", vec![Stock::Out]),
            ("Sold out, sorry!", vec![Stock::Out]),
            ("There are only 3 left.", vec![Stock::Left(3)]),
            ("We have three pieces in stock.", vec![Stock::Left(3)]),
            ("Das Zelt ist auf Lager.", vec![Stock::In]),
            ("Das Zelt ist leider ausverkauft.", vec![Stock::Out]),
            ("Nur noch 2 Stück.", vec![Stock::Left(2)]),
            ("Der Becher ist nicht mehr lieferbar.", vec![Stock::Out]),
            ("Our team is available from 9 to 5.", vec![]),
            ("Express is available in Germany only.", vec![]),
            ("It has two doors.", vec![]),
            ("We have plenty of those.", vec![Stock::Plenty]),
            ("Yes, there are lots left.", vec![Stock::Plenty]),
            ("We've still got some Tarn 2 tents.", vec![Stock::In]),
            ("We've got a few.", vec![Stock::In]),
            ("There are only a few left.", vec![Stock::Low]),
            ("Davon haben wir noch genug.", vec![Stock::Plenty]),
            ("Vom Tarn 4 sind noch einige da.", vec![Stock::In]),
            ("We've run out of those.", vec![Stock::Out]),
            ("We don't have any left.", vec![Stock::Out]),
            ("Express ist nur in Deutschland verfügbar.", vec![]),
            ("Express delivery is available.", vec![]),
            ("Das Zelt ist verfügbar.", vec![Stock::In]),
            ("The tent has plenty of room.", vec![]),
            ("We have lots of experience.", vec![]),
            ("We have some of the lightest tents.", vec![]),
            ("I still have a few questions.", vec![]),
            ("Sie haben noch einige Tage Zeit.", vec![]),
        ] {
            let expected: Vec<Value> = expected.into_iter().map(Value::Stock).collect();
            assert_eq!(values(text), expected, "{text}");
        }
    }

    #[test]
    fn the_state_of_an_order_is_told_from_rules_about_orders() {
        let status = |status, negated| vec![Value::Status { status, negated }];
        for (text, expected) in [
            ("Your order has been shipped.", status(Status::Shipped, false)),
            ("Your parcel is on its way.", status(Status::Shipped, false)),
            ("Your order hasn't been shipped yet.", status(Status::Shipped, true)),
            ("Order #10023 is currently being processed.", status(Status::Processing, false)),
            ("Ihre Bestellung wurde storniert.", status(Status::Cancelled, false)),
            ("Ihr Paket ist unterwegs.", status(Status::Shipped, false)),
            ("Your parcel left the warehouse this morning.", status(Status::Shipped, false)),
            ("It is on the truck.", status(Status::Shipped, false)),
            ("The driver has it.", status(Status::Shipped, false)),
            ("Ihr Paket hat das Lager verlassen.", status(Status::Shipped, false)),
            ("Es ist beim Zusteller.", status(Status::Shipped, false)),
            ("Your order hasn't left the warehouse yet.", status(Status::Shipped, true)),
            ("The courier dropped it off.", status(Status::Delivered, false)),
            ("Ihr Paket liegt in der Filiale zur Abholung bereit.", status(Status::ReadyForPickup, false)),
            ("Your order is ready for pick-up two hours later.", vec![]),
            ("Drop it in the post.", vec![]),
            ("Orders are shipped within 24 hours.", vec![]),
            ("Your order will be shipped on Monday.", vec![]),
            ("Items that were shipped by mistake.", vec![]),
        ] {
            assert_eq!(values(text), expected, "{text}");
        }
    }
}
