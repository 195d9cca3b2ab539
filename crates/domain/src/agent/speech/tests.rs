use std::sync::Mutex;

use serde_json::json;

use super::super::claims::PARTS_READ;
use super::*;

#[derive(Default)]
struct Heard(Mutex<String>);

impl Ear for Heard {
    fn hear(&self, text: &str) {
        self.0.lock().unwrap().push_str(text);
    }
}

fn sources(texts: &[&str]) -> Sources {
    let mut sources = Sources::default();
    for text in texts {
        let id = uuid::Uuid::now_v7();
        let hit = json!({
            "chunk_id": id, "page_id": id, "url": "https://shop.example/a", "title": "Lamps", "heading_path": [],
            "text": text, "content_hash": "", "cosine": null, "text_rank": null, "score": 1.0
        });
        sources.add(vec![serde_json::from_value(hit).unwrap()]);
    }
    sources
}

fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 5, 7).unwrap()
}

fn input<'a>(step: u32, sources: &'a Sources, results: &'a [Value]) -> CallInput<'a> {
    CallInput { step, messages: &[], tools: &[], sources, results }
}

#[test]
fn passages_and_results_are_read_once_however_much_is_said() {
    let heard = Heard::default();
    let before = PARTS_READ.get();
    let mut speech = Speech::new(&heard, "What does the Arc lamp cost?", today());
    let passages = sources(&["The Arc lamp costs €249.00.", "The Orbit lamp costs €89.00."]);
    let first = input(1, &passages, &[]);
    for _ in 0..20 {
        speech.say("The Arc lamp costs €249.00 [1]. The Orbit lamp costs €12.00 [2]. ", first);
    }
    speech.end_of_call(false, first);
    assert_eq!(PARTS_READ.get() - before, 2);

    let results = [json!({ "name": "Arc lamp", "availability": "in_stock", "stock": 3 })];
    let second = input(2, &passages, &results);
    for _ in 0..20 {
        speech.say("The Arc lamp is in stock. It costs €249.00. ", second);
    }
    speech.end_of_call(false, second);
    assert_eq!(PARTS_READ.get() - before, 3, "the result alone is new");

    let spoken = speech.finish();
    assert_eq!((spoken.supported, spoken.removed), (60, 20));
    assert_eq!(heard.0.lock().unwrap().matches("€249.00").count(), 40);
    assert!(!heard.0.lock().unwrap().contains("€12.00"));
}

#[test]
fn what_the_check_cannot_read_waits_for_its_translation() {
    let heard = Heard::default();
    let mut speech = Speech::new(&heard, "Combien coûte la livraison ?", today());
    let passages = sources(&["Shipping to Austria costs €6.90. Returns are free within 60 days."]);
    let first = input(1, &passages, &[]);
    let said = "Hello! La livraison vers l'Autriche coûte 6,90 € [1]. La livraison vers le Japon est gratuite. \
                Vous avez 90 jours pour les retours. Shipping to Austria costs €6.90. Avec plaisir !";
    speech.say(said, first);
    speech.end_of_call(false, first);
    assert!(heard.0.lock().unwrap().is_empty(), "what is so short may answer a question that cannot be read");
    let unread = speech.unread();
    assert_eq!(
        unread,
        [
            "Hello!",
            "La livraison vers l'Autriche coûte 6,90 €.",
            "La livraison vers le Japon est gratuite.",
            "Vous avez 90 jours pour les retours.",
            "Avec plaisir !"
        ]
    );
    speech.ask("How much is shipping?");
    let english = [
        Some("Hello!"),
        Some("Shipping to Austria costs €6.90."),
        Some("Shipping to Japan is free."),
        // A translation that agrees with the page and not with what is said.
        Some("You have 60 days for returns."),
        Some("With pleasure!"),
    ];
    speech.admit(english.map(|text| text.map(str::to_owned)).to_vec(), &passages, &[]);
    let all =
        "Hello! La livraison vers l'Autriche coûte 6,90 € [1]. Shipping to Austria costs €6.90. [1] Avec plaisir !";
    assert_eq!(*heard.0.lock().unwrap(), all);
    let spoken = speech.finish();
    assert_eq!(spoken.text, all);
    assert_eq!((spoken.supported, spoken.removed, spoken.unread), (2, 1, 1));
    let told: Vec<(&str, Option<&str>)> =
        spoken.claims.iter().map(|claim| (claim.sentence.as_str(), claim.english.as_deref())).collect();
    assert_eq!(told[0], ("La livraison vers l'Autriche coûte 6,90 € [1].", english[1]));
    assert_eq!(told[3], ("Shipping to Austria costs €6.90.", None));
}

#[test]
fn what_is_not_translated_is_not_said() {
    let heard = Heard::default();
    let mut speech = Speech::new(&heard, "", today());
    let passages = sources(&["Returns are free."]);
    let first = input(1, &passages, &[]);
    speech.say("Les retours sont gratuits. Nous livrons partout.", first);
    speech.end_of_call(false, first);
    let untranslated = vec![None, Some("Nous livrons partout.".to_owned())];
    speech.admit(untranslated, &passages, &[]);
    let spoken = speech.finish();
    assert_eq!((spoken.text.as_str(), spoken.removed, spoken.unread), ("", 0, 2));
    assert!(heard.0.lock().unwrap().is_empty());
}

#[test]
fn what_a_failed_call_withheld_is_forgotten() {
    let heard = Heard::default();
    let mut speech = Speech::new(&heard, "", today());
    let passages = sources(&["Returns are free."]);
    let first = input(1, &passages, &[]);
    speech.say("Les retours sont gratuits. Et nous", first);
    speech.take_back();
    speech.say("Returns are free. ", first);
    speech.end_of_call(false, first);
    assert!(speech.unread().is_empty());
    assert_eq!(speech.finish().text, "Returns are free. [1]");
}

#[test]
fn a_yes_is_judged_by_what_was_asked() {
    let passages = sources(&["Shipping to Austria is free. We do not ship to Japan."]);
    for (question, english, said) in [
        ("Livrez-vous au Japon ?", "Do you ship to Japan?", ""),
        ("La livraison vers l'Autriche est-elle gratuite ?", "Is shipping to Austria free?", "Oui, bien sûr. [1]"),
    ] {
        let heard = Heard::default();
        let mut speech = Speech::new(&heard, question, today());
        let first = input(1, &passages, &[]);
        speech.say("Oui, bien sûr.", first);
        speech.end_of_call(false, first);
        speech.ask(english);
        speech.admit(vec![Some("Yes, of course.".to_owned())], &passages, &[]);
        assert_eq!(*heard.0.lock().unwrap(), said, "{question}");
    }
}

#[test]
fn what_a_failed_call_said_counts_for_nothing() {
    let heard = Heard::default();
    let mut speech = Speech::new(&heard, "Are returns free?", today());
    let passages = sources(&["Returns are free."]);
    let first = input(1, &passages, &[]);
    speech.say("Returns are free. Shipping costs €9.90. And the", first);
    speech.take_back();
    speech.say("Which product do you mean?", first);
    speech.end_of_call(false, first);
    let spoken = speech.finish();
    assert_eq!((spoken.supported, spoken.removed, spoken.claims.len()), (0, 0, 0));
    assert_eq!(spoken.text, "Which product do you mean?");
}
