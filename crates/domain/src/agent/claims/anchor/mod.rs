//! Whether the evidence states a value, and of the thing that the sentence speaks of.
//!
//! That a page holds "€549" proves nothing of a sentence that gives it as the price of another tent. So a value has to
//! stand in a statement about the same thing, and no other statement with another value of its kind may fit the sentence
//! better: then the sentence has swapped the two.

mod fit;
mod mention;

use chrono::{Datelike, Days};

use super::EvidenceRef;
use super::evidence::{Evidence, Part, holds_code, numbers_of};
use super::lexicon::Class;
use super::reading::Text;
use super::values::{Day, Found, Value};
use mention::{Mention, Occurrence, occurrences};

pub(super) use fit::is_the_row;

/// A claimed value with all that decides over it.
pub(super) struct Case<'a> {
    claim: &'a Found,
    sentence: &'a Text,
    mention: Mention<'a>,
    all: Vec<Occurrence<'a>>,
    evidence: &'a Evidence,
}

impl Case<'_> {
    fn stated(&self) -> Option<EvidenceRef> {
        let of_an_order = matches!(self.claim.value, Value::Status { .. });
        let fits = |occurrence: &&Occurrence<'_>| {
            let source = occurrence.statement.source;
            // A page tells of orders in general, never where one stands.
            let may = !of_an_order || matches!(source, EvidenceRef::Tool { .. });
            may && self.evidence.counts(source) && self.claim.is_stated_by(occurrence.found)
        };
        let found = self.all.iter().filter(fits).find(|occurrence| self.is_about(occurrence));
        found.map(|occurrence| occurrence.statement.source)
    }
}

/// What supports the value, if anything does.
pub(super) fn support(claim: &Found, sentence: &Text, evidence: &Evidence) -> Option<EvidenceRef> {
    match &claim.value {
        Value::Reference(code) => return by_code(code, evidence),
        Value::Number(readings) => return by_number(readings, evidence),
        Value::Link(_) | Value::Email(_) | Value::Phone(_) => return by_address(claim, evidence),
        _ => {}
    }
    let mut case =
        Case { claim, sentence, mention: Mention::of(claim, sentence, evidence), all: occurrences(evidence), evidence };
    if let Some(source) = case.stated() {
        return Some(source);
    }
    // "Free from €75 to Germany and Austria": each in a row of its own.
    let clause = sentence.clause_of(claim.tokens.start).map(|clause| sentence.listed(&clause.tokens, Class::Place));
    let listed: Vec<&str> =
        clause.unwrap_or_default().into_iter().filter(|place| case.mention.own().any(|own| own == *place)).collect();
    if listed.len() > 1 {
        let whole = case.mention;
        let mut source = None;
        for place in &listed {
            case.mention = whole.of_one_place(place, &listed);
            source = case.stated();
            if source.is_none() {
                break;
            }
        }
        case.mention = whole;
        if source.is_some() {
            return source;
        }
    }
    if let Some(day) = day_of(claim, evidence) {
        return Case { claim: &day, ..case }.stated();
    }
    // Where a page says when it opens and when it closes, both in one statement.
    let [low, high] = claim.ends()?;
    let fits = |occurrence: &&Occurrence<'_>| {
        evidence.counts(occurrence.statement.source)
            && low.is_stated_by(occurrence.found)
            && occurrence.statement.text.found.iter().any(|other| other != occurrence.found && high.is_stated_by(other))
    };
    let found = case.all.iter().filter(fits).find(|occurrence| case.is_about(occurrence));
    found.map(|occurrence| occurrence.statement.source)
}

fn by_code(code: &str, evidence: &Evidence) -> Option<EvidenceRef> {
    let part = evidence.parts.iter().find(|part| evidence.counts(part.source) && part.holds_code(code));
    let by_customer = || holds_code(&evidence.question_text.to_uppercase(), code).then_some(EvidenceRef::Customer);
    part.map(|part| part.source).or_else(by_customer)
}

fn by_number(readings: &[i64], evidence: &Evidence) -> Option<EvidenceRef> {
    let holds =
        |part: &&Part| evidence.counts(part.source) && readings.iter().any(|number| part.numbers.contains(number));
    let by_customer = || {
        let mut numbers = numbers_of(&evidence.question.tokens);
        numbers.any(|number| readings.contains(&number)).then_some(EvidenceRef::Customer)
    };
    evidence.parts.iter().find(holds).map(|part| part.source).or_else(by_customer)
}

fn by_address(claim: &Found, evidence: &Evidence) -> Option<EvidenceRef> {
    let states = |value: &Value| claim.is_stated_by(&Found::new(value.clone(), 0..0));
    let part = evidence.parts.iter().find(|part| evidence.counts(part.source) && part.addresses.iter().any(states));
    let may_repeat = matches!(claim.value, Value::Email(_) | Value::Phone(_));
    let by_customer = || {
        let repeats = may_repeat && evidence.question.found.iter().any(|found| claim.is_stated_by(found));
        repeats.then_some(EvidenceRef::Customer)
    };
    part.map(|part| part.source).or_else(by_customer)
}

/// "Tomorrow" as a date.
fn day_of(claim: &Found, evidence: &Evidence) -> Option<Found> {
    let Value::Relative(name) = claim.value else { return None };
    let today = evidence.today?;
    let day = match name {
        "today" => today,
        "tomorrow" => today.checked_add_days(Days::new(1))?,
        "in two days" => today.checked_add_days(Days::new(2))?,
        "yesterday" => today.checked_sub_days(Days::new(1))?,
        _ => return None,
    };
    let day = Day { year: Some(day.year()), month: Some(day.month()), day: Some(day.day()) };
    Some(Found { value: Value::Day(day), ..claim.clone() })
}
