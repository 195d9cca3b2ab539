//! The description and the router are one thing: this finds out when they stop being so.

use std::collections::BTreeSet;

use omniops_server::routes;
use serde_json::Value;

use crate::support::{World, body};

fn described() -> Value {
    serde_json::to_value(routes::openapi()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_description_is_served_and_readable_by_people() {
    let world = World::new().await;
    let served = body(world.get("/api/openapi.json").send().await.unwrap(), 200).await;
    assert_eq!(served, described());
    let page = world.get("/api/docs").send().await.unwrap().text().await.unwrap();
    for path in described()["paths"].as_object().unwrap().keys() {
        assert!(page.contains(path.as_str()), "{path} is not on the page");
    }
}

/// A route that is added with `.route(…)` instead of `.routes(routes!(…))` would work and not be described.
#[test]
fn every_route_of_the_api_is_described() {
    let mut added_past_the_description = Vec::new();
    for file in sources(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src/routes"))) {
        let name = file.file_name().unwrap().to_str().unwrap();
        // Files for browsers, and the description itself.
        if name == "assets.rs" || name == "docs.rs" {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        for line in text.lines().filter(|line| line.contains(".route(\"")) {
            added_past_the_description.push(format!("{name}: {}", line.trim()));
        }
    }
    // The admin listener has an address of its own.
    added_past_the_description.retain(|line| !line.contains("/metrics"));
    assert_eq!(added_past_the_description, Vec::<String>::new());
}

fn sources(dir: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

#[test]
fn every_operation_has_an_id_a_tag_and_a_summary() {
    let mut ids = BTreeSet::new();
    for (path, item) in described()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{method} {path} has no id"));
            assert!(ids.insert(id.to_owned()), "{id} is there twice");
            assert!(operation["tags"][0].is_string(), "{id} has no tag");
            assert!(operation["summary"].is_string(), "{id} has no summary");
        }
    }
}

#[test]
fn every_schema_that_is_referred_to_is_described() {
    let api = described();
    let mut missing = BTreeSet::new();
    collect_missing(&api, &api, &mut missing);
    assert_eq!(missing, BTreeSet::new());
}

fn collect_missing(api: &Value, value: &Value, missing: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(Value::as_str)
                && api.pointer(reference.trim_start_matches('#')).is_none()
            {
                missing.insert(reference.to_owned());
            }
            members.values().for_each(|member| collect_missing(api, member, missing));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_missing(api, item, missing)),
        _ => {}
    }
}
