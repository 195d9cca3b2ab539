//! Which sentences the claim check can read: those in English and in German. All others are translated for it.

use std::collections::HashSet;
use std::sync::LazyLock;

use omniops_types::PassageHit;
use whatlang::{Detector, Info, Lang};

use super::claims::knows;

/// With this share of known words a sentence is read, whatever a detector makes of it: it knows little of short ones.
const KNOWN: f64 = 0.8;
/// With this share it is read unless the detector sees another language in it.
const MOSTLY_KNOWN: f64 = 0.65;
/// With this share it is read when the detector agrees, with the smaller one when it is sure.
const HALF_KNOWN: f64 = 0.5;
const SOME_KNOWN: f64 = 0.3;
/// How sure the detector has to be of another language, from 0 to 1.
const SUSPICION: f64 = 0.1;
/// Words that tell nothing, because languages that are not read have them too.
const SHARED: &[&str] =
    &["no", "ja", "in", "me", "on", "so", "an", "am", "as", "or", "is", "er", "den", "des", "du", "man", "gratis"];
/// Known, but in front of a sentence another language's.
const ELSEWHERE: &str = "non";
/// Shorter words stand in too many languages.
const MIN_LETTERS: usize = 2;

/// Tells whether a sentence is English or German, by its words and by those of the turn's passages.
///
/// It errs towards "no": a sentence that is taken for another language costs a translation, and one that is read in the
/// wrong language is not checked at all.
#[derive(Debug, Default)]
pub(super) struct Readable {
    /// Words of the question and of the passages in English and German, lower case: names of goods are known from there.
    words: HashSet<String>,
    passages: usize,
}

impl Readable {
    /// Begins with the words of what is asked, where that is English or German.
    pub(super) fn of(question: &str) -> Self {
        let mut readable = Self::default();
        if readable.reads(question) {
            readable.words.extend(words(question).map(|(word, _)| word));
        }
        readable
    }

    /// Takes in the words of the passages. The list may only grow; what was read before is not read again.
    pub(super) fn learn(&mut self, passages: &[PassageHit]) {
        for hit in passages.iter().skip(self.passages) {
            self.passages += 1;
            if detected(&hit.text).is_some_and(|info| is_ours(&info)) {
                let parts = [hit.title.as_str(), hit.text.as_str()];
                self.words.extend(parts.iter().flat_map(|part| words(part)).map(|(word, _)| word));
            }
        }
    }

    /// Whether the claim check can read the sentence. What has no words, an amount alone, can always be read.
    pub(super) fn reads(&self, sentence: &str) -> bool {
        let all: Vec<(String, bool)> = words(sentence).filter(|(word, _)| !SHARED.contains(&word.as_str())).collect();
        // Names stand in sentences of every language. Where nothing but names is, or each noun is written so, all count.
        let plain: Vec<&str> = all
            .iter()
            .enumerate()
            .filter(|(at, (_, is_name))| *at == 0 || !is_name)
            .map(|(_, (word, _))| word.as_str())
            .collect();
        let counted: Vec<&str> =
            if plain.len() * 2 >= all.len() { plain } else { all.iter().map(|(word, _)| word.as_str()).collect() };
        if counted.is_empty() {
            return true;
        }
        let is_known = |word: &str| word != ELSEWHERE && (knows(word) || self.words.contains(word));
        if counted.iter().any(|word| !is_known(word) && word.chars().any(is_foreign)) {
            return false;
        }
        let known = counted.iter().filter(|word| is_known(word)).count();
        let share = known as f64 / counted.len() as f64;
        match detected(sentence) {
            _ if share >= KNOWN => true,
            Some(info) if is_ours(&info) => share >= HALF_KNOWN || share >= SOME_KNOWN && info.is_reliable(),
            Some(info) => share >= MOSTLY_KNOWN && info.confidence() < SUSPICION,
            None => share >= MOSTLY_KNOWN,
        }
    }
}

/// A letter that neither English nor German has, nor the French words in both.
fn is_foreign(c: char) -> bool {
    !c.is_ascii() && c.is_alphabetic() && !"äöüßéèêàç".contains(c)
}

/// Nobody runs a shop in these, and short English is taken for Latin.
static DETECTOR: LazyLock<Detector> =
    LazyLock::new(|| Detector::with_denylist(vec![Lang::Lat, Lang::Epo, Lang::Jav, Lang::Sna, Lang::Zul, Lang::Tgl]));

fn detected(text: &str) -> Option<Info> {
    DETECTOR.detect(text)
}

fn is_ours(info: &Info) -> bool {
    matches!(info.lang(), Lang::Eng | Lang::Deu)
}

/// The words, lower case, and whether each begins with a capital letter. Links and addresses are in no language.
fn words(text: &str) -> impl Iterator<Item = (String, bool)> {
    let is_address = |chunk: &&str| chunk.contains("://") || chunk.contains('@') || chunk.starts_with("www.");
    text.split_whitespace()
        .filter(move |chunk| !is_address(chunk))
        .flat_map(|chunk| chunk.split(|c: char| !c.is_alphabetic() && !matches!(c, '\'' | '’')))
        .map(|word| word.trim_matches(|c| matches!(c, '\'' | '’')))
        .filter(|word| word.chars().count() >= MIN_LETTERS || !word.is_ascii())
        .map(|word| (word.to_lowercase().replace('’', "'"), word.starts_with(char::is_uppercase)))
}

