//! Whether the evidence states a rule of the shop as the sentence does: with the same words or their like, and neither
//! denying what the other affirms.

mod agreement;
mod support;

use std::collections::HashSet;
use std::sync::LazyLock;

use super::evidence::Evidence;
use super::frames::{self, Role};
use super::lexicon::{Class, class_of, concepts};
use super::reading::{Clause, Text, is_finite};
use super::values::{Found, Value};
use super::word_list::set;

/// A rule that a clause states.
#[derive(Clone, Debug)]
pub(in crate::agent::claims) struct Rule<'a> {
    pub clause: &'a Clause,
    /// Terms that the support must hold.
    pub(super) keys: Vec<String>,
    /// Terms of which it must hold half.
    pub(super) words: Vec<String>,
    /// Small numbers in it, of things.
    pub(super) counts: Vec<&'a str>,
    /// Names in it; those that occur in the evidence must be in its support.
    pub(super) names: Vec<&'a str>,
    pub(super) denied: bool,
    /// It gives a bound or says that there is one: "free from €75", "may be free".
    pub(super) is_bounded: bool,
    pub(super) days: Vec<&'a Found>,
    /// All values of the clause.
    pub(super) values: Vec<&'a Found>,
    /// All terms of the sentence, and its words.
    pub(super) sentence: Vec<&'a str>,
    pub(super) said: Vec<&'a str>,
    /// What is said of when it is so: the terms, and whether they are denied.
    pub(super) conditions: Vec<(&'a str, bool)>,
    pub(super) has_condition: bool,
    /// "You won't have to pay": what is spoken of was said before, or else nothing is.
    pub(super) topics: Option<Vec<String>>,
}

/// The rules that the sentence states. `is_asked`: it is the customer's question, which the answer affirms or denies.
pub(in crate::agent::claims) fn rules<'a>(sentence: &'a Text, evidence: &Evidence, is_asked: bool) -> Vec<Rule<'a>> {
    let mut rules: Vec<Rule<'a>> = Vec::new();
    let mut before: Vec<String> = Vec::new();
    for clause in &sentence.clauses {
        let words = sentence.words_in(&clause.tokens);
        // Where an order stands is no rule.
        let terms =
            sentence.terms.iter().filter(|term| clause.tokens.contains(&term.at) && !sentence.is_of_a_state(term.at));
        let terms: Vec<&str> = terms.map(|term| term.name.as_str()).collect();
        let is_talk = !is_asked && frames::role(&words) != Role::States;
        if clause.conditional || is_talk || !states_a_rule(sentence, clause, &words, &terms) {
            before.extend(terms.iter().filter(|term| is_key(term)).map(|term| (*term).to_owned()));
            continue;
        }
        let mut rule = Rule::of(sentence, clause, &terms);
        rule.complete(sentence, &words, &before, evidence);
        before.extend(rule.keys.iter().cloned());
        rules.extend(rule.of_each(sentence));
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
        // "Express is available in Germany."
        let is_available = words.iter().any(|word| AVAILABLE.contains(word))
            && terms.iter().any(|term| class_of(term) == Some(Class::Qualifier));
        return is_available || has_modal(words) && terms.iter().any(|term| is_word(term) || is_key(term));
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
    const OFFERING: &[&str] = &["offer", "offers", "accept", "guarantee", "bieten", "akzeptieren"];
    let is_pair = |pair: &[&str]| match pair {
        [who, may] => {
            WHO.contains(who) && MAY.contains(may) || MAY.contains(who) && matches!(*may, "sie" | "du" | "man" | "ihr")
        }
        _ => false,
    };
    let pair = words.windows(2).any(is_pair);
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

static AVAILABLE: LazyLock<HashSet<&str>> =
    LazyLock::new(|| set("available offered possible verfügbar erhältlich möglich angeboten"));
static WHO: LazyLock<HashSet<&str>> =
    LazyLock::new(|| set("you customers customer one everyone man sie du ihr kunden it they we wir"));
static MAY: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(
        "brauchen brauchst braucht benötigen benötigst can may must cannot can't need should have kann können kannst darf dürfen darfst muss müssen musst shouldn't",
    )
});

