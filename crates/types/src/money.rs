//! Exact amounts. No float ever holds money.

use core::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Digits behind the point that an amount may have at most: more than any shop prints, few enough for an `i64`.
const MAX_DECIMALS: u8 = 12;

/// Currencies of ISO 4217 whose smallest unit is not a hundredth.
const UNUSUAL: &[(&str, u8)] = &[
    ("BHD", 3),
    ("BIF", 0),
    ("CLF", 4),
    ("CLP", 0),
    ("DJF", 0),
    ("GNF", 0),
    ("IQD", 3),
    ("ISK", 0),
    ("JOD", 3),
    ("JPY", 0),
    ("KMF", 0),
    ("KRW", 0),
    ("KWD", 3),
    ("LYD", 3),
    ("OMR", 3),
    ("PYG", 0),
    ("RWF", 0),
    ("TND", 3),
    ("UGX", 0),
    ("UYI", 0),
    ("UYW", 4),
    ("VND", 0),
    ("VUV", 0),
    ("XAF", 0),
    ("XOF", 0),
    ("XPF", 0),
];

/// The text was not an amount or not a currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MoneyParseError {
    /// Not three or four letters.
    Currency,
    /// Not a plain decimal number such as `-12.50`.
    Amount,
    /// A number too large or too finely divided to be held exactly.
    OutOfRange,
}

impl fmt::Display for MoneyParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Currency => "not a currency code",
            Self::Amount => "not an amount",
            Self::OutOfRange => "an amount out of range",
        })
    }
}

impl core::error::Error for MoneyParseError {}

/// A currency by its code, upper case: `EUR`. Shops also use codes of four letters that ISO 4217 does not know.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Currency {
    /// Ends in a zero where the code has three letters.
    letters: [u8; 4],
}

impl Currency {
    /// The code.
    pub fn code(&self) -> &str {
        let end = if self.letters.last() == Some(&0) { 3 } else { 4 };
        // Only ASCII letters get in.
        self.letters.get(..end).and_then(|letters| core::str::from_utf8(letters).ok()).unwrap_or_default()
    }

    /// Digits behind the point that the currency's smallest unit has, by ISO 4217.
    pub fn decimals(&self) -> u8 {
        UNUSUAL.iter().find(|(code, _)| *code == self.code()).map_or(2, |(_, decimals)| *decimals)
    }
}

impl FromStr for Currency {
    type Err = MoneyParseError;

    fn from_str(text: &str) -> Result<Self, MoneyParseError> {
        let mut letters = [0; 4];
        let text = text.trim().as_bytes();
        if !matches!(text.len(), 3 | 4) || !text.iter().all(u8::is_ascii_alphabetic) {
            return Err(MoneyParseError::Currency);
        }
        for (place, letter) in letters.iter_mut().zip(text) {
            *place = letter.to_ascii_uppercase();
        }
        Ok(Self { letters })
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.code().to_owned()
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyParseError;

    fn try_from(text: String) -> Result<Self, MoneyParseError> {
        text.parse()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// An amount in one currency: `minor` units of 10^-`decimals`.
///
/// `decimals` is the currency's own number (EUR 2, JPY 0) unless the amount is divided more finely: shops do print
/// `43.65` yen, and half a cent for a screw. So equal amounts are equal values, and none is ever rounded.
///
/// On the wire `{"amount": "12.50", "currency": "EUR"}`, the amount as decimal text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "WireMoney", try_from = "WireMoney")]
pub struct Money {
    minor: i64,
    decimals: u8,
    currency: Currency,
}

impl Money {
    /// Nothing.
    pub fn zero(currency: Currency) -> Self {
        Self { minor: 0, decimals: currency.decimals(), currency }
    }

    /// Reads a plain decimal number: an optional sign, digits, optionally a point and more digits. No exponent, no
    /// thousands separators, no symbol.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self, MoneyParseError> {
        let amount = amount.trim();
        let (negative, digits) = match amount.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, amount),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return Err(MoneyParseError::Amount);
        }
        let fraction = fraction.trim_end_matches('0');
        let decimals = u8::try_from(fraction.len()).map_err(|_| MoneyParseError::OutOfRange)?.max(currency.decimals());
        if decimals > MAX_DECIMALS {
            return Err(MoneyParseError::OutOfRange);
        }
        let padding = usize::from(decimals) - fraction.len();
        let mut minor: i64 = 0;
        for digit in whole.bytes().chain(fraction.bytes()).chain(core::iter::repeat_n(b'0', padding)) {
            minor = minor
                .checked_mul(10)
                .and_then(|minor| minor.checked_add(i64::from(digit - b'0')))
                .ok_or(MoneyParseError::OutOfRange)?;
        }
        Ok(Self { minor: if negative { -minor } else { minor }, decimals, currency })
    }

    /// The amount in units of 10^-[`decimals`](Self::decimals).
    pub const fn minor(&self) -> i64 {
        self.minor
    }

    /// Digits behind the point that [`minor`](Self::minor) counts in.
    pub const fn decimals(&self) -> u8 {
        self.decimals
    }

    pub const fn currency(&self) -> Currency {
        self.currency
    }

