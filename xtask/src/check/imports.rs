//! The import directions of docs/architecture.md, read from the packages' manifests.

use cargo_metadata::{Dependency, DependencyKind, Metadata, Package};

use super::Finding;

/// Outside things, each behind a trait: they know `types` and nothing else of ours.
const LEAVES: &[&str] = &[
    "omniops-crawler",
    "omniops-embedding",
    "omniops-llm",
    "omniops-mail",
    "omniops-postgres",
    "omniops-vault",
    "omniops-woocommerce",
];

/// What a package of ours may depend on, besides `types` and libraries; `None` for a package without a rule.
fn allowed(package: &str) -> Option<Vec<&'static str>> {
    let allowed = match package {
        "omniops-types" | "omniops-widget" | "xtask" | "wasm-test-runner" => vec![],
        // Servers for tests: they know nothing of ours.
        stub if stub.ends_with("-stub") => vec![],
        "omniops-domain" => LEAVES.to_vec(),
        "omniops-app" => vec!["omniops-domain"],
        "omniops-frontend" => vec!["omniops-app"],
        "omniops-server" => [LEAVES, &["omniops-app", "omniops-domain"]].concat(),
        "omniops-bench" => [LEAVES, &["omniops-domain", "omniops-openai-stub", "omniops-server"]].concat(),
        leaf if LEAVES.contains(&leaf) => vec![],
        _ => return None,
    };
    Some(allowed)
}

pub fn check(metadata: &Metadata) -> Vec<Finding> {
    metadata.workspace_packages().into_iter().flat_map(check_package).collect()
}

fn check_package(package: &Package) -> Vec<Finding> {
    let name = package.name.as_str();
    let Some(allowed) = allowed(name) else {
        return vec![Finding::new(name, "has no rule in xtask/src/check/imports.rs; add one")];
    };
    let mut findings: Vec<Finding> = package
        .dependencies
        .iter()
        .filter(|dependency| is_ours(dependency) && dependency.kind != DependencyKind::Development)
        .filter(|dependency| dependency.name != "omniops-types" && !allowed.contains(&dependency.name.as_str()))
        .map(|dependency| Finding::new(name, format!("must not depend on {}", dependency.name)))
        .collect();
    if name == "omniops-types" && package.dependencies.iter().any(is_ours) {
        findings.push(Finding::new(name, "must not depend on another package of ours"));
    }
    if name == "omniops-app" {
        findings.extend(domain_only_under_ssr(package));
    }
    findings
}

fn is_ours(dependency: &Dependency) -> bool {
    dependency.path.is_some()
}

/// The dashboard's code runs in the browser too; the business must stay on the server.
fn domain_only_under_ssr(package: &Package) -> Vec<Finding> {
    let name = package.name.as_str();
    let mut findings = Vec::new();
    for dependency in package.dependencies.iter().filter(|dependency| dependency.name == "omniops-domain") {
        if dependency.kind == DependencyKind::Normal && !dependency.optional {
            findings.push(Finding::new(name, "must take omniops-domain as an optional dependency"));
        }
    }
    for (feature, parts) in &package.features {
        if feature != "ssr" && feature != "omniops-domain" && parts.iter().any(|part| part.contains("omniops-domain")) {
            findings.push(Finding::new(name, format!("reaches omniops-domain under feature {feature}; only ssr may")));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn package(name: &str, dependencies: &[(&str, bool)], features: serde_json::Value) -> Package {
        let dependencies: Vec<_> = dependencies
            .iter()
            .map(|(name, optional)| {
                json!({"name": name, "source": null, "req": "*", "kind": null, "rename": null, "optional": optional,
                    "uses_default_features": true, "features": [], "target": null, "registry": null, "path": "/x"})
            })
            .collect();
        serde_json::from_value(json!({
            "name": name, "version": "0.1.0", "id": format!("path+file:///x#{name}@0.1.0"), "license": null, "license_file": null,
            "description": null, "source": null, "dependencies": dependencies, "targets": [], "features": features,
            "manifest_path": "/x/Cargo.toml", "metadata": null, "publish": [], "authors": [], "categories": [],
            "keywords": [], "readme": null, "repository": null, "homepage": null, "documentation": null,
            "edition": "2024", "links": null, "default_run": null, "rust_version": null
        }))
        .unwrap()
    }

    #[test]
    fn a_leaf_that_imports_the_domain_is_found() {
        let findings = check_package(&package("omniops-crawler", &[("omniops-domain", false)], json!({})));
        assert_eq!(findings, [Finding::new("omniops-crawler", "must not depend on omniops-domain")]);
    }

    #[test]
    fn the_widget_may_know_the_wire_types_only() {
        assert_eq!(check_package(&package("omniops-widget", &[("omniops-types", false)], json!({}))), []);
        assert_eq!(check_package(&package("omniops-widget", &[("omniops-app", false)], json!({}))).len(), 1);
    }

    #[test]
    fn the_dashboard_reaches_the_domain_under_ssr_and_nowhere_else() {
        let right = json!({"ssr": ["dep:omniops-domain"], "hydrate": []});
        let wrong = json!({"ssr": ["dep:omniops-domain"], "hydrate": ["dep:omniops-domain"]});
        assert_eq!(check_package(&package("omniops-app", &[("omniops-domain", true)], right.clone())), []);
        assert_eq!(check_package(&package("omniops-app", &[("omniops-domain", true)], wrong)).len(), 1);
        assert_eq!(check_package(&package("omniops-app", &[("omniops-domain", false)], right)).len(), 1);
    }

    #[test]
    fn a_package_without_a_rule_is_found() {
        assert_eq!(check_package(&package("omniops-new", &[], json!({}))).len(), 1);
    }
}
