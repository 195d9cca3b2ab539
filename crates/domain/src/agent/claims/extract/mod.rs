//! Finds the values that a text states.

mod bound;
mod calendar;
mod clock;
mod measure;
mod reference;
mod spoken;
mod tax;

pub(super) use reference::plain_link;

use std::ops::Range;

use super::number::Grouping;
use super::state;
use super::text::{Kind, Token};
use super::values::{Found, Value};

/// What a reader found at a place: the values, and the token after the last that it read.
type Reading = Option<(Vec<Found>, usize)>;

/// How a text is to be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub grouping: Grouping,
    /// A field, a label or a cell, where a word is enough: `Status: shipped`.
    pub is_data: bool,
}

/// All values in the order of the text.
pub(super) fn values(tokens: &[Token], style: Style) -> Vec<Found> {
    let states = state::states(tokens, style.is_data);
    let counted: Vec<Range<usize>> = states
        .iter()
        .filter(|found| matches!(found.value, Value::Stock(_)))
        .map(|found| found.tokens.clone())
        .collect();
    let mut found: Vec<Found> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if let Some(range) = counted.iter().find(|range| range.contains(&at)) {
            at = range.end;
            continue;
        }
        let read = reference::address(tokens, at)
            .or_else(|| calendar::date(tokens, at))
            .or_else(|| clock::time(tokens, at))
            .or_else(|| reference::phone(tokens, at))
            .or_else(|| measure::money(tokens, at))
            .or_else(|| measure::percent(tokens, at, style.grouping))
            .or_else(|| measure::quantity(tokens, at, style.grouping))
            .or_else(|| measure::elided(tokens, at, &found))
            .or_else(|| calendar::weekdays(tokens, at))
            .or_else(|| calendar::relative(tokens, at))
            .or_else(|| reference::reference(tokens, at))
            .or_else(|| spoken::amount(tokens, at))
            .or_else(|| measure::bare(tokens, at, style.grouping));
        match read {
            Some((values, end)) => {
                found.extend(values);
                at = end.max(at + 1);
            }
            None => at += 1,
        }
    }
    for value in &mut found {
        let is_time = matches!(value.value, Value::Day(_) | Value::Time(_) | Value::Weekdays(_));
        value.bound = bound::of(tokens, &value.tokens, is_time);
        value.former = bound::is_former(tokens, value.tokens.start);
        if matches!(value.value, Value::Money { .. }) {
            value.per = measure::per(tokens, value.tokens.end);
            value.net = tax::is_net(tokens, &value.tokens);
        }
    }
    found.extend(states);
    found.sort_by_key(|found| found.tokens.start);
    found
}

/// The words between two ends of a range, and how many tokens they are.
fn range_separator(tokens: &[Token], at: usize) -> Option<usize> {
    let token = tokens.get(at)?;
    let is_dash = token.is("–") || token.is("-");
    (is_dash || token.is_word(&["to", "bis", "till", "until", "through"])).then_some(1)
}

/// Between two numbers of which the second has the unit: "2 or 3 days", "zwischen 2 und 3 Tagen".
fn number_separator(tokens: &[Token], at: usize, first: usize) -> Option<usize> {
    let between = first.checked_sub(1).and_then(|before| tokens.get(before));
    let between = between.is_some_and(|token| token.is_word(&["between", "zwischen"]));
    let token = tokens.get(at)?;
    let joins = token.is_word(&["or", "oder"]) || between && token.is_word(&["and", "und"]);
    range_separator(tokens, at).or_else(|| joins.then_some(1))
}

fn is_word_at(tokens: &[Token], at: usize, words: &[&str]) -> bool {
    tokens.get(at).is_some_and(|token| token.is_word(words))
}

