//! Whether the evidence states a value, and of the thing that the sentence speaks of.
//!
//! That a page holds "€549" proves nothing of a sentence that gives it as the price of another tent. So a value has to
//! stand in a statement about the same thing, and no other statement with another value of its kind may fit the sentence
//! better: then the sentence has swapped the two.

use chrono::{Datelike, Days};

use super::EvidenceRef;
use super::evidence::{Evidence, Part, holds_code, numbers_of};
use super::lexicon::{Class, class_of, is_in_eu};
use super::reading::{Text, same_term};
use super::statement::Statement;
use super::values::{Day, Found, Value};

/// How near a term stands to a value: in the same part of the sentence; in its statement or in what names that; implied
/// there. Elsewhere in the passage is 1.
const BESIDE: i64 = 6;
const CLOSE: i64 = 4;
const IMPLIED: i64 = 3;

/// What a sentence says around one of its values.
struct Mention<'a> {
    /// Next to the value.
    local: Vec<&'a str>,
    /// Elsewhere in the sentence, where it belongs to no other value.
    rest: Vec<&'a str>,
    /// In the customer's words and in what was said before.
    outside: Vec<&'a str>,
    /// All of the sentence.
    all: Vec<&'a str>,
    /// Values of other kinds next to the value.
    companions: Vec<&'a Found>,
    /// Names next to the value, or elsewhere where it belongs to no other value.
    names: Vec<&'a str>,
    is_former: bool,
}

/// A value that the evidence states.
struct Occurrence<'a> {
    statement: &'a Statement,
    found: &'a Found,
    part: &'a Part,
    local: Vec<&'a str>,
}

/// What supports the value, if anything does.
pub(super) fn support(claim: &Found, sentence: &Text, evidence: &Evidence) -> Option<EvidenceRef> {
    match &claim.value {
        Value::Reference(code) => return by_code(code, evidence),
        Value::Number(readings) => return by_number(readings, evidence),
        Value::Link(_) | Value::Email(_) | Value::Phone(_) => return by_address(claim, evidence),
        _ => {}
    }
    let mention = Mention::of(claim, sentence, evidence);
    let all = occurrences(evidence);
    if let Some(source) = stated(claim, &mention, sentence, &all, evidence) {
        return Some(source);
    }
    if let Some(day) = day_of(claim, evidence) {
        return stated(&day, &mention, sentence, &all, evidence);
    }
    // Where a page says when it opens and when it closes, both in one statement.
    let [low, high] = claim.ends()?;
    let fits = |occurrence: &&Occurrence<'_>| {
        evidence.counts(occurrence.statement.source)
            && low.is_stated_by(occurrence.found)
            && occurrence.statement.text.found.iter().any(|other| other != occurrence.found && high.is_stated_by(other))
    };
    let found =
        all.iter().filter(fits).find(|occurrence| is_about(occurrence, claim, &mention, sentence, &all, evidence));
    found.map(|occurrence| occurrence.statement.source)
}

fn stated(
    claim: &Found,
    mention: &Mention<'_>,
    sentence: &Text,
    all: &[Occurrence<'_>],
    evidence: &Evidence,
) -> Option<EvidenceRef> {
    let of_an_order = matches!(claim.value, Value::Status { .. });
    let fits = |occurrence: &&Occurrence<'_>| {
        let source = occurrence.statement.source;
        // A page tells of orders in general, never where one stands.
        let may = !of_an_order || matches!(source, EvidenceRef::Tool { .. });
        may && evidence.counts(source) && claim.is_stated_by(occurrence.found)
    };
    let found =
        all.iter().filter(fits).find(|occurrence| is_about(occurrence, claim, mention, sentence, all, evidence));
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

fn occurrences(evidence: &Evidence) -> Vec<Occurrence<'_>> {
    let of_statement = |statement| {
        let part = evidence.part(statement);
        let found = statement.text.found.iter();
        found.filter_map(move |found| {
            let segment = statement.text.segment_of(found.tokens.start);
            let local =
                statement.text.terms.iter().filter(|term| segment.contains(&term.at)).map(|term| term.name.as_str());
            Some(Occurrence { statement, found, part: part?, local: local.collect() })
        })
    };
    evidence.statements.iter().flat_map(of_statement).collect()
}

