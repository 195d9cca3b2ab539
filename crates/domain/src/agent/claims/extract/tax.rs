//! Whether an amount is one to which a tax is added.

use std::ops::Range;

use super::super::text::{Kind, Token};

/// Tokens on either side that may say so.
const REACH: usize = 6;

/// Whether the words beside an amount say that tax comes on top of it: "€293.28 excl. VAT", "net price: €293.28",
/// "zzgl. MwSt.".
pub(super) fn is_net(tokens: &[Token], amount: &Range<usize>) -> bool {
    let goes_on = |at: &usize| !ends_phrase(tokens, *at);
    let behind = (amount.end..tokens.len()).take(REACH).take_while(goes_on).collect::<Vec<_>>();
    let mut before = (0..amount.start).rev().take(REACH).take_while(goes_on).collect::<Vec<_>>();
    before.reverse();
    [behind, before].iter().any(|phrase| says_so(phrase.iter().filter_map(|at| tokens.get(*at)).collect()))
}

/// What is beyond belongs to another amount or says another thing. A rate does not end it: "plus 19 % VAT".
fn ends_phrase(tokens: &[Token], at: usize) -> bool {
    const JOINING: &[&str] = &["and", "or", "but", "und", "oder", "aber", "with", "mit", "including", "incl", "inkl"];
    let is_rate = || tokens.get(at + 1).is_some_and(|next| next.is("%"));
    tokens.get(at).is_none_or(|token| {
        token.kind == Kind::Number && !is_rate()
            || [",", ";", "!", "?", "–", "="].iter().any(|sign| token.is(sign))
            || token.is_word(JOINING)
    })
}

fn says_so(tokens: Vec<&Token>) -> bool {
    const WITHOUT: &[&str] = &[
        "without",
        "excl",
        "excluding",
        "exclusive",
        "exclude",
        "excludes",
        "ex",
        "before",
        "plus",
        "ohne",
        "exkl",
        "exklusive",
        "zzgl",
        "zuzüglich",
        "vor",
    ];
    const NET: &[&str] = &["net", "netto", "nettopreis"];
    /// Words up to the tax itself: "excl. the German VAT".
    const BETWEEN: usize = 3;
    let words: Vec<&Token> = tokens.into_iter().filter(|token| token.kind == Kind::Word).collect();
    words.iter().enumerate().any(|(at, word)| {
        word.is_word(NET)
            || word.is_word(WITHOUT) && words.iter().skip(at + 1).take(BETWEEN).any(|word| is_tax(&word.lower))
    })
}

fn is_tax(word: &str) -> bool {
    matches!(word, "tax" | "taxes" | "vat" | "gst" | "mwst" | "ust")
        || word.ends_with("steuer") && (word.starts_with("mehrwert") || word.starts_with("umsatz") || word == "steuer")
        || word == "steuern"
}

#[cfg(test)]
mod tests {
    use super::super::super::text::tokens;
    use super::*;

    /// Whether the first amount of a text is net; amounts are written `€12.50` here.
    fn nets(text: &str) -> Vec<bool> {
        let tokens = tokens(text);
        let signs = tokens.iter().enumerate().filter(|(_, token)| token.is("€")).map(|(at, _)| at);
        signs.map(|at| is_net(&tokens, &(at..at + 2))).collect()
    }

    #[test]
    fn words_on_either_side_say_that_tax_is_added() {
        for text in [
            "It costs €12.50 excl. VAT.",
            "It costs €12.50 (without tax).",
            "€12.50 plus 19 % VAT",
            "€12.50 zzgl. gesetzlicher MwSt.",
            "€12.50 netto",
            "The net price is €12.50.",
            "price without tax: €12.50",
            "Ohne Mehrwertsteuer kostet es €12.50.",
        ] {
            assert_eq!(nets(text), [true], "{text}");
        }
    }

    #[test]
    fn other_words_do_not() {
        for text in [
            "It costs €12.50.",
            "It costs €12.50 including VAT.",
            "It costs €12.50 plus shipping, and VAT is in it.",
            "€12.50 inkl. MwSt.",
            "Without a code it costs €12.50.",
            "tax: €12.50",
        ] {
            assert_eq!(nets(text), [false], "{text}");
        }
        assert_eq!(nets("€12.50 excl. VAT, €15.00 incl. VAT"), [true, false]);
        assert_eq!(nets("price: €15.00; price without tax: €12.50"), [false, true]);
        assert_eq!(nets("It costs €15.00 with tax and €12.50 without tax."), [false, true]);
    }
}
