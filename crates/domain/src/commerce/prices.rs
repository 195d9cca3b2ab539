//! Which of a store's prices the customer pays.
//!
//! WooCommerce gives a price as the store's owner entered it and, as a text, as the shop's page shows it. Each is with
//! or without tax as the owner set it, and neither says which. Where the two differ by no more than a tax, the higher is
//! with it: that is what the customer pays, and the lower is told as a price without tax. Where they differ otherwise, a
//! plugin makes prices, and only the page is believed.

use omniops_types::Money;
use omniops_woocommerce::{Product, ShownPrice, Variation};

/// The highest tax on sales, in percent; Hungary's is 27.
const HIGHEST_TAX: i128 = 30;

/// What may be told of a price.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Prices {
    /// What the customer pays.
    pub price: Option<Money>,
    /// The same before the sale; only while there is one.
    pub regular_price: Option<Money>,
    pub price_without_tax: Option<Money>,
    /// The page's own words, where they say nothing else.
    pub price_on_page: Option<String>,
}

/// What the prices are that the owner entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Entered {
    /// What the customer pays.
    Paid,
    /// Without the tax that is added to them.
    WithoutTax,
    /// Not what anybody pays.
    Overruled,
}

/// What may be told of a product's price, and what its variations' prices are: those have no words of the page.
pub(super) fn of_product(product: &Product) -> (Prices, Entered) {
    let regular_price = product.regular_price.filter(|_| product.on_sale);
    let entered = Prices { price: product.price, regular_price, ..Prices::default() };
    let Some(shown) = &product.shown_price else { return (entered, Entered::Paid) };
    let on_page = || Some(shown.text.clone());
    let Some(lowest) = lowest(&shown.amounts) else {
        // "Price on request": then it is not ours to tell. Amounts that a theme hides from us are not repeated.
        let is_worded = !shown.text.contains(|c: char| c.is_ascii_digit());
        return if is_worded {
            (Prices { price_on_page: on_page(), ..Prices::default() }, Entered::Overruled)
        } else {
            (entered, Entered::Paid)
        };
    };
    let page = Prices {
        price: Some(lowest),
        regular_price: shown.former.first().copied(),
        price_on_page: on_page(),
        ..Prices::default()
    };
    let Some(price) = product.price else { return (page, Entered::Overruled) };
    if let Some((net, gross)) = net_and_gross(shown)
        && (price == net || price == gross)
    {
        let is_net = price == net;
        let regular_price = if is_net { None } else { regular_price };
        let prices = Prices { price: Some(gross), regular_price, price_without_tax: Some(net), price_on_page: None };
        return (prices, if is_net { Entered::WithoutTax } else { Entered::Paid });
    }
    if price == lowest {
        return (Prices { price_on_page: on_page(), ..entered }, Entered::Paid);
    }
    if is_taxed(lowest, price) {
        return (Prices { price_without_tax: Some(lowest), ..entered }, Entered::Paid);
    }
    if is_taxed(price, lowest) {
        return (Prices { price_without_tax: Some(price), ..page }, Entered::WithoutTax);
    }
    (page, Entered::Overruled)
}

/// What may be told of a variation's price.
pub(super) fn of_variation(variation: &Variation, entered: Entered) -> Prices {
    match entered {
        Entered::Paid => Prices {
            price: variation.price,
            regular_price: variation.regular_price.filter(|_| variation.on_sale),
            ..Prices::default()
        },
        Entered::WithoutTax => Prices { price_without_tax: variation.price, ..Prices::default() },
        Entered::Overruled => Prices::default(),
    }
}

fn lowest(amounts: &[Money]) -> Option<Money> {
    amounts.iter().copied().min_by_key(|amount| scaled(*amount))
}

/// `360,50 € (429,00 € incl. VAT)`: one price, said twice.
fn net_and_gross(shown: &ShownPrice) -> Option<(Money, Money)> {
    let is_range = shown.text.contains('–') || shown.text.contains(" - ");
    match shown.amounts.as_slice() {
        [one, other] if !is_range => {
            let (net, gross) = if scaled(*one) < scaled(*other) { (*one, *other) } else { (*other, *one) };
            is_taxed(net, gross).then_some((net, gross))
        }
        _ => None,
    }
}

/// Whether `gross` may be `net` with its tax.
fn is_taxed(net: Money, gross: Money) -> bool {
    let (net, gross) = (scaled(net), scaled(gross));
    net > 0 && net < gross && gross * 100 <= net * (100 + HIGHEST_TAX)
}

/// Comparable whatever the decimals.
fn scaled(amount: Money) -> i128 {
    const MOST_DECIMALS: u32 = 12;
    i128::from(amount.minor()) * 10_i128.pow(MOST_DECIMALS.saturating_sub(u32::from(amount.decimals())))
}
