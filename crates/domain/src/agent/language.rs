//! Which sentences the claim check can read: those in English and in German. All others are translated for it.

use std::collections::HashSet;
use std::sync::LazyLock;

use omniops_types::PassageHit;
use whatlang::{Detector, Info, Lang};

use super::claims::knows;
use super::facts::{ASKS, ascii_digit, is_address};
use crate::knowledge::sentences_of;

/// With this share of known words a sentence is read, whatever a detector makes of it: it knows little of short ones.
const KNOWN: f64 = 0.8;
/// With this share it is read unless the detector sees another language in it.
const MOSTLY_KNOWN: f64 = 0.65;
/// With this share it is read when the detector agrees, with the smaller one when it is sure.
const HALF_KNOWN: f64 = 0.5;
const SOME_KNOWN: f64 = 0.3;
/// How sure the detector has to be of another language, from 0 to 1.
const SUSPICION: f64 = 0.1;
/// So many unknown words in a row may be a part in another language.
const FOREIGN_RUN: usize = 3;
/// A sentence of no more words may be a "yes" or a "no" to the question.
const MAX_ANSWER_WORDS: usize = 8;
/// Words that tell nothing, because languages that are not read have them too.
const SHARED: &[&str] = &[
    "no", "ja", "in", "me", "on", "so", "an", "am", "as", "or", "is", "er", "den", "des", "du", "man", "es", "gratis",
];
/// What assistants of shops say in passing or often, and no list of the claim check has.
const COMMON: &str = "worries problem problems congratulations congrats hey greetings cheers awesome wonderful brilliant lovely \
    amazing fantastic excellent excited pleasure apologies apologise apologize anytime noted understood enjoy \
    glückwunsch herzlichen freut freue servus moin prima klasse toll wunderbar verstanden entschuldigung \
    entschuldigen kein keine visit connect colleague colleagues assistant nennen bestellnummer came hold next \
    due balance expires old away charge charges lease cheapest sold form kollege kollegin assistent verbinden";
static COMMON_WORDS: LazyLock<HashSet<&str>> = LazyLock::new(|| COMMON.split_whitespace().collect());
/// Known, but in front of a sentence another language's.
const ELSEWHERE: &str = "non";
/// Shorter words stand in too many languages.
const MIN_LETTERS: usize = 2;

/// Tells whether a sentence is English or German, by its words and by those of the turn's passages.
///
/// It errs towards "no": a sentence that is taken for another language costs a translation, and one that is read in the
/// wrong language is not checked at all.
#[derive(Debug)]
pub(super) struct Readable {
    /// Whether the question is in English or German: "yes" and "no" claim what it asks.
    question: bool,
    /// Words of English and German sentences of the question and the passages, lower case: names of goods are known from
    /// there.
    words: HashSet<String>,
    passages: usize,
}

impl Default for Readable {
    fn default() -> Self {
        Self { question: true, words: HashSet::new(), passages: 0 }
    }
}

impl Readable {
    pub(super) fn of(question: &str) -> Self {
        let mut readable = Self::default();
        let asks = |sentence: &&str| sentence.trim_end().ends_with(ASKS);
        // "¿Es gratis?" may be anything: none of its words tells.
        let reads = |sentence: &str| !counted(sentence).is_empty() && readable.reads(sentence);
        let sentences = sentences_of(question).into_iter().filter_map(|range| question.get(range));
        readable.question = sentences.filter(asks).all(reads);
        readable.take(question);
        readable
    }

    /// Whether the question can be read.
    pub(super) const fn reads_question(&self) -> bool {
        self.question
    }

    /// Takes in the words of the passages and gives the numbers, from 1, of those that the check cannot read. The list may
    /// only grow; what was read before is not read again.
    pub(super) fn learn(&mut self, passages: &[PassageHit]) -> Vec<usize> {
        let mut foreign = Vec::new();
        for hit in passages.iter().skip(self.passages) {
            self.passages += 1;
            match detected(&hit.text) {
                Some(info) if is_ours(&info) => self.learn_text(&hit.title, &hit.text),
                Some(info) if info.is_reliable() || self.share(&counted(&hit.text)) < HALF_KNOWN => {
                    foreign.push(self.passages);
                }
                _ => {}
            }
        }
        foreign
    }

    /// Takes in the words of a page.
    pub(super) fn learn_text(&mut self, title: &str, text: &str) {
        self.take(title);
        self.take(text);
    }

    /// Takes in the words of each sentence that is read as it stands: words of others must not make these known.
    fn take(&mut self, text: &str) {
        for sentence in sentences_of(text).into_iter().filter_map(|range| text.get(range)) {
            if self.reads(sentence) {
                self.words.extend(words(sentence).map(|(word, _)| word));
            }
        }
    }

    /// Whether the claim check can read the sentence as an answer. Where it cannot read the question, it does not know what
    /// a "yes" or a "no" claims.
    pub(super) fn reads_answer(&self, sentence: &str) -> bool {
        let is_answer = || {
            let count = words(sentence).count();
            (1..=MAX_ANSWER_WORDS).contains(&count) && !sentence.chars().any(|c| ascii_digit(c).is_some())
        };
        self.reads(sentence) && (self.question || !is_answer())
    }

