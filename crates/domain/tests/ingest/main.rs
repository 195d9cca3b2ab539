//! Sites on loopback into a real database: what is stored, what is embedded, and what a second crawl changes.

// Helpers of the tests may fail loudly, like the tests.
#![allow(clippy::expect_used, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

mod jobs;
mod real;
mod removal;
mod world;

use std::sync::atomic::Ordering;

use omniops_domain::{Error, knowledge};
use omniops_types::{JobStatus, RunFailure, SourceKind};

use world::{CountingEmbedder, Site, World, domain_with, page, tenant};

async fn small_site() -> Site {
    let site = Site::start().await;
    site.set("/", &page("Home", "We sell shoes for the mountains.", &["/returns", "/shipping"]));
    site.set("/returns", &page("Returns", "Send it back within thirty days.", &["/"]));
    site.set("/shipping", &page("Shipping", "Parcels leave us within two days.", &["/deep"]));
    site.set("/deep", &page("Deep", "A page that only shipping links to.", &[]));
    site
}

#[tokio::test]
async fn a_site_becomes_pages_passages_and_vectors() {
    let (site, world) = (small_site().await, World::new().await);
    let source = world.source(&format!("http://{}/", site.address)).await;
    let progress = world.crawl(source).await;

    assert_eq!(progress.status, JobStatus::Succeeded);
    assert_eq!((progress.pages_fetched, progress.pages_changed, progress.pages_failed), (4, 4, 0));
    assert_eq!(world.pages().await, ["/", "/deep", "/returns", "/shipping"]);
    assert_eq!(progress.chunks_embedded, 8);
    assert_eq!(world.count("select count(*) from page_embeddings").await, 8);
    let headings: Vec<String> =
        sqlx::query_scalar("select heading_path from page_chunks where text like 'Further reading%Returns.'")
            .fetch_one(&world.owner)
            .await
            .unwrap();
    assert_eq!(headings, ["Returns", "Where to go from Returns"]);
    let found = "select count(*) from page_chunks where search @@ to_tsquery('english', 'parcel & leave')";
    assert_eq!(world.count(found).await, 1, "stemmed by the page's language");
}

#[tokio::test]
async fn a_second_crawl_changes_only_what_changed() {
    let (site, world) = (small_site().await, World::new().await);
    let source = world.source(&format!("http://{}/", site.address)).await;
    world.crawl(source).await;
    world.embedder.take_count();
    let kept: Vec<uuid::Uuid> =
        sqlx::query_scalar("select id from page_chunks order by id").fetch_all(&world.owner).await.unwrap();

    site.served_in_full.store(0, Ordering::SeqCst);
    let nothing = world.crawl(source).await;
    assert_eq!((nothing.pages_fetched, nothing.pages_changed, nothing.chunks_embedded), (4, 0, 0));
    assert_eq!(site.served_in_full.load(Ordering::SeqCst), 0, "every page was answered with not modified");
    assert_eq!(world.embedder.take_count(), 0);

    site.set("/returns", &page("Returns", "Send it back within sixty days.", &["/"]));
    let one = world.crawl(source).await;
    assert_eq!((one.pages_changed, one.chunks_embedded), (1, 1), "one of the page's two passages is new");
    assert_eq!(world.embedder.take_count(), 1);
    let still: Vec<uuid::Uuid> =
        sqlx::query_scalar("select id from page_chunks order by id").fetch_all(&world.owner).await.unwrap();
    assert_eq!(kept.iter().filter(|id| still.contains(id)).count(), 7);
    assert_eq!(world.count("select count(*) from page_chunks where text like '%thirty%'").await, 0);
}

