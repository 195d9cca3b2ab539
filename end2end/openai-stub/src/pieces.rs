//! A text as the pieces that it is sent in.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// A text, cut where one piece of the stream ends and the next begins.
///
/// In JSON: a string is one piece, an array of strings is what it says, and an object (a tool's arguments) is its own JSON
/// as one piece.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pieces(Vec<String>);

impl Pieces {
    /// The whole text at once.
    pub fn whole(text: impl Into<String>) -> Self {
        Self(vec![text.into()])
    }

    /// Exactly these pieces.
    pub fn exactly<S: Into<String>>(pieces: impl IntoIterator<Item = S>) -> Self {
        Self(pieces.into_iter().map(Into::into).collect())
    }

    /// The same text in `count` pieces of about the same length, or in one a character where it has fewer.
    pub fn in_pieces(&self, count: usize) -> Self {
        let text = self.text();
        let characters: Vec<char> = text.chars().collect();
        let count = count.clamp(1, characters.len().max(1));
        let cut = |place: usize| place * characters.len() / count;
        Self((0..count).map(|place| characters.iter().take(cut(place + 1)).skip(cut(place)).collect()).collect())
    }

    /// The same text, a piece a word; the blank goes with the word before it, as tokens do.
    pub fn in_words(&self) -> Self {
        Self(self.text().split_inclusive(' ').map(str::to_owned).collect())
    }

    /// The pieces put together.
    pub fn text(&self) -> String {
        self.0.concat()
    }

    /// How many pieces there are.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Keeps the first `count` pieces.
    pub(crate) fn truncate(&mut self, count: usize) {
        self.0.truncate(count);
    }

    pub(crate) fn into_iter(self) -> std::vec::IntoIter<String> {
        self.0.into_iter()
    }
}

impl<'de> Deserialize<'de> for Pieces {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::String(text) => Ok(Self::whole(text)),
            Value::Object(object) => Ok(Self::whole(Value::Object(object).to_string())),
            Value::Array(pieces) => {
                let pieces: Option<Vec<&str>> = pieces.iter().map(Value::as_str).collect();
                pieces.map(Self::exactly).ok_or_else(|| D::Error::custom("pieces are strings"))
            }
            other => Err(D::Error::custom(format!("a text, its pieces or an object was expected, not {other}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pieces_put_together_are_the_text_again() {
        let text = Pieces::whole("Größe 42 passt — „ja“.");
        for count in [1, 2, 7, 22, 1000] {
            let cut = text.in_pieces(count);
            assert_eq!(cut.text(), text.text());
            assert_eq!(cut.count(), count.min(22));
        }
        assert_eq!(text.in_words().text(), text.text());
        assert_eq!(text.in_words().count(), 5);
    }

    #[test]
    fn json_gives_a_text_its_pieces_or_an_object() {
        let read = |value: Value| serde_json::from_value::<Pieces>(value).unwrap();
        assert_eq!(read(json!("a b")), Pieces::whole("a b"));
        assert_eq!(read(json!(["a", " b"])), Pieces::exactly(["a", " b"]));
        assert_eq!(read(json!({"query": "tent"})), Pieces::whole(r#"{"query":"tent"}"#));
        assert!(serde_json::from_value::<Pieces>(json!(["a", 1])).is_err());
    }
}
