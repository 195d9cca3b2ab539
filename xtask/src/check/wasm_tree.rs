//! What is compiled into the two browser packages.

use anyhow::Result;

use super::Finding;
use crate::{
    browser_package::{DASHBOARD, WIDGET},
    command::{WASM_TARGET, cargo, output},
    layout::Layout,
};

/// Libraries of the server; one of them in the browser means that a feature leaked.
const SERVER_ONLY: &[&str] = &[
    "axum",
    "axum-core",
    "graphile_worker",
    "hyper",
    "leptos_axum",
    "omniops-domain",
    "omniops-postgres",
    "reqwest",
    "sqlx",
    "sqlx-core",
    "sqlx-postgres",
    "tokio",
    "tower-http",
];

/// The panel builds its few elements by hand: a framework alone would break its limit.
const NOT_IN_THE_WIDGET: &[&str] = &["leptos"];

pub fn check(layout: &Layout) -> Result<Vec<Finding>> {
    let mut findings = forbidden(DASHBOARD.package, &tree(layout, DASHBOARD.package)?, SERVER_ONLY);
    let widget = tree(layout, WIDGET.package)?;
    findings.extend(forbidden(WIDGET.package, &widget, SERVER_ONLY));
    findings.extend(forbidden(WIDGET.package, &widget, NOT_IN_THE_WIDGET));
    Ok(findings)
}

/// One package a line, with its version.
fn tree(layout: &Layout, package: &str) -> Result<String> {
    output(
        cargo(layout)
            .args(["tree", "--quiet", "--package", package, "--target", WASM_TARGET])
            .args(["--edges", "normal", "--prefix", "none", "--format", "{p}"]),
    )
}

fn forbidden(package: &str, tree: &str, names: &[&str]) -> Vec<Finding> {
    let mut found: Vec<&str> =
        tree.lines().filter_map(|line| line.split_whitespace().next()).filter(|name| names.contains(name)).collect();
    found.sort_unstable();
    found.dedup();
    found
        .into_iter()
        .map(|name| Finding::new(package, format!("compiles {name} for the browser; see cargo tree --invert {name}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_library_in_the_tree_is_found_once() {
        let tree = "omniops-frontend v0.1.0 (/x)\ntokio v1.50.0\nserde v1.0.0\ntokio v1.50.0 (*)\ntokio-util v0.7.0\n";
        let findings = forbidden("omniops-frontend", tree, SERVER_ONLY);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].problem.contains("compiles tokio "));
    }
}
