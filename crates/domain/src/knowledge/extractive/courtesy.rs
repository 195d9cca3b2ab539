//! Greetings, thanks, goodbyes, and who is talking here, in English and German.

use super::phrases::Phrases;
use super::words;

const GREETINGS: &[&str] = &[
    "hello",
    "hi",
    "hey",
    "hiya",
    "howdy",
    "greetings",
    "morning",
    "afternoon",
    "evening",
    "hallo",
    "moin",
    "servus",
    "grüezi",
    "tag",
    "abend",
    "morgen",
    "gruß",
];
const THANKS: &[&str] = &["thanks", "thank", "thx", "ty", "cheers", "danke", "dankeschön", "dank", "merci"];
const GOODBYES: &[&str] = &["bye", "goodbye", "ciao", "tschüss", "tschüß", "wiedersehen", "wiederschauen", "cya"];
/// Words that may stand around a courtesy without making it a question.
const AROUND: &[&str] = &[
    "you",
    "very",
    "much",
    "so",
    "a",
    "lot",
    "there",
    "good",
    "day",
    "again",
    "for",
    "your",
    "the",
    "help",
    "all",
    "everything",
    "that",
    "this",
    "was",
    "is",
    "it",
    "helps",
    "helped",
    "great",
    "perfect",
    "ok",
    "okay",
    "team",
    "and",
    "see",
    "later",
    "have",
    "nice",
    "one",
    "day",
    "weekend",
    "many",
    "everyone",
    "guten",
    "gute",
    "schönen",
    "vielen",
    "lieben",
    "besten",
    "sehr",
    "auf",
    "ihnen",
    "dir",
    "euch",
    "für",
    "die",
    "ihre",
    "deine",
    "hilfe",
    "zusammen",
    "noch",
    "einen",
    "und",
    "super",
    "das",
    "hat",
    "geholfen",
    "grüß",
    "gott",
    "bis",
    "bald",
    "später",
    "alles",
    "klar",
    "now",
    "how",
    "are",
    "going",
    "doing",
    "today",
    "s",
    "wie",
    "geht",
    "gehts",
    "es",
];
/// Questions that want no answer.
const HOW_ARE_YOU: &[&str] =
    &["how are you", "how is it going", "how s it going", "wie geht es", "wie geht s", "wie gehts"];
/// How a customer starts to ask whether a person answers.
const WHO_ARE_YOU: &[&[&str]] = &[
    &["are", "you"],
    &["is", "this"],
    &["is", "that"],
    &["am", "i", "talking"],
    &["am", "i", "speaking"],
    &["am", "i", "chatting"],
    &["am", "i", "writing"],
    &["bist", "du"],
    &["sind", "sie"],
    &["seid", "ihr"],
    &["ist", "das"],
    &["spreche", "ich"],
    &["rede", "ich"],
    &["chatte", "ich"],
    &["schreibe", "ich"],
];
/// What they take us for.
const BEINGS: &[&str] = &[
    "bot", "robot", "chatbot", "ai", "machine", "computer", "human", "person", "roboter", "ki", "maschine", "mensch",
    "menschen",
];
/// What may stand beside these, so that "is this machine washable" is about a thing of the shop.
const AROUND_BEINGS: &[&str] = &[
    "a",
    "an",
    "the",
    "or",
    "just",
    "only",
    "real",
    "actual",
    "live",
    "really",
    "actually",
    "still",
    "here",
    "now",
    "to",
    "with",
    "by",
    "being",
    "hi",
    "hello",
    "hey",
    "so",
    "wait",
    "please",
    "ein",
    "eine",
    "einem",
    "einer",
    "echter",
    "echte",
    "echten",
    "echtem",
    "richtiger",
    "richtigen",
    "oder",
    "nur",
    "hier",
    "jetzt",
    "mit",
    "wirklich",
    "eigentlich",
    "überhaupt",
    "denn",
    "etwa",
    "hallo",
];
/// A courtesy is short; anything longer has something to say.
const MAX_WORDS: usize = 9;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Courtesy {
    Greeting,
    Thanks,
    Goodbye,
    /// Whether a person or a machine answers.
    WhoAnswers,
}