/// Whether each number of the sentence stands in its translation too, however its digits are grouped: no number is left
/// unread by a translation that drops or changes it.
pub(super) fn keeps_numbers(sentence: &str, translation: &str) -> bool {
    let mut left = numbers(translation);
    numbers(sentence).into_iter().all(|number| {
        let place = left.iter().position(|other| *other == number);
        place.map(|place| left.swap_remove(place)).is_some()
    })
}

/// The digits of each number: `1.299,00` and `1,299.00` are the same, and so are Arabic and other digits.
fn numbers(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut current = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if let Some(digit) = ascii_digit(c) {
            current.push(digit);
            continue;
        }
        let mut ahead = chars.clone().map(ascii_digit);
        let goes_on = match c {
            '.' | ',' | '\'' | '’' | '٫' | '٬' => ahead.next().flatten().is_some(),
            // Three digits: a thousand's.
            _ if c.is_whitespace() => ahead.by_ref().take(3).flatten().count() == 3 && ahead.next().flatten().is_none(),
            _ => false,
        };
        if !goes_on && !current.is_empty() {
            all.push(std::mem::take(&mut current));
        }
    }
    if !current.is_empty() {
        all.push(current);
    }
    all
}

/// A decimal digit of any script that writes with them.
fn ascii_digit(c: char) -> Option<char> {
    /// The zeros of Arabic, extended Arabic, Devanagari, Bengali, Thai and full-width digits.
    const ZEROS: [char; 6] = ['٠', '۰', '०', '০', '๐', '０'];
    if c.is_ascii_digit() {
        return Some(c);
    }
    let of = |zero: &char| u32::from(c).checked_sub(u32::from(*zero)).filter(|digit| *digit < 10);
    ZEROS.iter().find_map(of).and_then(|digit| char::from_digit(digit, 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLES: [&str; 6] = [
        include_str!("claims/tests/first.tsv"),
        include_str!("claims/tests/second.tsv"),
        include_str!("claims/tests/third.tsv"),
        include_str!("claims/tests/fourth.tsv"),
        include_str!("claims/tests/fifth.tsv"),
        include_str!("claims/tests/sixth.tsv"),
    ];

    /// What a model might say of a shop in other languages, short and long.
    const OTHERS: &[&str] = &[
        "La livraison vers l'Autriche coûte 6,90 €.",
        "La livraison est gratuite.",
        "Retours gratuits.",
        "Vous pouvez retourner vos articles dans les 60 jours.",
        "Nous livrons aussi au Japon.",
        "Oui, bien sûr.",
        "Bonjour !",
        "La spedizione è gratuita in tutto il mondo.",
        "Può restituire gli articoli entro 90 giorni.",
        "Sì, lo zaino è impermeabile.",
        "Spedizione gratuita.",
        "El envío a Alemania es gratis.",
        "No hay gastos de envío a Alemania.",
        "Puede devolver los artículos en un plazo de 90 días.",
        "Sí, tenemos muchas unidades disponibles.",
        "Não há custos de envio.",
        "O envio é grátis para toda a Europa.",
        "De verzending is gratis in Nederland.",
        "Wij verzenden gratis in Nederland.",
        "U kunt artikelen binnen 90 dagen retourneren.",
        "Ja, dat is op voorraad.",
        "Fragten til Danmark er gratis.",
        "Vi sender gratis i hele Europa.",
        "Du kan returnere varer inden for 90 dage.",
        "Frakten till Sverige är gratis.",
        "Du kan lämna tillbaka varor inom 90 dagar.",
        "Frakt til Norge er gratis.",
        "Toimitus Suomeen on ilmainen.",
        "Wysyłka do Polski jest bezpłatna.",
        "Doprava do České republiky je zdarma.",
        "Doprava na Slovensko je zadarmo.",
        "A szállítás ingyenes.",
        "Livrarea este gratuită.",
        "Доставката е безплатна.",
        "Dostava je besplatna.",
        "Η αποστολή είναι δωρεάν.",
        "Kargo ücretsizdir.",
        "Доставка безкоштовна.",
        "الشحن مجاني.",
        "Le colis arrive en 2 à 3 jours ouvrés.",
        "Tout est en stock.",
        "Non, nous ne livrons pas en Suisse.",
        "Les frais de retour sont à votre charge.",
        "Il costo è di 6,90 €.",
        "No, non spediamo in Norvegia.",
        "Il pacco è in transito.",
        "Tutti i prodotti hanno una garanzia di 5 anni.",
        "No, no enviamos a Noruega.",
        "Todos los productos tienen garantía de por vida.",
        "El pedido llega en 24 horas.",
        "Sim, temos em stock.",
        "O prazo de entrega é de 2 a 3 dias.",
        "De levertijd is 2 tot 3 dagen.",
        "Alle producten hebben 5 jaar garantie.",
        "Nee, dat is niet mogelijk.",
        "De tent is waterdicht.",
        "Het pakket is onderweg.",
        "Ja, den er på lager.",
        "Alle varer har 5 års garanti.",
        "Pakken er på vej.",
        "Alla varor har livstids garanti.",
        "Paketet är på väg.",
        "Pakken er underveis.",
        "Kaikilla tuotteilla on 5 vuoden takuu.",
        "Czas dostawy to 2-3 dni.",
        "Wszystko jest w magazynie.",
        "Dodací lhůta je 2 dny.",
        "Minden termék raktáron van.",
        "Termenul de livrare este de 2 zile.",
        "Sve je na zalihi.",
        "Tüm ürünler stokta.",
        "Oui, en stock.",
        "Non, c'est impossible.",
        "Votre commande est en route.",
        "Vous avez 30 jours.",
        "Sì, in 24 ore.",
        "È in saldo.",
        "Il reso è a carico nostro.",
        "No, solo in Italia.",
        "Sí, en 2 días.",
        "Está en camino.",
        "La tienda es impermeable.",
        "Não, só em Portugal.",
        "Está a caminho.",
        "Nee, in België niet.",
        "Dat kost 6,90 €.",
        "We leveren binnen 2 dagen in heel Nederland.",
        "Ja, det kan du.",
        "Nej, ikke til Norge.",
        "Det koster 50 kr.",
        "Ja, det har vi.",
        "Det kostar 50 kr.",
        "Nei, vi sender ikke til Danmark.",
        "Kyllä, se on varastossa.",
        "Tak, w magazynie.",
        "To kosztuje 20 zł.",
        "Ano, je na skladě.",
        "To stojí 200 Kč.",
        "Igen, van raktáron.",
        "Da, este în stoc.",
        "Da, na zalihi je.",
        "Evet, stokta var.",
        "送料は無料です。",
        "运费是免费的。",
    ];

    fn hit(text: &str) -> PassageHit {
        let id = "00000000-0000-0000-0000-000000000000";
        serde_json::from_value(serde_json::json!({
            "chunk_id": id, "page_id": id, "url": "https://shop.example/a", "title": "", "heading_path": [],
            "text": text, "content_hash": "", "cosine": null, "text_rank": null, "score": 1.0
        }))
        .unwrap()
    }

    #[test]
    fn no_other_language_is_taken_for_one_that_is_read() {
        let mut readable = Readable::default();
        readable.learn(&[
            hit("Shipping to Austria costs €6.90. The Halvard rucksack is waterproof and free of PFC."),
            hit("Der Versand nach Deutschland ist kostenlos, die Rückgabe ist gratis."),
            hit("La livraison est gratuite. Les retours sont gratuits dans les 60 jours."),
        ]);
        let read: Vec<&&str> = OTHERS.iter().filter(|sentence| readable.reads(sentence)).collect();
        assert!(read.is_empty(), "{read:?}");
    }

    #[test]
    fn english_and_german_are_read_nearly_always() {
        let sources: serde_json::Value = serde_json::from_str(include_str!("claims/tests/sources.json")).unwrap();
        let passages: Vec<PassageHit> =
            sources["passages"].as_object().unwrap().values().map(|page| hit(page["text"].as_str().unwrap())).collect();
        let mut readable = Readable::default();
        readable.learn(&passages);
        let sentences: Vec<&str> =
            TABLES.iter().flat_map(|table| table.lines()).filter_map(|line| line.split('\t').nth(4)).collect();
        let unread: Vec<&&str> = sentences.iter().filter(|sentence| !readable.reads(sentence)).collect();
        assert!(unread.len() * 50 <= sentences.len(), "{} of {}: {unread:#?}", unread.len(), sentences.len());
    }

    #[test]
    fn what_is_no_language_is_read() {
        let asked = Readable::of("How much is a yellow submarine?");
        assert!(asked.reads("A submarine costs €9,000.00.") && !asked.reads("Le submarine coûte 9.000 €."));
        for text in ["€6.90", "👍", "10–12", "https://shop.example/livraison", "hilfe@laden.example", "S/M/L"] {
            assert!(Readable::default().reads(text), "{text}");
        }
    }

    #[test]
    fn a_translation_has_to_keep_every_number() {
        for (sentence, translation, keeps) in [
            ("La livraison coûte 6,90 €.", "Shipping costs €6.90.", true),
            ("Cela coûte 1.299,00 € [2].", "That costs €1,299.00 [2].", true),
            ("Cela coûte 1 299 €.", "That costs €1,299.", true),
            ("يكلف الشحن ٦٫٩٠ يورو", "Shipping costs 6.90 euros", true),
            ("Deux ou trois jours.", "2 or 3 days.", true),
            ("La livraison coûte 6,90 €.", "Shipping costs €9.60.", false),
            ("La livraison coûte 6,90 €.", "Shipping is free.", false),
            ("De 10 à 10 heures.", "From 10.", false),
        ] {
            assert_eq!(keeps_numbers(sentence, translation), keeps, "{sentence} {translation}");
        }
    }
}
