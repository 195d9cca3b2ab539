use omniops_types::{Currency, Money};

use crate::text::{self, WordedPrice};

/// A price as the shop's page words it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownPrice {
    /// `318,49 € (was 360,50 €)`, `19,00 € – 24,00 €`, `Price on request`.
    pub text: String,
    /// The amounts in it, as they follow each other; without those before a sale.
    pub amounts: Vec<Money>,
    /// The amounts before a sale.
    pub former: Vec<Money>,
}

impl ShownPrice {
    /// `None` for a product whose page shows no price.
    pub(super) fn read(html: &str, currency: Currency) -> Option<Self> {
        let WordedPrice { text, amounts, former } = text::price(html);
        let read = |amounts: Vec<String>| amounts.iter().filter_map(|amount| money(amount, currency)).collect();
        (!text.is_empty()).then(|| Self { text, amounts: read(amounts), former: read(former) })
    }
}

/// An amount as shops write it: `1.299,00 €`, `€1,299.00`, `1 299 kr`, `CHF 1'299.–`.
fn money(worded: &str, currency: Currency) -> Option<Money> {
    let first = worded.find(|c: char| c.is_ascii_digit())?;
    let last = worded.rfind(|c: char| c.is_ascii_digit())?;
    let digits = worded.get(first..=last)?;
    // Only the last separator can be the decimal one, and three digits behind it are thousands, unless the currency has
    // thousandths.
    let point = digits.rfind(['.', ',']).filter(|at| {
        let behind = digits.len() - at - 1;
        behind != 3 || currency.decimals() == 3
    });
    let plain = |part: Option<&str>| part.unwrap_or_default().chars().filter(char::is_ascii_digit).collect::<String>();
    let end = point.unwrap_or(digits.len());
    Money::parse(&format!("{}.{}", plain(digits.get(..end)), plain(digits.get(end..))), currency).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(worded: &str, currency: &str) -> String {
        money(worded, currency.parse().unwrap()).map(|money| money.amount()).unwrap_or_default()
    }

    #[test]
    fn amounts_are_read_however_a_shop_writes_them() {
        for (worded, currency, amount) in [
            ("293,28 €", "EUR", "293.28"),
            ("1.299,00 €", "EUR", "1299.00"),
            ("€1,299.00", "EUR", "1299.00"),
            ("1 299 kr", "SEK", "1299.00"),
            ("CHF 1'299.50", "CHF", "1299.50"),
            ("1.299 €", "EUR", "1299.00"),
            ("12,5 €", "EUR", "12.50"),
            ("¥1,500", "JPY", "1500"),
            ("1.250 KD", "KWD", "1.250"),
            ("ab Lager", "EUR", ""),
        ] {
            assert_eq!(read(worded, currency), amount, "{worded}");
        }
    }

    #[test]
    fn a_wording_is_told_apart_into_now_and_before() {
        let eur = "EUR".parse().unwrap();
        let html = "<del><bdi>360,50&nbsp;&euro;</bdi></del> <ins><bdi>318,49&nbsp;&euro;</bdi></ins> <small>inkl. 19 % MwSt.</small>";
        let shown = ShownPrice::read(html, eur).unwrap();
        assert_eq!(shown.text, "318,49 € inkl. 19 % MwSt. (was 360,50 €)");
        let amounts = |amounts: &[Money]| amounts.iter().map(Money::amount).collect::<Vec<_>>();
        assert_eq!((amounts(&shown.amounts), amounts(&shown.former)), (vec!["318.49".into()], vec!["360.50".into()]));
        let request = ShownPrice::read("<span>Price on request</span>", eur).unwrap();
        assert_eq!((request.text.as_str(), request.amounts.len()), ("Price on request", 0));
        assert_eq!(ShownPrice::read(" ", eur), None);
    }
}
