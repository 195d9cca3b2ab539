//! Recognises a plain request for a person, in English and German.
//!
//! Deliberately narrow: who is missed can still press the button that is always there, but a question about "personal
//! data" must not silence the AI. Each clause is looked at by itself, so that "not a bot, a human please" is a request.

/// Whether the text asks to be put through to a person.
pub(super) fn asks_for_person(text: &str) -> bool {
    text.split(['.', ',', ';', ':', '!', '?', '\n', '–', '—']).flat_map(split_at_but).any(|clause| {
        let words = words(clause);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        english(&words) || german(&words)
    })
}

fn split_at_but(clause: &str) -> impl Iterator<Item = &str> {
    clause.split(" but ").flat_map(|part| part.split(" sondern ")).flat_map(|part| part.split(" aber "))
}

fn words(clause: &str) -> Vec<String> {
    clause
        .split(|c: char| !(c.is_alphanumeric() || c == '\'' || c == '’' || c == '-'))
        .filter(|word| !word.is_empty())
        .map(|word| word.to_lowercase().replace('’', "'"))
        .collect()
}

const EN_NOUNS: &[&str] = &[
    "human",
    "humans",
    "person",
    "people",
    "agent",
    "agents",
    "representative",
    "rep",
    "operator",
    "advisor",
    "adviser",
    "employee",
    "manager",
    "supervisor",
    "colleague",
    "staff",
    "someone",
    "somebody",
    "anyone",
    "anybody",
    "support",
    "team",
];
/// Nouns that mean a person of the team without a verb that says so.
const EN_PLAIN_NOUNS: &[&str] = &["human", "person", "agent", "representative", "operator", "advisor"];
const EN_FILLERS: &[&str] = &[
    "a",
    "an",
    "the",
    "your",
    "some",
    "any",
    "one",
    "of",
    "real",
    "live",
    "actual",
    "human",
    "customer",
    "service",
    "support",
    "sales",
    "member",
    "proper",
    "another",
    "different",
    "in",
    "from",
];
const EN_PRONOUNS: &[&str] = &["me", "us"];
const EN_CONTACT: &[&str] = &["talk", "speak", "chat"];
const EN_TRANSFER: &[&str] =
    &["connect", "transfer", "put", "pass", "hand", "forward", "switch", "redirect", "route", "escalate"];
const EN_WANT: &[&str] = &["want", "need", "prefer", "like", "get", "give", "bring", "wants"];
/// What may stand after "connect me" when nobody is named.
const EN_AFTER_CONNECT: &[&str] = &["please", "now", "asap", "immediately"];
const EN_CALL: &[&str] = &["call", "phone", "ring"];
/// What may stand after "call me" for it to be a wish of now, not of a courier before delivery.
const EN_AFTER_CALL: &[&str] = &["back", "please", "now", "today", "tomorrow", "asap"];
/// Where people are met; "in your store" asks about a visit, not for a person in the chat.
const PLACES: &[&str] = &["store", "shop", "branch", "showroom", "filiale", "laden", "geschäft", "ladengeschäft"];
const AT_A_PLACE: &[&str] = &["in", "at", "im"];
/// Words from "in" to its place: "in your Freiburg store".
const WORDS_TO_A_PLACE: usize = 4;
const EN_NEGATIONS: &[&str] =
    &["not", "don't", "dont", "didn't", "never", "no", "without", "won't", "can't", "cannot", "avoid", "rather"];
/// What may stand after the noun of "I need a human …" for it to be a request.
const EN_AFTER_WANT: &[&str] = &[
    "being",
    "beings",
    "please",
    "now",
    "here",
    "instead",
    "to",
    "who",
    "asap",
    "right",
    "immediately",
    "today",
    "on",
    "for",
    "not",
];

