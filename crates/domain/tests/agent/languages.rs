//! Answers in languages that the claim check cannot read: they are said in English first, to the check alone.

use omniops_openai_stub::Reply;
use serde_json::{Value, json};

use crate::world::{World, number_of, reply};

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
