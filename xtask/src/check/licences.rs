//! Every library's licence is on the list of `deny.toml`. cargo-deny checks the same and the advisories, with a network.

use std::fs;

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, Package};
use spdx::{Expression, ParseMode};

use super::Finding;
use crate::layout::Layout;

pub fn check(layout: &Layout, metadata: &Metadata) -> Result<Vec<Finding>> {
    let text = fs::read_to_string(layout.root.join("deny.toml")).context("cannot read deny.toml")?;
    let policy = Policy::parse(&text)?;
    let libraries = metadata.packages.iter().filter(|package| package.source.is_some());
    Ok(libraries.filter_map(|package| policy.objection(package)).collect())
}

/// The part of `deny.toml` that concerns licences.
#[derive(Debug)]
struct Policy {
    allowed: Vec<String>,
    /// Package and the licence that is accepted for it alone.
    exceptions: Vec<(String, String)>,
}

impl Policy {
    fn parse(text: &str) -> Result<Self> {
        let table: toml::Table = text.parse().context("deny.toml is not TOML")?;
        let licences = table.get("licenses").context("deny.toml has no [licenses]")?;
        let allowed = strings(licences.get("allow"));
        let exceptions =
            licences.get("exceptions").and_then(toml::Value::as_array).into_iter().flatten().flat_map(|exception| {
                let name = exception.get("crate").and_then(toml::Value::as_str).unwrap_or_default().to_owned();
                strings(exception.get("allow")).into_iter().map(move |licence| (name.clone(), licence))
            });
        Ok(Self { allowed, exceptions: exceptions.collect() })
    }

    fn objection(&self, package: &Package) -> Option<Finding> {
        let place = format!("{} {}", package.name, package.version);
        let Some(licence) = &package.license else {
            return Some(Finding::new(place, "names no licence; read its files and add an exception to deny.toml"));
        };
        // Old manifests write `MIT/Apache-2.0`.
        let Ok(expression) = Expression::parse_mode(licence, ParseMode::LAX) else {
            return Some(Finding::new(place, format!("`{licence}` is not a licence expression")));
        };
        let accepted = expression.evaluate(|requirement| self.allows(&package.name, &requirement.to_string()));
        (!accepted).then(|| Finding::new(place, format!("`{licence}` is not on the list of deny.toml")))
    }

    fn allows(&self, package: &str, licence: &str) -> bool {
        self.allowed.iter().any(|allowed| allowed == licence)
            || self.exceptions.iter().any(|(name, allowed)| name == package && allowed == licence)
    }
}

fn strings(value: Option<&toml::Value>) -> Vec<String> {
    let texts = value.and_then(toml::Value::as_array).into_iter().flatten().filter_map(toml::Value::as_str);
    texts.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_reads_the_list_and_the_exceptions() {
        let policy = Policy::parse(
            "[licenses]\nallow = [\"MIT\"]\nexceptions = [{ crate = \"ring\", allow = [\"OpenSSL\"] }]\n",
        )
        .unwrap();
        assert!(policy.allows("anything", "MIT"));
        assert!(policy.allows("ring", "OpenSSL"));
        assert!(!policy.allows("anything", "OpenSSL"));
    }
}
