//! What a translation has to keep of a sentence.

use super::claims::same_number;

/// What questions end with, in any script.
pub(super) const ASKS: &[char] = &['?', '？', '؟', ';', '\u{37e}'];

/// Whether the translation keeps what could mislead: each number, currency, address and percent sign of the sentence, and
/// that it states or asks. Nothing of that is left unread by a translation that drops or changes it.
pub(super) fn keeps_facts(sentence: &str, translation: &str) -> bool {
    const SIGNS: &[char] = &['€', '$', '£', '¥', '%'];
    let kept: Vec<&str> = translation.split_whitespace().map(trimmed).collect();
    let words_stand = sentence.split_whitespace().all(|chunk| {
        let word = trimmed(chunk);
        !(is_address(chunk) || CURRENCIES.contains(&word)) || kept.contains(&word)
    });
    let signs_stand = SIGNS.iter().all(|sign| !sentence.contains(*sign) || translation.contains(*sign));
    let end = |text: &str, marks: &[char]| text.trim_end_matches(['"', '”', '»', ')', '*', ' ']).ends_with(marks);
    has_numbers_of(sentence, translation)
        && words_stand
        && signs_stand
        && (!end(translation, &['?']) || end(sentence, ASKS))
}

/// Whether a page's sentence and its translation tell the same facts: what is support for answers must not say more than the
/// page does, nor state what it only asks.
pub(super) fn tells_the_same(piece: &str, translation: &str) -> bool {
    /// Without the semicolon, with which items of a list end too.
    const QUESTION_MARKS: &[char] = &['?', '？', '؟', '\u{37e}'];
    let adds_no_address = translation
        .split_whitespace()
        .filter(|chunk| is_address(chunk))
        .all(|address| piece.contains(trimmed(address)));
    let asks = |text: &str, marks: &[char]| text.trim_end().ends_with(marks);
    let still_asks = !asks(piece, QUESTION_MARKS) || asks(translation, &['?']);
    keeps_facts(piece, translation) && has_numbers_of(translation, piece) && adds_no_address && still_asks
}

/// Whether each number of the one text stands in the other too, as often.
fn has_numbers_of(one: &str, other: &str) -> bool {
    let mut left = numbers(other);
    numbers(one).into_iter().all(|number| {
        let place = left.iter().position(|other| same_number(&number, other));
        place.map(|place| left.swap_remove(place)).is_some()
    })
}

pub(super) fn is_address(chunk: &str) -> bool {
    chunk.contains("://") || chunk.contains('@') || chunk.starts_with("www.")
}

/// Without the punctuation around it.
fn trimmed(chunk: &str) -> &str {
    chunk.trim_matches(|c: char| !c.is_alphanumeric())
}

/// Codes of currencies that shops write instead of signs.
const CURRENCIES: &[&str] = &[
    "EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RON", "BGN", "TRY", "UAH", "JPY", "CNY",
    "AED", "SAR",
];

/// The numbers with their separators, in ASCII digits; spaces between thousands are taken out.
fn numbers(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut current = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if let Some(digit) = ascii_digit(c) {
            current.push(digit);
            continue;
        }
        let mut ahead = chars.clone().map(ascii_digit);
        let separates = match c {
            '.' | ',' | '\'' | '’' | '٫' | '٬' => ahead.next().flatten().is_some(),
            // One to three digits, then three: thousands.
            _ if c.is_whitespace() => {
                current.len() <= 3 && ahead.by_ref().take(3).flatten().count() == 3 && ahead.next().flatten().is_none()
            }
            _ => false,
        };
        if current.is_empty() {
            continue;
        }
        match c {
            _ if !separates => all.push(std::mem::take(&mut current)),
            '٫' => current.push('.'),
            '٬' => current.push(','),
            '’' => current.push('\''),
            _ if c.is_whitespace() => {}
            _ => current.push(c),
        }
    }
    if !current.is_empty() {
        all.push(current);
    }
    all
}

/// A decimal digit of any script that writes with them.
pub(super) fn ascii_digit(c: char) -> Option<char> {
    /// The zeros of Arabic, extended Arabic, Devanagari, Bengali, Thai and full-width digits.
    const ZEROS: [char; 6] = ['٠', '۰', '०', '০', '๐', '０'];
    if c.is_ascii_digit() {
        return Some(c);
    }
    let of = |zero: &char| u32::from(c).checked_sub(u32::from(*zero)).filter(|digit| *digit < 10);
    ZEROS.iter().find_map(of).and_then(|digit| char::from_digit(digit, 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_no_more_in_english_than_it_does() {
        for (piece, translation, same) in [
            ("La livraison coûte 6,90 €.", "Shipping costs €6.90.", true),
            ("6,90 euros", "€6.90", true),
            ("Livrez-vous en Norvège ?", "Do you ship to Norway?", true),
            ("Autriche ;", "Austria;", true),
            ("Livrez-vous en Norvège ?", "We ship to Norway.", false),
            ("C'est rapide.", "It takes 2 days.", false),
            ("C'est gratuit dès 50 €.", "It is free over €50, and within 2 days.", false),
            ("Écrivez-nous.", "Write to us at https://evil.example/a.", false),
            ("La livraison coûte 6,90 €.", "Shipping is free.", false),
        ] {
            assert_eq!(tells_the_same(piece, translation), same, "{piece} {translation}");
        }
    }

    #[test]
    fn a_translation_has_to_keep_what_could_mislead() {
        for (sentence, translation, keeps) in [
            ("La livraison coûte 6,90 €.", "Shipping costs €6.90.", true),
            ("Cela coûte 1.299,00 € [2].", "That costs €1,299.00 [2].", true),
            ("Cela coûte 1 299 €.", "That costs €1,299.", true),
            ("يكلف الشحن ٦٫٩٠ يورو", "Shipping costs 6.90 euros", true),
            ("Deux ou trois jours.", "2 or 3 days.", true),
            ("La livraison coûte 6,90 €.", "Shipping costs €9.60.", false),
            ("La livraison coûte 6,90 €.", "Shipping is free.", false),
            ("De 10 à 10 heures.", "From 10.", false),
            ("Il pèse 2,5 kg.", "It weighs 25 kg.", false),
            ("Il pèse 2,5 kg.", "It weighs 2.5 kg.", true),
            ("Cela coûte 6,90 CHF.", "That costs €6.90.", false),
            ("10 % de réduction.", "10 percent off.", false),
            ("Payez ici : https://evil.example/a", "Pay here.", false),
            ("Écrivez à aide@boutique.example.", "Write to aide@boutique.example.", true),
            ("C'est gratuit.", "Is it free?", false),
            ("C'est gratuit ?", "Is it free?", true),
        ] {
            assert_eq!(keeps_facts(sentence, translation), keeps, "{sentence} {translation}");
        }
    }
}
