//! A site in two languages: a question is answered in its own.

use super::{SHIPPING, World};

const VERSAND: &str =
    "Pakete nach Österreich kommen innerhalb von drei Werktagen an. Der Versand ist ab 60 Euro kostenlos.";
const SOHLE: &str = "Der Schuh hat eine Sohle von Vibram und eine wasserdichte Membran.";

async fn bilingual() -> World {
    let world = World::new().await;
    world.shop.page(&world.domain, "Delivery to Austria", &[SHIPPING]).await;
    world.shop.page_in(&world.domain, "de", "Versand nach Österreich (shipping to Austria)", &[VERSAND]).await;
    world.shop.page_in(&world.domain, "de", "Schuh", &[SOHLE]).await;
    world
}

#[tokio::test]
async fn a_question_is_answered_in_its_own_language_first() {
    let world = bilingual().await;
    let german = world.search("Wie lange dauert der Versand nach Österreich?").await.hits;
    assert_eq!(german[0].text, VERSAND);
    let english = world.search("How long does the shipping to Austria take?").await.hits;
    assert_eq!(english[0].text, SHIPPING);
}

#[tokio::test]
async fn what_only_the_other_language_says_comes_behind_and_is_not_lost() {
    let world = bilingual().await;
    let texts: Vec<String> =
        world.search("Does the shoe have a Vibram sole?").await.hits.into_iter().map(|hit| hit.text).collect();
    assert_eq!(texts[0], SHIPPING, "the only passage in the question's language");
    assert_eq!(texts[1], SOHLE);
}

#[tokio::test]
async fn a_word_that_tells_no_language_finds_in_all() {
    let world = bilingual().await;
    let hits = world.search("Vibram").await.hits;
    assert_eq!(hits[0].text, SOHLE);
}

#[tokio::test]
async fn a_few_misread_pages_do_not_make_a_second_language() {
    let world = World::new().await;
    let many: Vec<String> = (0..40).map(|n| format!("Remark {n} about the weather in the hills.")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    world.shop.page(&world.domain, "Remarks", &many).await;
    world.shop.page_in(&world.domain, "nl", "Delivery", &[SHIPPING]).await;
    let hits = world.search("How long does a parcel to Austria take?").await.hits;
    assert_eq!(hits[0].text, SHIPPING);
}

#[tokio::test]
async fn a_page_of_unknown_language_is_not_found_by_stop_words() {
    let world = World::new().await;
    let many: Vec<String> = (0..30).map(|n| format!("Remark {n}: how the boots and tents are made.")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    world.shop.page(&world.domain, "Remarks", &many).await;
    world.shop.page_in(&world.domain, "tlh", "How do I do what I do", &["how do I do it, and how do you"]).await;
    world.shop.page_in(&world.domain, "tlh", "Gaiters", &["Gaiters keep the snow out"]).await;
    let ask = |query| {
        super::search_with(&world.domain, world.shop.tenant, super::request(world.shop, query), super::Evidence::Text)
    };
    let hits = ask("How do I wash my boots?").await.unwrap().hits;
    assert!(
        hits.iter().all(|hit| hit.title == "Remarks"),
        "{:?}",
        hits.iter().map(|hit| &hit.title).collect::<Vec<_>>()
    );
    assert_eq!(ask("How do gaiters fit?").await.unwrap().hits[0].title, "Gaiters", "by its unstemmed words");
}
