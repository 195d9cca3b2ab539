//! Whether a sentence makes a human being of the assistant.

use super::Line;
use crate::agent::claims::{AFFIRMING, question_in};

const HUMAN: &[&str] = &[
    "human",
    "person",
    "people",
    "man",
    "woman",
    "employee",
    "representative",
    "advisor",
    "adviser",
    "colleague",
    "staff",
    "consultant",
    "mensch",
    "menschen",
    "mann",
    "frau",
    "mitarbeiter",
    "mitarbeiterin",
    "angestellter",
    "angestellte",
    "berater",
    "beraterin",
    "kundenberater",
    "kundenberaterin",
    "kollege",
    "kollegin",
];
const MACHINE: &[&str] = &[
    "ai",
    "bot",
    "bots",
    "chatbot",
    "robot",
    "machine",
    "computer",
    "program",
    "software",
    "algorithm",
    "virtual",
    "digital",
    "automated",
    "ki",
    "roboter",
    "maschine",
    "programm",
    "automat",
    "virtuelle",
    "virtueller",
    "digitale",
    "digitaler",
];
/// What stands between "I'm" and what the assistant is not said to be: "I'm here to connect you with a person".
const ELSEWHERE: &[&str] = &[
    "to",
    "with",
    "for",
    "not",
    "no",
    "if",
    "whether",
    "that",
    "so",
    "able",
    "unable",
    "happy",
    "glad",
    "sorry",
    "afraid",
    "sure",
    "like",
    "as",
    "than",
    "nicht",
    "kein",
    "keine",
    "keinen",
    "mit",
    "für",
    "um",
    "als",
    "wie",
    "ob",
    "dass",
    "zu",
    "froh",
    "gerne",
    "gern",
    "leider",
    "sicher",
    "will",
    "can",
    "kann",
    "assistant",
    "assistent",
    "assistentin",
];
const NEGATIONS: &[&str] = &["not", "no", "isn't", "aren't", "kein", "keine", "keinem", "keinen", "keiner", "nicht"];

/// Whether the clause says so: "I'm a real person", "you're talking to a human", "I'm not a bot".
pub(super) fn is_claimed(line: &Line<'_>) -> bool {
    let words = &line.words;
    let is_human = speaks_of_itself(words).any(|at| is_said(words, at, HUMAN, 8));
    let is_real = matches!(words.as_slice(), [.., "i'm" | "am" | "bin", "real" | "echt"]);
    is_human
        || is_real
        || works(line)
        || talks_to(words)
        || is_behind(line)
        || denies_machine(words)
        || is_as_human(line)
}