/// The answer to a message that is nothing but a courtesy.
pub(super) fn reply(message: &str, phrases: Phrases) -> Option<&'static str> {
    recognise(message).map(|courtesy| match courtesy {
        Courtesy::Greeting => phrases.greeting,
        Courtesy::Thanks => phrases.thanks,
        Courtesy::Goodbye => phrases.goodbye,
        Courtesy::WhoAnswers => phrases.who_answers,
    })
}

pub(super) fn is_courtesy(message: &str) -> bool {
    recognise(message).is_some()
}

/// A greeting, thanks or a goodbye; not the question of who answers.
pub(super) fn is_mere_politeness(message: &str) -> bool {
    recognise(message).is_some_and(|courtesy| courtesy != Courtesy::WhoAnswers)
}

fn recognise(message: &str) -> Option<Courtesy> {
    let words = words::words(message);
    if asks_who_answers(&words) {
        return Some(Courtesy::WhoAnswers);
    }
    let asks_how_we_are = HOW_ARE_YOU.iter().any(|phrase| words.join(" ").contains(phrase));
    if words.is_empty() || words.len() > MAX_WORDS || message.contains('?') && !asks_how_we_are {
        return None;
    }
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let known = |word: &String| [GREETINGS, THANKS, GOODBYES, AROUND].iter().any(|list| list.contains(&word.as_str()));
    if !words.iter().all(known) {
        return None;
    }
    // "Thanks, bye" says goodbye; "hello and thank you" thanks.
    if has(GOODBYES) {
        Some(Courtesy::Goodbye)
    } else if has(THANKS) {
        Some(Courtesy::Thanks)
    } else if has(GREETINGS) || asks_how_we_are {
        Some(Courtesy::Greeting)
    } else {
        None
    }
}

/// "Are you a bot?", and nothing besides.
fn asks_who_answers(words: &[String]) -> bool {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let Some((before, rest)) = WHO_ARE_YOU.iter().find_map(|start| split_at_phrase(&words, start)) else {
        return false;
    };
    let is_around = |word: &&str| AROUND_BEINGS.contains(word);
    before.iter().all(is_around)
        && rest.iter().any(|word| BEINGS.contains(word))
        && rest.iter().all(|word| BEINGS.contains(word) || is_around(word))
}

/// What stands before and after the phrase.
fn split_at_phrase<'a>(words: &'a [&'a str], phrase: &[&str]) -> Option<(&'a [&'a str], &'a [&'a str])> {
    let at = words.windows(phrase.len()).position(|found| found == phrase)?;
    Some((words.get(..at)?, words.get(at + phrase.len()..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greetings_thanks_and_goodbyes_are_told_apart() {
        for (message, expected) in [
            ("Hello", Courtesy::Greeting),
            ("Good morning!", Courtesy::Greeting),
            ("Guten Tag", Courtesy::Greeting),
            ("Hey, how are you?", Courtesy::Greeting),
            ("How are you today?", Courtesy::Greeting),
            ("Thank you very much!", Courtesy::Thanks),
            ("great, thanks for your help", Courtesy::Thanks),
            ("Vielen Dank für die Hilfe", Courtesy::Thanks),
            ("Thanks, bye", Courtesy::Goodbye),
            ("Auf Wiedersehen", Courtesy::Goodbye),
            ("Are you a bot?", Courtesy::WhoAnswers),
            ("are you a real person?", Courtesy::WhoAnswers),
            ("Are you human?", Courtesy::WhoAnswers),
            ("is this AI?", Courtesy::WhoAnswers),
            ("am I talking to a robot", Courtesy::WhoAnswers),
            ("Hi, am I chatting with a real person or just a bot?", Courtesy::WhoAnswers),
            ("bist du ein Mensch?", Courtesy::WhoAnswers),
            ("sind Sie ein Roboter?", Courtesy::WhoAnswers),
            ("Spreche ich hier mit einem echten Menschen?", Courtesy::WhoAnswers),
        ] {
            assert_eq!(recognise(message), Some(expected), "{message}");
        }
    }

    #[test]
    fn a_question_with_a_greeting_is_a_question() {
        for message in [
            "Hello, how long does shipping take",
            "Hi?",
            "How is it",
            "Thanks, and how do I return it",
            "do you have a robot vacuum",
            "is this machine washable?",
            "Is this for a person or for two?",
            "Are you open on Sunday?",
            "Is this a robot vacuum?",
            "Do you sell human hair?",
            "ok",
            "???",
            "",
        ] {
            assert_eq!(recognise(message), None, "{message}");
        }
    }
}
