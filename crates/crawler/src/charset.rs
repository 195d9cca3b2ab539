//! From bytes to text: byte-order mark, then the header, then the document's own `<meta>`, then a guess.

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// How far into a document browsers look for a `<meta charset>`.
const META_WINDOW: usize = 1024;

/// Decodes a body. Never fails: bytes that the charset does not know become U+FFFD.
pub fn decode(body: &[u8], content_type: Option<&str>) -> String {
    // `Encoding::decode` lets a byte-order mark win over what it is told.
    let (text, _, _) = encoding_of(body, content_type).decode(body);
    text.into_owned()
}

fn encoding_of(body: &[u8], content_type: Option<&str>) -> &'static Encoding {
    content_type.and_then(from_content_type).or_else(|| from_meta(body)).unwrap_or_else(|| {
        // Undeclared: nearly everything that is valid UTF-8 is meant as UTF-8; the rest is what browsers assume.
        if valid_but_for_a_cut(body) { UTF_8 } else { WINDOWS_1252 }
    })
}

fn from_content_type(value: &str) -> Option<&'static Encoding> {
    value
        .split(';')
        .skip(1)
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))
        .and_then(|(_, label)| Encoding::for_label(label.trim().trim_matches(['"', '\'']).as_bytes()))
}

/// Finds `charset=…` in the start of the document; covers `<meta charset>` and `http-equiv` alike.
fn from_meta(body: &[u8]) -> Option<&'static Encoding> {
    let head = body.get(..META_WINDOW).unwrap_or(body).to_ascii_lowercase();
    let head = String::from_utf8_lossy(&head);
    let mut rest = head.as_ref();
    while let Some(start) = rest.find("<meta") {
        rest = rest.get(start..)?;
        let end = rest.find('>').unwrap_or(rest.len());
        let (tag, after) = rest.split_at_checked(end)?;
        if let Some((_, label)) = tag.split_once("charset") {
            let label = label.trim_start().trim_start_matches('=').trim_start().trim_start_matches(['"', '\'']);
            let label = label.split(['"', '\'', ';', '/', ' ']).next().unwrap_or_default();
            if let Some(encoding) = Encoding::for_label(label.as_bytes()) {
                // A document that could be read this far is not UTF-16, whatever it claims (HTML standard).
                return Some(if encoding.is_ascii_compatible() { encoding } else { UTF_8 });
            }
        }
        rest = after;
    }
    None
}

/// A body that the size limit cut may end within a character.
fn valid_but_for_a_cut(body: &[u8]) -> bool {
    match std::str::from_utf8(body) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_wins_over_the_meta_tag() {
        let body = b"<meta charset=utf-8>caf\xe9";
        assert!(decode(body, Some("text/html; charset=ISO-8859-1")).ends_with("café"));
    }

    #[test]
    fn the_meta_tag_is_read_in_both_spellings() {
        assert!(decode(b"<meta charset='shift_jis'>\x83e", None).ends_with('テ'));
        let old = b"<meta http-equiv=\"content-type\" content=\"text/html; charset=windows-1251\">\xcf";
        assert!(decode(old, Some("text/html")).ends_with('П'));
    }

    #[test]
    fn a_byte_order_mark_wins_over_everything() {
        assert_eq!(decode(b"\xff\xfea\0b\0", Some("text/html; charset=utf-8")), "ab");
    }

    #[test]
    fn undeclared_text_is_utf_8_where_it_can_be() {
        assert_eq!(decode("café".as_bytes(), None), "café");
        assert_eq!(decode(b"caf\xe9!", None), "café!");
        assert_eq!(decode(b"ok \xc3", None), "ok \u{fffd}", "cut within a character");
    }

    #[test]
    fn a_wrong_label_is_no_failure() {
        assert_eq!(decode("ü".as_bytes(), Some("text/html; charset=klingon")), "ü");
    }
}
