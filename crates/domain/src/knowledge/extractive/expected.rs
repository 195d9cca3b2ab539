//! The kind of thing that a question asks for, and whether a sentence holds one: the expected answer type of classic
//! question answering (Li and Roth, "Learning Question Classifiers", 2002), for the kinds that shops are asked for.

use super::sentences::MAX_LABEL;

/// What the answer has to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// An amount of money, or that something is free.
    Money,
    /// A length of time.
    Duration,
    /// A time of day, or that something is closed.
    Clock,
    /// A year.
    Year,
    Weight,
    /// How large a thing is, or what goes into it.
    Measure,
    Temperature,
    /// How many of something.
    Count,
}

/// Kinds in the order in which they are tried: "how many days" asks for a duration, not for a count.
const KINDS: [Expected; 8] = [
    Expected::Duration,
    Expected::Money,
    Expected::Clock,
    Expected::Year,
    Expected::Weight,
    Expected::Temperature,
    Expected::Measure,
    Expected::Count,
];

const CURRENCIES: &[&str] = &["€", "$", "£", "eur", "usd", "gbp", "chf", "euro", "euros", "dollar", "dollars"];
const FREE: &[&str] = &["free", "kostenlos", "gratis", "kostenfrei"];
/// Says when as well as a time of day does.
const CLOSED: &[&str] = &["closed", "geschlossen", "uhr"];
const UNITS_OF_TIME: &[&str] =
    &["second", "minute", "hour", "day", "week", "month", "year", "sekunde", "stunde", "tag", "woche", "monat", "jahr"];
const UNITS_OF_WEIGHT: &[&str] = &["g", "kg", "gram", "gramm", "kilo", "kilogram", "kilogramm", "lb", "lbs", "oz"];
const UNITS_OF_MEASURE: &[&str] = &[
    "mm",
    "cm",
    "m",
    "km",
    "ml",
    "l",
    "metre",
    "meter",
    "centimetre",
    "centimeter",
    "zentimeter",
    "millimetre",
    "millimeter",
    "inch",
    "inches",
    "litre",
    "liter",
];
const NUMBERS: &[&str] = &[
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "twenty",
    "thirty", "sixty", "hundred", "ein", "eine", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun",
    "zehn", "elf", "zwölf", "zwanzig", "dreißig", "sechzig", "hundert",
];

impl Expected {
    /// What the question's words say that they want, if they do.
    pub fn of(question: &str) -> Option<Self> {
        let question = format!(" {} ", words(question).join(" "));
        let asks = |phrase: &&str| question.contains(&format!(" {phrase} "));
        KINDS.into_iter().find(|kind| kind.phrases().iter().any(asks))
    }

    const fn phrases(self) -> &'static [&'static str] {
        match self {
            Self::Duration => &[
                "how long",
                "how many minutes",
                "how many hours",
                "how many days",
                "how many weeks",
                "how many months",
                "how many years",
                "how soon",
                "how fast",
                "how quickly",
                "shipping time",
                "shipping times",
                "delivery time",
                "delivery times",
                "transit time",
                "processing time",
                "production time",
                "waiting time",
                "lead time",
                "when will my",
                "when will it",
                "when will i",
                "when do i get",
                "wie lange",
                "wie schnell",
                "wie viele tage",
                "wie viele wochen",
                "wie viele monate",
                "wie viele jahre",
                "lieferzeit",
                "lieferzeiten",
                "lieferdauer",
                "versanddauer",
                "bearbeitungszeit",
                "wann kommt",
                "wann bekomme ich",
                "wann erhalte ich",
            ],
            Self::Money => &[
                "how much does",
                "how much is",
                "how much do",
                "how much are",
                "how much for",
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
            ],
            Self::Clock => &[
                "open",
                "opening hours",
                "opening times",
                "what time",
                "when do you close",
                "geöffnet",
                "öffnungszeiten",
                "wie spät",
                "um wie viel uhr",
            ],
            Self::Year => &["what year", "which year", "since when", "seit wann", "in welchem jahr"],
            Self::Weight => &["how heavy", "weigh", "weighs", "weight", "wie schwer", "wiegt", "gewicht"],
            Self::Temperature => {
                &["how cold", "how warm", "how hot", "temperature", "wie kalt", "wie warm", "temperatur"]
            }
            Self::Measure => &[
                "how big",
                "how large",
                "how tall",
                "how high",
                "how wide",
                "how thick",
                "how deep",
                "dimensions",
                "wie groß",
                "wie hoch",
                "wie breit",
                "wie dick",
                "maße",
            ],
            Self::Count => &["how many", "wie viele"],
        }
    }

    /// Stems that only do the asking, and prove nothing where a sentence holds them.
    pub const fn words_of_asking(self) -> &'static [&'static str] {
        match self {
            Self::Duration => &["long", "mani", "man", "soon", "fast", "quick", "tim", "lang", "schnell"],
            Self::Money => &["much", "viel"],
            Self::Count => &["mani", "man", "viel"],
            Self::Weight => &["heav", "schwer"],
            Self::Temperature => &["cold", "warm", "hot", "kalt"],
            Self::Measure => &["big", "larg", "tall", "high", "wid", "thick", "deep", "groß", "hoch", "breit", "dick"],
            Self::Clock | Self::Year => &[],
        }
    }

    /// Whether the text is a row or a pair with a label that asks for just this: `How long: 2 to 3 working days`.
    pub fn is_named_in(self, text: &str) -> bool {
        text.split("; ").filter_map(|part| part.split_once(": ")).any(|(label, value)| {
            label.chars().count() <= MAX_LABEL && Self::of(label) == Some(self) && self.is_in(value)
        })
    }

    /// Whether the text holds such a thing.
    pub fn is_in(self, text: &str) -> bool {
        let words = words(text);
        let has_digit = text.chars().any(|c| c.is_ascii_digit());
        let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
        let has_number = has_digit || has(NUMBERS);
        match self {
            Self::Money => {
                let lower = text.to_lowercase();
                let sign = |currency: &&&str| !currency.chars().all(char::is_alphabetic);
                let has_currency = CURRENCIES.iter().filter(sign).any(|sign| lower.contains(sign)) || has(CURRENCIES);
                has_digit && has_currency || has(FREE)
            }
            Self::Duration => {
                has_number && words.iter().any(|word| UNITS_OF_TIME.iter().any(|unit| is_form_of(word, unit)))
            }
            Self::Clock => has(CLOSED) || text.split_whitespace().any(is_clock_time),
            Self::Year => words.iter().any(|word| is_year(word)),
            Self::Weight => has_digit && has_measured(&words, UNITS_OF_WEIGHT),
            Self::Measure => has_digit && has_measured(&words, UNITS_OF_MEASURE),
            Self::Temperature => has_digit && (text.contains('°') || has(&["degrees", "grad"])),
            Self::Count => has_number,
        }
    }
}

