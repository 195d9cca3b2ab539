//! Whether the evidence states a rule of the shop as the sentence does: with the same words or their like, and neither
//! denying what the other affirms.

use super::EvidenceRef;
use super::anchor::is_the_row;
use super::evidence::Evidence;
use super::frames::{self, Role};
use super::lexicon::{Class, class_of, concepts, is_in_eu};
use super::reading::{Clause, Text, is_finite, same_term};
use super::statement::{Bearing, Statement};
use super::values::{Bound, Found, Value};

/// The share of a rule's ordinary words that its support has to hold.
const COVERED: f32 = 0.5;

/// A rule that a clause states.
#[derive(Debug)]
pub(super) struct Rule<'a> {
    pub clause: &'a Clause,
    /// Terms that the support must hold.
    keys: Vec<String>,
    /// Terms of which it must hold half.
    words: Vec<String>,
    /// Names in it; those that occur in the evidence must be in its support.
    names: Vec<&'a str>,
    denied: bool,
    /// It gives a bound or says that there is one: "free from €75", "may be free".
    is_bounded: bool,
    days: Vec<&'a Found>,
    /// All values of the clause.
    values: Vec<&'a Found>,
    /// All terms of the sentence.
    sentence: Vec<&'a str>,
    /// What is said of when it is so: the terms, and whether they are denied.
    conditions: Vec<(&'a str, bool)>,
}

/// The rules that the sentence states. `is_asked`: it is the customer's question, which the answer affirms or denies.
pub(super) fn rules<'a>(sentence: &'a Text, evidence: &Evidence, is_asked: bool) -> Vec<Rule<'a>> {
    let mut rules: Vec<Rule<'a>> = Vec::new();
    let mut before: Vec<String> = Vec::new();
    for clause in &sentence.clauses {
        let words = sentence.words_in(&clause.tokens);
        let terms: Vec<&str> = sentence.terms_in(&clause.tokens).collect();
        let is_talk = !is_asked && frames::role(&words) != Role::States;
        if clause.conditional || is_talk || !states_a_rule(sentence, clause, &words, &terms) {
            before.extend(terms.iter().filter(|term| is_key(term)).map(|term| (*term).to_owned()));
            continue;
        }
        let mut rule = Rule::of(sentence, clause, &terms);
        rule.complete(sentence, &words, &before, evidence);
        before.extend(rule.keys.iter().cloned());
        rules.push(rule);
    }
    rules
}

/// Whether a clause says something of the shop's rules.
fn states_a_rule(sentence: &Text, clause: &Clause, words: &[&str], terms: &[&str]) -> bool {
    let is_trigger = |term: &&str| matches!(class_of(term), Some(Class::Trigger | Class::Method));
    let triggers: Vec<&str> = terms.iter().filter(|term| is_trigger(term)).copied().collect();
    let has_verb = words.iter().any(|word| is_finite(word));
    let has_value = sentence.found.iter().any(|found| clause.tokens.contains(&found.tokens.start));
    if triggers.is_empty() {
        return has_modal(words) && terms.iter().any(|term| is_word(term) || is_key(term));
    }
    let is_rule_word =
        |word: &str| concepts(word).iter().any(|concept| matches!(concept.class, Class::Trigger | Class::Method));
    if frames::is_named_only(words, is_rule_word) && !triggers.contains(&"#free") {
        return false;
    }
    // "Shipping costs:" heads what follows.
    let is_label = !has_verb && !has_value && !clause.negated && !triggers.contains(&"#free") && words.len() <= 6;
    let ends = sentence.tokens.get(clause.tokens.end - 1).is_some_and(|token| token.is(":"));
    !(is_label && (ends || triggers.len() == terms.len())
        || ends && !has_value && !triggers.contains(&"#free") && !clause.negated)
}

