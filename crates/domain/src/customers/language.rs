//! The languages that the platform itself speaks to customers.

/// A language with a complete set of texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    #[default]
    English,
    German,
}

impl Language {
    /// The language that fits a BCP 47 tag; English for what has no texts.
    pub fn of(locale: Option<&str>) -> Self {
        let primary = locale.unwrap_or_default().split(['-', '_']).next().unwrap_or_default();
        if primary.eq_ignore_ascii_case("de") { Self::German } else { Self::English }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_primary_subtag_decides() {
        for german in ["de", "de-AT", "DE_ch"] {
            assert_eq!(Language::of(Some(german)), Language::German);
        }
        for other in [Some("en-GB"), Some("den"), Some(""), None] {
            assert_eq!(Language::of(other), Language::English);
        }
    }
}