#[tokio::test]
async fn passages_that_move_keep_their_vectors() {
    let (site, world) = (Site::start().await, World::new().await);
    let section = |name: &str| format!("<h2>{name}</h2><p>All there is to say about {name} today.</p>");
    site.set("/", &format!("<title>T</title><main>{}{}{}</main>", section("one"), section("two"), section("three")));
    let source = world.source(&format!("http://{}/", site.address)).await;
    world.crawl(source).await;
    world.embedder.take_count();
    site.set("/", &format!("<title>T</title><main>{}{}{}</main>", section("three"), section("one"), section("new")));
    let moved = world.crawl(source).await;
    assert_eq!((moved.pages_changed, world.embedder.take_count()), (1, 1));
    let order: Vec<String> = sqlx::query_scalar("select heading_path[2] from page_chunks order by ordinal")
        .fetch_all(&world.owner)
        .await
        .unwrap();
    assert_eq!(order, ["three", "one", "new"]);
    assert_eq!(world.count("select min(ordinal)::bigint from page_chunks").await, 0);
}

#[tokio::test]
async fn a_page_that_went_goes_but_only_when_that_is_sure() {
    let (site, world) = (small_site().await, World::new().await);
    let source = world.source(&format!("http://{}/", site.address)).await;
    world.crawl(source).await;

    site.set_status("/shipping", 500);
    let failing = world.crawl(source).await;
    assert_eq!((failing.status, failing.pages_failed), (JobStatus::Succeeded, 1));
    assert_eq!(world.pages().await.len(), 4, "a failing page takes neither itself nor what lies behind it away");
    let failures = knowledge::failures(&world.domain, &world.principal, failing.job_id).await.unwrap();
    assert!(failures[0].url.ends_with("/shipping") && failures[0].reason.contains("500"), "{failures:?}");

    site.set("/", &page("Home", "We sell shoes for the mountains.", &["/returns"]));
    site.remove("/returns");
    world.crawl(source).await;
    assert_eq!(world.pages().await, ["/"], "one is gone, the others are linked from nowhere any more");
    assert_eq!(world.count("select count(*) from page_chunks").await, 2);
    assert_eq!(world.count("select count(*) from page_embeddings").await, 2);
}

#[tokio::test]
async fn a_site_that_is_down_or_empty_costs_no_knowledge() {
    let (site, world) = (small_site().await, World::new().await);
    let source = world.source(&format!("http://{}/", site.address)).await;
    world.crawl(source).await;
    site.set_status("/", 503);
    let down = world.crawl(source).await;
    assert_eq!((down.status, down.error_code), (JobStatus::Failed, Some(RunFailure::StartUnreachable)));
    assert!(down.error.unwrap().contains("503"));
    site.set("/", "<title>We are moving</title>");
    let empty = world.crawl(source).await;
    assert_eq!((empty.status, empty.error_code), (JobStatus::Failed, Some(RunFailure::NoText)));
    assert_eq!(world.pages().await.len(), 4);
}

