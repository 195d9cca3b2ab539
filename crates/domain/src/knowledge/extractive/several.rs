//! Several messages that wait for an answer: which questions they ask, and one reply that answers each.

use omniops_llm::{Answer, Citation, Usage, Verdict};

use super::offers::Offer;
use super::phrases::Phrases;
use super::words::{leans_on_context, words};
use super::{SHORT_QUESTION, courtesy};

/// Words with which a question begins, also where nobody typed its question mark.
const ASKING: &[&str] = &[
    "how", "what", "whats", "when", "where", "who", "why", "which", "can", "could", "do", "does", "did", "is", "are",
    "will", "would", "should", "may", "has", "have", "wie", "wieviel", "was", "wann", "wo", "woher", "wohin", "wer",
    "warum", "wieso", "welche", "welcher", "welches", "welchen", "kann", "können", "könnt", "könnte", "gibt", "ist",
    "sind", "hat", "haben", "habt", "darf", "dürfen", "muss", "wird", "werden",
];
/// What may stand before that: "hi, do you …", "and what …".
const BEFORE_ASKING: &[&str] =
    &["hi", "hello", "hey", "hallo", "and", "also", "but", "so", "then", "ok", "okay", "und", "aber", "dann", "auch"];
/// Characters of a question that are repeated before its answer.
const HEADING_CHARS: usize = 90;

/// The questions that messages in a row ask, in their order; at least one unless there are no messages.
///
/// What asks nothing goes with the question that it is about: "I bought a tent." with "can I return it?" behind it, "to
/// Austria" with what was asked before. A mere "hi" or "thanks" beside a question wants no answer of its own. Where no
/// message is recognised as a question, all of them are one.
pub fn questions_of(messages: &[String]) -> Vec<String> {
    let said: Vec<&str> = messages.iter().map(String::as_str).filter(|text| says_something(text)).collect();
    let mut questions: Vec<Vec<&str>> = Vec::new();
    let mut told = Vec::new();
    for text in said {
        match questions.last_mut() {
            _ if asks(text) => {
                told.push(text);
                questions.push(std::mem::take(&mut told));
            }
            Some(last) if told.is_empty() && leans_on_context(text, SHORT_QUESTION) => last.push(text),
            _ => told.push(text),
        }
    }
    match questions.last_mut() {
        Some(last) => last.append(&mut told),
        None => questions.push(messages.iter().map(String::as_str).collect()),
    }
    questions.into_iter().map(|lines| lines.join("\n")).filter(|question| !question.is_empty()).collect()
}

fn says_something(text: &str) -> bool {
    let is_nudge = words(text).is_empty();
    // "Hello?" greets like "Hello".
    !is_nudge && !courtesy::is_mere_politeness(&text.replace('?', " "))
}

fn asks(text: &str) -> bool {
    let words = words(text);
    let first = words.iter().find(|word| !BEFORE_ASKING.contains(&word.as_str()));
    text.contains('?') || first.is_some_and(|word| ASKING.contains(&word.as_str()))
}

/// A question and its answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    pub question: String,
    /// Its citations name passages in one numbering for all.
    pub answer: Answer,
}

/// The reply to several questions.
#[derive(Clone, Debug, PartialEq)]
pub struct OneReply {
    /// The paragraphs in which it is streamed.
    pub pieces: Vec<String>,
    pub answer: Answer,
}

