//! SQL stands in `queries.rs` (or `…_queries.rs`, or a folder `queries/`) and in `crates/postgres`, where it is reviewed and tested.

use std::path::Path;

use super::{Finding, SourceFile};

/// How SQL shows itself in Rust code. In pieces, so that this file does not find itself.
const SIGNS: &[&str] = &[
    concat!("sqlx::", "query"),
    concat!("sqlx::", "raw_sql"),
    concat!("Query", "Builder"),
    concat!("insert ", "into "),
    concat!("delete ", "from "),
];

pub fn check(sources: &[SourceFile]) -> Vec<Finding> {
    sources.iter().filter(|file| is_business_code(&file.path)).flat_map(check_file).collect()
}

fn is_business_code(path: &str) -> bool {
    let rust = Path::new(path).extension().is_some_and(|extension| extension == "rs");
    let code = ["app/", "crates/", "frontend/", "server/", "widget/"].iter().any(|top| path.starts_with(top));
    let home = path.starts_with("crates/postgres/") || path.ends_with("queries.rs") || path.contains("/queries/");
    let test = path.contains("/tests/")
        || path.ends_with("/tests.rs")
        || path.ends_with("_test.rs")
        || path.contains("/testing");
    rust && code && !home && !test
}

fn check_file(file: &SourceFile) -> Vec<Finding> {
    file.text
        .lines()
        .enumerate()
        // Tests stand at the end of a file and may look into the database.
        .take_while(|(_, line)| line.trim() != "#[cfg(test)]")
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .filter_map(|(index, line)| {
            let sign = SIGNS.iter().find(|sign| line.contains(**sign))?;
            Some(Finding::new(
                format!("{}:{}", file.path, index + 1),
                format!("`{}` belongs in queries.rs", sign.trim()),
            ))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, text: &str) -> SourceFile {
        SourceFile { path: path.to_owned(), text: text.to_owned() }
    }

    #[test]
    fn a_query_in_a_service_is_found_with_its_line() {
        let text = format!("fn list() {{\n    {}(\"…\");\n}}\n", SIGNS[0]);
        let findings = check(&[file("crates/domain/src/chat/service.rs", &text)]);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].place, "crates/domain/src/chat/service.rs:2");
    }

    #[test]
    fn queries_files_the_database_crate_and_tests_may_hold_sql() {
        let text = format!("{}(\"…\");", SIGNS[0]);
        let in_tests = format!("fn f() {{}}\n#[cfg(test)]\nmod tests {{ {text} }}");
        assert_eq!(
            check(&[
                file("crates/domain/src/chat/queries.rs", &text),
                file("crates/postgres/src/roles.rs", &text),
                file("server/tests/it/chat.rs", &text),
                file("crates/domain/src/chat/service.rs", &in_tests),
            ]),
            []
        );
    }
}