    pub const fn is_zero(&self) -> bool {
        self.minor == 0
    }

    /// The amount as plain decimal text with all of its decimals: `1234.50`.
    pub fn amount(&self) -> String {
        let sign = if self.minor < 0 { "-" } else { "" };
        let unit = 10_u64.pow(u32::from(self.decimals));
        let minor = self.minor.unsigned_abs();
        match usize::from(self.decimals) {
            0 => format!("{sign}{minor}"),
            width => format!("{sign}{}.{:0width$}", minor / unit, minor % unit),
        }
    }

    /// The sum; `None` for two currencies or when it does not fit.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        if self.currency != other.currency {
            return None;
        }
        let decimals = self.decimals.max(other.decimals);
        let minor = self.minor_at(decimals)?.checked_add(other.minor_at(decimals)?)?;
        Some(Self { minor, decimals, currency: self.currency }.canonical())
    }

    /// The difference; `None` for two currencies or when it does not fit.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.checked_add(Self { minor: other.minor.checked_neg()?, ..other })
    }

    fn minor_at(self, decimals: u8) -> Option<i64> {
        self.minor.checked_mul(10_i64.checked_pow(u32::from(decimals.checked_sub(self.decimals)?))?)
    }

    /// With no more decimals than the currency or the amount needs.
    fn canonical(mut self) -> Self {
        while self.decimals > self.currency.decimals() && self.minor % 10 == 0 {
            self.minor /= 10;
            self.decimals -= 1;
        }
        self
    }
}

/// `1234.50 EUR`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[derive(Serialize, Deserialize)]
struct WireMoney {
    amount: String,
    currency: String,
}

impl From<Money> for WireMoney {
    fn from(money: Money) -> Self {
        Self { amount: money.amount(), currency: money.currency.code().to_owned() }
    }
}

impl TryFrom<WireMoney> for Money {
    type Error = MoneyParseError;

    fn try_from(wire: WireMoney) -> Result<Self, MoneyParseError> {
        Self::parse(&wire.amount, wire.currency.parse()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(amount: &str, currency: &str) -> Money {
        Money::parse(amount, currency.parse().unwrap()).unwrap()
    }

    #[test]
    fn an_amount_is_read_in_the_currencys_smallest_unit() {
        for (amount, currency, minor, decimals) in [
            ("288.28", "EUR", 28828, 2),
            ("20", "eur", 2000, 2),
            ("0.5", "USD", 50, 2),
            (".5", "USD", 50, 2),
            ("5.", "USD", 500, 2),
            ("-288.28", "EUR", -28828, 2),
            ("1500", "JPY", 1500, 0),
            ("1500.00", "JPY", 1500, 0),
            ("1.5", "KWD", 1500, 3),
            ("92233720368547758.07", "EUR", i64::MAX, 2),
        ] {
            let read = money(amount, currency);
            assert_eq!((read.minor(), read.decimals()), (minor, decimals), "{amount} {currency}");
        }
    }

    #[test]
    fn a_finer_amount_than_the_currency_has_keeps_its_decimals() {
        let yen = money("43.65", "JPY");
        assert_eq!((yen.minor(), yen.decimals(), yen.to_string().as_str()), (4365, 2, "43.65 JPY"));
        assert_eq!(money("0.0050", "EUR").to_string(), "0.005 EUR");
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for amount in ["", " ", "-", ".", "+5", "1,50", "1.2.3", "1e3", "€5", "NaN", "--5", "１"] {
            assert_eq!(Money::parse(amount, "EUR".parse().unwrap()), Err(MoneyParseError::Amount), "{amount:?}");
        }
        for amount in ["92233720368547758.08", "0.0000000000001", "99999999999999999999"] {
            assert_eq!(Money::parse(amount, "EUR".parse().unwrap()), Err(MoneyParseError::OutOfRange), "{amount:?}");
        }
        for code in ["", "E", "EURO5", "€", "E1R", "EURXX"] {
            assert_eq!(code.parse::<Currency>(), Err(MoneyParseError::Currency), "{code:?}");
        }
    }

    #[test]
    fn sums_are_exact_across_decimals() {
        assert_eq!(money("43.65", "JPY").checked_sub(money("0.65", "JPY")), Some(money("43", "JPY")));
        assert_eq!(money("312.65", "USD").checked_add(money("-288.28", "USD")), Some(money("24.37", "USD")));
        assert_eq!(money("1", "USD").checked_add(money("1", "EUR")), None);
        assert_eq!(money("92233720368547758.07", "EUR").checked_add(money("0.01", "EUR")), None);
    }

    #[test]
    fn the_wire_carries_text_and_gives_the_same_amount_back() {
        for (amount, currency) in [("-0.05", "EUR"), ("1500", "JPY"), ("43.65", "JPY"), ("7.000", "KWD")] {
            let sent = money(amount, currency);
            let json = serde_json::to_string(&sent).unwrap();
            assert_eq!(json, format!(r#"{{"amount":"{amount}","currency":"{currency}"}}"#));
            assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), sent);
        }
        assert!(serde_json::from_str::<Money>(r#"{"amount":"free","currency":"EUR"}"#).is_err());
    }
}
