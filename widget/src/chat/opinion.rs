//! What the visitor thinks of an answer of the AI: shown at once, saved one after the other, taken back where that
//! fails.

use omniops_types::{FeedbackReason, MessageId, Rating};

use super::{Chat, Effect};

/// A thumb with what goes with it; without a rating there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    pub rating: Option<Rating>,
    /// Only with a thumb down.
    pub reason: Option<FeedbackReason>,
    /// Only with a thumb down; may be empty.
    pub comment: String,
}

/// What the visitor does about an answer. The same thumb or reason once more takes it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    Rating(Rating),
    Reason(FeedbackReason),
    /// In their own words; with it they have said all they want to say.
    Comment(String),
}

/// The opinion on one answer, and how far it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opinion {
    /// As it is shown.
    pub verdict: Verdict,
    /// Whether the visitor is asked what was wrong.
    pub asks_reason: bool,
    /// Whether thanks are due.
    pub thanks: bool,
    /// Whether the last verdict could not be saved.
    pub failed: bool,
    /// As the server has it.
    saved: Verdict,
    is_posting: bool,
}

impl Opinion {
    /// As the server remembers it.
    pub(super) fn remembered(rating: Rating) -> Self {
        let verdict = Verdict { rating: Some(rating), ..Verdict::default() };
        Self { saved: verdict.clone(), verdict, ..Self::default() }
    }

    fn take(&mut self, said: Said) {
        match said {
            Said::Rating(rating) => {
                let rating = Some(rating).filter(|rating| self.verdict.rating != Some(*rating));
                self.verdict = Verdict { rating, ..Verdict::default() };
                self.asks_reason = rating == Some(Rating::Down);
                self.thanks = rating == Some(Rating::Up);
            }
            Said::Reason(reason) => {
                self.verdict.reason = Some(reason).filter(|reason| self.verdict.reason != Some(*reason));
                self.thanks = self.verdict.reason.is_some();
            }
            Said::Comment(comment) => {
                self.verdict.comment = comment;
                self.asks_reason = false;
                self.thanks = true;
            }
        }
    }

    /// What has to be told to the server next, if nothing is on its way.
    fn next(&mut self) -> Option<Verdict> {
        if self.is_posting || self.verdict == self.saved {
            return None;
        }
        self.is_posting = true;
        Some(self.verdict.clone())
    }
}

impl Chat {
    /// The visitor says something about an answer.
    pub fn say(&mut self, message: MessageId, said: Said) {
        if let Some(opinion) = self.transcript.opinion_on(message) {
            opinion.failed = false;
            opinion.take(said);
            self.post_opinion(message);
        }
    }

    /// The server has this verdict now. What was said meanwhile follows.
    pub fn opinion_saved(&mut self, message: MessageId, verdict: Verdict) {
        if let Some(opinion) = self.transcript.opinion_on(message) {
            opinion.saved = verdict;
            opinion.is_posting = false;
            self.post_opinion(message);
        }
    }

    /// The verdict did not arrive: what the server has is shown again. A comment stays where it was written.
    pub fn opinion_not_saved(&mut self, message: MessageId) {
        if let Some(opinion) = self.transcript.opinion_on(message) {
            let saved = opinion.saved.clone();
            let asks_reason = saved.rating == Some(Rating::Down) && opinion.verdict.rating == saved.rating;
            *opinion = Opinion { verdict: saved.clone(), saved, asks_reason, failed: true, ..Opinion::default() };
        }
    }

    fn post_opinion(&mut self, message: MessageId) {
        if let Some(verdict) = self.transcript.opinion_on(message).and_then(Opinion::next) {
            self.effect(Effect::PostOpinion { message, verdict });
        }
    }
}

#[cfg(test)]
mod tests {
    use omniops_types::AuthorKind;

    use super::super::testing::*;
    use super::*;
    use crate::wire::{Session, TranscriptPage};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Of the answer in [`chat_with_conversation`].
    fn answer() -> MessageId {
        ai_message(2, 102, "").id
    }

    fn opinion(chat: &Chat) -> Opinion {
        chat.transcript.entries().find(|entry| entry.id == Some(answer())).unwrap().opinion.clone()
    }

    fn down() -> Verdict {
        Verdict { rating: Some(Rating::Down), ..Verdict::default() }
    }

    fn posts(verdict: Verdict) -> Vec<Effect> {
        vec![Effect::PostOpinion { message: answer(), verdict }]
    }

    #[test]
    fn a_thumb_up_shows_at_once_and_is_thanked_for() {
        let mut chat = chat_with_conversation();
        chat.say(answer(), Said::Rating(Rating::Up));
        let up = Verdict { rating: Some(Rating::Up), ..Verdict::default() };
        assert_eq!(chat.take_effects(), posts(up.clone()));
        let shown = opinion(&chat);
        assert_eq!((&shown.verdict, shown.thanks, shown.asks_reason), (&up, true, false));
        chat.opinion_saved(answer(), up);
        assert_eq!(chat.take_effects(), vec![]);
    }