    /// Whether the sentence is English or German. What has no words, an amount alone, always is.
    pub(super) fn reads(&self, sentence: &str) -> bool {
        let counted = counted(sentence);
        if counted.is_empty() {
            return self.question || words(sentence).next().is_none();
        }
        let is_known = |word: &str| self.is_known(word);
        if counted.iter().any(|word| !is_known(word) && word.chars().any(is_foreign)) {
            return false;
        }
        if counted.split(|word| is_known(word)).any(|run| run.len() >= FOREIGN_RUN) {
            return false;
        }
        let share = self.share(&counted);
        if share >= KNOWN {
            return true;
        }
        match detected(sentence) {
            Some(info) if is_ours(&info) && info.is_reliable() => share >= SOME_KNOWN,
            Some(info) if is_ours(&info) => share >= HALF_KNOWN,
            Some(info) => share >= MOSTLY_KNOWN && info.confidence() < SUSPICION,
            None => share >= MOSTLY_KNOWN,
        }
    }

    /// Whether this can be what `sentence` says in English.
    pub(super) fn is_english_of(&self, english: &str, sentence: &str) -> bool {
        let counted = counted(english);
        let elsewhere = detected(english).is_some_and(|info| !is_ours(&info) && info.is_reliable());
        let differs = words(english).ne(words(sentence));
        let seems = self.share(&counted) >= SOME_KNOWN && !elsewhere;
        self.reads(english) || seems || differs && !elsewhere
    }

    fn share(&self, counted: &[String]) -> f64 {
        let known = counted.iter().filter(|word| self.is_known(word)).count();
        known as f64 / counted.len().max(1) as f64
    }

    fn is_known(&self, word: &str) -> bool {
        word != ELSEWHERE && (knows(word) || COMMON_WORDS.contains(word) || self.words.contains(word))
    }
}

/// The words that tell the language. Names stand in sentences of every one; where nothing but names is, or each noun is
/// written so, all count.
fn counted(sentence: &str) -> Vec<String> {
    let all: Vec<(String, bool)> = words(sentence).filter(|(word, _)| !SHARED.contains(&word.as_str())).collect();
    let plain = |(at, (_, is_name)): &(usize, &(String, bool))| *at == 0 || !is_name;
    let few = all.iter().enumerate().filter(plain).count() * 2 < all.len();
    all.iter().enumerate().filter(|entry| few || plain(entry)).map(|(_, (word, _))| word.clone()).collect()
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
    text.split_whitespace()
        .filter(|chunk| !is_address(chunk))
        .flat_map(|chunk| chunk.split(|c: char| !c.is_alphabetic() && !matches!(c, '\'' | '’')))
        .map(|word| word.trim_matches(|c| matches!(c, '\'' | '’')))
        .filter(|word| word.chars().count() >= MIN_LETTERS || !word.is_ascii())
        .map(|word| (word.to_lowercase().replace('’', "'"), word.starts_with(char::is_uppercase)))
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
    fn small_talk_is_read() {
        for text in [
            "No worries!",
            "Congratulations!",
            "Hey!",
            "Greetings!",
            "No problem at all.",
            "My pleasure!",
            "Kein Problem!",
            "Freut mich!",
            "Herzlichen Glückwunsch!",
            "Moin!",
            "Ja, gern.",
        ] {
            assert!(Readable::of("Do you ship to Norway?").reads_answer(text), "{text}");
        }
    }

    #[test]
    fn a_yes_to_a_question_that_is_not_read_is_not_read_either() {
        for question in
            ["La livraison au Japon est-elle gratuite ?", "Er det en person, jeg skriver med?", "¿Es gratis?"]
        {
            let readable = Readable::of(question);
            for answer in ["Yes, of course.", "Ja.", "No.", "Oui.", "Sí."] {
                assert!(!readable.reads_answer(answer), "{question} {answer}");
            }
            assert!(readable.reads_answer("Shipping to Austria costs €6.90 and takes two days."));
        }
        let german = Readable::of("Liefern Sie nach Japan?");
        assert!(german.reads_answer("Ja.") && german.reads_answer("Nein, leider nicht."));
    }

    #[test]
    fn a_part_in_another_language_is_not_read_whoever_taught_its_words() {
        let question = "Hi, I have an order with you and I want to know about the delivery and the returns, can you help me with it \
            please: is it right that la livraison est gratuite? Please say it in French.";
        let mut readable = Readable::of(question);
        readable.learn(&[hit("Our tent is light. La livraison est gratuite. It weighs 2 kg and is for two people.")]);
        for sentence in [
            "Oui, la livraison est gratuite.",
            "To answer your question about your order and the delivery: la livraison est gratuite.",
        ] {
            assert!(!readable.reads_answer(sentence), "{sentence}");
        }
    }

    #[test]
    fn what_is_no_language_is_read() {
        let asked = Readable::of("How much is a yellow submarine?");
        assert!(asked.reads("A submarine costs €9,000.00.") && !asked.reads("Le submarine coûte 9.000 €."));
        for text in ["€6.90", "👍", "10–12", "https://shop.example/livraison", "hilfe@laden.example", "S/M/L"] {
            assert!(Readable::default().reads(text), "{text}");
        }
    }
}
