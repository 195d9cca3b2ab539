//! Sources that are taken away.

use std::sync::Arc;

use omniops_domain::{Actor, Error, Principal, knowledge, tenants};
use omniops_types::{ApiKeyId, Scope, SourceKind};
use uuid::Uuid;

use super::jobs::Stuck;
use super::small_site;
use super::world::{World, domain_with, tenant};

#[tokio::test]
async fn a_source_goes_with_its_pages_passages_and_vectors_and_leaves_others_alone() {
    let (site, world) = (small_site().await, World::new().await);
    let source = world.source(&format!("http://{}/", site.address)).await;
    let other = world.source(&format!("http://{}/deep", site.address)).await;
    world.crawl(source).await;
    world.crawl(other).await;
    let of_other = world.pages().await.len() as i64 - 4;

    let named = knowledge::find_source(&world.domain, &world.principal, &format!("http://{}", site.address)).await;
    assert_eq!(named.unwrap().id, source, "found by its address, however it ends");
    assert_eq!(knowledge::remove_source(&world.domain, &world.principal, source).await.unwrap(), 4);

    assert_eq!(world.count("select count(*) from scraped_pages").await, of_other);
    assert_eq!(world.count("select count(*) from page_chunks").await, 2 * of_other);
    assert_eq!(world.count("select count(*) from page_embeddings").await, 2 * of_other);
    let left = knowledge::sources(&world.domain, &world.principal).await.unwrap();
    assert_eq!(left.iter().map(|source| source.id).collect::<Vec<_>>(), [other]);
    let audited = "select count(*) from config_audit_log where action = 'knowledge_source.removed' and after is null
                      and before ->> 'kind' = 'site' and target like 'http://%'";
    assert_eq!(world.count(audited).await, 1);
    let again = knowledge::remove_source(&world.domain, &world.principal, source).await.unwrap_err();
    assert!(matches!(again, Error::NotFound("source")), "{again:?}");
}

#[tokio::test]
async fn a_crawl_that_is_under_way_ends_with_its_source() {
    let (site, world) = (small_site().await, World::new().await);
    let source = world.source(&format!("http://{}/", site.address)).await;
    let stuck = Arc::new(Stuck::after(1, world.embedder.clone()));
    let domain = domain_with(&world.test_database, stuck.clone());
    let job = knowledge::start_own_crawl(&domain, &world.principal, source).await.unwrap();
    let crawling = tokio::spawn(async move { knowledge::try_run_one(&domain).await });
    stuck.stuck.notified().await;
    knowledge::remove_source(&world.domain, &world.principal, source).await.unwrap();
    stuck.go_on();
    assert!(crawling.await.unwrap().unwrap(), "a run whose source went is no failure");
    assert_eq!(world.count("select count(*) from scraped_pages").await, 0);
    let error = knowledge::progress(&world.domain, &world.principal, job).await.unwrap_err();
    assert!(matches!(error, Error::NotFound("job")), "{error:?}");
}

#[tokio::test]
async fn an_address_of_two_domains_is_not_guessed() {
    let (site, world) = (small_site().await, World::new().await);
    let url = format!("http://{}/", site.address);
    let first = world.source(&url).await;
    let host = "second.example".parse().unwrap();
    let second = tenants::add_domain(&world.domain, &world.principal, &host, &[]).await.unwrap().id;
    let options = knowledge::SourceOptions::default();
    knowledge::add_source(&world.domain, &world.principal, second, SourceKind::Site, &url, options).await.unwrap();
    let error = knowledge::find_source(&world.domain, &world.principal, &url).await.unwrap_err();
    assert!(matches!(error, Error::Conflict(_)), "{error:?}");
    let named = knowledge::find_source(&world.domain, &world.principal, &first.to_string()).await.unwrap();
    assert_eq!(named.id, first);
}

#[tokio::test]
async fn only_who_may_change_knowledge_of_the_tenant_removes_a_source() {
    let (site, world) = (small_site().await, World::new().await);
    let source = world.source(&format!("http://{}/", site.address)).await;
    let reader = Actor::ApiKey { id: ApiKeyId(Uuid::now_v7()), scopes: vec![Scope::KnowledgeRead] };
    let reader = Principal { tenant_id: world.principal.tenant_id, actor: reader };
    let error = knowledge::remove_source(&world.domain, &reader, source).await.unwrap_err();
    assert!(matches!(error, Error::OutOfScope(Scope::KnowledgeWrite)), "{error:?}");
    let (stranger, _) = tenant(&world.domain, "other").await;
    let error = knowledge::remove_source(&world.domain, &stranger, source).await.unwrap_err();
    assert!(matches!(error, Error::NotFound("source")), "{error:?}");
    assert_eq!(knowledge::sources(&world.domain, &world.principal).await.unwrap().len(), 1);
}