/// The unit itself or one of its plurals: day, days; Tag, Tage, Tagen.
fn is_form_of(word: &str, unit: &str) -> bool {
    word.strip_prefix(unit).is_some_and(|ending| matches!(ending, "" | "s" | "e" | "n" | "en"))
}

/// A unit of its own, or grown together with its number: `210 g`, `210g`, `35-litre`.
fn has_measured(words: &[String], units: &[&str]) -> bool {
    words.iter().any(|word| {
        let unit = word.trim_start_matches(|c: char| c.is_ascii_digit());
        units.iter().any(|known| is_form_of(unit, known))
    })
}

/// `9:00`, `9am`.
fn is_clock_time(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    if let Some(hour) = word.strip_suffix("am").or_else(|| word.strip_suffix("pm")) {
        return hour.parse::<u8>().is_ok_and(|hour| hour <= 12);
    }
    let Some((hour, minute)) = word.split_once(':') else { return false };
    minute.len() == 2 && hour.parse::<u8>().is_ok_and(|hour| hour < 25) && minute.parse::<u8>().is_ok_and(|m| m < 60)
}

fn is_year(word: &str) -> bool {
    word.len() == 4 && word.parse::<u16>().is_ok_and(|year| (1800..2100).contains(&year))
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_say_what_they_want() {
        for (question, expected) in [
            ("How much does shipping to Austria cost?", Some(Expected::Money)),
            ("Wie viel kostet der Versand?", Some(Expected::Money)),
            ("How long is the warranty?", Some(Expected::Duration)),
            ("How many days do I have?", Some(Expected::Duration)),
            ("Wie lange dauert die Lieferung?", Some(Expected::Duration)),
            ("When are you open?", Some(Expected::Clock)),
            ("Since when do you exist?", Some(Expected::Year)),
            ("How heavy is the tent?", Some(Expected::Weight)),
            ("How cold may it get?", Some(Expected::Temperature)),
            ("How tall is it inside?", Some(Expected::Measure)),
            ("How many people fit in?", Some(Expected::Count)),
            ("shipping time germany", Some(Expected::Duration)),
            ("When will my parcel arrive?", Some(Expected::Duration)),
            ("Lieferzeit nach Österreich", Some(Expected::Duration)),
            ("What time do you open?", Some(Expected::Clock)),
            ("Do you ship to Norway?", None),
        ] {
            assert_eq!(Expected::of(question), expected, "{question}");
        }
    }

    #[test]
    fn a_column_may_be_named_after_what_is_asked() {
        let row = "Where to: Austria; Cost: €6.90; Free from: €75; How long: 3 to 4 working days";
        assert!(Expected::Duration.is_named_in(row) && Expected::Money.is_named_in(row));
        assert!(!Expected::Weight.is_named_in(row));
        assert!(!Expected::Duration.is_named_in("Tell us when nothing has arrived after ten working days."));
        assert!(!Expected::Duration.is_named_in("How long: ask us"));
    }

    #[test]
    fn a_sentence_holds_it_or_not() {
        for (kind, yes, no) in [
            (
                Expected::Money,
                "Where to: Austria; Cost: €6.90; Free from: €75",
                "Orders before 14:00 leave the same day.",
            ),
            (Expected::Money, "It is free of charge", "Pay as you like"),
            (Expected::Duration, "under warranty for five years from the day", "Wear from long use, burns, tears"),
            (Expected::Duration, "Die Lieferung dauert 3 Tage", "Heute"),
            (Expected::Clock, "Saturday: 10:00 to 16:00", "Version 2.0 weighs 3.5 kg"),
            (Expected::Clock, "Sunday: closed", "Come in"),
            (Expected::Year, "We began in 2011 in a garage", "It costs 3000"),
            (Expected::Weight, "Weight: 1.94 kg with pegs", "in 4 minutes"),
            (Expected::Weight, "a 95-gram stove", "a gram of truth"),
            (Expected::Measure, "Packed size: 46 × 15 cm", "Sleeps: 2"),
            (Expected::Temperature, "comfortable to 0 °C", "comfortable"),
            (Expected::Count, "room for four", "room for all"),
        ] {
            assert!(kind.is_in(yes), "{kind:?}: {yes}");
            assert!(!kind.is_in(no), "{kind:?}: {no}");
        }
    }
}
