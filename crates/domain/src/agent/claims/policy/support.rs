//! Which statement supports a rule.

use std::collections::HashSet;
use std::ops::Range;
use std::sync::LazyLock;

use super::{Rule, is_key, is_word};
use crate::agent::claims::EvidenceRef;
use crate::agent::claims::anchor::is_the_row;
use crate::agent::claims::evidence::Evidence;
use crate::agent::claims::lexicon::{Class, class_of, implies};
use crate::agent::claims::reading::{Clause, same_term};
use crate::agent::claims::statement::{Bearing, Statement};
use crate::agent::claims::values::{Bound, Found, Value};
use crate::agent::claims::word_list::set;

/// The share of a rule's ordinary words that its support has to hold.
const COVERED: f32 = 0.5;

/// What a statement has of a rule.
struct Fit {
    agrees: bool,
    covered: usize,
    extra: usize,
}

impl Fit {
    fn rank(&self) -> (usize, std::cmp::Reverse<usize>) {
        (self.covered, std::cmp::Reverse(self.extra))
    }
}

/// What is done with things, and no thing.
static VERBS: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(
        "#return #refund #ship #exchange #cancel #warranty #cover #free #repair #replace #withdraw #open #charged #fee #discount #always #instant",
    )
});

impl Rule<'_> {
    /// What supports the rule, if anything does.
    pub(in crate::agent::claims) fn support(&self, evidence: &Evidence) -> Option<EvidenceRef> {
        let fits: Vec<(Fit, &Statement)> = evidence
            .statements
            .iter()
            .filter_map(|statement| Some((self.fit(statement, evidence)?, statement)))
            .collect();
        let counts = |statement: &Statement| evidence.counts(statement.source);
        let best =
            fits.iter().filter(|(fit, statement)| fit.agrees && counts(statement)).max_by_key(|(fit, _)| fit.rank())?;
        // What says the opposite at least as closely outweighs it, unless it is about something else.
        let contradicts = |fit: &Fit, statement: &Statement| {
            !fit.agrees && fit.rank() >= best.0.rank() && self.is_about(statement, evidence)
        };
        let contradicted = fits.iter().any(|(fit, statement)| contradicts(fit, statement));
        (!contradicted).then_some(best.1.source)
    }

    /// How the statement bears on the rule; `None` where it does not hold what it must.
    fn fit(&self, statement: &Statement, evidence: &Evidence) -> Option<Fit> {
        let own: Vec<&str> = statement.text.names().collect();
        let holds = |list: &[&str], term: &str| list.iter().any(|own| same_term(own, term) || implies(own, term));
        let around = |term: &str| {
            statement.is_near(term) || statement.names.iter().any(|name| same_term(name, term) || implies(name, term))
        };
        if !self.keys.iter().all(|key| holds(&own, key) || around(key)) {
            return None;
        }
        let is_spoken_of = |topics: &Vec<String>| topics.iter().any(|topic| holds(&own, topic) || around(topic));
        if !self.topics.as_ref().is_none_or(is_spoken_of) {
            return None;
        }
        let stated = |value: &&&Found| statement.text.found.iter().any(|found| value.is_stated_by(found));
        let values = self.values.iter().filter(stated).count();
        let covered = self.words.iter().filter(|word| holds(&own, word) || around(word)).count();
        if ((covered + values) as f32) < COVERED * (self.words.len() + values) as f32 {
            return None;
        }
        // "From three bottles" is not said by "from six bottles".
        let is_count = |term: &&str| term.bytes().all(|byte| byte.is_ascii_digit());
        let mut counts = own.iter().filter(|term| is_count(term)).peekable();
        if self.counts.iter().any(|count| !around(count))
            && counts.peek().is_some()
            && !counts.any(|own| self.counts.contains(own))
        {
            return None;
        }
        let is_known = |name: &str| evidence.parts.iter().any(|part| part.terms.contains(name));
        if !self.names.iter().all(|name| holds(&own, name) || around(name) || !is_known(name)) {
            return None;
        }
        if statement.is_heading
            || self.said.iter().any(|word| matches!(*word, "always" | "immer" | "stets"))
                && !statement.text.is_universal()
        {
            return None;
        }
        if !is_the_row(
            statement,
            &self.keys.iter().chain(&self.words).map(String::as_str).collect::<Vec<_>>(),
            evidence,
        ) {
            return None;
        }
        let mut stated_days = statement.text.found.iter();
        if !self.days.is_empty() && !stated_days.any(|found| self.days.iter().any(|day| day.is_stated_by(found))) {
            return None;
        }
        let answered = answers_a_question(statement);
        let own_keys = self.keys.iter().filter(|key| holds(&own, key) || answered && statement.is_near(key)).count();
        let own_words = self.words.iter().filter(|word| holds(&own, word)).count();
        if own_keys + own_words == 0 && values == 0 && !statement.completes_denial && !answered {
            return None;
        }
        if self.is_too_wide(statement, evidence) {
            return None;
        }
        let extra = own.iter().filter(|term| is_key(term) && !self.keys.iter().any(|key| key == *term)).count();
        Some(Fit { agrees: self.agrees(statement), covered: own_keys + own_words + covered, extra })
    }

    /// Whether the statement says it of less than the rule does: "free from €75" where the rule says "free".
    fn is_too_wide(&self, statement: &Statement, evidence: &Evidence) -> bool {
        let mentions = |term: &str| self.mentions(term, evidence);
        let clauses = self.clauses_of(statement);
        let terms: Vec<&str> = clauses.iter().flat_map(|clause| statement.text.terms_in(&clause.tokens)).collect();
        let asked = statement.contexts.last().filter(|context| context.bearing != Bearing::Topic);
        let asked = asked.map(|context| context.terms.iter().map(String::as_str));
        let narrows = |term: &&str| class_of(term) == Some(Class::Qualifier) && *term != "#tax";
        let narrowing: Vec<&str> = terms.iter().copied().chain(asked.into_iter().flatten()).filter(narrows).collect();
        if !narrowing.is_empty() && !narrowing.iter().any(|term| mentions(term)) {
            return true;
        }
        if self.denied {
            return !self.is_about(statement, evidence);
        }
        if !self.keys.iter().any(|key| key == "#free") {
            return false;
        }
        self.is_free_of_less(statement, &clauses, evidence)
    }

    /// Whether the statement calls less free than the rule does.
    fn is_free_of_less(&self, statement: &Statement, clauses: &[&Clause], evidence: &Evidence) -> bool {
        // "The first inspection is free" is not "inspections are free", nor is "free if you buy one".
        const FEWER: &[&str] = &["first", "only", "selected", "erste", "ersten", "nur", "einmalig", "once", "one"];
        let words: Vec<&str> = clauses.iter().flat_map(|clause| statement.text.words_in(&clause.tokens)).collect();
        if words.iter().any(|word| FEWER.contains(word) && !self.said.contains(word)) {
            return true;
        }
        let is_conditional = |text: &[Clause]| text.iter().any(|clause| clause.conditional);
        if is_conditional(&statement.text.clauses) && !self.has_condition && !self.is_bounded {
            return true;
        }
        let bounded = statement.text.found.iter().any(|found| {
            matches!(found.value, Value::Money { .. })
                && (found.bound == Bound::AtLeast
                    || clauses.iter().any(|clause| clause.tokens.contains(&found.tokens.start)))
        });
        let is_place = |term: &&str| class_of(term) == Some(Class::Place);
        let in_clauses = clauses.iter().flat_map(|clause| statement.text.terms_in(&clause.tokens));
        let narrowed = in_clauses.filter(is_place).any(|place| !self.mentions(place, evidence));
        bounded && !self.is_bounded
            || narrowed && !statement.is_row
            || !self.is_about(statement, evidence) && !statement.is_row
    }

    fn mentions(&self, term: &str, evidence: &Evidence) -> bool {
        let own = self.keys.iter().chain(&self.words).map(String::as_str).chain(self.sentence.iter().copied());
        let outside = evidence.question.names().chain(evidence.said.names());
        own.chain(outside).any(|own| same_term(own, term) || implies(term, own))
    }

    /// The clauses of the statement that hold a key, and what "it" is in them.
    fn clauses_of<'s>(&self, statement: &'s Statement) -> Vec<&'s Clause> {
        let is_keyed = |clause: &Clause| {
            statement.text.terms_in(&clause.tokens).any(|term| self.keys.iter().any(|key| key == term))
        };
        let clauses = &statement.text.clauses;
        let points = |clause: &Clause| {
            let words = statement.text.words_in(&clause.tokens);
            words.iter().take(2).any(|word| matches!(*word, "it" | "they" | "this" | "these" | "es" | "sie" | "diese"))
        };
        let keyed = |at: usize| clauses.get(at).is_some_and(is_keyed);
        let next_points = |at: usize| clauses.get(at + 1).is_some_and(|next| is_keyed(next) && points(next));
        clauses.iter().enumerate().filter(|(at, _)| keyed(*at) || next_points(*at)).map(|(_, clause)| clause).collect()
    }

    /// Whether what the statement affirms or denies is spoken of at all: "gift cards cannot be returned" says nothing of
    /// other things.
    fn is_about(&self, statement: &Statement, evidence: &Evidence) -> bool {
        let clauses = self.clauses_of(statement);
        // The cells of a row are about its first.
        let whole = 0..statement.text.tokens.len();
        let ranges: Vec<&Range<usize>> =
            if statement.is_row { vec![&whole] } else { clauses.iter().map(|clause| &clause.tokens).collect() };
        let mut subjects = ranges
            .into_iter()
            .flat_map(|range| statement.text.terms_in(range))
            .filter(|term| (is_key(term) || is_word(term)) && !VERBS.contains(term))
            .peekable();
        self.values.iter().any(|value| statement.text.found.iter().any(|found| value.is_stated_by(found)))
            || subjects.peek().is_none()
            || subjects.any(|term| self.mentions(term, evidence))
    }
}

/// "Yes." below a question states it.
fn answers_a_question(statement: &Statement) -> bool {
    statement.contexts.last().is_some_and(|context| matches!(context.bearing, Bearing::States { .. }))
        && statement
            .text
            .words_in(&(0..statement.text.tokens.len()))
            .first()
            .is_some_and(|word| matches!(*word, "yes" | "no" | "ja" | "nein" | "unfortunately" | "leider"))
}
