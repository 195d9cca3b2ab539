//! What `omniops doctor` says about a database.

use omniops_postgres::{TestDatabase, Verdict, diagnose};
use sqlx::{Connection, PgConnection};

async fn verdict(url: &str, check: &str) -> (Verdict, Option<String>) {
    let findings = diagnose(url).await;
    let finding = findings.iter().find(|finding| finding.check == check);
    let finding = finding.unwrap_or_else(|| panic!("no check {check:?} in {findings:#?}"));
    (finding.verdict, finding.next_step.clone())
}

#[tokio::test]
async fn a_database_that_is_ready_has_no_complaints() {
    let test = TestDatabase::create().await;
    let findings = diagnose(&test.url()).await;
    assert!(findings.len() >= 9, "{findings:#?}");
    for finding in findings {
        assert_eq!((finding.verdict, finding.next_step), (Verdict::Good, None), "{}: {}", finding.check, finding.found);
    }
}

#[tokio::test]
async fn a_superuser_as_log_in_role_is_doubtful() {
    let test = TestDatabase::create().await;
    assert_eq!(verdict(&test.superuser_url(), "log-in role").await.0, Verdict::Doubtful);
}

#[tokio::test]
async fn a_missing_extension_comes_with_the_statement_that_adds_it() {
    let test = TestDatabase::create().await;
    let mut conn = PgConnection::connect(&test.superuser_url()).await.expect("an administrator");
    sqlx::query("drop extension unaccent cascade").execute(&mut conn).await.expect("an extension less");
    let (verdict, next_step) = verdict(&test.url(), "extension unaccent").await;
    assert_eq!(verdict, Verdict::Bad);
    assert!(next_step.expect("a next step").contains("create extension unaccent"));
}

#[tokio::test]
async fn migrations_still_to_run_are_told() {
    let test = TestDatabase::create().await;
    let mut conn = PgConnection::connect(&test.superuser_url()).await.expect("an administrator");
    sqlx::query("delete from _sqlx_migrations where version > 1").execute(&mut conn).await.expect("fewer migrations");
    let (verdict, next_step) = verdict(&test.url(), "migrations").await;
    assert_eq!((verdict, next_step.as_deref()), (Verdict::Bad, Some("run `omniops migrate`")));
}

#[tokio::test]
async fn a_database_that_does_not_answer_is_told_without_its_password() {
    let findings = diagnose("postgres://somebody:secret-word@127.0.0.1:1/none").await;
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0].verdict, Verdict::Bad);
    assert!(!format!("{findings:?}").contains("secret-word"));
}