/// Terms that stand for no other, and that support must hold.
pub(super) fn is_key(term: &str) -> bool {
    matches!(class_of(term), Some(Class::Trigger | Class::Method | Class::Place | Class::Qualifier | Class::Key))
}

/// Ordinary words. What every rule of a shop may speak of is none.
pub(super) fn is_word(term: &str) -> bool {
    !is_key(term)
        && class_of(term) != Some(Class::Price)
        && !GENERAL.contains(term)
        && !term.bytes().all(|byte| byte.is_ascii_digit())
}

static GENERAL: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(
        "#minor #item #order #customer #parcel #pay #arrive #send #duration #shop #page #receive #new #total #accept #method #contact \
         #elsewhere #at-ease #person #placed #carrier #tracking",
    )
});

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
                .filter(|term| {
                    term.is_name
                        && clause.tokens.contains(&term.at)
                        && !term.name.bytes().all(|byte| byte.is_ascii_digit())
                })
                .map(|term| term.name.as_str())
                .collect(),
            counts: sentence
                .terms_in(&clause.tokens)
                .filter(|term| term.bytes().all(|byte| byte.is_ascii_digit()))
                .collect(),
            denied: clause.negated,
            is_bounded: hedged || has_amount,
            days: in_clause().filter(is_day).collect(),
            values: in_clause().collect(),
            sentence: sentence.names().collect(),
            said: sentence.words_in(&(0..sentence.tokens.len())),
            has_condition: sentence.clauses.iter().any(|clause| clause.conditional),
            conditions: sentence
                .clauses
                .iter()
                .filter(|clause| clause.conditional)
                .flat_map(|clause| sentence.terms_in(&clause.tokens).map(|term| (term, clause.negated)))
                .collect(),
            topics: None,
        }
    }

    /// What the clause leaves to what was said before: "they are free as well", "we ship there too", "yes, you can
    /// return it".
    fn complete(&mut self, sentence: &Text, words: &[&str], before: &[String], evidence: &Evidence) {
        let outside = || evidence.said.names().chain(evidence.question.names());
        let mut more: Vec<String> = Vec::new();
        let points = words.iter().take(3).any(|word| POINTING.contains(word));
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
        let says_of_what = !self.words.is_empty() || !self.names.is_empty() || !self.values.is_empty() || !is_only_free;
        if !says_of_what {
            let spoken_of = outside().filter(|term| is_key(term) || is_word(term)).map(str::to_owned);
            self.topics = Some(before.iter().cloned().chain(spoken_of).collect());
        }
        for term in more {
            if !self.keys.contains(&term) {
                self.keys.push(term);
            }
        }
    }

    /// The rule for each of the places that it lists, and each of the ways to pay: what is so for the one need not be so
    /// for the other.
    fn of_each(self, sentence: &'a Text) -> Vec<Self> {
        let mut rules = vec![self];
        for class in [Class::Place, Class::Method] {
            let of_class = |rule: Self| {
                let listed = sentence.listed(&rule.clause.tokens, class);
                rule.of_each_of(&listed)
            };
            rules = rules.into_iter().flat_map(of_class).collect();
        }
        rules
    }

    fn of_each_of(self, listed: &[&str]) -> Vec<Self> {
        if listed.is_empty() {
            return vec![self];
        }
        let is_other = |key: &str, one: &str| key != one && listed.contains(&key);
        let of_one = |one: &&str| Self {
            keys: self.keys.iter().filter(|key| !is_other(key, one)).cloned().collect(),
            ..self.clone()
        };
        listed.iter().map(of_one).collect()
    }
}

static HEDGES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    set(
        "some certain may might sometimes selected minimum threshold bestimmte manche teilweise mindestbestellwert from ab depending",
    )
});
static POINTING: LazyLock<HashSet<&str>> =
    LazyLock::new(|| set("it it's they they're this that these that's es sie das diese dies"));