/// Terms that say what a value is of. That it costs something, or is free, or is an order, does not.
fn is_subject(term: &str) -> bool {
    const VAGUE: &[&str] = &[
        "#free",
        "#order",
        "#item",
        "#pay",
        "#arrive",
        "#duration",
        "#send",
        "#receive",
        "#customer",
        "#total",
        "#placed",
        "#minor",
        "#standard",
        "#parcel",
        "#shop",
        "#regular",
        "#expected",
    ];
    class_of(term) != Some(Class::Price) && !VAGUE.contains(&term)
}

impl<'a> Mention<'a> {
    fn of(claim: &'a Found, sentence: &'a Text, evidence: &'a Evidence) -> Self {
        let own = sentence.segment_of(claim.tokens.start);
        let has_value = |segment: &std::ops::Range<usize>| {
            sentence.found.iter().any(|found| segment.contains(&found.tokens.start) && claim.rivals(found))
        };
        let terms_of = |segment: std::ops::Range<usize>| {
            sentence.terms.iter().filter(move |term| segment.contains(&term.at)).map(|term| term.name.as_str())
        };
        let local: Vec<&str> = terms_of(own.clone()).collect();
        let others = || sentence.segments.iter().filter(|segment| **segment != own);
        let mut rest: Vec<&str> = others().filter(|segment| !has_value(segment)).cloned().flat_map(terms_of).collect();
        // "… and costs €549": what costs it was said with another value.
        if !local.iter().any(|term| is_subject(term)) {
            rest.extend(
                others().filter(|segment| segment.end <= own.start && has_value(segment)).cloned().flat_map(terms_of),
            );
        }
        let outside = evidence.said.names().chain(evidence.question.names()).collect();
        let is_companion =
            |found: &&Found| own.contains(&found.tokens.start) && !claim.rivals(found) && found.tokens != claim.tokens;
        let companions = sentence.found.iter().filter(is_companion).collect();
        let names = sentence.terms.iter().filter(|term| term.is_name && local.contains(&term.name.as_str()));
        let names = names.map(|term| term.name.as_str()).collect();
        Self { local, rest, outside, all: sentence.names().collect(), companions, names, is_former: claim.former }
    }

    fn own(&self) -> impl Iterator<Item = &'a str> {
        self.local.iter().chain(&self.rest).copied()
    }

    /// Said with the value, or before the sentence.
    fn holds_here(&self, term: &str) -> bool {
        let is_old_price = self.is_former && term == "#regular";
        is_old_price || self.own().chain(self.outside.iter().copied()).any(|own| same_term(own, term))
    }

    /// Said in the sentence or before it.
    fn holds(&self, term: &str) -> bool {
        let is_old_price = self.is_former && term == "#regular";
        is_old_price || self.all.iter().chain(&self.outside).any(|own| same_term(own, term))
    }
}

impl Occurrence<'_> {
    /// How near the term stands to the value.
    fn nearness(&self, term: &str) -> i64 {
        // A field tells of the delivery when a sentence tells of the arrival.
        let arrives = self.statement.is_row && term == "#arrive";
        let has = |own: &str| same_term(own, term) || arrives && own == "#ship";
        if self.local.iter().any(|own| has(own)) {
            BESIDE
        } else if self.statement.text.names().any(has)
            || self.statement.names.iter().any(|own| has(own))
            || self.statement.is_near(term)
        {
            CLOSE
        } else if is_in_eu(term) && self.statement.text.names().any(|own| own == "#eu") {
            IMPLIED
        } else {
            i64::from(self.part.terms.contains(term))
        }
    }

    /// Terms beside the value and before it: its label, or the thing that has it.
    fn before(&self) -> impl Iterator<Item = &str> {
        let segment = self.statement.text.segment_of(self.found.tokens.start);
        let end = self.found.tokens.start;
        let terms = self.statement.text.terms.iter();
        terms.filter(move |term| segment.contains(&term.at) && term.at < end).map(|term| term.name.as_str())
    }

    /// How well the statement fits what the sentence says around its value.
    fn score(&self, mention: &Mention<'_>) -> i64 {
        let weigh = |terms: &[&str], weight: i64, seen: &mut Vec<String>| -> i64 {
            let mut sum = 0;
            for term in terms {
                if seen.iter().any(|known| known == term) {
                    continue;
                }
                seen.push((*term).to_owned());
                let weight = if class_of(term) == Some(Class::Price) { 1 } else { weight };
                sum += weight * self.nearness(term);
            }
            sum
        };
        let mut seen = Vec::new();
        let fit = weigh(&mention.local, 8, &mut seen)
            + weigh(&mention.rest, 4, &mut seen)
            + weigh(&mention.outside, 1, &mut seen);
        // Other values beside it that the sentence has beside it too: "12 % from fifty pieces".
        let segment = self.statement.text.segment_of(self.found.tokens.start);
        let companions = mention.companions.iter().map(|companion| {
            let stated = || self.statement.text.found.iter().filter(|found| companion.is_stated_by(found));
            if stated().any(|found| segment.contains(&found.tokens.start)) {
                8 * BESIDE
            } else if stated().next().is_some() {
                8 * CLOSE
            } else {
                0
            }
        });
        let companions: i64 = companions.sum();
        let narrows = |term: &&&str| match class_of(term) {
            Some(Class::Price) => false,
            Some(Class::Plain) => self.statement.is_row,
            _ => true,
        };
        let extra = self.local.iter().filter(|term| !mention.holds_here(term)).filter(narrows).count();
        let extra = extra + self.statement.depth;
        2 * (fit + companions) - i64::try_from(extra).unwrap_or(i64::MAX)
    }
}

