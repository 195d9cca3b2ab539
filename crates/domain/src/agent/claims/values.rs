//! Values that a text states, made comparable: amounts, quantities, dates, times, numbers and addresses.

use std::ops::Range;

use omniops_types::Currency;

use super::number::Decimal;
use super::state::{Status, Stock};

/// One number or two with what lies between. Each in all its readings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub low: Vec<Decimal>,
    pub high: Option<Vec<Decimal>>,
}

impl Span {
    pub fn of(low: Vec<Decimal>) -> Self {
        Self { low, high: None }
    }

    fn times(&self, factor: i64) -> Self {
        let times = |numbers: &Vec<Decimal>| numbers.iter().map(|number| number.saturating_mul(factor)).collect();
        Self { low: times(&self.low), high: self.high.as_ref().map(times) }
    }

    /// The same number or the same two; one of two only where it is said which.
    fn is_stated_by(&self, claimed: Bound, stated: &Self, bound: Bound) -> bool {
        match (&self.high, &stated.high) {
            (None, None) => meet(&self.low, &stated.low) && !claimed.contradicts(bound),
            (Some(high), Some(stated_high)) => meet(&self.low, &stated.low) && meet(high, stated_high),
            (None, Some(stated_high)) => match claimed {
                Bound::AtLeast => meet(&self.low, &stated.low),
                Bound::AtMost => meet(&self.low, stated_high),
                Bound::None => false,
            },
            (Some(_), None) => false,
        }
    }
}

/// By what numbers of the two units are multiplied so that they can be compared: two weeks are fourteen days.
fn in_one_unit(one: &str, other: &str) -> Option<(i64, i64)> {
    const UNITS: &[&[(&str, i64)]] = &[&[("hour", 1), ("day", 24), ("week", 168)], &[("month", 1), ("year", 12)]];
    if one == other {
        return Some((1, 1));
    }
    let factor = |units: &[(&str, i64)], name: &str| units.iter().find(|(unit, _)| *unit == name).map(|(_, by)| *by);
    UNITS.iter().find_map(|units| factor(units, one).zip(factor(units, other)))
}

fn meet(one: &[Decimal], other: &[Decimal]) -> bool {
    one.iter().any(|number| other.contains(number))
}

/// On which side of a value lies what is meant: "from €75", "within 30 days".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Bound {
    #[default]
    None,
    AtLeast,
    AtMost,
}

impl Bound {
    fn contradicts(self, other: Self) -> bool {
        matches!((self, other), (Self::AtLeast, Self::AtMost) | (Self::AtMost, Self::AtLeast))
    }
}

/// A day, as far as it is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Day {
    pub year: Option<i32>,
    pub month: Option<u32>,
    pub day: Option<u32>,
}

impl Day {
    /// Whether all that `self` tells is told by `other`.
    fn is_told_by(self, other: Self) -> bool {
        self.year.is_none_or(|year| other.year == Some(year))
            && self.month.is_none_or(|month| other.month == Some(month))
            && self.day.is_none_or(|day| other.day == Some(day))
    }
}

/// What is stated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Without a currency where the text has none.
    Money {
        currency: Option<Currency>,
        span: Span,
    },
    Percent(Span),
    /// In the unit to which all of its kind are converted: `mg`, `mm`, `ml`; time is not converted.
    Quantity {
        unit: &'static str,
        span: Span,
    },
    Day(Day),
    /// A bit a day; the lowest is Monday.
    Weekdays(u8),
    /// Minutes since midnight, as whole numbers.
    Time(Span),
    /// "tomorrow", "next week".
    Relative(&'static str),
    /// An order, a voucher, an article by its number or code; upper case.
    Reference(String),
    /// A number without a unit.
    Number(Vec<Decimal>),
    /// Without scheme, `www.` and the last slash; lower case.
    Link(String),
    Email(String),
    /// Digits.
    Phone(String),
    Stock(Stock),
    Status {
        status: Status,
        negated: bool,
    },
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub value: Value,
    pub bound: Bound,
    /// It was so before: "instead of €389".
    pub former: bool,
    /// An amount to which a tax is added: "€293.28 excl. VAT".
    pub net: bool,
    /// The unit of which it is the price: "€5.49 per kg".
    pub per: Option<&'static str>,
    /// The tokens that state it.
    pub tokens: Range<usize>,
}