/// "You can …", "customers must …", "we offer …".
fn has_modal(words: &[&str]) -> bool {
    const WHO: &[&str] = &[
        "you",
        "customers",
        "customer",
        "one",
        "everyone",
        "man",
        "sie",
        "du",
        "ihr",
        "kunden",
        "it",
        "they",
        "we",
        "wir",
    ];
    const MAY: &[&str] = &[
        "can",
        "may",
        "must",
        "cannot",
        "can't",
        "need",
        "should",
        "have",
        "kann",
        "können",
        "kannst",
        "darf",
        "dürfen",
        "darfst",
        "muss",
        "müssen",
        "musst",
        "shouldn't",
    ];
    const OFFERING: &[&str] = &["offer", "offers", "accept", "guarantee", "bieten", "akzeptieren"];
    let pair = words.windows(2).any(|pair| matches!(pair, [who, may] if WHO.contains(who) && MAY.contains(may) || MAY.contains(who) && matches!(*may, "sie" | "du" | "man" | "ihr")));
    let is_have = words.windows(2).any(|pair| matches!(pair, [_, "have"]))
        && !words.windows(2).any(|pair| matches!(pair, ["have", "to"]));
    // "It can be washed", "kann gewaschen werden".
    let passive = words.windows(2).any(|pair| matches!(pair, [may, "be"] if MAY.contains(may)))
        || words.last() == Some(&"werden") && words.iter().any(|word| MAY.contains(word));
    pair && !is_have
        || passive
        || words.windows(2).any(|pair| matches!(pair, ["we" | "wir", verb] if OFFERING.contains(verb)))
        || words.windows(3).any(|triple| matches!(triple, ["we", "don't" | "do", verb] if OFFERING.contains(verb)))
}

/// Terms that stand for no other, and that support must hold.
fn is_key(term: &str) -> bool {
    matches!(class_of(term), Some(Class::Trigger | Class::Method | Class::Place | Class::Qualifier | Class::Key))
}

/// Ordinary words. What every rule of a shop may speak of is none.
fn is_word(term: &str) -> bool {
    const GENERAL: &[&str] = &[
        "#item",
        "#order",
        "#customer",
        "#parcel",
        "#pay",
        "#arrive",
        "#send",
        "#duration",
        "#shop",
        "#page",
        "#receive",
        "#new",
        "#total",
        "#accept",
        "#method",
        "#contact",
        "#elsewhere",
        "#at-ease",
        "#person",
        "#placed",
        "#carrier",
        "#tracking",
    ];
    !is_key(term)
        && class_of(term) != Some(Class::Price)
        && !GENERAL.contains(&term)
        && !term.bytes().all(|byte| byte.is_ascii_digit())
}

impl<'a> Rule<'a> {
    fn of(sentence: &'a Text, clause: &'a Clause, terms: &[&str]) -> Self {
        let of_kind = |wanted: fn(&str) -> bool| {
            let mut found: Vec<String> = Vec::new();
            for term in terms.iter().filter(|term| wanted(term)) {
                if !found.iter().any(|known| known == term) {
                    found.push((*term).to_owned());
                }
            }
            found
        };
        const HEDGES: &[&str] = &[
            "some",
            "certain",
            "may",
            "might",
            "sometimes",
            "selected",
            "minimum",
            "threshold",
            "bestimmte",
            "manche",
            "teilweise",
            "mindestbestellwert",
            "from",
            "ab",
            "depending",
        ];
        let in_sentence = 0..sentence.tokens.len();
        let hedged = sentence.words_in(&in_sentence).iter().any(|word| HEDGES.contains(word));
        let has_amount = sentence.found.iter().any(|found| matches!(found.value, Value::Money { .. }));
        let in_clause = || sentence.found.iter().filter(|found| clause.tokens.contains(&found.tokens.start));
        let is_day = |found: &&Found| matches!(found.value, Value::Weekdays(_));
        Self {
            clause,
            keys: of_kind(is_key),
            words: of_kind(is_word),
            names: sentence
                .terms
                .iter()
                .filter(|term| term.is_name && clause.tokens.contains(&term.at))
                .map(|term| term.name.as_str())
                .collect(),
            denied: clause.negated,
            is_bounded: hedged || has_amount,
            days: in_clause().filter(is_day).collect(),
            values: in_clause().collect(),
            sentence: sentence.names().collect(),
            conditions: sentence
                .clauses
                .iter()
                .filter(|clause| clause.conditional)
                .flat_map(|clause| sentence.terms_in(&clause.tokens).map(|term| (term, clause.negated)))
                .collect(),
        }
    }

