//! What shops speak of, in English and German: words that mean the same have the same concept, whatever their form, so
//! that an answer may paraphrase a page or translate it.

mod fillers;
mod phrases;
mod places;
mod shop;
mod things;

use std::collections::HashMap;
use std::sync::LazyLock;

use super::word_list::Phrases;

pub(super) use fillers::{is_english_filler, is_filler};
use places::is_in_eu;

/// What a concept does in a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Speaking of it states a rule of the shop: shipping, returns, "free".
    Trigger,
    /// A way to pay. Speaking of it states a rule, and it stands for no other.
    Method,
    /// A place; it stands for no other.
    Place,
    /// Narrows what is spoken of: what is so for express delivery is not so for delivery.
    Qualifier,
    /// Has to be there in what supports a rule that names it.
    Key,
    /// That something has a price: every amount implies it.
    Price,
    /// Means the same as other words.
    Plain,
    /// The same, of a thing: what is so for the one is not said of another.
    Thing,
}

/// A meaning. Its name begins with `#`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Concept {
    pub name: &'static str,
    pub class: Class,
}

/// A concept and the words for it, with spaces between: `ship*` is every word that begins so, the others are whole words.
/// Phrases have bars between them.
type Entry = (&'static str, Class, &'static str);

struct Index {
    whole: HashMap<&'static str, Concept>,
    /// By the first three letters; longer ones first.
    beginnings: HashMap<String, Vec<(&'static str, Concept)>>,
    phrases: Phrases<Concept>,
    classes: HashMap<&'static str, Class>,
}

static INDEX: LazyLock<Index> = LazyLock::new(|| {
    let entries = || shop::ENTRIES.iter().chain(places::ENTRIES).chain(things::ENTRIES);
    let of_phrases = phrases::ENTRIES.iter().map(|(name, class, list)| (*list, Concept { name, class: *class }));
    let mut index = Index {
        whole: HashMap::new(),
        beginnings: HashMap::new(),
        phrases: Phrases::new(of_phrases),
        classes: phrases::ENTRIES.iter().map(|(name, class, _)| (*name, *class)).collect(),
    };
    for (name, class, words) in entries() {
        let concept = Concept { name, class: *class };
        index.classes.insert(name, *class);
        for word in words.split_whitespace() {
            match word.strip_suffix('*') {
                Some(beginning) => {
                    index.beginnings.entry(first_letters(beginning)).or_default().push((beginning, concept));
                }
                None => drop(index.whole.insert(word, concept)),
            }
        }
    }
    for beginnings in index.beginnings.values_mut() {
        beginnings.sort_by_key(|(beginning, _)| std::cmp::Reverse(beginning.len()));
    }
    index
});

fn first_letters(word: &str) -> String {
    word.chars().take(3).collect()
}

/// The concepts of one lower-case word; several for a German compound: "Versandkosten".
pub(super) fn concepts(word: &str) -> Vec<Concept> {
    /// A word is not taken apart below this many letters.
    const COMPOUND: usize = 9;
    // "Deutschlands", "Norwegens".
    let genitive = || word.strip_suffix('s').and_then(|word| INDEX.whole.get(word));
    if let Some(concept) = INDEX.whole.get(word).or_else(genitive) {
        return vec![*concept];
    }
    let beginnings = INDEX.beginnings.get(&first_letters(word));
    let beginning = beginnings.and_then(|list| list.iter().find(|(beginning, _)| word.starts_with(beginning)));
    let mut found: Vec<Concept> = beginning.map(|(_, concept)| *concept).into_iter().collect();
    if word.chars().count() >= COMPOUND {
        for (root, name) in shop::ROOTS {
            let class = INDEX.classes.get(name).copied().unwrap_or(Class::Plain);
            // What is "kostenlos" has no "Kosten".
            let is_known =
                found.iter().any(|concept| concept.name == *name || concept.name == "#free" && class == Class::Price);
            if word.contains(root) && !is_known {
                found.push(Concept { name, class });
            }
        }
    }
    found
}

/// The phrase with which the words begin: its concept and how many words it has. `words` gives the word at a distance.
pub(super) fn phrase<'a>(words: impl Fn(usize) -> Option<&'a str>) -> Option<(Concept, usize)> {
    INDEX.phrases.longest(words)
}

/// What a term of this name does; `None` for one that is no concept.
pub(super) fn class_of(term: &str) -> Option<Class> {
    if term.starts_with('#') { INDEX.classes.get(term).copied() } else { None }
}

/// What is so for the one is so for the other: for France what is so for the European Union.
pub(super) fn implies(stated: &str, claimed: &str) -> bool {
    match claimed {
        "#m:card" => matches!(stated, "#m:visa" | "#m:mastercard" | "#m:amex" | "#m:maestro"),
        "#m:invoice" => stated == "#invoice",
        "#included" => stated == "#includes",
        _ => stated == "#eu" && is_in_eu(claimed) || stated == "#world" && class_of(claimed) == Some(Class::Place),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(word: &str) -> Vec<&'static str> {
        concepts(word).into_iter().map(|concept| concept.name).collect()
    }

    #[test]
    fn words_of_both_languages_share_a_concept() {
        for (one, other) in [
            ("shipping", "versand"),
            ("deliver", "liefern"),
            ("returns", "rückgabe"),
            ("warranty", "garantie"),
            ("free", "kostenlos"),
            ("austria", "österreich"),
            ("price", "preis"),
        ] {
            assert_eq!(names(one), names(other), "{one} {other}");
            assert!(!names(one).is_empty(), "{one}");
        }
    }

    #[test]
    fn compounds_have_several() {
        assert_eq!(names("versandkosten"), ["#ship", "#price"]);
        assert_eq!(names("versandkostenfrei"), ["#ship", "#free"]);
        assert_eq!(names("customers"), ["#customer"]);
    }

    #[test]
    fn phrases_are_found_whole() {
        let words = ["free", "of", "charge", "now"];
        let (concept, length) = phrase(|at| words.get(at).copied()).unwrap();
        assert_eq!((concept.name, length), ("#free", 3));
    }
}
