//! Numbers as people write them: with points or commas, with digits or in words, in English and German.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::text::{Kind, Token};

/// A number is an integer of millionths: equal numbers are equal values.
pub(super) type Decimal = i64;

/// Millionths in one.
pub(super) const ONE: Decimal = 1_000_000;
const DECIMALS: usize = 6;

/// What a token or several say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Read {
    /// "1.299" has two readings where nothing tells thousands from decimals.
    pub readings: Vec<Decimal>,
    /// Tokens that were read.
    pub length: usize,
    pub in_words: bool,
}

/// How a lone separator before three digits is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Grouping {
    /// As money is: nobody writes tenths of cents.
    Thousands,
    English,
    German,
    Unknown,
}

impl Grouping {
    pub fn of_language(german: Option<bool>) -> Self {
        match german {
            Some(true) => Self::German,
            Some(false) => Self::English,
            None => Self::Unknown,
        }
    }
}

/// The number that begins at the token.
pub(super) fn read(tokens: &[Token], at: usize, grouping: Grouping) -> Option<Read> {
    let token = tokens.get(at)?;
    match token.kind {
        Kind::Number => {
            let readings = digits(&token.text, grouping);
            (!readings.is_empty()).then_some(Read { readings, length: 1, in_words: false })
        }
        Kind::Word => in_words(tokens, at),
        Kind::Sign | Kind::Link | Kind::Email => None,
    }
}

/// What digits with separators may mean; nothing for what is no number (`3.5.2026`).
pub(super) fn digits(text: &str, grouping: Grouping) -> Vec<Decimal> {
    let plain: String = text.chars().filter(|c| *c != '\'').collect();
    let points = plain.matches('.').count();
    let commas = plain.matches(',').count();
    let in_thousands = |separator: char| {
        let mut groups = plain.split(separator);
        let first = groups.next().unwrap_or_default();
        (1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3)
    };
    match (points, commas) {
        (0, 0) => decimal(&plain).into_iter().collect(),
        (1, 0) | (0, 1) => {
            let separator = if points == 1 { '.' } else { ',' };
            let fraction = decimal(&plain.replace(separator, "."));
            let thousands = decimal(&plain.replace(separator, ""));
            if !in_thousands(separator) || plain.starts_with('0') {
                return fraction.into_iter().collect();
            }
            match (grouping, separator) {
                (Grouping::Thousands, _) | (Grouping::English, ',') | (Grouping::German, '.') => {
                    thousands.into_iter().collect()
                }
                (Grouping::English | Grouping::German, _) => fraction.into_iter().collect(),
                (Grouping::Unknown, _) => thousands.into_iter().chain(fraction).collect(),
            }
        }
        (_, 0) if in_thousands('.') => decimal(&plain.replace('.', "")).into_iter().collect(),
        (0, _) if in_thousands(',') => decimal(&plain.replace(',', "")).into_iter().collect(),
        (_, 1) if plain.rfind(',') > plain.rfind('.') => {
            decimal(&plain.replace('.', "").replace(',', ".")).into_iter().collect()
        }
        (1, _) if plain.rfind('.') > plain.rfind(',') => decimal(&plain.replace(',', "")).into_iter().collect(),
        _ => Vec::new(),
    }
}

/// Digits with at most one point.
pub(super) fn decimal(text: &str) -> Option<Decimal> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_plain(whole) || !is_plain(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > DECIMALS {
        return None;
    }
    let padded = format!("{fraction:0<DECIMALS$}");
    whole.parse::<Decimal>().ok()?.checked_mul(ONE)?.checked_add(padded.parse().ok()?)
}

