//! The model's last word: the arguments of the `reply` tool, read while they arrive.

use omniops_llm::{Speaker, ToolSpec, Turn as HistoryTurn};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Name of the tool by which the model ends its turn.
pub(crate) const REPLY: &str = "reply";

/// What the model wants done with its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Answer,
    /// Asks the customer something back.
    Clarify,
    /// A person shall take over.
    Escalate,
    /// The customer confirmed that all is settled.
    Resolve,
}

impl Outcome {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Clarify => "clarify",
            Self::Escalate => "escalate",
            Self::Resolve => "resolve",
        }
    }

    /// The outcome as it counts after `history` and for what the customer wrote since: nothing is settled before somebody
    /// answered, nor while something is asked.
    pub(crate) fn confirmed(self, history: &[HistoryTurn], unanswered: &[String]) -> Self {
        let was_answered = history.iter().any(|line| line.speaker != Speaker::Customer);
        let is_asked = unanswered.iter().any(|text| text.contains('?'));
        match self {
            Self::Resolve if !was_answered || is_asked => Self::Answer,
            Self::Answer | Self::Clarify | Self::Escalate | Self::Resolve => self,
        }
    }
}

/// The reply tool's arguments.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Reply {
    pub(crate) outcome: Outcome,
    #[serde(default)]
    pub(crate) sources: Vec<usize>,
    #[serde(default)]
    pub(crate) text: String,
    /// For the team, when a person shall take over.
    #[serde(default)]
    pub(crate) summary: Option<String>,
}

/// How the tool is told to the model.
pub(crate) fn spec() -> ToolSpec {
    ToolSpec {
        name: REPLY.to_owned(),
        description: "Ends your turn with what the customer reads. Give outcome and sources before text.".to_owned(),
        parameters: json!({
            "type": "object",
            "properties": {
                "outcome": {
                    "type": "string",
                    "enum": ["answer", "clarify", "escalate", "resolve"],
                    "description": "answer: answers the question. clarify: asks the customer for what is missing. \
                        escalate: a person of the team takes over. resolve: only after the customer confirmed that \
                        everything is settled."
                },
                "sources": {
                    "type": "array",
                    "items": { "type": "integer" },
                    "description": "Numbers of the sources that the text rests on."
                },
                "text": {
                    "type": "string",
                    "description": "What the customer reads, plain text, with [n] after each sentence that rests on source n."
                },
                "summary": {
                    "type": "string",
                    "description": "With escalate: what the team has to know, in two or three sentences."
                }
            },
            "required": ["outcome", "sources", "text"]
        }),
    }
}

/// Reads the arguments piece by piece and gives the text as far as it has come, before the whole is valid JSON.
#[derive(Debug, Default)]
pub(crate) struct ReplyReader {
    raw: String,
    depth: u32,
    place: Place,
    /// The string being read: a key, or a value of the outer object.
    current: String,
    key: Option<String>,
    outcome: Option<String>,
    escape: String,
    /// First half of a character beyond the basic plane.
    high: Option<u16>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Between,
    /// In a string; `true` when it is a value of the outer object.
    String { value: bool },
    /// After a backslash.
    Escape { value: bool },
}

impl ReplyReader {
    /// Takes the next piece; gives what it adds to the text.
    pub(crate) fn push(&mut self, piece: &str) -> String {
        self.raw.push_str(piece);
        let mut text = String::new();
        for c in piece.chars() {
            self.take(c, &mut text);
        }
        text
    }

    /// What the model wants done, once it said so.
    pub(crate) fn outcome(&self) -> Option<Outcome> {
        match self.outcome.as_deref()? {
            "answer" => Some(Outcome::Answer),
            "clarify" => Some(Outcome::Clarify),
            "escalate" => Some(Outcome::Escalate),
            "resolve" => Some(Outcome::Resolve),
            _ => None,
        }
    }

    /// The whole, when the arguments have ended; `None` when they are no reply.
    pub(crate) fn finish(&self) -> Option<Reply> {
        serde_json::from_str(&self.raw).ok()
    }

    fn take(&mut self, c: char, text: &mut String) {
        match self.place {
            Place::Between => self.between(c),
            Place::Escape { value } => self.escaped(c, value, text),
            Place::String { value } => match c {
                '\\' => {
                    self.escape.clear();
                    self.place = Place::Escape { value };
                }
                '"' => self.end_of_string(value),
                c => self.add(c, value, text),
            },
        }
    }

    fn between(&mut self, c: char) {
        match c {
            '{' | '[' => self.depth += 1,
            '}' | ']' => self.depth = self.depth.saturating_sub(1),
            ',' if self.depth == 1 => self.key = None,
            '"' => {
                self.current.clear();
                self.place = Place::String { value: self.depth == 1 && self.key.is_some() };
            }
            _ => {}
        }
    }

