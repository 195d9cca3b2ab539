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

/// "twenty-five", "two hundred and ten", "a dozen", "half a", "zwei".
fn in_words(tokens: &[Token], at: usize) -> Option<Read> {
    let read = |number: Decimal, length: usize| Some(Read { readings: vec![number], length, in_words: true });
    let whole = dozens(tokens, at);
    if let Some((number, length)) = part(tokens, at).filter(|_| whole.is_none()) {
        return read(number, length);
    }
    let (number, length) = whole.or_else(|| thousands(tokens, at))?;
    if words_are(tokens, at + length, &[&["and"], &["a"], &["half"]]) {
        return read(number * ONE + ONE / 2, length + 3);
    }
    read(number * ONE, length)
}

const ARTICLES: &[&str] = &["a", "an", "one", "ein", "eine", "einem", "einen", "einer", "eines"];

/// The lower-case word at the token.
fn word_at(tokens: &[Token], at: usize) -> Option<&str> {
    tokens.get(at).filter(|token| token.kind == Kind::Word).map(|token| token.lower.as_str())
}

/// Whether the words from the token on are each one of those.
fn words_are(tokens: &[Token], at: usize, phrase: &[&[&str]]) -> bool {
    phrase
        .iter()
        .enumerate()
        .all(|(offset, words)| word_at(tokens, at + offset).is_some_and(|own| words.contains(&own)))
}

/// "Half a", "ein halbes", "anderthalb", "zweieinhalb".
fn part(tokens: &[Token], at: usize) -> Option<(Decimal, usize)> {
    const HALF: &[&str] = &["halbe", "halben", "halber", "halbes", "halbem"];
    if words_are(tokens, at, &[&["half"], &["a", "an"]]) || words_are(tokens, at, &[ARTICLES, HALF]) {
        return Some((ONE / 2, 2));
    }
    let word = word_at(tokens, at)?;
    let whole = match word.strip_suffix("einhalb") {
        Some("" | "ein") => 1,
        Some(whole) => value(whole)?,
        None if word == "anderthalb" => 1,
        None => return None,
    };
    Some((whole * ONE + ONE / 2, 1))
}

/// "A dozen", "half a dozen", "two dozen", "ein Dutzend", "a couple of".
fn dozens(tokens: &[Token], at: usize) -> Option<(i64, usize)> {
    const DOZEN: &[&str] = &["dozen", "dutzend"];
    if words_are(tokens, at, &[&["half"], &["a"], DOZEN]) || words_are(tokens, at, &[ARTICLES, &["halbes"], DOZEN]) {
        return Some((6, 3));
    }
    if words_are(tokens, at, &[ARTICLES, DOZEN]) {
        return Some((12, 2));
    }
    if words_are(tokens, at, &[&["a"], &["couple"], &["of"]]) {
        return Some((2, 3));
    }
    if words_are(tokens, at, &[&["couple"], &["of"]]) {
        return Some((2, 2));
    }
    let (count, length) = below_hundred(tokens, at)?;
    words_are(tokens, at + length, &[DOZEN]).then_some((12 * count, length + 1))
}

/// "Two thousand five hundred".
fn thousands(tokens: &[Token], at: usize) -> Option<(i64, usize)> {
    grouped(tokens, at, &["thousand", "tausend"], 1_000, hundreds)
}

/// "Two hundred and ten".
fn hundreds(tokens: &[Token], at: usize) -> Option<(i64, usize)> {
    grouped(tokens, at, &["hundred", "hundert"], 100, below_hundred)
}

/// A number of up to so many, with the name of a group and what is less than one behind it, as far as they are there.
fn grouped(
    tokens: &[Token],
    at: usize,
    group: &[&str],
    size: i64,
    smaller: impl Fn(&[Token], usize) -> Option<(i64, usize)>,
) -> Option<(i64, usize)> {
    let is_group = |place: usize| word_at(tokens, place).is_some_and(|word| group.contains(&word));
    let (count, length) = if is_group(at) {
        (1, 0)
    } else if ARTICLES.contains(&word_at(tokens, at)?) && is_group(at + 1) {
        (1, 1)
    } else {
        smaller(tokens, at)?
    };
    if count >= size || !is_group(at + length) {
        return Some((count, length));
    }
    let end = length + 1;
    let and = usize::from(words_are(tokens, at + end, &[&["and", "und"]]));
    match smaller(tokens, at + end + and).filter(|(rest, _)| *rest < size) {
        Some((rest, rest_length)) => Some((count * size + rest, end + and + rest_length)),
        None => Some((count * size, end)),
    }
}

/// One word, or tens and units: "twenty-five", "twenty five".
pub(super) fn below_hundred(tokens: &[Token], at: usize) -> Option<(i64, usize)> {
    let number = value(word_at(tokens, at)?)?;
    let hyphen = usize::from(tokens.get(at + 1).is_some_and(|token| token.is("-") && token.glued));
    let units = word_at(tokens, at + 1 + hyphen).and_then(value).filter(|units| (1..10).contains(units));
    match units {
        Some(units) if (20..100).contains(&number) && number % 10 == 0 => Some((number + units, 2 + hyphen)),
        _ => Some((number, 1)),
    }
}

/// Number words of English and German with their numbers; units and teens in order, from 1.
const SMALL: &str = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen \
    seventeen eighteen nineteen";
const KLEINE: &str = "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn \
    siebzehn achtzehn neunzehn";
const TENS: &str = "ten twenty thirty forty fifty sixty seventy eighty ninety hundred";
const ZEHNER: &str = "zehn zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig hundert";
const ORDINALS: &str = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth \
    fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth";

