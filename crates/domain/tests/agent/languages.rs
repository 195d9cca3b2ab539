//! Answers in languages that the claim check cannot read: they are said in English first, to the check alone.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use omniops_openai_stub::{Received, Reply};
use omniops_types::AgentSettings;
use serde_json::{Value, json};

use crate::preview::preview;
use crate::world::{Pages, World, number_of, reply};

const QUESTION: &str = "Combien coûte le shipping pour Austria ?";

/// The provider's answer to the request to translate, in which the question comes first.
fn translations(english: &[&str]) -> Reply {
    let all = ["How much is shipping to Austria?"].iter().chain(english);
    let sentences: Vec<Value> =
        all.enumerate().map(|(at, english)| json!({ "number": at + 1, "english": english })).collect();
    Reply::tool_call("translations", json!({ "sentences": sentences }))
}

/// Scripts an answer in French, and what comes of the request to translate it.
fn script(world: &World, said: &'static [&'static str], then: Reply) {
    world.stub.answer_with(move |request| {
        if request.all_text().contains("You translate sentences") {
            return Some(then.clone());
        }
        let shipping = number_of(request, "/shipping");
        let text = said.iter().map(|sentence| format!("{sentence} [{shipping}].")).collect::<Vec<_>>().join(" ");
        Some(reply("answer", &[shipping], &text))
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_true_in_french_is_said_and_what_is_false_is_not() {
    const SAID: &[&str] =
        &["La livraison en Autriche coûte 6,90 €", "Nous livrons aussi en Norvège", "La livraison prend 1 jour"];
    let world = World::new().await;
    let english = ["Shipping to Austria costs €6.90.", "We also ship to Norway.", "Shipping takes 1 day."];
    script(&world, SAID, translations(&english));
    let answer = world.visitor().says(QUESTION).await;
    // Two of three sentences were taken out: what is left is unsure, and the offer speaks the same language.
    let offer = "Souhaitez-vous parler à une personne ? Je peux transmettre votre question.";
    assert_eq!(answer.text(), format!("La livraison en Autriche coûte 6,90 € [1].\n\n{offer}"));
    assert_eq!((answer.streamed().as_str(), answer.pages()), (answer.text(), vec!["shipping".to_owned()]));

    let requests = world.requests();
    assert_eq!(requests.len(), 2);
    assert!(SAID.iter().all(|sentence| requests[1].last_user_text().contains(sentence)));
    let receipt = world.receipt(&answer).await;
    let passed: Vec<bool> = receipt.claims.iter().map(|claim| claim.passed).collect();
    assert_eq!(passed, [true, false, false]);
    let read: Vec<Option<&str>> = receipt.claims.iter().map(|claim| claim.english.as_deref()).collect();
    assert_eq!(read, english.map(Some));
    let row = world.telemetry().await;
    assert_eq!((&row["steps"], &row["outcome"]), (&json!(2), &json!("answered")));
    assert_eq!(row["cost_micro_usd"], json!(receipt.cost.micros()), "the translation is paid and told too");
    assert_eq!(receipt.calls.len(), 2);
    assert_eq!(world.open_reservations().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_translation_that_drops_a_number_is_not_believed() {
    let world = World::new().await;
    script(&world, &["La livraison en Autriche coûte 9,90 €"], translations(&["Shipping to Austria costs €6.90."]));
    let answer = world.visitor().says(QUESTION).await;
    assert!(!answer.text().contains("9,90") && !answer.streamed().contains("9,90"), "{}", answer.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_translation_the_pages_are_quoted() {
    for broken in
        [Reply::text("I cannot."), Reply::tool_call_raw("translations", "{\"sentences\": 3}"), Reply::server_error()]
    {
        let world = World::new().await;
        script(&world, &["La livraison en Autriche coûte 6,90 €"], broken);
        let answer = world.visitor().says(QUESTION).await;
        assert!(!answer.streamed().contains("livraison en Autriche"), "{}", answer.text());
        assert_eq!(world.telemetry().await["fallback"], "extractive");
        assert_eq!(world.open_reservations().await, 0);
    }
}

const BOUTIQUE: Pages = &[
    ("/", "<title>Cime</title><main><h1>Cime</h1><p>Tout pour la montagne.</p><a href=/livraison>Livraison</a></main>"),
    (
        "/livraison",
        "<title>Livraison</title><main><h1>Livraison</h1><h2>Livraison en Autriche</h2><p>La livraison standard vers \
         l'Autriche coûte 6,90 €. Elle prend trois jours ouvrés.</p><h2>Livraison en Norvège</h2><p>Nous ne livrons pas en \
         Norvège.</p></main>",
    ),
];
/// All that is translated here; what is missing is left out of the translation.
const DICTIONARY: &[(&str, &str)] = &[
    ("Livraison", "Shipping"),
    ("Livraison en Autriche", "Shipping to Austria"),
    ("La livraison standard vers l'Autriche coûte 6,90 €.", "Standard shipping to Austria costs €6.90."),
    ("Elle prend trois jours ouvrés.", "It takes three working days."),
    ("Livraison en Norvège", "Shipping to Norway"),
    ("Nous ne livrons pas en Norvège.", "We do not ship to Norway."),
    ("Combien coûte la livraison en Autriche ?", "How much is shipping to Austria?"),
    ("L'envoi vers l'Autriche coûte 6,90 €.", "Shipping to Austria costs €6.90."),
    ("Nous expédions aussi en Norvège.", "We also ship to Norway."),
    ("Cela prend trois jours ouvrés.", "It takes three working days."),
];

/// Translates by the dictionary what stands in the request, line by line.
fn by_dictionary(request: &Received) -> Reply {
    let text = request.last_user_text();
    let sentences: Vec<Value> = text
        .lines()
        .filter_map(|line| line.split_once(". "))
        .filter_map(|(number, sentence)| {
            let (_, english) = DICTIONARY.iter().find(|(french, _)| *french == sentence)?;
            Some(json!({ "number": number.parse::<usize>().ok()?, "english": english }))
        })
        .collect();
    Reply::tool_call("translations", json!({ "sentences": sentences }))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_the_check_cannot_read_is_translated_once() {
    const ASKED: &str = "Combien coûte la livraison en Autriche ?";
    let world = World::with_pages(BOUTIQUE, AgentSettings::default()).await;
    world.stub.answer_with(|request| {
        if request.all_text().contains("You translate sentences") {
            return Some(by_dictionary(request));
        }
        let page = number_of(request, "Livraison en Autriche");
        let text = if request.last_user_text().contains("How much") {
            format!("Shipping to Austria costs €6.90 [{page}]. It takes two working days [{page}].")
        } else {
            format!(
                "L'envoi vers l'Autriche coûte 6,90 € [{page}]. Nous expédions aussi en Norvège. Cela prend trois jours ouvrés \
                 [{page}]."
            )
        };
        Some(reply("answer", &[page], &text))
    });
    let said = world.visitor().says(ASKED).await;
    assert_eq!(said.text(), "L'envoi vers l'Autriche coûte 6,90 € [1]. Cela prend trois jours ouvrés [1].");
    assert_eq!(said.pages(), ["livraison"]);
    let receipt = world.receipt(&said).await;
    assert_eq!(receipt.claims.iter().map(|claim| claim.passed).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(world.telemetry().await["cost_micro_usd"], json!(receipt.cost.micros()));
    let translated = world.translated().await;
    assert_eq!(translated.iter().filter(|title| *title == "Shipping").count(), 2, "{translated:?}");
    // The answer, its sentences, and each page.
    assert_eq!(world.requests().len(), 2 + translated.len());
    assert_eq!(receipt.calls.len(), 2 + translated.len());

    let before = world.requests().len();
    let again = world.visitor().says(ASKED).await;
    assert_eq!(again.text(), said.text());
    assert_eq!(world.requests().len(), before + 2, "what the page says is known");

    let english = world.visitor().says("How much is it? I mean Livraison, Autriche.").await;
    assert!(english.text().starts_with("Shipping to Austria costs €6.90 [1]."), "{}", english.text());
    assert!(!english.text().contains("two working days"));
    assert_eq!(world.open_reservations().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_english_answer_waits_for_a_page_in_another_language() {
    let world = World::with_pages(BOUTIQUE, AgentSettings::default()).await;
    world.stub.answer_with(|request| {
        if request.all_text().contains("You translate sentences") {
            return Some(by_dictionary(request));
        }
        let page = number_of(request, "Livraison en Autriche");
        Some(reply(
            "answer",
            &[page],
            &format!("Hello! We do not ship to Norway [{page}]. We ship to Austria by drone."),
        ))
    });
    let said = world.visitor().says("Do you ship abroad? I read Livraison, Norvège.").await;
    assert!(said.text().starts_with("Hello! We do not ship to Norway. [1]"), "{}", said.text());
    assert!(!said.text().contains("drone"), "{}", said.text());
    assert!(!world.translated().await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_nobody_could_translate_supports_nothing_and_is_asked_for_another_day() {
    let world = World::with_pages(BOUTIQUE, AgentSettings::default()).await;
    let is_able = Arc::new(AtomicBool::new(false));
    let able = is_able.clone();
    world.stub.answer_with(move |request| {
        if request.all_text().contains("You translate sentences") {
            let able = able.load(Ordering::SeqCst);
            return Some(if able { by_dictionary(request) } else { Reply::text("I cannot.") });
        }
        let page = number_of(request, "Livraison en Autriche");
        Some(reply("answer", &[page], &format!("Shipping to Austria costs €6.90 [{page}].")))
    });
    let question = "How much is it? I mean Livraison, Autriche.";
    let said = world.visitor().says(question).await;
    assert!(!said.text().contains("costs"), "{}", said.text());
    assert_eq!(world.telemetry().await["fallback"], "extractive");
    let tried = world.translated().await;
    assert!(tried.contains(&"Livraison".to_owned()), "what was tried and stands as it is: {tried:?}");

    is_able.store(true, Ordering::SeqCst);
    let before = world.requests().len();
    let said = world.visitor().says(question).await;
    assert!(!said.text().contains("costs"), "{}", said.text());
    assert_eq!(world.requests().len(), before + 1, "nothing is paid for it again today");

    world.a_day_later().await;
    let said = world.visitor().says(question).await;
    assert!(said.text().starts_with("Shipping to Austria costs €6.90 [1]."), "{}", said.text());
    assert!(world.translated().await.contains(&"Shipping".to_owned()));
    assert_eq!(world.open_reservations().await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_keeps_no_translation() {
    let world = World::with_pages(BOUTIQUE, AgentSettings::default()).await;
    world.stub.answer_with(|request| {
        if request.all_text().contains("You translate sentences") {
            return Some(by_dictionary(request));
        }
        let page = number_of(request, "Livraison en Autriche");
        Some(reply("answer", &[page], &format!("Shipping to Austria costs €6.90 [{page}].")))
    });
    let told = preview(&world, &[], "How much is it? I mean Livraison, Autriche.").await;
    assert!(told.text.starts_with("Shipping to Austria costs €6.90 [1]."), "{}", told.text);
    assert_eq!(world.translated().await, Vec::<String>::new());
}