/// One reply for several questions: each answer below its question, the sources numbered through, and last, once, what
/// no page answers, with the offer of a person. An answer that serves two questions is given once.
///
/// It counts as declined where a question is left open, since it offers a person then; its confidence is the least of
/// its answers'.
pub fn one_reply(answered: &[Answered], locale: Option<&str>) -> OneReply {
    let questions: Vec<&str> = answered.iter().map(|one| one.question.as_str()).collect();
    let all = questions.join("\n");
    let (phrases, offer) = (Phrases::of(locale, &all), Offer::of(locale, &all));
    let declined = |one: &&Answered| one.answer.verdict == Verdict::Declined;
    let open: Vec<&str> = answered.iter().filter(declined).map(|one| one.question.as_str()).collect();
    let mut citations = Vec::new();
    let mut given: Vec<(Vec<&str>, String)> = Vec::new();
    for one in answered.iter().filter(|one| !declined(one)) {
        let text = renumbered(&one.answer, &mut citations);
        match given.iter_mut().find(|(_, earlier)| *earlier == text) {
            Some((questions, _)) => questions.push(&one.question),
            None => given.push((vec![&one.question], text)),
        }
    }
    let mut paragraphs: Vec<String> =
        given.iter().map(|(questions, text)| format!("{}\n{text}", headings(questions, phrases))).collect();
    if !open.is_empty() && !paragraphs.is_empty() {
        paragraphs.push(format!("{}\n{}", headings(&open, phrases), offer.not_found));
        paragraphs.push(offer.offer.to_owned());
    } else if !open.is_empty() {
        paragraphs.push(offer.declined());
    }
    let answer = Answer {
        text: paragraphs.join("\n\n"),
        citations,
        confidence: answered.iter().map(|one| one.answer.confidence).reduce(f32::min).unwrap_or_default(),
        verdict: if open.is_empty() { verdict(answered) } else { Verdict::Declined },
        usage: answered.iter().fold(Usage::default(), |sum, one| Usage {
            prompt_tokens: sum.prompt_tokens + one.answer.usage.prompt_tokens,
            completion_tokens: sum.completion_tokens + one.answer.usage.completion_tokens,
        }),
    };
    let piece = |(number, text): (usize, String)| if number == 0 { text } else { format!("\n\n{text}") };
    OneReply { pieces: paragraphs.into_iter().enumerate().map(piece).collect(), answer }
}

/// Of answers of which none is a refusal.
fn verdict(answered: &[Answered]) -> Verdict {
    let only_courtesies = answered.iter().all(|one| one.answer.verdict == Verdict::Courtesy);
    if only_courtesies { Verdict::Courtesy } else { Verdict::Answered }
}

/// The questions in quotation marks, one a line; the start of a long one.
fn headings(questions: &[&str], phrases: Phrases) -> String {
    let (open, close) = phrases.quotes;
    let heading = |question: &&str| {
        let line = question.split_whitespace().collect::<Vec<_>>().join(" ");
        match line.char_indices().nth(HEADING_CHARS) {
            Some((end, _)) => format!("{open}{}…{close}", line.get(..end).unwrap_or_default().trim_end()),
            None => format!("{open}{line}{close}"),
        }
    };
    questions.iter().map(heading).collect::<Vec<_>>().join("\n")
}

