//! JSON, small: a reader and a writer for what the widget exchanges.
//!
//! serde's generated code for the same types weighs more than all the rest of the panel (118 KB against 40 KB with
//! brotli). Numbers are whole here: nothing that the widget reads has a fraction that matters.

use crate::plain::decimal;

/// Deeper nesting than any of our answers has.
const MAX_DEPTH: u8 = 32;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Json {
    Null,
    Flag(bool),
    /// Fractions and exponents are cut off.
    Number(i64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

static NULL: Json = Json::Null;

impl Json {
    /// Reads one whole text; `None` when it is not JSON.
    pub fn parse(text: &str) -> Option<Self> {
        let mut reader = Reader { rest: text.as_bytes() };
        let value = reader.value(0)?;
        reader.skip_blanks();
        reader.rest.is_empty().then_some(value)
    }

    /// A field of an object; `Null` when there is none.
    pub fn get(&self, name: &str) -> &Self {
        match self {
            Self::Object(fields) => fields.iter().find(|(field, _)| field == name).map_or(&NULL, |(_, value)| value),
            _ => &NULL,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text, or an empty one.
    pub fn owned_text(&self) -> String {
        self.text().unwrap_or_default().to_owned()
    }

    pub fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    pub fn is_true(&self) -> bool {
        *self == Self::Flag(true)
    }

    /// The entries of a list; none when it is not one.
    pub fn list(&self) -> &[Self] {
        match self {
            Self::List(list) => list,
            _ => &[],
        }
    }

    /// The value, unless it is `null` or absent.
    pub fn present(&self) -> Option<&Self> {
        (*self != Self::Null).then_some(self)
    }
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn skip_blanks(&mut self) {
        while let [b' ' | b'\t' | b'\n' | b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
    }

    fn take(&mut self, expected: u8) -> Option<()> {
        self.skip_blanks();
        let (first, rest) = self.rest.split_first()?;
        (*first == expected).then(|| self.rest = rest)
    }

    fn word(&mut self, word: &str, value: Json) -> Option<Json> {
        self.rest = self.rest.strip_prefix(word.as_bytes())?;
        Some(value)
    }

    fn value(&mut self, depth: u8) -> Option<Json> {
        if depth > MAX_DEPTH {
            return None;
        }
        self.skip_blanks();
        match *self.rest.first()? {
            b'n' => self.word("null", Json::Null),
            b't' => self.word("true", Json::Flag(true)),
            b'f' => self.word("false", Json::Flag(false)),
            b'"' => self.string().map(Json::Text),
            b'[' => self.list(depth),
            b'{' => self.object(depth),
            _ => self.number(),
        }
    }

    fn list(&mut self, depth: u8) -> Option<Json> {
        let mut list = Vec::new();
        self.take(b'[')?;
        if self.take(b']').is_some() {
            return Some(Json::List(list));
        }
        loop {
            list.push(self.value(depth + 1)?);
            if self.take(b',').is_none() {
                self.take(b']')?;
                return Some(Json::List(list));
            }
        }
    }

    fn object(&mut self, depth: u8) -> Option<Json> {
        let mut fields = Vec::new();
        self.take(b'{')?;
        if self.take(b'}').is_some() {
            return Some(Json::Object(fields));
        }
        loop {
            self.skip_blanks();
            let name = self.string()?;
            self.take(b':')?;
            fields.push((name, self.value(depth + 1)?));
            if self.take(b',').is_none() {
                self.take(b'}')?;
                return Some(Json::Object(fields));
            }
        }
    }

    fn number(&mut self) -> Option<Json> {
        let length =
            self.rest.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')).count();
        let (number, rest) = self.rest.split_at_checked(length)?;
        self.rest = rest;
        let (digits, sign) = number.strip_prefix(b"-").map_or((number, 1), |digits| (digits, -1));
        let whole = digits.iter().take_while(|byte| byte.is_ascii_digit());
        if !digits.first()?.is_ascii_digit() {
            return None;
        }
        let value = whole.fold(0_i64, |value, digit| value.saturating_mul(10).saturating_add(i64::from(digit - b'0')));
        Some(Json::Number(sign * value))
    }

    fn string(&mut self) -> Option<String> {
        self.rest = self.rest.strip_prefix(b"\"")?;
        let mut bytes = Vec::new();
        loop {
            let (first, rest) = self.rest.split_first()?;
            self.rest = rest;
            match first {
                b'"' => return String::from_utf8(bytes).ok(),
                b'\\' => self.escape(&mut bytes)?,
                0..=0x1f => return None,
                other => bytes.push(*other),
            }
        }
    }

    fn escape(&mut self, bytes: &mut Vec<u8>) -> Option<()> {
        let (kind, rest) = self.rest.split_first()?;
        self.rest = rest;
        let plain = match kind {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'b' => 8,
            b'f' => 12,
            b'u' => {
                let mut code = self.hex()?;
                if let 0xd800..=0xdbff = code {
                    self.rest = self.rest.strip_prefix(b"\\u")?;
                    let low = self.hex()?.checked_sub(0xdc00)?;
                    code = 0x10000 + ((code - 0xd800) << 10) + low;
                }
                let character = char::from_u32(code)?;
                bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                return Some(());
            }
            b'"' | b'\\' | b'/' => *kind,
            _ => return None,
        };
        bytes.push(plain);
        Some(())
    }

    fn hex(&mut self) -> Option<u32> {
        let (digits, rest) = self.rest.split_at_checked(4)?;
        self.rest = rest;
        digits.iter().try_fold(0, |code, digit| Some(code * 16 + char::from(*digit).to_digit(16)?))
    }
}

/// Writes one flat object.
#[derive(Debug)]
pub struct ObjectWriter {
    text: String,
}

impl Default for ObjectWriter {
    fn default() -> Self {
        Self { text: "{".to_owned() }
    }
}

impl ObjectWriter {
    pub fn text(mut self, name: &str, value: &str) -> Self {
        self.name(name);
        self.quote(value);
        self
    }

    pub fn number(mut self, name: &str, value: i64) -> Self {
        self.name(name);
        self.text.push_str(&decimal(value));
        self
    }

    pub fn flag(mut self, name: &str, value: bool) -> Self {
        self.name(name);
        self.text.push_str(if value { "true" } else { "false" });
        self
    }

    /// The whole object.
    pub fn end(mut self) -> String {
        self.text.push('}');
        self.text
    }

    fn name(&mut self, name: &str) {
        if self.text.len() > 1 {
            self.text.push(',');
        }
        self.quote(name);
        self.text.push(':');
    }

    fn quote(&mut self, value: &str) {
        self.text.push('"');
        for character in value.chars() {
            match character {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                '\u{0}'..='\u{1f}' => {
                    self.text.push_str("\\u00");
                    for digit in [u32::from(character) / 16, u32::from(character) % 16] {
                        self.text.extend(char::from_digit(digit, 16));
                    }
                }
                other => self.text.push(other),
            }
        }
        self.text.push('"');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn values_are_read_as_they_stand() {
        let json =
            Json::parse(r#" {"a":[1,-2,3.7,true,null],"b":{"c":"x\"\\\n\u00e9\ud83d\udc5f"},"d":[],"e":{}} "#).unwrap();
        assert_eq!(
            json.get("a").list(),
            [Json::Number(1), Json::Number(-2), Json::Number(3), Json::Flag(true), Json::Null]
        );
        assert_eq!(json.get("b").get("c").text(), Some("x\"\\\né👟"));
        assert_eq!(json.get("nothing").get("here"), &Json::Null);
    }

    #[test]
    fn what_is_not_json_is_not_read() {
        for text in ["", "{", "[1,]", "{\"a\"}", "nul", "1 2", "\"\u{1}\"", "\"\\ud800x\"", "-", "{,}", "'a'"] {
            assert_eq!(Json::parse(text), None, "{text:?}");
        }
        assert_eq!(Json::parse(&"[".repeat(10_000)), None);
    }

    proptest! {
        #[test]
        fn every_text_survives_writing_and_reading(name in ".{0,8}", value in ".{0,40}", number: i32) {
            let written = ObjectWriter::default().text(&name, &value).number("n\u{0}", number.into()).flag("f", true).end();
            let read: serde_json::Value = serde_json::from_str(&written).unwrap();
            prop_assert_eq!(read["n\u{0}"].as_i64(), Some(number.into()));
            let own = Json::parse(&written).unwrap();
            prop_assert_eq!(own.get(&name).text(), Some(value.as_str()));
        }

        #[test]
        fn reading_agrees_with_the_reference(text in r#"[\[\]{}",:0-9a-z\\ nul-]{0,24}"#) {
            // Lone surrogates and large numbers aside, what one reads the other reads.
            if serde_json::from_str::<serde_json::Value>(&text).is_ok() {
                prop_assert!(Json::parse(&text).is_some());
            }
        }
    }
}
