//! Pages and files.

use std::collections::HashSet;

use omniops_domain::{Actor, Principal, tenants};
use reqwest::RequestBuilder;

use crate::support::{HOST, World};

#[tokio::test(flavor = "multi_thread")]
async fn the_log_in_page_is_rendered_under_a_policy_that_its_own_scripts_pass() {
    let world = World::new().await;
    let mut nonces = HashSet::new();
    // The first is rendered, the others are the kept one; the last is rendered again.
    for path in ["/login", "/login", "/login", "/login?next=/dashboard"] {
        let (page, nonce) = page(world.get(path)).await;
        assert!(page.contains("<form"), "{page}");
        for script in page.split("<script").skip(1) {
            let tag = script.split('>').next().unwrap();
            assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "a script without the nonce: <script{tag}>");
        }
        assert!(nonces.insert(nonce), "a nonce was given out twice");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_kept_log_in_page_is_what_would_be_rendered() {
    let world = World::new().await;
    let without_nonce = async |request: RequestBuilder| {
        let (page, nonce) = page(request).await;
        page.replace(&nonce, "")
    };
    let english = without_nonce(world.get("/login")).await;
    assert_eq!(without_nonce(world.get("/login")).await, english);
    let dark_german = || world.get("/login").header("cookie", "omniops_locale=de; omniops_theme=dark");
    let rendered = without_nonce(dark_german()).await;
    assert!(rendered.contains("lang=\"de\"") && rendered.contains("data-theme=\"dark\""), "{rendered}");
    assert_eq!(without_nonce(dark_german()).await, rendered);
    let accepts_german = without_nonce(world.get("/login").header("accept-language", "de")).await;
    assert!(accepts_german.contains("lang=\"de\"") && !accepts_german.contains("data-theme"), "{accepts_german}");
    assert_eq!(without_nonce(world.get("/login")).await, english);
    let refused = without_nonce(world.get("/login?failed=rate_limited&wait=7")).await;
    assert_ne!(refused, english, "the page does not say why the log-in was refused");
}

/// The page, and the nonce of its policy.
async fn page(request: RequestBuilder) -> (String, String) {
    let response = request.send().await.unwrap().error_for_status().unwrap();
    assert_eq!(response.headers()["cache-control"], "no-store");
    assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap().to_owned();
    (response.text().await.unwrap(), nonce)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_is_sent_to_log_in_and_unknown_pages_say_so() {
    let world = World::new().await;
    let response = world.get("/dashboard/conversations").header("accept", "text/html").send().await.unwrap();
    assert_eq!(response.url().path(), "/login");
    let response = world.get("/no/such/page").send().await.unwrap();
    assert_eq!(response.status(), 404);
    assert!(response.headers()["content-type"].to_str().unwrap().starts_with("text/html"));
}

/// A site as the build leaves it.
fn site() -> std::path::PathBuf {
    let dir = std::env::temp_dir().join(format!("omniops-site-{}", uuid::Uuid::now_v7()));
    let widget = dir.join("widget");
    std::fs::create_dir_all(&widget).unwrap();
    std::fs::create_dir_all(dir.join("pkg")).unwrap();
    std::fs::write(widget.join("manifest.json"), r#"{"loader":"embed.0a.js","glue":"g.js","wasm":"w.wasm"}"#).unwrap();
    std::fs::write(widget.join("embed.0a.js"), "const flags = __OMNIOPS_FLAGS__;").unwrap();
    std::fs::write(widget.join("panel.0b.js"), "export default 1;").unwrap();
    dir
}

#[tokio::test(flavor = "multi_thread")]
async fn the_loader_knows_its_domain_and_any_shop_may_load_the_widget() {
    let dir = site();
    let world = World::with(&[("OMNIOPS_SITE_DIR", dir.to_str().unwrap())]).await;
    let loader = async |host: &str| {
        let response = world.get(&format!("/embed.js?domain={host}")).send().await.unwrap();
        assert_eq!(response.headers()["access-control-allow-origin"], "*");
        response.text().await.unwrap()
    };
    assert!(loader(HOST).await.contains("\"accent\":\"#"));
    assert_eq!(loader("nowhere.example").await, "const flags = null;");

    let panel = world.get("/widget/panel.0b.js").send().await.unwrap();
    assert_eq!(panel.headers()["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(panel.headers()["access-control-allow-origin"], "*");
    assert_eq!(world.get("/widget/missing.js").send().await.unwrap().status(), 404);

    std::fs::remove_dir_all(dir).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_pages_that_the_tenant_allows_may_frame_the_panel() {
    let dir = site();
    let world = World::with(&[("OMNIOPS_SITE_DIR", dir.to_str().unwrap())]).await;
    let owner = Principal { tenant_id: world.tenant, actor: Actor::CommandLine };
    let partner = "https://partner.example".parse().unwrap();
    tenants::add_domain(&world.domain, &owner, &"second.example".parse().unwrap(), &[partner]).await.unwrap();

    let frame = world.get("/widget/frame?domain=Second.example&lang=de\"><script>").send().await.unwrap();
    let policy = frame.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let ancestors = policy.split("frame-ancestors ").nth(1).unwrap();
    let ours = world.server.base();
    assert_eq!(
        ancestors,
        format!("'self' https://second.example http://second.example https://partner.example {ours}")
    );
    let page = frame.text().await.unwrap();
    assert!(
        page.contains("/embed.js?domain=second.example&amp;frame=1") && page.contains("lang=\"descript\""),
        "{page}"
    );
    let unknown = world.get("/widget/frame?domain=nowhere.example").send().await.unwrap();
    assert_eq!(unknown.status(), 404);

    let loader =
        async |query: &str| world.get(&format!("/embed.js?{query}")).send().await.unwrap().text().await.unwrap();
    assert!(loader("domain=second.example&frame=1").await.contains("\"https://partner.example\""));
    assert!(!loader("domain=second.example").await.contains("partner.example"));
    std::fs::remove_dir_all(dir).unwrap();
}