    #[test]
    fn a_thumb_down_asks_why_and_the_reason_and_the_words_follow() {
        let mut chat = chat_with_conversation();
        chat.say(answer(), Said::Rating(Rating::Down));
        assert!(opinion(&chat).asks_reason && !opinion(&chat).thanks);
        assert_eq!(chat.take_effects(), posts(down()));
        chat.opinion_saved(answer(), down());
        chat.say(answer(), Said::Reason(FeedbackReason::Outdated));
        let because = Verdict { reason: Some(FeedbackReason::Outdated), ..down() };
        assert_eq!(chat.take_effects(), posts(because.clone()));
        chat.opinion_saved(answer(), because.clone());
        chat.say(answer(), Said::Comment("Last year's price".into()));
        let words = Verdict { comment: "Last year's price".into(), ..because };
        assert_eq!(chat.take_effects(), posts(words));
        assert!(!opinion(&chat).asks_reason && opinion(&chat).thanks);
    }

    #[test]
    fn the_same_thumb_once_more_takes_it_back_and_the_other_one_takes_its_place() {
        let mut chat = chat_with_conversation();
        chat.say(answer(), Said::Rating(Rating::Down));
        chat.say(answer(), Said::Reason(FeedbackReason::Tone));
        chat.say(answer(), Said::Rating(Rating::Up));
        assert_eq!(opinion(&chat).verdict, Verdict { rating: Some(Rating::Up), ..Verdict::default() });
        chat.say(answer(), Said::Rating(Rating::Up));
        assert_eq!(opinion(&chat).verdict, Verdict::default());
        assert!(!opinion(&chat).thanks);
    }

    #[test]
    fn what_is_said_quickly_arrives_in_order_and_only_the_last_of_it() {
        let mut chat = chat_with_conversation();
        chat.say(answer(), Said::Rating(Rating::Down));
        chat.say(answer(), Said::Reason(FeedbackReason::Slow));
        chat.say(answer(), Said::Reason(FeedbackReason::Other));
        assert_eq!(chat.take_effects(), posts(down()), "one at a time");
        chat.opinion_saved(answer(), down());
        let last = Verdict { reason: Some(FeedbackReason::Other), ..down() };
        assert_eq!(chat.take_effects(), posts(last.clone()));
        chat.opinion_saved(answer(), last);
        assert_eq!(chat.take_effects(), vec![]);
    }

    #[test]
    fn a_verdict_that_did_not_arrive_is_taken_back_and_can_be_given_again() {
        let mut chat = chat_with_conversation();
        chat.say(answer(), Said::Rating(Rating::Up));
        chat.take_effects();
        chat.opinion_not_saved(answer());
        let shown = opinion(&chat);
        assert_eq!((&shown.verdict, shown.failed, shown.thanks), (&Verdict::default(), true, false));
        chat.say(answer(), Said::Rating(Rating::Down));
        assert!(!opinion(&chat).failed);
        assert_eq!(chat.take_effects(), posts(down()));
    }

    #[test]
    fn a_comment_that_did_not_arrive_can_be_sent_again_from_where_it_stands() {
        let mut chat = chat_with_conversation();
        chat.say(answer(), Said::Rating(Rating::Down));
        chat.opinion_saved(answer(), down());
        chat.say(answer(), Said::Comment("Wrong size".into()));
        chat.opinion_not_saved(answer());
        assert!(opinion(&chat).asks_reason && opinion(&chat).failed);
        assert_eq!(opinion(&chat).verdict, down());
    }

    #[test]
    fn a_visitor_who_comes_back_finds_their_thumb_and_is_asked_nothing() {
        let mut chat = Chat::default();
        chat.boot(true);
        let mut rated = ai_message(2, 102, "Yes, in 3 days [1]");
        rated.rating = Some(Rating::Down);
        let transcript = Some(TranscriptPage { messages: vec![rated], has_older: false });
        chat.session_opened(Session { transcript, ..session_with_conversation() });
        let shown = opinion(&chat);
        assert_eq!((&shown.verdict, shown.asks_reason, shown.thanks), (&down(), false, false));
        // The event log repeats the message without the thumb.
        chat.visitor_event(Some(41), message_event(ai_message(2, 102, "Yes, in 3 days [1]")));
        assert_eq!(opinion(&chat).verdict, down());
    }

    #[test]
    fn only_what_answers_can_be_rated() {
        let mut chat = chat_with_conversation();
        let mut hand_off = ai_message(3, 103, "A person will answer you here");
        hand_off.is_answer = false;
        chat.visitor_event(Some(41), message_event(hand_off));
        chat.visitor_event(Some(42), message_event(agent_message(4, 1, "Hello")));
        let rateable: Vec<bool> = chat.transcript.entries().map(|entry| entry.is_answer).collect();
        assert_eq!(rateable, [false, true, false, false]);
        assert!(chat.transcript.entries().all(|entry| !entry.is_answer || entry.author == AuthorKind::Ai));
    }
}
