//! A page that two sources of one domain hold.

use uuid::Uuid;

use super::{Shop, World};

/// Another source of the shop's domain.
async fn another_source(world: &World) -> Shop {
    let source = Uuid::now_v7();
    let mut tx = world.domain.database.tenant(world.shop.tenant).await.unwrap();
    sqlx::query("insert into knowledge_sources (tenant_id, id, domain_id, kind, url) values ($1, $2, $3, 'page', $4)")
        .bind(world.shop.tenant.uuid())
        .bind(source)
        .bind(world.shop.domain.uuid())
        .bind("https://shop.example/delivery")
        .execute(tx.conn())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    Shop { source, ..world.shop }
}

/// The page about delivery as the source read it so many hours ago.
async fn read_delivery(world: &World, by: Shop, hours_ago: f64, passages: &[&str]) {
    by.page(&world.domain, "Delivery", passages).await;
    let mut tx = world.domain.database.tenant(by.tenant).await.unwrap();
    sqlx::query(
        "update scraped_pages set url = 'https://shop.example/delivery', fetched_at = now() - make_interval(hours => 1) * $2
          where source_id = $1",
    )
    .bind(by.source)
    .bind(hours_ago)
    .execute(tx.conn())
    .await
    .unwrap();
    tx.commit().await.unwrap();
}

async fn found(world: &World, question: &str) -> Vec<String> {
    let mut texts: Vec<String> = world.search(question).await.hits.into_iter().map(|hit| hit.text).collect();
    texts.sort();
    texts
}

const TRACKING: &str = "You get the number of your parcel by e-mail.";
const THEN: &str = "A parcel to Austria takes nine working days.";
const NOW: &str = "A parcel to Austria takes three working days.";

#[tokio::test]
async fn a_page_that_two_sources_hold_is_found_once_as_it_was_read_last() {
    let world = World::new().await;
    let other = another_source(&world).await;
    read_delivery(&world, world.shop, 1.0, &[NOW, TRACKING]).await;
    read_delivery(&world, other, 30.0, &[THEN, TRACKING]).await;
    assert_eq!(found(&world, "How long does a parcel to Austria take?").await, [NOW, TRACKING]);
}

#[tokio::test]
async fn a_page_of_the_same_words_is_found_once_whoever_read_it() {
    let world = World::new().await;
    let other = another_source(&world).await;
    read_delivery(&world, world.shop, 1.0, &[NOW, TRACKING]).await;
    read_delivery(&world, other, 1.0, &[NOW, TRACKING]).await;
    assert_eq!(found(&world, "How long does a parcel to Austria take?").await, [NOW, TRACKING]);
}

#[tokio::test]
async fn a_page_of_another_domain_with_the_same_address_takes_nothing_away() {
    let world = World::new().await;
    let elsewhere = Shop::add_domain(&world.domain, world.shop.tenant, "elsewhere").await;
    read_delivery(&world, world.shop, 30.0, &[THEN]).await;
    read_delivery(&world, elsewhere, 1.0, &[NOW]).await;
    assert_eq!(found(&world, "How long does a parcel to Austria take?").await, [THEN]);
}
