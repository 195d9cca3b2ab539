//! Whether a rule and a statement both affirm, or both deny.

use std::ops::Range;

use super::{Rule, is_key};
use crate::agent::claims::lexicon::{Class, class_of, implies};
use crate::agent::claims::reading::{Clause, same_term};
use crate::agent::claims::statement::{Bearing, Statement};

impl Rule<'_> {
    /// Whether both affirm or both deny.
    pub(super) fn agrees(&self, statement: &Statement) -> bool {
        // Places and ways to pay decide: "to Sweden, not to Norway".
        let decides =
            |key: &&String| matches!(class_of(key), Some(Class::Place | Class::Method)) || key.as_str() == "#free";
        let mut decisive: Vec<&String> = self.keys.iter().filter(decides).collect();
        // The cells of a row are of its place: "Zone: UK; Express: not available".
        let narrows = |key: &&String| class_of(key) == Some(Class::Qualifier);
        if statement.is_row && self.keys.iter().any(|key| narrows(&key)) {
            decisive = self.keys.iter().filter(narrows).collect();
        }
        // "The shipping cost is refunded, but not the extra for express."
        if decisive.is_empty() {
            decisive = self.keys.iter().filter(narrows).collect();
        }
        let keys: Vec<&String> = if decisive.is_empty() { self.keys.iter().collect() } else { decisive.clone() };
        if keys.iter().any(|key| is_only_asked(statement, key)) {
            return false;
        }
        // The clause that holds most of it speaks for the statement.
        let clauses = &statement.text.clauses;
        let weigh = |at: usize, clause: &Clause| {
            let in_range = |range: &Range<usize>, term: &str| {
                statement.text.terms_in(range).any(|own| same_term(own, term) || implies(own, term))
            };
            // A clause without a subject has that of the one before.
            let before =
                at.checked_sub(1).filter(|_| statement.text.goes_on(clause)).and_then(|before| clauses.get(before));
            let weigh_term = |term: &String| {
                let weight = match class_of(term) {
                    _ if decisive.contains(&term) => 20,
                    Some(Class::Trigger) => 5,
                    _ if is_key(term) => 4,
                    _ => 6,
                };
                if in_range(&clause.tokens, term) {
                    weight
                } else if before.is_some_and(|before| in_range(&before.tokens, term)) {
                    weight - 1
                } else {
                    0
                }
            };
            let held: usize = self.keys.iter().chain(&self.words).map(weigh_term).sum();
            let here = || statement.text.found.iter().filter(|found| clause.tokens.contains(&found.tokens.start));
            let values = self.values.iter().filter(|value| here().any(|found| value.is_stated_by(found))).count();
            held + 2 * values
        };
        let weights: Vec<(usize, &Clause)> =
            clauses.iter().enumerate().map(|(at, clause)| (weigh(at, clause), clause)).collect();
        let most = weights.iter().map(|(weight, _)| *weight).max().unwrap_or(0);
        let agrees = if most > 0 {
            let mut best = weights.iter().filter(|(weight, _)| *weight == most);
            best.all(|(_, clause)| statement.is_denied_at(clause.tokens.start) == self.denied)
        } else {
            // Only what stands above names it.
            let above: Vec<bool> = keys.iter().flat_map(|key| denials_above(statement, key)).collect();
            let whole =
                statement.completes_denial || statement.text.clauses.first().is_some_and(|clause| clause.negated);
            if above.is_empty() { whole == self.denied } else { above.iter().all(|denied| *denied == self.denied) }
        };
        agrees && self.conditions_agree(statement)
    }

    /// "When you order" is not what "not when you order" says.
    fn conditions_agree(&self, statement: &Statement) -> bool {
        self.conditions.iter().all(|(term, denied)| {
            let mut own = statement.text.terms.iter().filter(|own| same_term(&own.name, term)).peekable();
            let alike = |at: usize| statement.text.clause_of(at).is_some_and(|clause| clause.negated) == *denied;
            own.peek().is_none() || own.any(|own| alike(own.at))
        })
    }
}

/// Whether what stands above the statement denies the term, for each place that states it.
fn denials_above(statement: &Statement, term: &str) -> Vec<bool> {
    let contexts = statement.contexts.iter().filter(|context| context.terms.iter().any(|name| same_term(name, term)));
    contexts
        .filter_map(|context| match context.bearing {
            Bearing::States { denied } => Some(denied),
            Bearing::Topic | Bearing::Asks => None,
        })
        .collect()
}

/// The term stands only in a question that nobody answered.
fn is_only_asked(statement: &Statement, term: &str) -> bool {
    let in_text = statement.text.names().any(|own| same_term(own, term) || implies(own, term));
    let mut contexts =
        statement.contexts.iter().filter(|context| context.terms.iter().any(|name| same_term(name, term))).peekable();
    let in_names = statement.names.iter().any(|name| same_term(name, term));
    !in_text && !in_names && contexts.peek().is_some() && contexts.all(|context| context.bearing == Bearing::Asks)
}