    /// What the clause leaves to what was said before: "they are free as well", "we ship there too", "yes, you can
    /// return it".
    fn complete(&mut self, sentence: &Text, words: &[&str], before: &[String], evidence: &Evidence) {
        let outside = || evidence.said.names().chain(evidence.question.names());
        let mut more: Vec<String> = Vec::new();
        let points = words.iter().take(3).any(|word| {
            matches!(
                *word,
                "it" | "it's"
                    | "they"
                    | "they're"
                    | "this"
                    | "that"
                    | "these"
                    | "that's"
                    | "es"
                    | "sie"
                    | "das"
                    | "diese"
                    | "dies"
            )
        });
        let is_only_free = self.keys.iter().all(|key| key == "#free");
        if points && is_only_free && !before.is_empty() {
            more.extend(before.iter().cloned());
        } else if points && is_only_free {
            more.extend(outside().filter(|term| is_key(term)).map(str::to_owned));
        }
        if words.iter().any(|word| matches!(*word, "there" | "dorthin" | "dahin" | "dort"))
            && !words.iter().any(|word| matches!(*word, "is" | "are"))
        {
            more.extend(outside().filter(|term| class_of(term) == Some(Class::Place)).map(str::to_owned));
        }
        let all = sentence.words_in(&(0..sentence.tokens.len()));
        let answers = all
            .first()
            .is_some_and(|word| matches!(*word, "yes" | "no" | "ja" | "nein" | "certainly" | "absolutely" | "sure"));
        if answers {
            let conditions = |term: &&str| matches!(class_of(term), Some(Class::Key | Class::Place | Class::Method));
            more.extend(evidence.question.names().filter(conditions).map(str::to_owned));
        }
        for term in more {
            if !self.keys.contains(&term) {
                self.keys.push(term);
            }
        }
    }

