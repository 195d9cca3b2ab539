//! The offer of a person in the languages that an assistant can be set to speak.

use whatlang::Lang;

use super::phrases::{ENGLISH, GERMAN};
use super::words;

/// What is said where no page has an answer, and the offer that follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Offer {
    pub not_found: &'static str,
    pub offer: &'static str,
}

impl Offer {
    /// In the language of the text where it can be told, else in the browser's, else in English.
    pub fn of(locale: Option<&str>, text: &str) -> Self {
        let german = words::looks_german(text);
        let stop_words = text.split_whitespace().filter(|word| words::is_stop_word(&word.to_lowercase())).count();
        // A detector is not to be trusted with three words; the words themselves are.
        let told = stop_words * 3 >= text.split_whitespace().count();
        if let Some(german) = german.filter(|_| told) {
            return Self::own(german);
        }
        let detected = whatlang::detect(text).filter(whatlang::Info::is_reliable).map(|info| info.lang());
        if let Some(offer) = detected.and_then(|detected| by(|(_, lang, _)| *lang == detected)) {
            return offer;
        }
        let primary = locale.unwrap_or_default().split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        // One word that both have in common tells less than a browser that is set to a third language.
        let is_third = !primary.is_empty() && !matches!(primary.as_str(), "en" | "de");
        let of_browser = by(|(tag, _, _)| *tag == primary);
        match (of_browser, german) {
            (Some(offer), _) if is_third => offer,
            (_, Some(german)) => Self::own(german),
            (Some(offer), None) => offer,
            (None, None) => ENGLISH_OFFER,
        }
    }

    pub fn declined(self) -> String {
        format!("{} {}", self.not_found, self.offer)
    }

    const fn own(german: bool) -> Self {
        if german { GERMAN_OFFER } else { ENGLISH_OFFER }
    }
}

