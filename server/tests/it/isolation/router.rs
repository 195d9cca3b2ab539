//! The walks find what they call in the description, in the registry of server functions and in the list of pages. A
//! route that is in none of them would be walked by nobody: it must be named here, with the reason why that is right.

use std::collections::BTreeSet;

use leptos::server_fn::axum::server_fn_paths;
use leptos_axum::generate_route_list;
use omniops_app::App;
use omniops_server::routes;

use super::functions::{cookie, member};
use super::{MARKERS, Walk, World};

const NOT_WALKED: [(&str, &str); 10] = [
    ("/", "leads to the dashboard"),
    ("/{*}", "the page that says that there is nothing"),
    ("/api/docs", "the description, the same for everybody"),
    ("/api/openapi.json", "the description, the same for everybody"),
    ("/embed.js", "the loader, with what everybody sees of a domain's widget"),
    ("/widget/frame", "the iframe's page, the same for everybody"),
    ("/pkg/", "files of the build"),
    ("/pkg/{*}", "files of the build"),
    ("/widget/", "files of the build"),
    ("/widget/{*}", "files of the build"),
];

fn described() -> Vec<String> {
    routes::openapi().paths.paths.into_keys().collect()
}

fn pages() -> Vec<String> {
    generate_route_list(App).into_iter().map(|page| page.path().to_owned()).collect()
}

fn functions() -> Vec<String> {
    server_fn_paths().map(|(path, _)| path.to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_the_server_is_walked_or_named_with_a_reason() {
    let world = World::new().await;
    let walked: BTreeSet<String> = [described(), pages(), functions()].into_iter().flatten().collect();
    let left: BTreeSet<&str> =
        world.server.paths().iter().filter(|path| !walked.contains(*path)).map(String::as_str).collect();
    assert_eq!(left, NOT_WALKED.into_iter().map(|(path, _)| path).collect());
    for path in &walked {
        assert!(world.server.paths().contains(path), "{path} is walked and not there");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_page_shows_a_stranger_anything() {
    let walk = Walk::prepare().await;
    let stranger = member(&walk.world, "other").await;
    let session = cookie(&walk.world, &stranger).await;
    let before = walk.as_a_sees_it().await;
    let pages = pages();
    assert!(pages.iter().any(|page| page.contains('{')), "no page with an id was found: {pages:?}");
    for page in pages {
        let address = page.replace("{id}", &walk.conversation.to_string());
        assert!(!address.contains('{'), "teach the walk what to put into {page}");
        let as_b = walk.world.get(&address).header("cookie", &session).send().await.unwrap();
        // The page repeats its own address, and that holds the id that the stranger brought.
        walk.assert_no_words_of_a(&address, as_b).await;
        let as_nobody = walk.world.get(&address).send().await.unwrap();
        walk.assert_no_words_of_a(&address, as_nobody).await;
    }
    assert_eq!(walk.as_a_sees_it().await, before, "a stranger changed something of tenant A's");
}

/// The walk is worth something only if pages are rendered with what they show.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_shows_its_owner_what_the_walk_looks_for() {
    let walk = Walk::prepare().await;
    let session = cookie(&walk.world, &member(&walk.world, "shop").await).await;
    let address = format!("/dashboard/conversations/{}", walk.conversation);
    let page = walk.world.get(&address).header("cookie", session).send().await.unwrap().text().await.unwrap();
    for marker in MARKERS {
        assert!(page.contains(marker), "{marker} is not on {page}");
    }
}