fn word_before(tokens: &[Token], at: usize) -> &str {
    let before = at.checked_sub(1).and_then(|before| tokens.get(before));
    before.filter(|token| token.kind == Kind::Word).map_or("", |token| token.lower.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::number::ONE;
    use super::super::text::tokens;
    use super::super::values::{Bound, Day, Span};
    use super::*;

    fn all(text: &str) -> Vec<Found> {
        values(&tokens(text), Style { grouping: Grouping::English, is_data: false })
    }

    fn one(text: &str) -> Value {
        let mut found = all(text);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        found.remove(0).value
    }

    fn money(code: &str, cents: i64) -> Value {
        Value::Money { currency: code.parse().ok(), span: Span::of(vec![cents * ONE / 100]) }
    }

    fn quantity(unit: &'static str, low: i64, high: Option<i64>) -> Value {
        Value::Quantity { unit, span: Span { low: vec![low * ONE], high: high.map(|high| vec![high * ONE]) } }
    }

    #[test]
    fn amounts_are_the_same_however_they_are_written() {
        for text in ["6,90 €", "€6.90", "€ 6,90", "EUR 6.90", "6.90 EUR", "6,90 Euro", "**€6.90**", "costs 6.90€ now"]
        {
            assert_eq!(one(text), money("EUR", 690), "{text}");
        }
        for (text, code, cents) in [
            ("1.299,00 €", "EUR", 129_900),
            ("$1,299.00", "USD", 129_900),
            ("US$5", "USD", 500),
            ("£49", "GBP", 4_900),
            ("CHF 1’299.–", "CHF", 129_900),
            ("49,- €", "EUR", 4_900),
            ("five euros", "EUR", 500),
            ("nine euros ninety", "EUR", 990),
            ("neun Euro neunzig", "EUR", 990),
            ("9 Euro 90 pro Sendung", "EUR", 990),
            ("nine euros and ninety cents", "EUR", 990),
            ("zwanzig Euro", "EUR", 2_000),
            ("about ten euros", "EUR", 1_000),
            ("ein Euro fünfzig", "EUR", 150),
            ("four hundred and forty-nine euros", "EUR", 44_900),
            ("vierhundertneunundvierzig Euro", "EUR", 44_900),
            ("fifty pence", "GBP", 50),
            ("50p each", "GBP", 50),
            ("a dozen euros", "EUR", 1_200),
            ("5 € two bags", "EUR", 500),
        ] {
            assert_eq!(one(text), money(code, cents), "{text}");
        }
        let range = Value::Money {
            currency: "EUR".parse().ok(),
            span: Span { low: vec![5 * ONE], high: Some(vec![10 * ONE]) },
        };
        for text in ["€5–10", "5 to 10 €", "€5 to €10", "5 € bis 10 €", "between €5 and €10"] {
            assert_eq!(one(text), range, "{text}");
        }
        let spoken = |readings: &[i64]| {
            let low = readings.iter().map(|cents| cents * ONE / 100).collect();
            Value::Money { currency: None, span: Span { low, high: None } }
        };
        for (text, readings) in [
            ("It costs nine ninety.", &[990, 99_000][..]),
            ("A peg is two fifty", &[250, 25_000]),
            ("das kostet neun neunzig", &[990, 99_000]),
            ("It costs twenty.", &[2_000]),
            ("express costs a tenner", &[1_000]),
            ("I'll knock ten off", &[1_000]),
            ("ninety cents", &[90]),
            ("90 Cent", &[90]),
        ] {
            assert_eq!(one(text), spoken(readings), "{text}");
        }
        for text in
            ["It costs nothing for two people", "one of ninety", "Zwei Dinge kosten Zeit", "since nineteen ninety"]
        {
            assert!(all(text).is_empty(), "{text}");
        }
        assert_eq!(one("It costs 389."), Value::Money { currency: None, span: Span::of(vec![389 * ONE]) });
    }

    #[test]
    fn quantities_have_units() {
        for (text, unit, low, high) in [
            ("30 days", "day", 30, None),
            ("a 30-day period", "day", 30, None),
            ("two weeks", "week", 2, None),
            ("two-week", "week", 2, None),
            ("within a week", "week", 1, None),
            ("innerhalb eines Monats", "month", 1, None),
            ("2–3 working days", "workday", 2, Some(3)),
            ("2 bis 3 Werktage", "workday", 2, Some(3)),
            ("two or three business days", "workday", 2, Some(3)),
            ("zweijährige Garantie", "year", 2, None),
            ("14-tägiges Rückgaberecht", "day", 14, None),
            ("24h", "hour", 24, None),
            ("1.94 kg", "mg", 1_940_000, None),
            ("1940 g", "mg", 1_940_000, None),
            ("75 km/h", "km/h", 75, None),
            ("1.5 l", "ml", 1_500, None),
            ("30 °C", "°c", 30, None),
            ("within a fortnight", "week", 2, None),
            ("a dozen working days", "workday", 12, None),
            ("in a couple of days", "day", 2, None),
            ("fünfundzwanzig Jahre", "year", 25, None),
        ] {
            assert_eq!(one(text), quantity(unit, low, high), "{text}");
        }
        let sizes: Vec<Value> = all("46 × 15 cm").into_iter().map(|found| found.value).collect();
        assert_eq!(sizes, [quantity("mm", 460, None), quantity("mm", 150, None)]);
        let elided: Vec<Value> =
            all("Two to three days, three to four in Austria").into_iter().map(|f| f.value).collect();
        assert_eq!(elided, [quantity("day", 2, Some(3)), quantity("day", 3, Some(4))]);
        assert_eq!(one("8 %"), Value::Percent(Span::of(vec![8 * ONE])));
        assert_eq!(one("acht Prozent"), Value::Percent(Span::of(vec![8 * ONE])));
        assert_eq!(one("eight per cent off"), Value::Percent(Span::of(vec![8 * ONE])));
        for text in ["half price", "zum halben Preis", "fünfzigprozentiger Rabatt", "50-prozentiger Rabatt"] {
            assert_eq!(one(text), Value::Percent(Span::of(vec![50 * ONE])), "{text}");
        }
    }

    #[test]
    fn days_are_told_in_many_ways() {
        let day = |year, month, day| Value::Day(Day { year, month, day });
        let third = day(Some(2026), Some(5), Some(3));
        for text in [
            "2026-05-03",
            "3 May 2026",
            "May 3, 2026",
            "May 3rd, 2026",
            "3. Mai 2026",
            "3.5.2026",
            "03.05.26",
            "the 3rd of May 2026",
            "the third of May 2026",
            "May third, 2026",
            "am dritten Mai 2026",
        ] {
            assert_eq!(one(text), third, "{text}");
        }
        for (text, expected) in [
            ("until 3 May", day(None, Some(5), Some(3))),
            ("25/12/2026", day(Some(2026), Some(12), Some(25))),
            ("in May", day(None, Some(5), None)),
            ("since March 2024", day(Some(2024), Some(3), None)),
            ("since 2011", day(Some(2011), None, None)),
            ("bis 24.12.", day(None, Some(12), Some(24))),
            ("bis zum vierundzwanzigsten Dezember", day(None, Some(12), Some(24))),
            ("until the twenty-first of June", day(None, Some(6), Some(21))),
            ("until the twentieth", day(None, None, Some(20))),
        ] {
            assert_eq!(one(text), expected, "{text}");
        }
        let range: Vec<Value> = all("from 3 to 5 May").into_iter().map(|found| found.value).collect();
        assert_eq!(range, [day(None, Some(5), Some(3)), day(None, Some(5), Some(5))]);
        assert!(all("You may return it. March on! The second tent, die ersten Tage, on the tenth day").is_empty());
    }

    #[test]
    fn weekdays_and_times() {
        for (text, days) in [
            ("on Monday", 1),
            ("montags", 1),
            ("Monday to Friday", 0b1_1111),
            ("Mon–Fri", 0b1_1111),
            ("Mo. bis Fr.", 0b1_1111),
            ("on weekends", 0b110_0000),
            ("daily", 0b111_1111),
        ] {
            assert_eq!(one(text), Value::Weekdays(days), "{text}");
        }
        let time =
            |low: i64, high: Option<i64>| Value::Time(Span { low: vec![low], high: high.map(|high| vec![high]) });
        for (text, expected) in [
            ("14:00", time(840, None)),
            ("2 pm", time(840, None)),
            ("2:30 p.m.", time(870, None)),
            ("14 Uhr", time(840, None)),
            ("14.30 Uhr", time(870, None)),
            ("noon", time(720, None)),
            ("10:00 to 18:30", time(600, Some(1_110))),
            ("9am–6pm", time(540, Some(1_080))),
            ("9–11am", time(540, Some(660))),
            ("9–18 Uhr", time(540, Some(1_080))),
            ("from 9–5pm", time(540, Some(1_020))),
            ("between 9:00 and 18:00", time(540, Some(1_080))),
        ] {
            assert_eq!(one(text), expected, "{text}");
        }
        for (text, expected) in [
            ("um sechzehn Uhr", &[960][..]),
            ("um acht Uhr dreißig", &[510]),
            ("three in the afternoon", &[900]),
            ("um 8 Uhr abends", &[1_200]),
            ("eight o'clock", &[480, 1_200]),
            ("eight o'clock in the evening", &[1_200]),
            ("half past seven", &[450, 1_170]),
            ("quarter to nine in the morning", &[525]),
            ("um halb acht", &[450, 1_170]),
            ("Viertel nach neun", &[555, 1_275]),
        ] {
            assert_eq!(one(text), Value::Time(Span { low: expected.to_vec(), high: None }), "{text}");
        }
        assert_eq!(one("It arrives tomorrow."), Value::Relative("tomorrow"));
        assert!(all("Guten Morgen! So, sun and fun.").is_empty());
    }

    #[test]
    fn orders_codes_and_addresses() {
        let reference = |code: &str| Value::Reference(code.to_owned());
        for (text, expected) in [
            ("order #10023", reference("10023")),
            ("order 10023", reference("10023")),
            ("Bestellung Nr. 456", reference("456")),
            ("with code SAVE10", reference("SAVE10")),
            ("the code WELCOME", reference("WELCOME")),
            ("SKU TARN-2-TENT", reference("TARN-2-TENT")),
            ("1Z999AA10123456784", reference("1Z999AA10123456784")),
            ("call +49 (761) 123-4567", Value::Phone("497611234567".into())),
            ("call 0761 1234567", Value::Phone("07611234567".into())),
            ("https://www.Shop.example/Returns/", Value::Link("shop.example/returns".into())),
            ("a@Shop.example", Value::Email("a@shop.example".into())),
            ("size 42", Value::Number(vec![42 * ONE])),
        ] {
            assert_eq!(one(text), expected, "{text}");
        }
        assert!(all("Step 1: there are 3 tents").is_empty());
    }

    #[test]
    fn bounds_are_told_by_the_words_around() {
        for (text, bound) in [
            ("within 30 days", Bound::AtMost),
            ("within the first 30 days", Bound::AtMost),
            ("up to €500", Bound::AtMost),
            ("no more than 30 days", Bound::AtMost),
            ("orders over €75", Bound::AtLeast),
            ("orders of €75 or more", Bound::AtLeast),
            ("ab 75 €", Bound::AtLeast),
            ("bis zu 30 Tage", Bound::AtMost),
            ("before 14:00", Bound::AtMost),
            ("after 14:00", Bound::AtLeast),
            ("closes at 18:00", Bound::AtMost),
            ("30 days", Bound::None),
        ] {
            assert_eq!(all(text)[0].bound, bound, "{text}");
        }
        assert!(all("now €349 (was €389)").iter().map(|found| found.former).eq([false, true]));
    }
}