fn english(words: &[&str]) -> bool {
    if starts_with_any(words, &[&["do", "i", "have"], &["do", "i", "need"], &["must", "i"], &["what", "happens"]])
        || is_at_a_place(words)
    {
        return false;
    }
    is_only(
        words,
        EN_PLAIN_NOUNS,
        &["please", "pls", "now", "a", "real", "live", "an", "actual", "human", "hi", "hello"],
    ) || words.iter().enumerate().any(|(at, word)| {
        let after = words.get(at + 1..).unwrap_or_default();
        let requested = if EN_CONTACT.contains(word) {
            contact_with(after)
        } else if EN_TRANSFER.contains(word) {
            transfer_to(word, after)
        } else if EN_WANT.contains(word) {
            wanted(after) || help_from(after)
        } else if EN_CALL.contains(word) {
            called_back(words.get(..at).unwrap_or_default(), after)
        } else {
            false
        };
        requested && !negated(words, at)
    }) || someone_to_talk_to(words)
}

/// "… to|with a real person"
fn contact_with(after: &[&str]) -> bool {
    let Some((first, rest)) = after.split_first() else { return false };
    ["to", "with"].contains(first) && noun_follows(rest, EN_NOUNS).is_some()
}

/// "… me [through|over] to a person", or only "connect me"
fn transfer_to(verb: &str, after: &[&str]) -> bool {
    let Some((object, rest)) = after.split_first() else { return false };
    if *object == "to" {
        return noun_follows(rest, EN_PLAIN_NOUNS).is_some();
    }
    let is_me = EN_PRONOUNS.contains(object) || (*object == "this" && rest.first() == Some(&"chat"));
    if is_me && verb == "connect" && rest.iter().all(|word| EN_AFTER_CONNECT.contains(word)) {
        return true;
    }
    let rest = rest.iter().position(|word| ["to", "with"].contains(word)).filter(|at| *at <= 2);
    let tail = rest.and_then(|at| after.get(at + 2..)).unwrap_or_default();
    is_me && noun_follows(tail, EN_NOUNS).is_some()
}

/// "… [me] a human" at the end of the clause, or before "please" and the like.
fn wanted(after: &[&str]) -> bool {
    let after = match after.split_first() {
        Some((first, rest)) if EN_PRONOUNS.contains(first) => rest,
        _ => after,
    };
    noun_follows(after, EN_PLAIN_NOUNS).is_some_and(|rest| rest.first().is_none_or(|next| EN_AFTER_WANT.contains(next)))
}

/// "… help from your staff"
fn help_from(after: &[&str]) -> bool {
    let help = after.iter().position(|word| ["help", "assistance"].contains(word)).filter(|at| *at <= 2);
    let rest = help.and_then(|at| after.get(at + 1..)).unwrap_or_default();
    rest.first() == Some(&"from") && noun_follows(rest, EN_NOUNS).is_some()
}

/// "[can someone] call me [back]"; "call me" alone may be about a courier.
fn called_back(before: &[&str], after: &[&str]) -> bool {
    let Some((object, rest)) = after.split_first() else { return false };
    let by_whom = before.iter().any(|word| EN_NOUNS.contains(word) || *word == "you");
    EN_PRONOUNS.contains(object)
        && (by_whom || rest.first() == Some(&"back"))
        && rest.iter().all(|word| EN_AFTER_CALL.contains(word))
}

/// "… in your Freiburg store"
fn is_at_a_place(words: &[&str]) -> bool {
    words.iter().enumerate().filter(|(_, word)| AT_A_PLACE.contains(word)).any(|(at, _)| {
        let behind = words.get(at + 1..).unwrap_or_default();
        behind.iter().take(WORDS_TO_A_PLACE).any(|word| PLACES.contains(word))
    })
}

/// "is there someone I can talk to"
fn someone_to_talk_to(words: &[&str]) -> bool {
    let noun = words.iter().position(|word| EN_NOUNS.contains(word));
    let Some(rest) = noun.and_then(|at| words.get(at + 1..)) else { return false };
    let (["i" | "we", "can" | "could" | "may", rest @ ..] | ["to", rest @ ..]) = rest else { return false };
    matches!(rest, ["talk" | "speak" | "chat", "to" | "with", ..])
}