    /// What supports the rule, if anything does.
    pub fn support(&self, evidence: &Evidence) -> Option<EvidenceRef> {
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
        let stated = |value: &&&Found| statement.text.found.iter().any(|found| value.is_stated_by(found));
        let values = self.values.iter().filter(stated).count();
        let covered = self.words.iter().filter(|word| holds(&own, word) || around(word)).count();
        if ((covered + values) as f32) < COVERED * (self.words.len() + values) as f32 {
            return None;
        }
        let is_known = |name: &str| evidence.parts.iter().any(|part| part.terms.contains(name));
        if !self.names.iter().all(|name| holds(&own, name) || around(name) || !is_known(name)) {
            return None;
        }
        if !is_the_row(statement, self.keys.iter().chain(&self.words).map(String::as_str), evidence) {
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
        let asked = statement.contexts.last().map(|context| context.terms.iter().map(String::as_str));
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
        let bounded = statement.text.found.iter().any(|found| {
            matches!(found.value, Value::Money { .. })
                && (found.bound == Bound::AtLeast
                    || clauses.iter().any(|clause| clause.tokens.contains(&found.tokens.start)))
        });
        let places = |term: &&&str| class_of(term) == Some(Class::Place);
        let is_member = |place: &str| {
            place == "#eu" && evidence.question.names().chain(self.keys.iter().map(String::as_str)).any(is_in_eu)
        };
        let elsewhere = statement.text.names().collect::<Vec<_>>();
        let narrowed = elsewhere.iter().filter(places).any(|place| !mentions(place) && !is_member(place));
        bounded && !self.is_bounded || narrowed && !statement.is_row
    }

    fn mentions(&self, term: &str, evidence: &Evidence) -> bool {
        let mut own = self.keys.iter().chain(&self.words).map(String::as_str).chain(self.sentence.iter().copied());
        own.any(|own| same_term(own, term)) || evidence.was_mentioned(term)
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
        const VERBS: &[&str] = &[
            "#return",
            "#refund",
            "#ship",
            "#exchange",
            "#cancel",
            "#warranty",
            "#cover",
            "#free",
            "#repair",
            "#replace",
            "#withdraw",
            "#open",
            "#charged",
            "#fee",
            "#discount",
        ];
        let clauses = self.clauses_of(statement);
        let mut subjects = clauses
            .iter()
            .flat_map(|clause| statement.text.terms_in(&clause.tokens))
            .filter(|term| (is_key(term) || is_word(term)) && !VERBS.contains(term))
            .peekable();
        !self.days.is_empty() || subjects.peek().is_none() || subjects.any(|term| self.mentions(term, evidence))
    }

    /// Whether both affirm or both deny.
    fn agrees(&self, statement: &Statement) -> bool {
        // Places and ways to pay decide: "to Sweden, not to Norway".
        let decides =
            |key: &&String| matches!(class_of(key), Some(Class::Place | Class::Method)) || key.as_str() == "#free";
        let decisive: Vec<&String> = self.keys.iter().filter(decides).collect();
        let keys: Vec<&String> = if decisive.is_empty() { self.keys.iter().collect() } else { decisive.clone() };
        if keys.iter().any(|key| is_only_asked(statement, key)) {
            return false;
        }
        // The clause that holds most of it speaks for the statement.
        let clauses = &statement.text.clauses;
        let weigh = |at: usize, clause: &Clause| {
            let begin = if statement.text.goes_on(clause) { at.saturating_sub(1) } else { at };
            let begin = clauses.get(begin).map_or(clause.tokens.start, |before| before.tokens.start);
            let range = begin..clause.tokens.end;
            let holds =
                |term: &String| statement.text.terms_in(&range).any(|own| same_term(own, term) || implies(own, term));
            let decided = decisive.iter().filter(|key| holds(key)).count();
            let held = self.keys.iter().chain(&self.words).filter(|term| holds(term)).count();
            let here = || statement.text.found.iter().filter(|found| range.contains(&found.tokens.start));
            let values = self.values.iter().filter(|value| here().any(|found| value.is_stated_by(found))).count();
            8 * decided + 2 * held + values
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

/// "Yes." below a question states it.
fn answers_a_question(statement: &Statement) -> bool {
    statement.contexts.last().is_some_and(|context| matches!(context.bearing, Bearing::States { .. }))
        && statement
            .text
            .words_in(&(0..statement.text.tokens.len()))
            .first()
            .is_some_and(|word| matches!(*word, "yes" | "no" | "ja" | "nein" | "unfortunately" | "leider"))
}

/// What is so for the one is so for the other.
fn implies(stated: &str, claimed: &str) -> bool {
    match claimed {
        "#m:card" => matches!(stated, "#m:visa" | "#m:mastercard" | "#m:amex" | "#m:maestro"),
        _ => stated == "#eu" && is_in_eu(claimed) || stated == "#world" && class_of(claimed) == Some(Class::Place),
    }
}

#[cfg(test)]
pub(super) fn explain(sentence: &Text, evidence: &Evidence) {
    for rule in rules(sentence, evidence, false) {
        println!("  RULE keys {:?} words {:?} denied {}", rule.keys, rule.words, rule.denied);
        for statement in &evidence.statements {
            let text = statement.text.tokens.iter().map(|t| t.text.as_str()).collect::<Vec<_>>().join(" ");
            let fit = rule.fit(statement, evidence);
            println!(
                "    {:?} | {text} | {:?} | contexts {:?} completes {}",
                fit.map(|f| (f.agrees, f.covered, f.extra)),
                statement
                    .text
                    .terms
                    .iter()
                    .map(|t| (t.name.as_str(), statement.is_denied_at(t.at)))
                    .collect::<Vec<_>>(),
                statement.contexts,
                statement.completes_denial
            );
        }
    }
}
