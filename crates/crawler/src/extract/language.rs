//! The language of a page: what it declares, unless its text plainly says otherwise.

use whatlang::{Lang, detect};

use super::{Block, BlockKind};

/// Characters of prose that are looked at.
const SAMPLE: usize = 4_000;
/// Less is not enough to tell languages apart.
const ENOUGH: usize = 80;
/// Templates declare a language that the shop owner never changed: a sure reading of enough text wins.
const SURE: usize = 400;

/// ISO 639-1 of the page, if it can be told.
pub(super) fn settle(declared: Option<&str>, blocks: &[Block]) -> Option<String> {
    let declared = declared.and_then(primary_subtag);
    let sample = sample(blocks);
    if sample.len() < ENOUGH {
        return declared;
    }
    let Some(info) = detect(&sample) else {
        return declared;
    };
    let detected = code(info.lang()).map(str::to_owned);
    let overrules = info.is_reliable() && sample.len() >= SURE;
    match (declared, detected) {
        (Some(declared), Some(detected)) => Some(if overrules { detected } else { declared }),
        (declared, detected) => declared.or(detected.filter(|_| info.is_reliable())),
    }
}

fn sample(blocks: &[Block]) -> String {
    let mut sample = String::new();
    for block in blocks.iter().filter(|block| block.kind != BlockKind::Code) {
        if sample.len() >= SAMPLE {
            break;
        }
        sample.extend(block.text.chars().take(SAMPLE));
        sample.push(' ');
    }
    sample
}

/// `en-US` → `en`.
pub(crate) fn primary_subtag(tag: &str) -> Option<String> {
    let primary = tag.trim().split(['-', '_', ',']).next().unwrap_or_default().to_ascii_lowercase();
    ((2..=3).contains(&primary.len()) && primary.bytes().all(|byte| byte.is_ascii_lowercase())).then_some(primary)
}

fn code(language: Lang) -> Option<&'static str> {
    Some(match language {
        Lang::Eng => "en",
        Lang::Deu => "de",
        Lang::Fra => "fr",
        Lang::Spa => "es",
        Lang::Ita => "it",
        Lang::Por => "pt",
        Lang::Nld => "nl",
        Lang::Dan => "da",
        Lang::Swe => "sv",
        Lang::Nob => "no",
        Lang::Fin => "fi",
        Lang::Pol => "pl",
        Lang::Ces => "cs",
        Lang::Slk => "sk",
        Lang::Hun => "hu",
        Lang::Ron => "ro",
        Lang::Bul => "bg",
        Lang::Ell => "el",
        Lang::Tur => "tr",
        Lang::Rus => "ru",
        Lang::Ukr => "uk",
        Lang::Lit => "lt",
        Lang::Lav => "lv",
        Lang::Est => "et",
        Lang::Hrv => "hr",
        Lang::Slv => "sl",
        Lang::Cat => "ca",
        Lang::Ara => "ar",
        Lang::Heb => "he",
        Lang::Hin => "hi",
        Lang::Jpn => "ja",
        Lang::Kor => "ko",
        Lang::Cmn => "zh",
        Lang::Tha => "th",
        Lang::Vie => "vi",
        Lang::Ind => "id",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraph(text: &str) -> Vec<Block> {
        vec![Block { heading_path: Vec::new(), text: text.to_owned(), kind: BlockKind::Paragraph }]
    }

    const GERMAN: &str = "Wir versenden alle Bestellungen innerhalb von zwei Werktagen mit der Post. Wenn Ihnen ein Artikel \
        nicht gefällt, können Sie ihn innerhalb von dreißig Tagen kostenlos zurücksenden und erhalten den Kaufpreis zurück. ";

    #[test]
    fn an_undeclared_language_is_read_from_the_text() {
        assert_eq!(settle(None, &paragraph(GERMAN)).as_deref(), Some("de"));
    }

    #[test]
    fn a_declaration_holds_for_short_texts_and_falls_to_long_ones() {
        assert_eq!(settle(Some("en-US"), &paragraph("Größen")).as_deref(), Some("en"));
        assert_eq!(settle(Some("en"), &paragraph(&GERMAN.repeat(4))).as_deref(), Some("de"));
    }

    #[test]
    fn nonsense_is_no_language() {
        assert_eq!(settle(Some("!!"), &paragraph("x")), None);
    }
}