/// Whether the statement speaks of what the sentence speaks of, and no other fits better.
fn is_about(
    occurrence: &Occurrence<'_>,
    claim: &Found,
    mention: &Mention<'_>,
    sentence: &Text,
    all: &[Occurrence<'_>],
    evidence: &Evidence,
) -> bool {
    has_what_must_be_there(occurrence, mention)
        && narrows_no_further(occurrence, mention)
        && names_the_same(occurrence, mention, evidence)
        && is_of_the_same_thing(occurrence, mention)
        && is_the_row(occurrence.statement, mention.local.iter().copied().chain(mention.rest.iter().copied()), evidence)
        && on_the_same_days(occurrence, claim, sentence)
        && says_it_alike(occurrence, claim, sentence)
        && is_anchored(occurrence, claim, mention, all, evidence)
        && !is_beaten(occurrence, claim, mention, sentence, all)
}

/// Places, ways to pay and kinds of delivery stand for no other.
fn has_what_must_be_there(occurrence: &Occurrence<'_>, mention: &Mention<'_>) -> bool {
    const ALSO: &[&str] = &["#standard", "#yearly", "#monthly", "#weekly", "#daily", "#nightly"];
    let must = |term: &&str| {
        matches!(class_of(term), Some(Class::Place | Class::Method | Class::Qualifier)) || ALSO.contains(term)
    };
    mention.own().filter(must).all(|term| occurrence.nearness(term) >= IMPLIED)
}

/// What is so for express delivery, for a refund, for hiring, is not so for what the sentence speaks of.
fn narrows_no_further(occurrence: &Occurrence<'_>, mention: &Mention<'_>) -> bool {
    const OF_FIELDS: &[&str] = &["#ship", "#discount", "#refund", "#tax", "#fee"];
    let is_amount = matches!(occurrence.found.value, Value::Money { .. });
    let before: Vec<&str> = occurrence.before().collect();
    let narrows = |term: &&&str| match class_of(term) {
        Some(Class::Qualifier) => **term != "#tax" || before.contains(term),
        Some(Class::Trigger) => {
            is_amount
                && occurrence.statement.is_row
                && OF_FIELDS.contains(term)
                && before.contains(term)
                && occurrence.statement.contexts.is_empty()
        }
        _ => false,
    };
    // "Express by noon of the next day" is spoken of as "express".
    let is_named = |term: &&&str| class_of(term) == Some(Class::Qualifier) && mention.holds(term);
    occurrence.local.iter().any(|term| is_named(&term))
        || occurrence.local.iter().filter(narrows).all(|term| mention.holds(term))
}

/// A sentence that names a thing by name is about no statement without any of the name.
fn names_the_same(occurrence: &Occurrence<'_>, mention: &Mention<'_>, evidence: &Evidence) -> bool {
    let is_rule = |term: &&str| class_of(term) == Some(Class::Trigger);
    if mention.own().filter(is_rule).any(|term| occurrence.nearness(term) >= CLOSE) {
        return true;
    }
    let names_something =
        |term: &str| !term.starts_with('#') && evidence.parts.iter().any(|part| part.names.contains(term));
    let written = mention.names.iter().filter(|term| names_something(term));
    let mut names = mention.own().filter(|term| names_something(term)).peekable();
    let has_any = names.peek().is_none() || names.any(|name| occurrence.nearness(name) >= 1);
    has_any && written.into_iter().all(|name| occurrence.nearness(name) >= 1)
}

/// A row that lacks what the sentence says, while another row of its passage has that, is not the row that is meant.
pub(super) fn is_the_row<'a>(
    statement: &Statement,
    said: impl Iterator<Item = &'a str> + Clone,
    evidence: &Evidence,
) -> bool {
    let in_labels = |statement: &Statement, term: &str| statement.labels().any(|own| same_term(own, term));
    let holds = |statement: &Statement, term: &str| {
        in_labels(statement, term) || statement.text.names().any(|own| same_term(own, term))
    };
    let siblings = evidence.statements.iter().filter(|other| {
        other.part_of == statement.part_of && !std::ptr::eq(*other, statement) && other.labels().next().is_some()
    });
    let named = |statement: &Statement, term: &str| statement.names.iter().any(|name| same_term(name, term));
    let has = |statement: &Statement, term: &str| holds(statement, term) || named(statement, term);
    let is_thing =
        |term: &&str| !matches!(class_of(term), Some(Class::Price | Class::Key | Class::Trigger | Class::Qualifier));
    siblings.into_iter().all(|other| {
        let other_has = said
            .clone()
            .any(|term| class_of(term) != Some(Class::Price) && in_labels(other, term) && !has(statement, term));
        !other_has || said.clone().filter(is_thing).any(|term| has(statement, term) && !has(other, term))
    })
}