/// Places behind "I'm", "I am", "ich bin".
fn speaks_of_itself<'a>(words: &'a [&'a str]) -> impl Iterator<Item = usize> + 'a {
    (0..words.len()).filter_map(|at| match (words.get(at), words.get(at + 1)) {
        (Some(&"i'm"), _) => Some(at + 1),
        (Some(&"i"), Some(&"am")) | (Some(&"ich"), Some(&"bin")) | (Some(&"bin"), Some(&"ich")) => Some(at + 2),
        _ => None,
    })
}

/// "I work at the shop", "My boss says …"
fn works(line: &Line<'_>) -> bool {
    const WORK: &str = "i work at | i work for | i work in | i've been working | i have been working | my boss | my manager | \
        ich arbeite bei | ich arbeite im | ich arbeite in | ich arbeite seit | mein chef | meine chefin | in our office | \
        in unserem büro";
    line.has_any(WORK) && !line.has(NEGATIONS) && line.has(&["i", "i'm", "i've", "my", "ich", "mein", "meine"])
}

/// Whether one of the nouns is said of what stands before `at`, not of somebody else.
fn is_said(words: &[&str], at: usize, nouns: &[&str], reach: usize) -> bool {
    let near = words.get(at..(at + reach).min(words.len())).unwrap_or_default();
    let Some(place) = near.iter().position(|word| nouns.contains(word)) else { return false };
    let between = near.get(..place).unwrap_or_default();
    let is_other = |word: &&str| MACHINE.contains(word) && nouns != MACHINE;
    !between.iter().any(|word| ELSEWHERE.contains(word) || is_other(word) || word.ends_with("ing"))
}

/// "You're talking to a person", "Sie sprechen mit einem Menschen".
fn talks_to(words: &[&str]) -> bool {
    const REACH: usize = 6;
    const TALKING: &[&str] = &["talking", "speaking", "chatting", "texting", "writing", "dealing"];
    const SPRECHEN: &[&str] =
        &["sprechen", "schreiben", "chatten", "reden", "sprichst", "schreibst", "chattest", "redest"];
    const NOT_NOW: &[&str] = &["soon", "shortly", "gleich", "bald", "dann", "later", "später"];
    let begins = |at: usize| match (words.get(at), words.get(at + 1)) {
        (Some(&"you're"), Some(next)) if TALKING.contains(next) => Some(at + 2),
        (Some(&"you're"), _) if words.get(at + 2).is_some_and(|next| TALKING.contains(next)) => Some(at + 3),
        (Some(&"you"), Some(&"are")) => {
            (at + 2..at + 4).find(|place| words.get(*place).is_some_and(|next| TALKING.contains(next))).map(|at| at + 1)
        }
        (Some(&("sie" | "du")), Some(next)) if SPRECHEN.contains(next) => Some(at + 2),
        _ => None,
    };
    let is_denied = |word: &&str| NEGATIONS.contains(word) || NOT_NOW.contains(word) || MACHINE.contains(word);
    (0..words.len()).filter_map(begins).any(|at| {
        let near = words.get(at..(at + REACH).min(words.len())).unwrap_or_default();
        let human = near.iter().position(|word| HUMAN.contains(word));
        human.is_some_and(|place| !near.get(..place).unwrap_or_default().iter().any(is_denied))
            && !words.iter().any(|word| NOT_NOW.contains(word))
    })
}

/// "There's a human behind this chat."
fn is_behind(line: &Line<'_>) -> bool {
    const BEHIND: &str = "behind this | behind the chat | on the other end | at the other end | is typing | person writing | person typing | human writing | being writing | am anderen ende | \
        hinter diesem chat | hinter dem chat | schreibt ihnen hier | schreibt dir hier | sitzt hier | hier schreibt | \
        hier sitzt | hier antwortet";
    line.has(HUMAN) && !line.has(NEGATIONS) && line.has_any(BEHIND)
}

/// "I'm not a bot", "Ich bin keine KI", "This isn't a chatbot".
fn denies_machine(words: &[&str]) -> bool {
    const NEAR: usize = 3;
    const REACH: usize = 5;
    const OTHER: &[&str] = &["able", "allowed", "sure", "aware", "to", "only", "nur", "in", "using"];
    let names_itself = |at: usize| {
        let before = words.get(at.saturating_sub(NEAR)..at).unwrap_or_default();
        before.contains(&"i'm")
            || before.windows(2).any(|pair| {
                matches!(pair, ["i", "am"] | ["ich", "bin"] | ["this", "is"] | ["das", "ist"] | ["you're", "talking"])
            })
            || before.ends_with(&["this"]) && words.get(at) == Some(&"isn't")
            || before.windows(2).any(|pair| matches!(pair, ["sie", "sprechen" | "schreiben" | "chatten"]))
    };
    (0..words.len()).any(|at| {
        let denies = words.get(at).is_some_and(|word| NEGATIONS.contains(word));
        let behind = words.get(at + 1..(at + 1 + REACH).min(words.len())).unwrap_or_default();
        let machine = behind.iter().position(|word| MACHINE.contains(word));
        let between = |place: usize| behind.get(..place).unwrap_or_default();
        denies
            && names_itself(at)
            && machine.is_some_and(|place| !between(place).iter().any(|word| OTHER.contains(word)))
    })
}

/// "As a human, I …"
fn is_as_human(line: &Line<'_>) -> bool {
    const AS: &str = "as a human | as a real person | as a real human | as a fellow human | als mensch | als echter mensch | \
        als mitarbeiter | als mitarbeiterin";
    let of_itself = line.has(&["i", "i'm", "i've", "me", "ich", "mir"]);
    line.has_any(AS) && (of_itself || line.joined.starts_with("as ") || line.joined.starts_with("als "))
}

/// Whether "yes" or "no" to the customer's question says so: "Are you a bot?" – "No."
pub(super) fn is_affirmed(words: &[&str], question: &str) -> bool {
    const DENYING: &[&str] = &["no", "nope", "nein"];
    const MAX_WORDS: usize = 8;
    const THINGS: &[&str] = &[
        "machine",
        "computer",
        "program",
        "software",
        "digital",
        "automated",
        "maschine",
        "programm",
        "automat",
        "digitale",
        "digitaler",
        "man",
        "woman",
        "people",
        "mann",
        "frau",
        "menschen",
    ];
    let Some(first) = words.first() else { return false };
    let (affirms, denies) = (AFFIRMING.contains(first), DENYING.contains(first));
    let of_machine = words.iter().any(|word| MACHINE.contains(word));
    if !(affirms || denies) || of_machine || words.len() > MAX_WORDS {
        return false;
    }
    let Some(asked) = question_in(question) else { return false };
    let lower = asked.to_lowercase().replace('’', "'");
    let asked: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()).collect();
    let names = |nouns: &[&str]| {
        (0..asked.len()).any(|at| match (asked.get(at), asked.get(at + 1)) {
            (Some(&"are"), Some(&"you")) | (Some(&"bist"), Some(&"du")) | (Some(&"sind"), Some(&"sie")) => {
                is_said(&asked, at + 2, nouns, 5)
            }
            (Some(&"is"), Some(&("this" | "that" | "it" | "there")))
            | (Some(&"ist"), Some(&("das" | "da" | "dort"))) => {
                // A machine wash is none that writes.
                let speakers: Vec<&str> = nouns.iter().copied().filter(|noun| !THINGS.contains(noun)).collect();
                is_said(&asked, at + 2, &speakers, 5)
            }
            (Some(&"am"), Some(&"i")) | (Some(&("spreche" | "rede" | "schreibe" | "chatte")), Some(&"ich")) => {
                asked.iter().any(|word| nouns.contains(word))
            }
            _ => false,
        })
    };
    // "A person or a bot?" is not answered by yes or no.
    let real = asked
        .windows(3)
        .any(|part| matches!(part, ["are", "you", "real"] | ["bist", "du", "echt"] | ["sind", "sie", "echt"]));
    let (human, machine) = (real || names(HUMAN), names(MACHINE));
    human && !machine && affirms || machine && !human && denies
}
