//! How text becomes lexemes. Ingestion and search must agree, so both ask here.
//!
//! A chunk's `search` column is
//! `setweight(to_tsvector($config, title), 'A') || setweight(to_tsvector($config, headings), 'B') ||
//! setweight(to_tsvector($config, text), 'D')` with `$config` from [`configuration`].

/// The Postgres text search configuration for a BCP 47 language: stemming and stop words where Postgres knows the
/// language, plain lower-cased words where it does not or where nobody knows the language.
pub fn configuration(language: Option<&str>) -> &'static str {
    let primary = language.and_then(|language| language.split(['-', '_']).next()).unwrap_or_default();
    match primary.to_ascii_lowercase().as_str() {
        "ar" => "arabic",
        "ca" => "catalan",
        "da" => "danish",
        "de" => "german",
        "el" => "greek",
        "en" => "english",
        "es" => "spanish",
        "et" => "estonian",
        "eu" => "basque",
        "fi" => "finnish",
        "fr" => "french",
        "ga" => "irish",
        "hi" => "hindi",
        "hu" => "hungarian",
        "hy" => "armenian",
        "id" => "indonesian",
        "it" => "italian",
        "lt" => "lithuanian",
        "ne" => "nepali",
        "nl" => "dutch",
        "nb" | "nn" | "no" => "norwegian",
        "pt" => "portuguese",
        "ro" => "romanian",
        "ru" => "russian",
        "sr" => "serbian",
        "sv" => "swedish",
        "ta" => "tamil",
        "tr" => "turkish",
        "yi" => "yiddish",
        _ => "simple",
    }
}

/// A lexeme as a `tsquery` that matches it and nothing else, whatever characters it holds.
fn lexeme_query(lexeme: &str) -> String {
    format!("'{}'", lexeme.replace('\\', "\\\\").replace('\'', "''"))
}

/// The forms of a word as a `tsquery` that matches any of them.
pub(super) fn word_query(forms: &[String]) -> String {
    forms.iter().map(|form| lexeme_query(form)).collect::<Vec<_>>().join(" | ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_region_does_not_matter() {
        assert_eq!(configuration(Some("de-AT")), "german");
        assert_eq!(configuration(Some("EN_us")), "english");
    }

    #[test]
    fn an_unknown_language_is_not_stemmed() {
        assert_eq!(configuration(Some("tlh")), "simple");
        assert_eq!(configuration(None), "simple");
    }

    #[test]
    fn quotes_and_backslashes_in_a_lexeme_are_escaped() {
        assert_eq!(lexeme_query(r"o'neil\x"), r"'o''neil\\x'");
    }
}