/// "twenty-five", "a hundred", "zwei".
fn in_words(tokens: &[Token], at: usize) -> Option<Read> {
    let word =
        |place: usize| tokens.get(place).filter(|token| token.kind == Kind::Word).map(|token| token.lower.as_str());
    let first = word(at)?;
    let read = |number: i64, length: usize| Some(Read { readings: vec![number * ONE], length, in_words: true });
    if matches!(first, "a" | "one" | "ein" | "eine" | "einem" | "einen" | "einer" | "eines")
        && word(at + 1).is_some_and(|next| matches!(next, "hundred" | "hundert"))
    {
        return read(100, 2);
    }
    let number = value(first)?;
    let hyphen = tokens.get(at + 1).is_some_and(|token| token.is("-") && token.glued);
    let units = word(at + 2).filter(|_| hyphen).and_then(value).filter(|units| (1..10).contains(units));
    match units {
        Some(units) if (20..100).contains(&number) => read(number + units, 3),
        _ => read(number, 1),
    }
}

/// Number words of English and German with their numbers; units and teens in order, from 1.
const SMALL: &str = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen \
    seventeen eighteen nineteen";
const KLEINE: &str = "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn \
    siebzehn achtzehn neunzehn";
const TENS: &str = "ten twenty thirty forty fifty sixty seventy eighty ninety hundred";
const ZEHNER: &str = "zehn zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig hundert";

static VALUES: LazyLock<HashMap<&str, i64>> = LazyLock::new(|| {
    let small = SMALL.split_whitespace().zip(1..).chain(KLEINE.split_whitespace().zip(1..));
    let tens = TENS.split_whitespace().zip(1..).chain(ZEHNER.split_whitespace().zip(1..));
    let tens = tens.map(|(word, ten)| (word, 10 * ten));
    small.chain(tens).chain([("dreissig", 30), ("einhundert", 100)]).collect()
});

/// The number that one word says, 1 to 100. The German article is not among them: "eine Woche" is read with its unit.
pub(super) fn value(word: &str) -> Option<i64> {
    if let Some(number) = VALUES.get(word) {
        return Some(*number);
    }
    let (units, tens) = word.split_once("und")?;
    let units = if units == "ein" { Some(1) } else { VALUES.get(units).copied() };
    let tens = VALUES.get(tens).copied().filter(|tens| (20..100).contains(tens));
    units.filter(|units| *units < 10).zip(tens).map(|(units, tens)| units + tens)
}

#[cfg(test)]
mod tests {
    use super::super::text::tokens;
    use super::*;

    fn thousandths(text: &str, grouping: Grouping) -> Vec<i64> {
        digits(text, grouping).into_iter().map(|number| number / 1_000).collect()
    }

    #[test]
    fn points_and_commas_are_read_as_they_are_meant() {
        for (text, grouping, expected) in [
            ("1299", Grouping::Unknown, vec![1_299_000]),
            ("6,90", Grouping::Unknown, vec![6_900]),
            ("1.299,00", Grouping::Unknown, vec![1_299_000]),
            ("1,299.00", Grouping::Unknown, vec![1_299_000]),
            ("1'299.50", Grouping::Unknown, vec![1_299_500]),
            ("1.299", Grouping::Thousands, vec![1_299_000]),
            ("1.299", Grouping::German, vec![1_299_000]),
            ("1.299", Grouping::English, vec![1_299]),
            ("1,299", Grouping::German, vec![1_299]),
            ("1,299", Grouping::Unknown, vec![1_299_000, 1_299]),
            ("0.125", Grouping::German, vec![125]),
            ("12.345.678", Grouping::English, vec![12_345_678_000]),
            ("3.5.2026", Grouping::English, vec![]),
        ] {
            assert_eq!(thousandths(text, grouping), expected, "{text} {grouping:?}");
        }
    }

    #[test]
    fn words_are_numbers_too() {
        for (text, expected, length) in [
            ("twelve days", 12, 1),
            ("twenty-five days", 25, 3),
            ("a hundred", 100, 2),
            ("zwölf", 12, 1),
            ("fünfundzwanzig", 25, 1),
            ("einundzwanzig", 21, 1),
            ("sixty", 60, 1),
        ] {
            let read = read(&tokens(text), 0, Grouping::Unknown).unwrap();
            assert_eq!((read.readings, read.length), (vec![expected * ONE], length), "{text}");
        }
        assert!(read(&tokens("hundefutter und"), 0, Grouping::Unknown).is_none());
    }
}