/// The answer's text with its `[1]`, `[2]` as the places of its citations among all; a citation that is there already
/// keeps its place.
fn renumbered(answer: &Answer, citations: &mut Vec<Citation>) -> String {
    let places: Vec<usize> = answer
        .citations
        .iter()
        .map(|citation| {
            citations.iter().position(|earlier| earlier == citation).unwrap_or_else(|| {
                citations.push(citation.clone());
                citations.len() - 1
            })
        })
        .collect();
    let mut text = String::with_capacity(answer.text.len());
    let mut rest = answer.text.as_str();
    while let Some((before, behind)) = rest.split_once('[') {
        text.push_str(before);
        rest = behind;
        let place = behind.split_once(']').and_then(|(number, after)| {
            let place = places.get(number.parse::<usize>().ok()?.checked_sub(1)?)?;
            Some((place, after))
        });
        match place {
            Some((place, after)) => {
                text.push_str(&format!("[{}]", place + 1));
                rest = after;
            }
            None => text.push('['),
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn questions(messages: &[&str]) -> Vec<String> {
        questions_of(&messages.iter().map(|&text| text.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn each_message_that_asks_is_a_question() {
        assert_eq!(
            questions(&["how long is shipping?", "do you have gift cards", "und was ist mit Rückgaben?"]),
            ["how long is shipping?", "do you have gift cards", "und was ist mit Rückgaben?"]
        );
    }

    #[test]
    fn what_asks_nothing_goes_with_its_question() {
        assert_eq!(questions(&["I bought a tent.", "Can I return it?"]), ["I bought a tent.\nCan I return it?"]);
        assert_eq!(
            questions(&["how much is shipping", "to Austria", "I need four of your mugs", "are they in stock"]),
            ["how much is shipping\nto Austria", "I need four of your mugs\nare they in stock"]
        );
        assert_eq!(
            questions(&["can I return a tent?", "I bought it in Vienna"]),
            ["can I return a tent?\nI bought it in Vienna"]
        );
        assert_eq!(questions(&["shipping costs", "Austria"]), ["shipping costs\nAustria"]);
    }

    #[test]
    fn politeness_beside_a_question_asks_nothing() {
        assert_eq!(questions(&["hi", "how long is shipping?", "??", "thanks!", "hello?"]), ["how long is shipping?"]);
        assert_eq!(
            questions(&["are you a bot?", "do you ship to Norway"]),
            ["are you a bot?", "do you ship to Norway"]
        );
        assert_eq!(questions(&["hi", "thanks"]), ["hi\nthanks"]);
        assert!(questions(&[]).is_empty());
    }

    fn answered(question: &str, text: &str, cited: &[(usize, &str)], verdict: Verdict, confidence: f32) -> Answered {
        let citations = cited.iter().map(|&(passage, quote)| Citation { passage, quote: quote.to_owned() }).collect();
        let answer = Answer { text: text.to_owned(), citations, confidence, verdict, usage: Usage::default() };
        Answered { question: question.to_owned(), answer }
    }

    #[test]
    fn the_sources_of_all_answers_are_numbered_through() {
        let reply = one_reply(
            &[
                answered("how long?", "Two days. [1]\n\nSix [x]. [2]", &[(0, "a"), (3, "b")], Verdict::Answered, 0.9),
                answered("gift cards?", "Yes. [1]\n\nTwo days. [2]", &[(5, "c"), (0, "a")], Verdict::Answered, 0.7),
            ],
            None,
        );
        assert_eq!(
            reply.answer.text,
            "“how long?”\nTwo days. [1]\n\nSix [x]. [2]\n\n“gift cards?”\nYes. [3]\n\nTwo days. [1]"
        );
        assert_eq!(reply.answer.citations.iter().map(|citation| citation.passage).collect::<Vec<_>>(), [0, 3, 5]);
        assert_eq!(reply.pieces.concat(), reply.answer.text);
        assert_eq!((reply.answer.verdict, reply.answer.confidence), (Verdict::Answered, 0.7));
    }

    #[test]
    fn what_no_page_answers_is_said_once_and_a_person_offered_once() {
        let no = |question| answered(question, "Nothing found. A person?", &[], Verdict::Declined, 0.1);
        let yes = answered("how long?", "Two days. [1]", &[(0, "a")], Verdict::Answered, 0.9);
        let reply = one_reply(&[no("elephants?"), yes, no("unicorns?")], None);
        assert_eq!(
            reply.answer.text,
            "“how long?”\nTwo days. [1]\n\n“elephants?”\n“unicorns?”\nI could not find an answer to that on our pages.\
             \n\nWould you like to talk to a person? I can pass your question on."
        );
        assert_eq!(reply.answer.verdict, Verdict::Declined, "a yes to the offer has to be understood");

        let reply = one_reply(&[no("Gibt es Elefanten?"), no("Wie schwer sind die?")], Some("en"));
        assert!(reply.answer.text.starts_with("Dazu habe ich auf unseren Seiten keine Antwort gefunden. Möchten Sie"));
        assert_eq!(reply.pieces.len(), 1);
    }

    #[test]
    fn an_answer_that_serves_two_questions_is_given_once() {
        let same = |question| answered(question, "Two days. [1]", &[(0, "a")], Verdict::Answered, 0.9);
        let reply = one_reply(&[same("how long is shipping?"), same("when does it arrive?")], None);
        assert_eq!(reply.answer.text, "“how long is shipping?”\n“when does it arrive?”\nTwo days. [1]");
    }
}
