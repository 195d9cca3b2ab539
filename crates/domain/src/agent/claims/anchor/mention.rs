//! What a sentence says around a value, what a statement says around one, and how well the two fit.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use crate::agent::claims::EvidenceRef;
use crate::agent::claims::evidence::{Evidence, Part};
use crate::agent::claims::lexicon::{Class, class_of, implies};
use crate::agent::claims::reading::{CONJUNCTIONS, Term, Text, same_term};
use crate::agent::claims::statement::Statement;
use crate::agent::claims::values::{Bound, Found, Value};
use crate::agent::claims::word_list::set;

/// How near a term stands to a value: in the same part of the sentence; in its statement or in what names that; implied
/// there. Elsewhere in the passage is 1.
pub(super) const BESIDE: i64 = 6;
pub(super) const CLOSE: i64 = 4;
pub(super) const IMPLIED: i64 = 3;

/// What a sentence says around one of its values.
pub(super) struct Mention<'a> {
    /// Next to the value.
    pub local: Vec<&'a str>,
    /// Elsewhere in the sentence, where it belongs to no other value.
    pub rest: Vec<&'a str>,
    /// In the customer's words and in what was said before.
    pub outside: Vec<&'a str>,
    /// All of the sentence.
    pub all: Vec<&'a str>,
    /// Values of other kinds next to the value.
    pub companions: Vec<&'a Found>,
    /// Names next to the value, or elsewhere where it belongs to no other value.
    pub names: Vec<&'a str>,
    pub is_former: bool,
    pub bound: Bound,
}

/// A value that the evidence states.
pub(super) struct Occurrence<'a> {
    pub statement: &'a Statement,
    pub found: &'a Found,
    pub part: &'a Part,
    pub local: Vec<&'a str>,
}

/// All values of the evidence.
pub(super) fn occurrences(evidence: &Evidence) -> Vec<Occurrence<'_>> {
    let of_statement = |statement| {
        let part = evidence.part(statement);
        let found = statement.text.found.iter();
        found.filter_map(move |found| {
            let segment = statement.text.segment_of(found.tokens.start);
            let subject = statement.text.subject_of(&segment);
            let is_local = |term: &&Term| segment.contains(&term.at) || subject.contains(&term.at);
            let local = statement.text.terms.iter().filter(is_local).map(|term| term.name.as_str());
            Some(Occurrence { statement, found, part: part?, local: local.collect() })
        })
    };
    evidence.statements.iter().flat_map(of_statement).collect()
}

/// Terms that say what a value is of. That it costs something, or is free, or is an order, does not.
pub(in crate::agent::claims) fn is_subject(term: &str) -> bool {
    class_of(term) != Some(Class::Price) && !VAGUE.contains(term)
}

static VAGUE: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(
        "#free #order #item #pay #arrive #duration #send #receive #customer #total #placed #minor #standard #parcel #shop \
         #regular #expected",
    )
});

impl<'a> Mention<'a> {
    /// The same without the other places of a list.
    pub fn of_one_place(&self, one: &str, listed: &[&str]) -> Self {
        let is_of_it = |term: &&&str| **term == one || !listed.contains(*term);
        let of_it = |terms: &Vec<&'a str>| terms.iter().filter(is_of_it).copied().collect();
        // What stands behind the list is said of each: "to Germany and Austria free of charge".
        let mut local: Vec<&str> = of_it(&self.local);
        local.extend(of_it(&self.rest));
        Self {
            local,
            rest: Vec::new(),
            outside: self.outside.clone(),
            all: of_it(&self.all),
            companions: self.companions.clone(),
            names: self.names.clone(),
            ..*self
        }
    }

    pub fn of(claim: &'a Found, sentence: &'a Text, evidence: &'a Evidence) -> Self {
        let own = sentence.segment_of(claim.tokens.start);
        let has_value = |segment: &Range<usize>| {
            sentence.found.iter().any(|found| segment.contains(&found.tokens.start) && claim.rivals(found))
        };
        let terms_of = |segment: Range<usize>| {
            let terms = sentence.terms.iter().filter(move |term| segment.contains(&term.at));
            // The state of an order is no word about the order.
            let of_state = matches!(claim.value, Value::Status { .. });
            let is_state =
                move |term: &&Term| claim.tokens.contains(&term.at) || of_state && sentence.is_of_a_state(term.at);
            terms.filter(move |term| !is_state(term)).map(|term| term.name.as_str())
        };
        let local: Vec<&str> = terms_of(own.clone()).collect();
        let others = || sentence.segments.iter().filter(|segment| **segment != own);
        // "Ten years for zips and poles": the poles are not next to five years.
        let owner = |segment: &Range<usize>| {
            sentence.segments.iter().rfind(|other| other.end <= segment.start && has_value(other))
        };
        let is_ours = |segment: &Range<usize>| owner(segment).is_none_or(|owner| *owner == own);
        // "Five years, zips and poles ten": the zips are next to the ten.
        let is_of_next = |segment: &Range<usize>| {
            let next = sentence.segments.iter().find(|other| other.start > segment.start);
            let joined = |at: usize| sentence.tokens.get(at).is_some_and(|token| token.is_word(CONJUNCTIONS));
            let after_comma = segment.start.checked_sub(1).and_then(|at| sentence.tokens.get(at));
            next.is_some_and(|next| has_value(next) && *next != own && joined(segment.end))
                && after_comma.is_some_and(|token| token.is(","))
        };
        let free = others().filter(|segment| !has_value(segment) && is_ours(segment) && !is_of_next(segment));
        let mut rest: Vec<&str> = free.cloned().flat_map(terms_of).collect();
        // "… and costs €549": what costs it was said with another value.
        if !local.iter().any(|term| is_subject(term)) {
            rest.extend(
                others().filter(|segment| segment.end <= own.start && has_value(segment)).cloned().flat_map(terms_of),
            );
        }
        let outside = evidence.said.names().chain(evidence.question.names()).collect();
        // "From fifty pieces, schools get 12 %": where there is no other share, all of the sentence is about it.
        let is_only = !sentence.found.iter().any(|found| found.tokens != claim.tokens && claim.rivals(found));
        let is_companion = |found: &&Found| {
            let is_name = matches!(found.value, Value::Reference(_) | Value::Number(_));
            (is_only || own.contains(&found.tokens.start))
                && !claim.rivals(found)
                && found.tokens != claim.tokens
                && !is_name
        };
        let companions = sentence.found.iter().filter(is_companion).collect();
        let names = sentence.terms.iter().filter(|term| term.is_name && local.contains(&term.name.as_str()));
        let names = names.map(|term| term.name.as_str()).collect();
        Self {
            local,
            rest,
            outside,
            all: sentence.names().collect(),
            companions,
            names,
            is_former: claim.former,
            bound: claim.bound,
        }
    }