#[tokio::test]
async fn a_list_of_sources_tells_how_each_was_crawled_last() {
    let (site, world) = (small_site().await, World::new().await);
    let url = format!("http://{}/", site.address);
    let source = world.source(&url).await;
    world.source(&format!("{url}never")).await;
    world.crawl(source).await;
    site.set_status("/", 503);
    let failed = world.crawl(source).await;
    assert!(failed.error.is_some());

    let listed = knowledge::sources(&world.domain, &world.principal).await.unwrap();
    let [crawled, never] = listed.as_slice() else { panic!("{listed:?}") };
    assert_eq!((crawled.id, crawled.url.as_str(), crawled.last_crawl.as_ref()), (source, url.as_str(), Some(&failed)));
    assert_eq!(never.last_crawl, None);
    let (stranger, _) = tenant(&world.domain, "other").await;
    assert!(knowledge::sources(&world.domain, &stranger).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_single_page_source_takes_that_page_only() {
    let (site, world) = (small_site().await, World::new().await);
    let url = format!("http://{}/returns?utm_source=mail#top", site.address);
    let options = knowledge::SourceOptions::default();
    let source =
        knowledge::add_source(&world.domain, &world.principal, world.domain_id, SourceKind::Page, &url, options)
            .await
            .unwrap();
    let progress = world.crawl(source).await;
    assert_eq!((progress.pages_fetched, progress.status), (1, JobStatus::Succeeded));
    assert_eq!(world.pages().await, ["/returns"]);
}

#[tokio::test]
async fn a_private_host_is_refused_unless_the_command_line_asks() {
    let (site, world) = (small_site().await, World::new().await);
    let source = world.source(&format!("http://{}/", site.address)).await;
    let job = knowledge::start_crawl(&world.domain, &world.principal, source).await.unwrap();
    let refused = knowledge::crawl_now(&world.domain, &world.principal, job, |_| {}).await.unwrap();
    assert_eq!(refused.status, JobStatus::Failed);
    assert!(refused.error.unwrap().contains("private address"));
    assert_eq!(site.served_in_full.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn another_tenant_sees_neither_sources_nor_jobs() {
    let (site, world) = (small_site().await, World::new().await);
    let source = world.source(&format!("http://{}/", site.address)).await;
    let job = world.crawl(source).await.job_id;
    let (stranger, their_domain) = tenant(&world.domain, "other").await;
    let domain = &world.domain;
    assert!(matches!(knowledge::start_crawl(domain, &stranger, source).await, Err(Error::NotFound("source"))));
    assert!(matches!(knowledge::progress(domain, &stranger, job).await, Err(Error::NotFound("job"))));
    assert!(matches!(knowledge::failures(domain, &stranger, job).await, Err(Error::NotFound("job"))));
    assert!(matches!(knowledge::cancel(domain, &stranger, job).await, Err(Error::NotFound("job"))));
    let options = knowledge::SourceOptions::default();
    let adding =
        knowledge::add_source(domain, &stranger, world.domain_id, SourceKind::Site, "http://x.example/", options);
    assert!(matches!(adding.await, Err(Error::NotFound("domain"))));
    let mut tx = domain.database.tenant(stranger.tenant_id).await.unwrap();
    assert_eq!(knowledge::active_space(&mut tx, world.domain_id).await.unwrap(), None);
    assert_ne!(their_domain, world.domain_id);
}

#[tokio::test]
async fn addresses_and_options_are_checked() {
    let world = World::new().await;
    for url in ["", "shop.example", "ftp://shop.example/", "https://me:pw@shop.example/"] {
        let options = knowledge::SourceOptions::default();
        let adding =
            knowledge::add_source(&world.domain, &world.principal, world.domain_id, SourceKind::Site, url, options);
        assert!(matches!(adding.await, Err(Error::InvalidFields(_))), "{url}");
    }
    let options = knowledge::SourceOptions { max_pages: 0, ..Default::default() };
    let url = "https://shop.example/";
    let adding =
        knowledge::add_source(&world.domain, &world.principal, world.domain_id, SourceKind::Site, url, options);
    assert!(matches!(adding.await, Err(Error::InvalidFields(_))));
}

#[tokio::test]
async fn a_new_model_embeds_everything_in_the_background_and_answers_when_it_is_through() {
    let (site, world) = (small_site().await, World::new().await);
    let source = world.source(&format!("http://{}/", site.address)).await;
    world.crawl(source).await;
    let active = async |domain: &omniops_domain::Domain| {
        let mut tx = domain.database.tenant(world.principal.tenant_id).await.unwrap();
        knowledge::active_space(&mut tx, world.domain_id).await.unwrap().unwrap().space.model
    };
    assert_eq!(active(&world.domain).await, "one");

    let newer = CountingEmbedder::new("two");
    let domain = domain_with(&world.test_database, newer.clone());
    assert_eq!(knowledge::queue_reembeddings(&domain).await.unwrap(), 1);
    assert_eq!(active(&domain).await, "one", "until the work is done");
    assert!(knowledge::try_run_one(&domain).await.unwrap());
    assert_eq!((active(&domain).await, newer.take_count()), ("two".to_owned(), 8));
    assert_eq!(world.count("select count(*) from page_embeddings").await, 16, "the old ones are kept");
    assert_eq!(knowledge::queue_reembeddings(&domain).await.unwrap(), 0, "nothing is left to do");
}