type Entry = (&'static str, Lang, Offer);

fn by(is_it: impl Fn(&&Entry) -> bool) -> Option<Offer> {
    OFFERS.iter().find(is_it).map(|(_, _, offer)| *offer)
}

const ENGLISH_OFFER: Offer = Offer { not_found: ENGLISH.not_found, offer: ENGLISH.offer };
const GERMAN_OFFER: Offer = Offer { not_found: GERMAN.not_found, offer: GERMAN.offer };

const fn entry(tag: &'static str, lang: Lang, not_found: &'static str, offer: &'static str) -> Entry {
    (tag, lang, Offer { not_found, offer })
}

#[rustfmt::skip]
const OFFERS: &[Entry] = &[
    ("en", Lang::Eng, ENGLISH_OFFER),
    ("de", Lang::Deu, GERMAN_OFFER),
    entry("fr", Lang::Fra, "Je n'ai pas trouvé de réponse à cela sur nos pages.", "Souhaitez-vous parler à une personne ? Je peux transmettre votre question."),
    entry("es", Lang::Spa, "No he encontrado una respuesta en nuestras páginas.", "¿Quiere hablar con una persona? Puedo pasarle su pregunta."),
    entry("it", Lang::Ita, "Non ho trovato una risposta sulle nostre pagine.", "Vuole parlare con una persona? Posso inoltrare la sua domanda."),
    entry("pt", Lang::Por, "Não encontrei uma resposta nas nossas páginas.", "Quer falar com uma pessoa? Posso encaminhar a sua pergunta."),
    entry("nl", Lang::Nld, "Daar heb ik op onze pagina's geen antwoord op gevonden.", "Wilt u met een medewerker spreken? Ik kan uw vraag doorgeven."),
    entry("da", Lang::Dan, "Det har jeg ikke fundet et svar på på vores sider.", "Vil du tale med et menneske? Jeg kan give dit spørgsmål videre."),
    entry("sv", Lang::Swe, "Jag hittade inget svar på det på våra sidor.", "Vill du prata med en människa? Jag kan skicka din fråga vidare."),
    entry("nb", Lang::Nob, "Jeg fant ikke noe svar på det på sidene våre.", "Vil du snakke med et menneske? Jeg kan sende spørsmålet ditt videre."),
    entry("fi", Lang::Fin, "En löytänyt siihen vastausta sivuiltamme.", "Haluatko puhua ihmisen kanssa? Voin välittää kysymyksesi eteenpäin."),
    entry("pl", Lang::Pol, "Na naszych stronach nie ma odpowiedzi na to pytanie.", "Czy połączyć z człowiekiem? Mogę przekazać to pytanie dalej."),
    entry("cs", Lang::Ces, "Na našich stránkách na to není odpověď.", "Chcete mluvit s člověkem? Mohu vaši otázku předat dál."),
    entry("sk", Lang::Slk, "Na našich stránkach na to nie je odpoveď.", "Chcete hovoriť s človekom? Vašu otázku môžem odovzdať ďalej."),
    entry("hu", Lang::Hun, "Erre nem találtam választ az oldalainkon.", "Szeretne egy munkatársunkkal beszélni? Továbbíthatom a kérdését."),
    entry("ro", Lang::Ron, "Nu am găsit un răspuns la aceasta pe paginile noastre.", "Doriți să vorbiți cu o persoană? Pot transmite întrebarea dumneavoastră."),
    entry("bg", Lang::Bul, "Не намерих отговор на това в нашите страници.", "Искате ли да говорите с човек? Мога да предам въпроса ви."),
    entry("hr", Lang::Hrv, "Na našim stranicama nema odgovora na to.", "Želite li razgovarati s osobom? Mogu proslijediti vaše pitanje."),
    entry("el", Lang::Ell, "Δεν βρήκα απάντηση σε αυτό στις σελίδες μας.", "Θέλετε να μιλήσετε με έναν άνθρωπο; Μπορώ να προωθήσω την ερώτησή σας."),
    entry("tr", Lang::Tur, "Sayfalarımızda buna bir yanıt bulamadım.", "Bir kişiyle görüşmek ister misiniz? Sorunuzu iletebilirim."),
    entry("uk", Lang::Ukr, "На наших сторінках немає відповіді на це.", "Хочете поговорити з людиною? Я можу передати ваше запитання."),
    entry("ar", Lang::Ara, "لم أجد إجابة عن ذلك في صفحاتنا.", "هل ترغب في التحدث إلى شخص؟ يمكنني تحويل سؤالك."),
    entry("ja", Lang::Jpn, "当店のページでは回答が見つかりませんでした。", "担当者とお話しになりますか？ご質問をお伝えします。"),
    entry("zh", Lang::Cmn, "我在我们的页面上没有找到答案。", "您想和人工客服交谈吗？我可以转达您的问题。"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_text_decide_and_then_the_browser() {
        for (locale, text, expected) in [
            (None, "Do you have gift vouchers?", "en"),
            (Some("fr-FR"), "Do you have gift vouchers?", "en"),
            (Some("en"), "Haben Sie Gutscheine?", "de"),
            (None, "Quels sont les frais de livraison pour la Suisse et en combien de temps ?", "fr"),
            (None, "La spedizione costa 6,90 € e il pacco arriva in tre giorni lavorativi.", "it"),
            (Some("it-IT"), "gutschein", "it"),
            (Some("xx"), "gutschein", "en"),
            (None, "運送料はいくらですか？", "ja"),
        ] {
            let offer = by(|(tag, _, _)| *tag == expected).unwrap();
            assert_eq!(Offer::of(locale, text), offer, "{locale:?} {text}");
        }
    }

    #[test]
    fn each_offer_is_in_its_language() {
        for (tag, lang, offer) in OFFERS {
            let detected = whatlang::detect_lang(&offer.declined());
            // Danish and Norwegian, Czech and Slovak are too near for a detector.
            let near = matches!(*tag, "da" | "nb" | "cs" | "sk" | "hr");
            assert!(detected == Some(*lang) || near, "{tag}: {detected:?}");
        }
    }
}