/// Skips articles and adjectives; gives what stands after the noun, if there is one of these.
fn noun_follows<'a>(words: &'a [&'a str], nouns: &[&str]) -> Option<&'a [&'a str]> {
    let mut rest = words;
    let mut found = None;
    while let Some((first, tail)) = rest.split_first() {
        if nouns.contains(first) {
            found = Some(tail);
        } else if !EN_FILLERS.contains(first) {
            break;
        }
        rest = tail;
    }
    found
}

/// A negation up to four words before the verb.
fn negated(words: &[&str], verb: usize) -> bool {
    words
        .get(verb.saturating_sub(4)..verb)
        .unwrap_or_default()
        .iter()
        .enumerate()
        .any(|(at, word)| EN_NEGATIONS.contains(word) && !is_would_rather(words, verb.saturating_sub(4) + at))
}

/// "I would rather talk to …" wants it, "rather not" does not.
fn is_would_rather(words: &[&str], at: usize) -> bool {
    words.get(at) == Some(&"rather") && words.get(at + 1) != Some(&"not")
}

const DE_NOUNS: &[&str] = &[
    "mensch",
    "menschen",
    "person",
    "mitarbeiter",
    "mitarbeiterin",
    "mitarbeitern",
    "kollegen",
    "kollegin",
    "berater",
    "beraterin",
    "agenten",
    "agent",
    "jemandem",
    "jemanden",
    "kundendienst",
    "kundenservice",
    "kundenbetreuer",
    "support",
    "team",
];
const DE_PLAIN_NOUNS: &[&str] =
    &["mensch", "menschen", "mitarbeiter", "mitarbeiterin", "berater", "beraterin", "kundenbetreuer"];
const DE_FILLERS: &[&str] = &[
    "ein",
    "eine",
    "einen",
    "einem",
    "einer",
    "den",
    "dem",
    "der",
    "die",
    "das",
    "eurem",
    "euren",
    "ihrem",
    "ihren",
    "ihrer",
    "eurer",
    "echten",
    "echte",
    "echter",
    "richtigen",
    "richtiger",
    "menschlichen",
    "menschlicher",
    "realen",
    "vom",
    "aus",
    "anderen",
];
const DE_CONTACT: &[&str] = &[
    "sprechen",
    "reden",
    "chatten",
    "schreiben",
    "telefonieren",
    "verbinden",
    "verbinde",
    "verbunden",
    "spreche",
    "rede",
];
const DE_WANT: &[&str] =
    &["will", "möchte", "brauche", "hätte", "wünsche", "bitte", "gib", "geben", "wollen", "möchten", "brauchen"];
const DE_NEGATIONS: &[&str] = &["nicht", "kein", "keine", "keinen", "keinem", "keiner", "ohne", "nie", "niemals"];

fn german(words: &[&str]) -> bool {
    let can_be_asked = words.first().is_some_and(|first| first.starts_with("kann") || first.starts_with("könn"));
    if words.iter().any(|word| DE_NEGATIONS.contains(word)) && !can_be_asked {
        return false;
    }
    // "Spreche ich mit einem Menschen?" asks who is talking.
    let asks_who: [&[&str]; 4] = [&["spreche", "ich"], &["rede", "ich"], &["chatte", "ich"], &["schreibe", "ich"]];
    if starts_with_any(words, &asks_who)
        || starts_with_any(words, &[&["muss", "ich"], &["was", "passiert"]])
        || is_at_a_place(words)
    {
        return false;
    }
    is_only(words, DE_PLAIN_NOUNS, &["bitte", "echter", "echten", "ein", "einen", "richtiger", "jetzt", "hallo"])
        || words.iter().enumerate().any(|(at, word)| {
            let after = words.get(at + 1..).unwrap_or_default();
            if ["mit", "zu", "an"].contains(word) {
                let speaks = words.iter().any(|word| DE_CONTACT.contains(word));
                speaks && german_noun(after, DE_NOUNS).is_some()
            } else if DE_WANT.contains(word) {
                german_noun(skip(after, &["gern", "gerne", "mir", "jetzt", "bitte"]), DE_PLAIN_NOUNS)
                    .is_some_and(|rest| rest.first().is_none_or(|next| ["bitte", "sprechen", "jetzt"].contains(next)))
            } else {
                false
            }
        })
}

fn german_noun<'a>(words: &'a [&'a str], nouns: &[&str]) -> Option<&'a [&'a str]> {
    let rest = skip(words, DE_FILLERS);
    let (noun, tail) = rest.split_first()?;
    nouns.contains(noun).then_some(tail)
}

fn skip<'a>(words: &'a [&'a str], fillers: &[&str]) -> &'a [&'a str] {
    let from = words.iter().position(|word| !fillers.contains(word)).unwrap_or(words.len());
    words.get(from..).unwrap_or_default()
}

/// The clause is one of the nouns and nothing but politeness around it.
fn is_only(words: &[&str], nouns: &[&str], around: &[&str]) -> bool {
    words.iter().any(|word| nouns.contains(word))
        && words.iter().all(|word| nouns.contains(word) || around.contains(word))
}

fn starts_with_any(words: &[&str], starts: &[&[&str]]) -> bool {
    starts.iter().any(|start| words.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_requests_are_recognised() {
        for text in [
            "I want to talk to a person",
            "Can I speak to a human?",
            "Could I please speak with someone from your team?",
            "talk to a real person please",
            "Human please!",
            "agent",
            "Connect me to an agent",
            "please transfer me to customer support",
            "Put me through to a representative",
            "I need a human",
            "give me a real human being now",
            "I'd like to chat with a support agent",
            "Not a bot, a human please",
            "I don't want to talk to a robot but to speak to a person",
            "Is there someone I can talk to?",
            "Give me a real person now",
            "How do I talk to a person?",
            "I would rather talk to a human",
            "Hi, can you get me a human?",
            "connect me",
            "Please connect me now",
            "connect me to someone",
            "can someone call me back?",
            "Please call me back",
            "Could you call me today?",
            "I need help from your staff",
            "Can I get some help from a real person?",
            "speak to a representative",
            "I want to talk to someone from the shop",
            "Ich möchte mit einem Menschen sprechen",
            "Kann ich bitte mit einem Mitarbeiter reden?",
            "Kann ich nicht mit einem Menschen sprechen?",
            "Verbinden Sie mich mit dem Kundenservice",
            "Mitarbeiter bitte",
            "Ich will einen echten Menschen",
            "Ich brauche einen Berater",
            "Bitte verbinde mich mit jemandem aus dem Team",
            "echter Mensch bitte",
        ] {
            assert!(asks_for_person(text), "missed: {text}");
        }
    }

    #[test]
    fn questions_that_only_mention_people_are_not_requests() {
        for text in [
            "How do you handle my personal data?",
            "Is this tent for one person or for two people?",
            "I need a sleeping bag for a person of 190 cm",
            "What does a person need for a winter tour?",
            "I don't want to talk to a person",
            "No need to transfer me to an agent",
            "Can I transfer my warranty to another person?",
            "Do I have to talk to a person to return this?",
            "Can I give a gift card to someone?",
            "Do you have a team discount?",
            "I want a human-shaped cookie cutter",
            "Can I pick it up in person?",
            "I talked to an agent yesterday and my parcel still is not here",
            "What does your support cost?",
            "Does the rope support one person?",
            "Can I talk to you about my order?",
            "Is the stove safe to hand to a child?",
            "I need a person-sized blanket",
            "Wie gehen Sie mit personenbezogenen Daten um?",
            "Ich möchte nicht mit einem Menschen sprechen",
            "Ist das Zelt für eine Person oder zwei Personen?",
            "Kann ich mit einer anderen Person zusammen bestellen?",
            "Passt der Rucksack einem Menschen mit 1,90 m?",
            "Ich brauche keinen Berater",
            "Can I talk to a person in your Freiburg store on Saturday?",
            "Kann ich in der Filiale mit einem Mitarbeiter sprechen?",
            "Spreche ich mit einem Menschen?",
            "Am I talking to a person?",
            "Are you a real person?",
            "Will the courier call me before delivery?",
            "Will someone call me when the parcel arrives?",
            "Please do not call me back",
            "Can you connect me the stove to a hose?",
            "I need help from the size chart",
            "",
        ] {
            assert!(!asks_for_person(text), "taken for a request: {text}");
        }
    }
}