static VALUES: LazyLock<HashMap<&str, i64>> = LazyLock::new(|| {
    let small = SMALL.split_whitespace().zip(1..).chain(KLEINE.split_whitespace().zip(1..));
    let tens = TENS.split_whitespace().zip(1..).chain(ZEHNER.split_whitespace().zip(1..));
    let tens = tens.map(|(word, ten)| (word, 10 * ten));
    let others = [("zero", 0), ("null", 0), ("zwo", 2), ("fuenf", 5), ("zwoelf", 12), ("dreissig", 30)];
    let others =
        others.into_iter().chain([("fuenfzehn", 15), ("fuenfzig", 50), ("thousand", 1_000), ("tausend", 1_000)]);
    small.chain(tens).chain(others).collect()
});

/// The number that one word says: 0 to 20, tens, and what German writes in one. The German article is not among them: "eine
/// Woche" is read with its unit.
pub(super) fn value(word: &str) -> Option<i64> {
    VALUES.get(word).copied().or_else(|| compound(word))
}

/// "Fünfundzwanzig", "zweihundertfünfzig", "tausendzweihundert".
fn compound(word: &str) -> Option<i64> {
    for (group, size) in [("tausend", 1_000), ("hundert", 100)] {
        let Some((count, rest)) = word.split_once(group) else { continue };
        let count = match count {
            "" | "ein" => 1,
            count => value(count).filter(|count| (1..size).contains(count))?,
        };
        let rest = match rest.strip_prefix("und").unwrap_or(rest) {
            "" => 0,
            rest => value(rest).filter(|rest| *rest < size)?,
        };
        return Some(count * size + rest);
    }
    let (units, tens) = word.split_once("und")?;
    let units = if units == "ein" { Some(1) } else { VALUES.get(units).copied() };
    let tens = VALUES.get(tens).copied().filter(|tens| (20..100).contains(tens));
    units.filter(|units| *units < 10).zip(tens).map(|(units, tens)| units + tens)
}

/// "Fourteenth", "twenty-first", "vierzehnten": the number, up to 99, and its tokens.
pub(super) fn ordinal(tokens: &[Token], at: usize) -> Option<(u32, usize)> {
    let word = word_at(tokens, at)?;
    let position = |word: &str| ORDINALS.split_whitespace().zip(1u32..).find(|(own, _)| *own == word);
    if let Some((_, number)) = position(word) {
        return Some((number, 1));
    }
    if word == "thirtieth" {
        return Some((30, 1));
    }
    let hyphen = usize::from(tokens.get(at + 1).is_some_and(|token| token.is("-") && token.glued));
    let tens = value(word).filter(|tens| (20..100).contains(tens) && tens % 10 == 0);
    if let Some(tens) = tens
        && let Some((_, units)) = word_at(tokens, at + 1 + hyphen).and_then(position).filter(|(_, units)| *units < 10)
    {
        return Some((u32::try_from(tens).ok()? + units, 2 + hyphen));
    }
    german_ordinal(word).map(|number| (number, 1))
}

/// "Ersten", "vierter", "zwanzigste".
fn german_ordinal(word: &str) -> Option<u32> {
    let stem = ["en", "em", "er", "es", "e"].iter().find_map(|ending| word.strip_suffix(ending))?;
    let number = match stem {
        "erst" => 1,
        "dritt" => 3,
        "siebt" => 7,
        "acht" => 8,
        _ => {
            let large = stem.strip_suffix("st").and_then(value).filter(|number| (20..100).contains(number));
            large.or_else(|| stem.strip_suffix('t').and_then(value).filter(|number| (1..20).contains(number)))?
        }
    };
    u32::try_from(number).ok()
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
            ("twenty five", 25, 2),
            ("two hundred and ten", 210, 4),
            ("four hundred forty-nine", 449, 5),
            ("a thousand two hundred", 1_200, 4),
            ("two thousand", 2_000, 2),
            ("hundert", 100, 1),
            ("zweihundertfünfzig", 250, 1),
            ("vierhundertneunundvierzig", 449, 1),
            ("tausendzweihundert", 1_200, 1),
            ("a dozen", 12, 2),
            ("half a dozen", 6, 3),
            ("zwei Dutzend", 24, 2),
            ("a couple of", 2, 3),
            ("null", 0, 1),
        ] {
            let read = read(&tokens(text), 0, Grouping::Unknown).unwrap();
            assert_eq!((read.readings, read.length), (vec![expected * ONE], length), "{text}");
        }
        for text in ["hundefutter und", "Jahrhundert", "hundertprozentig", "a tent", "eine"] {
            assert!(read(&tokens(text), 0, Grouping::Unknown).is_none(), "{text}");
        }
        for (text, halves, length) in [
            ("half a day", 1, 2),
            ("ein halbes Jahr", 1, 2),
            ("anderthalb", 3, 1),
            ("two and a half", 5, 4),
            ("zweieinhalb", 5, 1),
        ] {
            let read = read(&tokens(text), 0, Grouping::Unknown).unwrap();
            assert_eq!((read.readings, read.length), (vec![halves * ONE / 2], length), "{text}");
        }
    }

    #[test]
    fn ordinals_are_read_in_both_languages() {
        for (text, expected) in [
            ("fourteenth", (14, 1)),
            ("twenty-first", (21, 3)),
            ("thirtieth", (30, 1)),
            ("ersten", (1, 1)),
            ("dritter", (3, 1)),
            ("sechsten", (6, 1)),
            ("zwölfte", (12, 1)),
            ("einunddreißigsten", (31, 1)),
        ] {
            assert_eq!(ordinal(&tokens(text), 0), Some(expected), "{text}");
        }
        for text in ["besten", "erst", "karte", "weiten", "list"] {
            assert_eq!(ordinal(&tokens(text), 0), None, "{text}");
        }
    }
}
