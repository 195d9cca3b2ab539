//! How the site's languages read a question.
//!
//! Its language is told by its stop words: the configuration that drops the most of them is the one it is written in.
//! That needs no model, and works for texts of four words, which is what customers write.

use std::collections::BTreeSet;

use super::queries::Lexeme;

/// Does not know any stop words.
const SIMPLE: &str = "simple";

/// The configuration of the question's language, if one drops clearly more of its words than every other; none where
/// there is no choice or no telling.
pub(super) fn of_question<'a>(configurations: &[&'a str], lexemes: &[Lexeme]) -> Option<&'a str> {
    let mut kept: Vec<(usize, &str)> = configurations
        .iter()
        .filter(|configuration| **configuration != SIMPLE)
        .map(|configuration| {
            let own = lexemes.iter().filter(|lexeme| lexeme.configuration == *configuration);
            (own.map(|lexeme| lexeme.places.len()).sum(), *configuration)
        })
        .collect();
    kept.sort_by_key(|(words, _)| *words);
    match kept.as_slice() {
        [(fewest, configuration), (next, _), ..] if fewest < next => Some(configuration),
        _ => None,
    }
}

/// The question's words in the order of the text, each with the forms in which the site's passages hold it: `boots` is
/// `boot` on an English page and `boots` on one of unknown language. Those pages know no stop words, so what every
/// other configuration drops is dropped for them, too; else the rarest words would be "how" and "do".
pub(super) fn words(of_question: Option<&str>, lexemes: &[Lexeme]) -> Vec<Vec<String>> {
    let reads = |lexeme: &Lexeme| of_question.is_none_or(|own| lexeme.configuration == own);
    let tells = |lexeme: &&Lexeme| lexeme.configuration != SIMPLE && reads(lexeme);
    let knows_stop_words = lexemes.iter().any(|lexeme| lexeme.configuration != SIMPLE);
    let places: BTreeSet<i16> = lexemes
        .iter()
        .filter(|lexeme| !knows_stop_words || tells(lexeme))
        .flat_map(|lexeme| lexeme.places.iter().copied())
        .collect();
    let mut words: Vec<Vec<String>> = Vec::new();
    for place in places {
        let at_place = lexemes.iter().filter(|lexeme| lexeme.places.contains(&place));
        let mut forms: Vec<String> =
            at_place.filter(|l| l.configuration == SIMPLE || reads(l)).map(|l| l.lexeme.clone()).collect();
        forms.sort_unstable();
        forms.dedup();
        if !words.contains(&forms) {
            words.push(forms);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lexemes with their places, from 1.
    fn kept(configuration: &str, words: &[(&str, i16)]) -> Vec<Lexeme> {
        let lexeme = |&(word, place): &(&str, i16)| Lexeme {
            configuration: configuration.into(),
            lexeme: word.into(),
            places: vec![place],
        };
        words.iter().map(lexeme).collect()
    }

    #[test]
    fn the_language_with_the_most_stop_words_wins() {
        let german = kept("german", &[("lang", 2), ("dauert", 3), ("versand", 5)]);
        let english = kept("english", &[("wie", 1), ("lang", 2), ("dauert", 3), ("der", 4)]);
        assert_eq!(of_question(&["english", "german", "simple"], &[german, english].concat()), Some("german"));
    }

    #[test]
    fn without_a_difference_or_a_choice_it_is_not_told() {
        let lexemes = [kept("german", &[("versand", 1)]), kept("english", &[("versand", 1)])].concat();
        assert_eq!(of_question(&["english", "german"], &lexemes), None);
        let german = kept("german", &[("versand", 1)]);
        assert_eq!(of_question(&["german"], &german), None);
        assert_eq!(of_question(&["german", "simple"], &german), None);
    }

    #[test]
    fn a_word_is_one_word_in_all_its_forms_and_a_stop_word_is_one_everywhere() {
        let english = kept("english", &[("wash", 4), ("boot", 5)]);
        let simple = kept("simple", &[("how", 1), ("do", 2), ("i", 3), ("wash", 4), ("boots", 5)]);
        let both = [english, simple.clone()].concat();
        assert_eq!(words(None, &both), [vec!["wash".to_owned()], vec!["boot".to_owned(), "boots".to_owned()]]);
        assert_eq!(words(None, &simple).len(), 5, "nothing else is known");
    }

    #[test]
    fn only_the_question_s_language_reads_it() {
        let german = kept("german", &[("versand", 2)]);
        let english = kept("english", &[("der", 1), ("versand", 2)]);
        assert_eq!(words(Some("german"), &[german, english].concat()), [vec!["versand".to_owned()]]);
    }
}