impl Found {
    pub fn new(value: Value, tokens: Range<usize>) -> Self {
        Self { value, bound: Bound::None, former: false, net: false, per: None, tokens }
    }

    /// Whether `stated` says this.
    pub fn is_stated_by(&self, stated: &Self) -> bool {
        if stated.former && !self.former || stated.net != self.net || stated.per.is_some() && stated.per != self.per {
            return false;
        }
        match (&self.value, &stated.value) {
            (Value::Money { currency, span }, Value::Money { currency: stated_currency, span: stated_span }) => {
                let same = currency.is_none() || currency == stated_currency;
                same && span.is_stated_by(self.bound, stated_span, stated.bound)
            }
            (Value::Percent(span), Value::Percent(stated_span)) | (Value::Time(span), Value::Time(stated_span)) => {
                span.is_stated_by(self.bound, stated_span, stated.bound)
            }
            (Value::Quantity { unit, span }, Value::Quantity { unit: stated_unit, span: stated_span }) => {
                in_one_unit(unit, stated_unit).is_some_and(|(factor, stated_factor)| {
                    span.times(factor).is_stated_by(self.bound, &stated_span.times(stated_factor), stated.bound)
                })
            }
            (Value::Day(day), Value::Day(stated_day)) => {
                day.is_told_by(*stated_day) && !self.bound.contradicts(stated.bound)
            }
            (Value::Weekdays(days), Value::Weekdays(stated_days)) => days & stated_days == *days,
            (Value::Relative(one), Value::Relative(other)) => one == other,
            (Value::Number(one), Value::Number(other)) => meet(one, other),
            (Value::Link(one), Value::Link(other)) => {
                // A page of the shop stands for its host, not a host for its pages.
                one == other
                    || other.strip_prefix(one.as_str()).is_some_and(|rest| rest.starts_with('/') && !one.contains('/'))
            }
            (Value::Reference(one), Value::Reference(other)) | (Value::Email(one), Value::Email(other)) => one == other,
            (Value::Phone(one), Value::Phone(other)) => same_number(one, other),
            (Value::Stock(one), Value::Stock(other)) => one.is_told_by(*other),
            (Value::Status { status, negated }, Value::Status { status: stated, negated: denied }) => {
                if *negated {
                    status.is_denied_by(*stated, *denied)
                } else {
                    !denied && status.is_told_by(*stated)
                }
            }
            _ => false,
        }
    }

    /// Whether the two answer the same kind of question, so that one may be taken for the other.
    pub fn rivals(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Quantity { unit, .. }, Value::Quantity { unit: other, .. }) => unit == other,
            (Value::Day(_), Value::Day(_))
            | (Value::Money { .. }, Value::Money { .. })
            | (Value::Percent(_), Value::Percent(_))
            | (Value::Weekdays(_), Value::Weekdays(_))
            | (Value::Time(_), Value::Time(_))
            | (Value::Status { .. }, Value::Status { .. }) => true,
            (Value::Stock(one), Value::Stock(other)) => one.contradicts(*other),
            _ => false,
        }
    }

    /// A range as its two ends: "from 10:00 to 16:00" where the page says when it opens and when it closes.
    pub fn ends(&self) -> Option<[Self; 2]> {
        let (Value::Money { span, .. } | Value::Percent(span) | Value::Time(span) | Value::Quantity { span, .. }) =
            &self.value
        else {
            return None;
        };
        let high = span.high.clone()?;
        let with = |numbers: Vec<Decimal>, bound| {
            let span = Span::of(numbers);
            let value = match &self.value {
                Value::Money { currency, .. } => Value::Money { currency: *currency, span },
                Value::Quantity { unit, .. } => Value::Quantity { unit, span },
                Value::Percent(_) => Value::Percent(span),
                _ => Value::Time(span),
            };
            Self { value, bound, former: self.former, net: self.net, per: self.per, tokens: self.tokens.clone() }
        };
        Some([with(span.low.clone(), Bound::AtLeast), with(high, Bound::AtMost)])
    }
}

/// Telephone numbers agree from the end; what differs is how the country is written.
fn same_number(one: &str, other: &str) -> bool {
    const MIN_DIGITS: usize = 7;
    const COUNTRY: usize = 4;
    let (one, other) = (one.trim_start_matches('0'), other.trim_start_matches('0'));
    let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
    short.len() >= MIN_DIGITS && long.ends_with(short) && long.len() - short.len() <= COUNTRY
}