    /// Said with the value, or in a part of the sentence without one.
    pub fn own(&self) -> impl Iterator<Item = &'a str> {
        self.local.iter().chain(&self.rest).copied()
    }

    /// Said with the value, or before the sentence.
    fn holds_here(&self, term: &str) -> bool {
        let is_old_price = self.is_former && term == "#regular";
        is_old_price || self.own().chain(self.outside.iter().copied()).any(|own| same_term(own, term))
    }

    /// Said in the sentence or before it.
    pub fn holds(&self, term: &str) -> bool {
        let is_old_price = self.is_former && term == "#regular";
        is_old_price || self.all.iter().chain(&self.outside).any(|own| same_term(own, term))
    }
}

impl Occurrence<'_> {
    /// How near the term stands to the value.
    pub fn nearness(&self, term: &str) -> i64 {
        // A field tells of the delivery when a sentence tells of the arrival.
        let in_field = if self.statement.is_row && term == "#arrive" { "#ship" } else { term };
        let has = |own: &str| same_term(own, term) || own == in_field;
        if self.local.iter().any(|own| has(own)) {
            BESIDE
        } else if self.statement.text.names().any(has)
            || self.statement.names.iter().any(|own| has(own))
            || self.statement.is_near(term)
        {
            CLOSE
        } else if self.statement.text.names().any(|own| implies(own, term)) {
            IMPLIED
        } else {
            i64::from(self.part.terms.contains(term))
        }
    }

    /// Terms beside the value and before it: its label, or the thing that has it.
    pub fn before(&self) -> impl Iterator<Item = &str> {
        let segment = self.statement.text.segment_of(self.found.tokens.start);
        let end = self.found.tokens.start;
        let terms = self.statement.text.terms.iter();
        terms.filter(move |term| segment.contains(&term.at) && term.at < end).map(|term| term.name.as_str())
    }

    /// Terms beside the value and behind it.
    pub fn after(&self) -> impl Iterator<Item = &str> {
        let segment = self.statement.text.segment_of(self.found.tokens.start);
        let end = self.found.tokens.end;
        let terms = self.statement.text.terms.iter();
        terms.filter(move |term| segment.contains(&term.at) && term.at >= end).map(|term| term.name.as_str())
    }

    /// How well the statement fits what the sentence says around its value.
    pub fn score(&self, mention: &Mention<'_>) -> i64 {
        const GENERAL: &[&str] = &["#order", "#item", "#pay", "#customer", "#send", "#receive", "#parcel", "#shop"];
        let weigh = |terms: &[&str], weight: i64, seen: &mut Vec<String>| -> i64 {
            let mut sum = 0;
            for term in terms {
                if seen.iter().any(|known| known == term) {
                    continue;
                }
                seen.push((*term).to_owned());
                let weight = match class_of(term) {
                    Some(Class::Price) => 1,
                    Some(_) if GENERAL.contains(term) => weight.min(2),
                    _ => weight,
                };
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
            Some(Class::Plain) => self.statement.is_row && **term != "#expected",
            _ => true,
        };
        let extra = self
            .local
            .iter()
            .filter(|term| !mention.holds_here(term) && (**term != "#ship" || !mention.holds_here("#arrive")))
            .filter(narrows)
            .count();
        let extra = extra + self.statement.depth;
        // What a tool says of the thing by name is so now, whatever a page said when it was read.
        let is_named = |name: &String| mention.own().any(|own| same_term(own, name));
        let by_tool = matches!(self.statement.source, EvidenceRef::Tool { .. });
        let live = if by_tool && self.statement.names.iter().any(is_named) { 16 } else { 0 };
        // "From €120" is no price where a price is told.
        let is_threshold = self.found.bound != Bound::None && self.found.ends().is_none();
        let threshold = if mention.bound == Bound::None && is_threshold { 12 } else { 0 };
        2 * (fit + companions + live - threshold) - i64::try_from(extra).unwrap_or(i64::MAX)
    }
}
