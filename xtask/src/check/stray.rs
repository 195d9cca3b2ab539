//! Nothing in the repository names a machine's paths or the host that a package happened to be downloaded from.

use super::{Finding, SourceFile};

/// Signs of one machine or one package index. In pieces, so that this file does not find itself.
const SIGNS: &[(&str, &str)] = &[
    (concat!("/wo", "rk/"), "is a path of one machine"),
    (concat!("/ro", "ot/"), "is a path of one machine"),
    (concat!("/opt/", "wheels"), "is a path of one machine"),
    (concat!("\"resol", "ved\": \"http"), "names a package host; see .npmrc"),
    (concat!("--index", "-url"), "names a package host; leave it to the user's configuration"),
    (concat!("extra-index", "-url"), "names a package host; leave it to the user's configuration"),
    (concat!("regis", "try=http"), "names a package host; leave it to the user's configuration"),
    (concat!("replace", "-with"), "replaces a package source; leave it to the user's configuration"),
];

/// The one source that Cargo.lock may name.
const CRATES_IO: &str = concat!("registry+https://github.com", "/rust-lang/crates.io-index");

pub fn check(sources: &[SourceFile]) -> Vec<Finding> {
    sources.iter().flat_map(|file| check_signs(file).chain(check_lock(file))).collect()
}

fn check_signs(file: &SourceFile) -> impl Iterator<Item = Finding> {
    numbered_lines(file).filter_map(|(number, line)| {
        let (sign, problem) = SIGNS.iter().find(|(sign, _)| line.contains(sign))?;
        Some(Finding::new(format!("{}:{number}", file.path), format!("`{sign}` {problem}")))
    })
}

fn check_lock(file: &SourceFile) -> impl Iterator<Item = Finding> {
    numbered_lines(file)
        .filter(|_| file.path.ends_with("Cargo.lock"))
        .filter(|(_, line)| line.starts_with("source = ") && !line.contains(CRATES_IO))
        .map(|(number, _)| Finding::new(format!("{}:{number}", file.path), "the package does not come from crates.io"))
}

fn numbered_lines(file: &SourceFile) -> impl Iterator<Item = (usize, &str)> {
    file.text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_path_and_a_package_host_are_found_with_their_lines() {
        let text = format!("fine\nsee {}notes\n", SIGNS[0].0);
        let lock = "[[package]]\nname = \"a\"\nsource = \"git+https://example.test/a\"\n";
        let findings = check(&[
            SourceFile { path: "docs/a.md".to_owned(), text },
            SourceFile { path: "Cargo.lock".to_owned(), text: lock.to_owned() },
        ]);
        let places: Vec<&str> = findings.iter().map(|finding| finding.place.as_str()).collect();
        assert_eq!(places, ["docs/a.md:2", "Cargo.lock:3"]);
    }
}
