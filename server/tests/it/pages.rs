//! Pages and files.

use crate::support::{HOST, World};

#[tokio::test(flavor = "multi_thread")]
async fn the_log_in_page_is_rendered_under_a_policy_that_its_own_scripts_pass() {
    let world = World::new().await;
    let response = world.get("/login").send().await.unwrap();
    assert_eq!(response.status(), 200);
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    let nonce = policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).unwrap().to_owned();
    let page = response.text().await.unwrap();
    assert!(page.contains("<form"), "{page}");
    for script in page.split("<script").skip(1) {
        let tag = script.split('>').next().unwrap();
        assert!(tag.contains(&format!("nonce=\"{nonce}\"")), "a script without the nonce: <script{tag}>");
    }
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

    let frame = world.get(&format!("/widget/frame?domain={HOST}&lang=de\"><script>")).send().await.unwrap();
    assert!(frame.headers()["content-security-policy"].to_str().unwrap().contains("frame-ancestors *"));
    let page = frame.text().await.unwrap();
    assert!(
        page.contains(&format!("/embed.js?domain={HOST}&amp;frame=1")) && page.contains("lang=\"descript\""),
        "{page}"
    );
    std::fs::remove_dir_all(dir).unwrap();
}