    fn end_of_string(&mut self, value: bool) {
        self.place = Place::Between;
        let string = std::mem::take(&mut self.current);
        if value {
            if self.key.as_deref() == Some("outcome") {
                self.outcome = Some(string);
            }
        } else if self.depth == 1 {
            self.key = Some(string);
        }
    }

    fn escaped(&mut self, c: char, value: bool, text: &mut String) {
        if self.escape.is_empty() && c != 'u' {
            self.place = Place::String { value };
            let plain = match c {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' | 'f' => ' ',
                other => other,
            };
            return self.add(plain, value, text);
        }
        self.escape.push(c);
        if self.escape.chars().count() < 5 {
            return;
        }
        self.place = Place::String { value };
        let unit = u16::from_str_radix(self.escape.get(1..).unwrap_or_default(), 16).ok();
        let Some(unit) = unit else { return };
        let units: Vec<u16> = self.high.take().into_iter().chain([unit]).collect();
        if (0xd800..0xdc00).contains(&unit) {
            self.high = Some(unit);
            return;
        }
        for decoded in char::decode_utf16(units) {
            self.add(decoded.unwrap_or(char::REPLACEMENT_CHARACTER), value, text);
        }
    }

    fn add(&mut self, c: char, value: bool, text: &mut String) {
        if value && self.key.as_deref() == Some("text") {
            text.push(c);
        } else {
            self.current.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pieces: &[&str]) -> (String, ReplyReader) {
        let mut reader = ReplyReader::default();
        let text = pieces.iter().map(|piece| reader.push(piece)).collect();
        (text, reader)
    }

    #[test]
    fn the_text_comes_as_it_arrives_and_the_outcome_before_it() {
        let mut reader = ReplyReader::default();
        assert_eq!(reader.push(r#"{"outcome":"answer","sources":[1,"#), "");
        assert_eq!(reader.outcome(), Some(Outcome::Answer));
        assert_eq!(reader.push(r#"2],"text":"Two to "#), "Two to ");
        assert_eq!(reader.push(r#"three days [1]."}"#), "three days [1].");
        let reply = reader.finish().unwrap();
        assert_eq!((reply.sources, reply.text.as_str()), (vec![1, 2], "Two to three days [1]."));
    }

    #[test]
    fn nothing_is_settled_before_an_answer_nor_with_a_question() {
        let line = |speaker| HistoryTurn { speaker, text: "To Austria, yes.".to_owned() };
        let answered = [line(Speaker::Customer), line(Speaker::Assistant)];
        let says = |text: &str| [text.to_owned()];
        assert_eq!(Outcome::Resolve.confirmed(&answered, &says("Thanks, that is all.")), Outcome::Resolve);
        assert_eq!(Outcome::Resolve.confirmed(&answered, &says("Thanks. And to Norway?")), Outcome::Answer);
        assert_eq!(Outcome::Resolve.confirmed(&answered[..1], &says("Thanks.")), Outcome::Answer);
        assert_eq!(Outcome::Clarify.confirmed(&[], &says("Hello?")), Outcome::Clarify);
    }

    #[test]
    fn other_strings_are_not_the_text() {
        let (text, reader) =
            read(&[r#"{"summary":"the \"text\": is","nested":{"text":"no"},"text":"yes","outcome":"clarify"}"#]);
        assert_eq!(text, "yes");
        assert_eq!(reader.outcome(), Some(Outcome::Clarify));
    }

    #[test]
    fn what_was_cut_off_is_no_reply_but_its_text_was_read() {
        let (text, reader) = read(&[r#"{"outcome":"answer","sources":[],"text":"We ship to Au"#]);
        assert_eq!(text, "We ship to Au");
        assert_eq!(reader.finish(), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_in_any_pieces_reads_back(text in "\\PC{0,40}[\"\\\\\n\t🙂é]{0,8}", cuts in proptest::collection::vec(0usize..400, 0..8)) {
            let json = serde_json::json!({"outcome": "answer", "sources": [1], "text": text}).to_string();
            let escaped: String = json.chars().flat_map(|c| {
                let mut units = [0u16; 2];
                if c.is_ascii() { vec![c.to_string()] } else {
                    c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
                }
            }).collect();
            for json in [json, escaped] {
                let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (json.len() + 1)).filter(|cut| json.is_char_boundary(*cut)).collect();
                cuts.sort_unstable();
                let mut reader = ReplyReader::default();
                let (mut read, mut from) = (String::new(), 0);
                for cut in cuts.into_iter().chain([json.len()]) {
                    read.push_str(&reader.push(&json[from..cut]));
                    from = cut;
                }
                proptest::prop_assert_eq!(&read, &text);
                proptest::prop_assert_eq!(reader.finish().unwrap().text, text.clone());
            }
        }
    }
}
