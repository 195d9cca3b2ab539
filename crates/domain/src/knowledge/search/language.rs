//! The language of a question, told by its stop words: the configuration that drops the most of them is the one it is
//! written in. Needs no model, and works for texts of four words, which is what customers write.

use super::queries::Lexeme;

/// Does not know any stop words.
const SIMPLE: &str = "simple";

/// The configuration of the question's language, if one drops clearly more of its words than every other; none where
/// there is no choice or no telling.
pub(super) fn of_question<'a>(configurations: &[&'a str], lexemes: &[Lexeme]) -> Option<&'a str> {
    let mut kept: Vec<(i32, &str)> = configurations
        .iter()
        .filter(|configuration| **configuration != SIMPLE)
        .map(|configuration| {
            let own = lexemes.iter().filter(|lexeme| lexeme.configuration == *configuration);
            (own.map(|lexeme| lexeme.count).sum(), *configuration)
        })
        .collect();
    kept.sort_by_key(|(words, _)| *words);
    match kept.as_slice() {
        [(fewest, configuration), (next, _), ..] if fewest < next => Some(configuration),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(configuration: &str, words: &[&str]) -> Vec<Lexeme> {
        let lexeme = |word: &&str| Lexeme { configuration: configuration.into(), lexeme: (*word).into(), count: 1 };
        words.iter().map(lexeme).collect()
    }

    #[test]
    fn the_language_with_the_most_stop_words_wins() {
        let lexemes =
            [kept("german", &["lang", "dauert", "versand"]), kept("english", &["wie", "lang", "dauert", "der"])];
        assert_eq!(of_question(&["english", "german", "simple"], &lexemes.concat()), Some("german"));
    }

    #[test]
    fn without_a_difference_or_a_choice_it_is_not_told() {
        let lexemes = [kept("german", &["versand"]), kept("english", &["versand"])].concat();
        assert_eq!(of_question(&["english", "german"], &lexemes), None);
        assert_eq!(of_question(&["german"], &kept("german", &["versand"])), None);
        assert_eq!(of_question(&["german", "simple"], &kept("german", &["versand"])), None);
    }
}
