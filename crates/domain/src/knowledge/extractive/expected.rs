//! The kind of thing that a question asks for, and whether a sentence holds one: the expected answer type of classic
//! question answering (Li and Roth, "Learning Question Classifiers", 2002), for the two kinds that shops are asked most.

/// What the answer has to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// An amount of money, or that something is free.
    Money,
    /// A length of time.
    Duration,
}

const ASK_FOR_MONEY: &[&str] = &[
    "how much does",
    "how much is",
    "how much do",
    "how much are",
    "how much for",
    "what does it cost",
    "cost",
    "costs",
    "price",
    "prices",
    "fee",
    "fees",
    "wie viel kostet",
    "wieviel kostet",
    "kostet",
    "kosten",
    "preis",
    "gebühr",
];
const ASK_FOR_DURATION: &[&str] =
    &["how long", "how many days", "how many hours", "how soon", "wie lange", "wie viele tage"];
const CURRENCIES: &[&str] = &["€", "$", "£", "eur", "usd", "gbp", "chf", "euro", "dollar"];
const FREE: &[&str] = &["free", "kostenlos", "gratis", "kostenfrei"];
const UNITS: &[&str] =
    &["second", "minute", "hour", "day", "week", "month", "year", "sekunde", "stunde", "tag", "woche", "monat", "jahr"];
const NUMBERS: &[&str] = &[
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve", "ein", "eine", "zwei",
    "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "zwölf",
];

impl Expected {
    /// What the question's words say that they want, if they do.
    pub fn of(question: &str) -> Option<Self> {
        let question = format!(" {} ", words(question).join(" "));
        let asks = |phrases: &[&str]| phrases.iter().any(|phrase| question.contains(&format!(" {phrase} ")));
        if asks(ASK_FOR_DURATION) {
            Some(Self::Duration)
        } else if asks(ASK_FOR_MONEY) {
            Some(Self::Money)
        } else {
            None
        }
    }

    /// Stems that only do the asking, and prove nothing where a sentence holds them.
    pub const fn words_of_asking(self) -> &'static [&'static str] {
        match self {
            Self::Money => &["much", "viel"],
            Self::Duration => &["long", "mani", "soon", "lang"],
        }
    }

    /// Whether the text holds such a thing.
    pub fn is_in(self, text: &str) -> bool {
        let words = words(text);
        let has_digit = text.chars().any(|c| c.is_ascii_digit());
        match self {
            Self::Money => {
                let lower = text.to_lowercase();
                let has_currency = CURRENCIES.iter().any(|currency| {
                    if currency.chars().all(char::is_alphabetic) {
                        words.iter().any(|word| word == currency)
                    } else {
                        lower.contains(currency)
                    }
                });
                has_digit && has_currency || words.iter().any(|word| FREE.contains(&word.as_str()))
            }
            Self::Duration => {
                let has_unit = words.iter().any(|word| UNITS.iter().any(|unit| is_form_of(word, unit)));
                has_unit && (has_digit || words.iter().any(|word| NUMBERS.contains(&word.as_str())))
            }
        }
    }
}

/// The unit itself or one of its plurals: day, days; Tag, Tage, Tagen.
fn is_form_of(word: &str, unit: &str) -> bool {
    word.strip_prefix(unit).is_some_and(|ending| matches!(ending, "" | "s" | "e" | "n" | "en"))
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_say_what_they_want() {
        assert_eq!(Expected::of("How much does shipping to Austria cost?"), Some(Expected::Money));
        assert_eq!(Expected::of("Wie viel kostet der Versand?"), Some(Expected::Money));
        assert_eq!(Expected::of("How long is the warranty?"), Some(Expected::Duration));
        assert_eq!(Expected::of("Wie lange dauert die Lieferung?"), Some(Expected::Duration));
        assert_eq!(Expected::of("Do you ship to Norway?"), None);
    }

    #[test]
    fn a_sentence_holds_it_or_not() {
        assert!(Expected::Money.is_in("Where to: Austria; Cost: €6.90; Free from: €75"));
        assert!(Expected::Money.is_in("It is free of charge"));
        assert!(!Expected::Money.is_in("Orders placed before 14:00 leave the same day."));
        assert!(Expected::Duration.is_in("under warranty for five years from the day it was bought"));
        assert!(Expected::Duration.is_in("Die Lieferung dauert 3 Tage"));
        assert!(!Expected::Duration.is_in("Wear from long use, burns, tears from sharp stones"));
    }
}
