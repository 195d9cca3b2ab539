//! What has to hold between a sentence and a statement for the one to support the other's value.

use super::Case;
use super::mention::{BESIDE, CLOSE, IMPLIED, Occurrence, is_subject};
use crate::agent::claims::EvidenceRef;
use crate::agent::claims::evidence::Evidence;
use crate::agent::claims::lexicon::{Class, class_of};
use crate::agent::claims::reading::same_term;
use crate::agent::claims::statement::Statement;
use crate::agent::claims::values::{Found, Value};

/// What an amount is paid for.
const PERIODS: &[&str] = &["#yearly", "#monthly", "#weekly", "#daily", "#nightly"];

impl Case<'_> {
    /// Whether the statement speaks of what the sentence speaks of, and no other fits better.
    pub(super) fn is_about(&self, occurrence: &Occurrence<'_>) -> bool {
        self.has_what_must_be_there(occurrence)
            && self.narrows_no_further(occurrence)
            && self.names_the_same(occurrence)
            && self.is_of_the_same_thing(occurrence)
            && is_the_row(occurrence.statement, &self.mention.own().collect::<Vec<_>>(), self.evidence)
            && self.on_the_same_days(occurrence)
            && self.says_it_alike(occurrence)
            && self.places_are_alike(occurrence)
            && self.is_anchored(occurrence)
            && !self.is_beaten(occurrence)
    }

    /// Places, ways to pay and kinds of delivery stand for no other.
    fn has_what_must_be_there(&self, occurrence: &Occurrence<'_>) -> bool {
        let must = |term: &&str| {
            matches!(class_of(term), Some(Class::Place | Class::Method | Class::Qualifier))
                || *term == "#standard"
                || PERIODS.contains(term)
        };
        let is_period = |term: &&str| PERIODS.contains(term);
        // "$9 a month, billed annually": the period next to the amount is its own.
        let said = self.mention.local.iter().find(|term| PERIODS.contains(term));
        let stated = occurrence.after().find(is_period).or_else(|| occurrence.local.iter().copied().find(is_period));
        if let (Some(said), Some(stated)) = (said, stated)
            && *said != stated
        {
            return false;
        }
        self.mention.own().filter(must).all(|term| occurrence.nearness(term) >= IMPLIED)
    }

    /// What is so for express delivery, for a refund, for hiring, is not so for what the sentence speaks of.
    fn narrows_no_further(&self, occurrence: &Occurrence<'_>) -> bool {
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
        let is_named = |term: &&&str| class_of(term) == Some(Class::Qualifier) && self.mention.holds(term);
        occurrence.local.iter().any(|term| is_named(&term))
            || occurrence.local.iter().filter(narrows).all(|term| self.mention.holds(term))
    }

    /// A sentence that names a thing by name is about no statement without any of the name.
    fn names_the_same(&self, occurrence: &Occurrence<'_>) -> bool {
        let is_rule = |term: &&str| class_of(term) == Some(Class::Trigger);
        if self.mention.own().filter(is_rule).any(|term| occurrence.nearness(term) >= CLOSE) {
            return true;
        }
        let names_something =
            |term: &str| !term.starts_with('#') && self.evidence.parts.iter().any(|part| part.names.contains(term));
        let written = self.mention.names.iter().filter(|term| names_something(term));
        let mut names = self.mention.own().filter(|term| names_something(term)).peekable();
        let has_any = names.peek().is_none() || names.any(|name| occurrence.nearness(name) >= 1);
        has_any && written.into_iter().all(|name| occurrence.nearness(name) >= 1)
    }

    /// "Poles cost €24" on the page of a tent says nothing of the tent.
    fn is_of_the_same_thing(&self, occurrence: &Occurrence<'_>) -> bool {
        const VAGUE: &[&str] = &[
            "#weight",
            "#size",
            "#warehouse",
            "#shop",
            "#page",
            "#method",
            "#leave",
            "#show",
            "#parcel",
            "#carrier",
            "#email",
        ];
        let subject = |term: &&str| {
            is_subject(term)
                && (class_of(term).is_none_or(|class| matches!(class, Class::Plain | Class::Thing))
                    || matches!(*term, "#engraved" | "#custom" | "#sale"))
        };
        let is_thing = |term: &&str| is_subject(term) && class_of(term) != Some(Class::Trigger);
        let by_statement = self.mention.own().filter(is_thing).any(|term| {
            let near = occurrence.statement.near.iter().map(String::as_str);
            occurrence
                .local
                .iter()
                .copied()
                .chain(occurrence.statement.text.names())
                .chain(near)
                .any(|own| same_term(own, term))
        });
        let is_vague = |term: &&str| VAGUE.contains(term);
        let mut others = occurrence.before().filter(subject).filter(|term| !is_vague(term)).peekable();
        let is_other = |term: &&str| {
            is_thing(term)
                && class_of(term).is_none_or(|class| matches!(class, Class::Plain | Class::Thing))
                && !is_vague(term)
        };
        let mut things = self.mention.own().filter(is_other).peekable();
        let may_be_general = things.peek().is_none() || things.any(|term| occurrence.nearness(term) >= CLOSE);
        // The fields of a result have labels, not things.
        is_field(occurrence.statement)
            || by_statement
            || others.peek().is_none()
            || others.any(|term| self.mention.holds(term))
            || may_be_general
                && self
                    .mention
                    .own()
                    .chain(self.mention.outside.iter().copied())
                    .any(|term| class_of(term) == Some(Class::Trigger) && occurrence.nearness(term) >= CLOSE)
    }

    /// A time belongs to its day.
    fn on_the_same_days(&self, occurrence: &Occurrence<'_>) -> bool {
        if !matches!(self.claim.value, Value::Time(_)) {
            return true;
        }
        let is_day = |found: &&Found| matches!(found.value, Value::Weekdays(_));
        let own = self.sentence.segment_of(self.claim.tokens.start);
        let here = self.sentence.found.iter().filter(is_day).find(|found| own.contains(&found.tokens.start));
        let before =
            || self.sentence.found.iter().filter(is_day).rfind(|found| found.tokens.start < self.claim.tokens.start);
        let after = || self.sentence.found.iter().find(is_day);
        let Some(day) = here.or_else(before).or_else(after) else { return true };
        let mut stated = occurrence.statement.text.found.iter().filter(is_day).peekable();
        stated.peek().is_none() || stated.any(|found| day.is_stated_by(found))
    }

    /// Both say it, or both deny it.
    fn says_it_alike(&self, occurrence: &Occurrence<'_>) -> bool {
        if matches!(self.claim.value, Value::Stock(_) | Value::Status { .. })
            || occurrence.statement.is_row && occurrence.statement.contexts.is_empty()
        {
            return true;
        }
        if self.sentence.is_universal() && !occurrence.statement.text.is_universal() {
            return false;
        }
        let denied = self.sentence.clause_of(self.claim.tokens.start).is_some_and(|clause| clause.negated);
        denied == occurrence.statement.is_denied_at(occurrence.found.tokens.start)
    }

    /// "€5 to Germany, not to Austria" says nothing of Austria.
    fn places_are_alike(&self, occurrence: &Occurrence<'_>) -> bool {
        let statement = occurrence.statement;
        let denied = statement.is_denied_at(occurrence.found.tokens.start);
        let is_place = |term: &&str| class_of(term) == Some(Class::Place);
        self.mention.own().filter(is_place).all(|place| {
            let mut stated = statement.text.terms.iter().filter(|own| own.name == place).peekable();
            stated.peek().is_none() || stated.any(|own| statement.is_denied_at(own.at) == denied)
        })
    }

    /// The sentence and the statement share a word, or there is nothing that the value could be confused with.
    fn is_anchored(&self, occurrence: &Occurrence<'_>) -> bool {
        let near = |term: &str| occurrence.nearness(term) >= 1;
        let mut own = self.mention.own().filter(|term| is_subject(term)).peekable();
        let is_beside = |term: &str| class_of(term) != Some(Class::Price) && occurrence.nearness(term) == BESIDE;
        let shares =
            |companion: &&Found| occurrence.statement.text.found.iter().any(|found| companion.is_stated_by(found));
        if own.any(near) || self.mention.own().any(is_beside) || self.mention.companions.iter().any(shares) {
            return true;
        }
        let is_other = |other: &&Occurrence<'_>| {
            self.evidence.counts(other.statement.source)
                && self.claim.rivals(other.found)
                && !self.claim.is_stated_by(other.found)
                && other.found.value != occurrence.found.value
                && !std::ptr::eq(other.statement, occurrence.statement)
        };
        let mut rivals = self.all.iter().filter(is_other);
        let has_own = self.mention.own().any(is_subject);
        if !has_own && self.mention.outside.iter().any(|term| is_subject(term) && near(term)) {
            return true;
        }
        // Without a word in common, only where the evidence has one value of the kind; and in one language not at all.
        rivals.next().is_none() && !has_own
    }

    /// Whether another value of the kind fits the sentence better.
    fn is_beaten(&self, occurrence: &Occurrence<'_>) -> bool {
        let own = occurrence.score(&self.mention);
        // What the sentence says of rules next to the value has to be there in the rival as well.
        let shared: Vec<&str> = self
            .mention
            .local
            .iter()
            .filter(|term| class_of(term).is_some() && is_subject(term) && occurrence.nearness(term) >= CLOSE)
            .copied()
            .collect();
        // Several fields tell of one order.
        let of_state = matches!(self.claim.value, Value::Stock(_) | Value::Status { .. });
        let is_same = |rival: &Occurrence<'_>| of_state && std::ptr::eq(rival.statement, occurrence.statement);
        // "On Tuesdays and Thursdays": both are said, and nothing tells which is which.
        let is_listed = |rival: &Occurrence<'_>| {
            self.mention.local.is_empty()
                && self
                    .sentence
                    .found
                    .iter()
                    .any(|other| other.tokens != self.claim.tokens && other.is_stated_by(rival.found))
        };
        self.all.iter().any(|rival| {
            self.claim.rivals(rival.found)
                && !is_same(rival)
                && !is_listed(rival)
                && !self.claim.is_stated_by(rival.found)
                && !occurrence.found.is_stated_by(rival.found)
                && rival.found.value != occurrence.found.value
                && shared.iter().all(|term| rival.nearness(term) >= CLOSE)
                && self.has_what_must_be_there(rival)
                && self.narrows_no_further(rival)
                && self.is_of_the_same_thing(rival)
                && rival.score(&self.mention) > own
        })
    }
}

/// A row that lacks what the sentence says, while another row of its passage has that, is not the row that is meant.
pub(in crate::agent::claims) fn is_the_row(statement: &Statement, said: &[&str], evidence: &Evidence) -> bool {
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
        |term: &&&str| !matches!(class_of(term), Some(Class::Price | Class::Key | Class::Trigger | Class::Qualifier));
    siblings.into_iter().all(|other| {
        let other_has = said.iter().any(|term| is_subject(term) && in_labels(other, term) && !has(statement, term));
        !other_has || said.iter().filter(is_thing).any(|term| has(statement, term) && !has(other, term))
    })
}

/// A row of a result, not of a page.
fn is_field(statement: &Statement) -> bool {
    matches!(statement.source, EvidenceRef::Tool { .. }) && statement.is_row
}