/// "Poles cost €24" on the page of a tent says nothing of the tent.
fn is_of_the_same_thing(occurrence: &Occurrence<'_>, mention: &Mention<'_>) -> bool {
    let subject = |term: &&str| {
        is_subject(term)
            && (class_of(term).is_none_or(|class| class == Class::Plain)
                || matches!(*term, "#engraved" | "#custom" | "#sale"))
    };
    let is_thing = |term: &&str| is_subject(term) && class_of(term) != Some(Class::Trigger);
    let by_statement = mention.own().filter(is_thing).any(|term| {
        occurrence.local.iter().any(|own| same_term(own, term))
            || occurrence.statement.text.names().any(|own| same_term(own, term))
    });
    let is_vague = |term: &&str| {
        matches!(
            *term,
            "#weight"
                | "#size"
                | "#warehouse"
                | "#shop"
                | "#page"
                | "#method"
                | "#leave"
                | "#show"
                | "#parcel"
                | "#carrier"
                | "#email"
        )
    };
    let mut others = occurrence.before().filter(subject).filter(|term| !is_vague(term)).peekable();
    let is_other =
        |term: &&str| is_thing(term) && class_of(term).is_none_or(|class| class == Class::Plain) && !is_vague(term);
    let mut things = mention.own().filter(is_other).peekable();
    let may_be_general = things.peek().is_none() || things.any(|term| occurrence.nearness(term) >= 1);
    // The fields of a result have labels, not things.
    is_field(occurrence.statement)
        || by_statement
        || others.peek().is_none()
        || others.any(|term| mention.holds(term))
        || may_be_general
            && mention
                .own()
                .chain(mention.outside.iter().copied())
                .any(|term| class_of(term) == Some(Class::Trigger) && occurrence.nearness(term) >= CLOSE)
}

/// A row of a result, not of a page.
fn is_field(statement: &Statement) -> bool {
    matches!(statement.source, EvidenceRef::Tool { .. }) && statement.is_row
}

/// A time belongs to its day.
fn on_the_same_days(occurrence: &Occurrence<'_>, claim: &Found, sentence: &Text) -> bool {
    if !matches!(claim.value, Value::Time(_)) {
        return true;
    }
    let is_day = |found: &&Found| matches!(found.value, Value::Weekdays(_));
    let own = sentence.segment_of(claim.tokens.start);
    let here = sentence.found.iter().filter(is_day).find(|found| own.contains(&found.tokens.start));
    let before = || sentence.found.iter().filter(is_day).rfind(|found| found.tokens.start < claim.tokens.start);
    let after = || sentence.found.iter().find(is_day);
    let Some(day) = here.or_else(before).or_else(after) else { return true };
    let mut stated = occurrence.statement.text.found.iter().filter(is_day).peekable();
    stated.peek().is_none() || stated.any(|found| day.is_stated_by(found))
}

/// Both say it, or both deny it.
fn says_it_alike(occurrence: &Occurrence<'_>, claim: &Found, sentence: &Text) -> bool {
    if matches!(claim.value, Value::Stock(_) | Value::Status { .. })
        || occurrence.statement.is_row && occurrence.statement.contexts.is_empty()
    {
        return true;
    }
    let denied = sentence.clause_of(claim.tokens.start).is_some_and(|clause| clause.negated);
    denied == occurrence.statement.is_denied_at(occurrence.found.tokens.start)
}

