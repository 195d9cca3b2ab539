use std::fmt;

use rand::Rng;
use secrecy::zeroize::Zeroizing;

/// A one-time code: six digits. Its `Debug` does not show them.
#[derive(Clone)]
pub struct Code(Zeroizing<String>);

const DIGITS: usize = 6;

impl Code {
    /// Any of the million, each as likely as the others.
    pub(super) fn generate() -> Self {
        Self(Zeroizing::new(format!("{:06}", rand::rng().random_range(0..1_000_000))))
    }

    /// The code in what a customer wrote: six digits in a row, perhaps with a space or a dash in their middle, and no
    /// others like it.
    pub fn in_message(text: &str) -> Option<Self> {
        let mut found = None;
        for run in runs(text) {
            let digits: String = run.chars().filter(char::is_ascii_digit).collect();
            let halves = run.split([' ', '-', '\u{a0}', '\u{202f}']).map(str::len).collect::<Vec<_>>();
            let has_the_form = digits.len() == DIGITS && matches!(halves.as_slice(), [6] | [3, 3]);
            if has_the_form && found.replace(Self(Zeroizing::new(digits))).is_some() {
                return None;
            }
        }
        found
    }

    /// The message with dots in place of the code.
    pub fn hidden_in(&self, text: &str) -> String {
        let is_it = |run: &&str| run.chars().filter(char::is_ascii_digit).eq(self.0.chars());
        runs(text).into_iter().filter(is_it).fold(text.to_owned(), |text, run| text.replace(run, "••••••"))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// Digits with single spaces or dashes between them, as long as they go on: `123 456`, `0151-2345678`.
fn runs(text: &str) -> Vec<&str> {
    let is_joint = |c: char| matches!(c, ' ' | '-' | '\u{a0}' | '\u{202f}');
    let mut runs = Vec::new();
    let mut rest = text;
    while let Some(begin) = rest.find(|c: char| c.is_ascii_digit()) {
        let attached =
            rest.get(..begin).and_then(|before| before.chars().next_back()).is_some_and(char::is_alphanumeric);
        let from = rest.get(begin..).unwrap_or_default();
        let (mut end, mut after_joint) = (0, false);
        for (at, c) in from.char_indices() {
            match c {
                '0'..='9' => (end, after_joint) = (at + 1, false),
                c if is_joint(c) && !after_joint => after_joint = true,
                _ => break,
            }
        }
        let (run, after) = from.split_at(end);
        // Letters at either end make it something else: an order number, a size.
        if !attached && !after.starts_with(char::is_alphanumeric) {
            runs.push(run);
        }
        rest = after;
    }
    runs
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn code(text: &str) -> Option<String> {
        Code::in_message(text).map(|code| code.as_str().to_owned())
    }

    #[test]
    fn a_code_is_found_however_it_is_written() {
        for text in [
            "123456",
            " 123456\n",
            "123 456",
            "123-456",
            "123\u{a0}456",
            "The code is 123456.",
            "It's “123456”, right?",
            "I got 123456 just now, 2 minutes ago",
            "Mein Code: 123 456!",
        ] {
            assert_eq!(code(text).as_deref(), Some("123456"), "{text:?}");
        }
        assert_eq!(code("000007").as_deref(), Some("000007"));
    }

    #[test]
    fn what_is_no_code_or_more_than_one_is_none() {
        for text in [
            "",
            "12345",
            "1234567",
            "12 34 56",
            "1 23456",
            "ABC123456",
            "123456kg",
            "0151 123456",
            "123456 or 654321",
            "٠١٢٣٤٥",
            "no digits at all",
        ] {
            assert_eq!(code(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_hidden_code_leaves_the_rest_of_the_message() {
        let hidden = |text: &str| Code::in_message(text).unwrap().hidden_in(text);
        assert_eq!(hidden("It is 123 456, of order 1017."), "It is ••••••, of order 1017.");
        assert_eq!(hidden("123456"), "••••••");
    }

    #[test]
    fn codes_have_six_digits_and_differ() {
        let codes: BTreeSet<String> = (0..200).map(|_| Code::generate().as_str().to_owned()).collect();
        assert!(codes.iter().all(|code| code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit())));
        assert!(codes.len() > 190, "{} of 200", codes.len());
    }

    #[test]
    fn debug_shows_no_code() {
        assert_eq!(format!("{:?}", Code::in_message("123456").unwrap()), "Code(..)");
    }
}