/// The sentence and the statement share a word, or there is nothing that the value could be confused with.
fn is_anchored(
    occurrence: &Occurrence<'_>,
    claim: &Found,
    mention: &Mention<'_>,
    all: &[Occurrence<'_>],
    evidence: &Evidence,
) -> bool {
    let near = |term: &str| occurrence.nearness(term) >= 1;
    let mut own = mention.own().filter(|term| is_subject(term)).peekable();
    let is_beside = |term: &str| class_of(term) != Some(Class::Price) && occurrence.nearness(term) == BESIDE;
    let shares = |companion: &&Found| occurrence.statement.text.found.iter().any(|found| companion.is_stated_by(found));
    if own.any(near) || mention.own().any(is_beside) || mention.companions.iter().any(shares) {
        return true;
    }
    let is_other = |other: &&Occurrence<'_>| {
        evidence.counts(other.statement.source)
            && claim.rivals(other.found)
            && !claim.is_stated_by(other.found)
            && other.found.value != occurrence.found.value
            && !std::ptr::eq(other.statement, occurrence.statement)
    };
    let mut rivals = all.iter().filter(is_other);
    let has_own = mention.own().any(is_subject);
    if !has_own && mention.outside.iter().any(|term| is_subject(term) && near(term)) {
        return true;
    }
    // Without a word in common, only where the evidence has one value of the kind; and in one language not at all.
    rivals.next().is_none() && !has_own
}

/// Whether another value of the kind fits the sentence better.
fn is_beaten(
    occurrence: &Occurrence<'_>,
    claim: &Found,
    mention: &Mention<'_>,
    sentence: &Text,
    all: &[Occurrence<'_>],
) -> bool {
    let own = occurrence.score(mention);
    // What the sentence says of rules next to the value has to be there in the rival as well.
    let shared: Vec<&str> = mention
        .local
        .iter()
        .filter(|term| class_of(term).is_some_and(|class| class != Class::Price) && occurrence.nearness(term) >= CLOSE)
        .copied()
        .collect();
    // Several fields tell of one order.
    let of_state = matches!(claim.value, Value::Stock(_) | Value::Status { .. });
    let is_same = |rival: &Occurrence<'_>| of_state && std::ptr::eq(rival.statement, occurrence.statement);
    // "On Tuesdays and Thursdays": both are said, and nothing tells which is which.
    let is_listed = |rival: &Occurrence<'_>| {
        mention.local.is_empty()
            && sentence.found.iter().any(|other| other.tokens != claim.tokens && other.is_stated_by(rival.found))
    };
    all.iter().any(|rival| {
        claim.rivals(rival.found)
            && !is_same(rival)
            && !is_listed(rival)
            && !claim.is_stated_by(rival.found)
            && !occurrence.found.is_stated_by(rival.found)
            && rival.found.value != occurrence.found.value
            && shared.iter().all(|term| rival.nearness(term) >= CLOSE)
            && has_what_must_be_there(rival, mention)
            && narrows_no_further(rival, mention)
            && is_of_the_same_thing(rival, mention)
            && rival.score(mention) > own
    })
}

#[cfg(test)]
pub(super) fn explain(claim: &Found, sentence: &Text, evidence: &Evidence) {
    let mention = Mention::of(claim, sentence, evidence);
    let all = occurrences(evidence);
    println!("  mention {:?} rest {:?} outside {:?}", mention.local, mention.rest, mention.outside);
    for o in all.iter().filter(|o| claim.rivals(o.found) || claim.is_stated_by(o.found)) {
        let fits = claim.is_stated_by(o.found);
        println!(
            "  {} {:?} score {} local {:?} before {:?} names {:?}",
            if fits { "FIT" } else { "   " },
            o.found.value,
            o.score(&mention),
            o.local,
            o.before().collect::<Vec<_>>(),
            o.statement.names
        );
        if fits {
            println!(
                "     must {} narrow {} names {} thing {} days {} alike {} anchored {} beaten {}",
                has_what_must_be_there(o, &mention),
                narrows_no_further(o, &mention),
                names_the_same(o, &mention, evidence),
                is_of_the_same_thing(o, &mention),
                on_the_same_days(o, claim, sentence),
                says_it_alike(o, claim, sentence),
                is_anchored(o, claim, &mention, &all, evidence),
                is_beaten(o, claim, &mention, sentence, &all)
            );
        }
    }
}
