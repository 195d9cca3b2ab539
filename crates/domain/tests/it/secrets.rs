//! Secrets in the database: who reads them, who does not, and what a new master key changes.

use std::sync::Arc;

use omniops_domain::secrets::{self, Rotation};
use omniops_domain::{Domain, Error, Services};
use omniops_types::TenantId;
use omniops_vault::{MasterKey, Vault};
use secrecy::{ExposeSecret, SecretString};

use crate::support::{Answerer, FixedEmbedder, World};

const NAME: &str = "llm.api_key";
const TEXT: &str = "sk-a-key-that-nobody-else-may-read";

/// The same database with other master keys.
fn with_vault(world: &World, vault: Vault) -> Domain {
    let services = Services::new(Arc::new(FixedEmbedder::default()), Answerer::ready());
    let services = Services { vault: Arc::new(vault), ..services };
    Domain::new(world.domain.database.clone(), services, world.domain.settings.clone())
}

async fn put(domain: &Domain, tenant: TenantId, name: &str, text: &str) -> Result<(), Error> {
    let mut tx = domain.database.tenant(tenant).await?;
    secrets::put(domain, &mut tx, name, &SecretString::from(text)).await?;
    tx.commit().await?;
    Ok(())
}

async fn get(domain: &Domain, tenant: TenantId, name: &str) -> Result<Option<String>, Error> {
    let mut tx = domain.database.tenant(tenant).await?;
    let secret = secrets::get(domain, &mut tx, name).await?;
    Ok(secret.map(|secret| secret.expose_secret().to_owned()))
}

/// What an intruder in the database, or a restored backup, might do.
async fn meddle(world: &World, sql: &'static str) -> u64 {
    let mut tx = world.domain.database.system("meddle with a test's secrets").await.unwrap();
    let done = sqlx::query(sql).execute(tx.conn()).await.unwrap();
    tx.commit().await.unwrap();
    done.rows_affected()
}

fn text(secret: Option<String>) -> String {
    secret.expect("a secret")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_read_as_it_was_kept_until_it_is_replaced_or_removed() {
    let world = World::new().await;
    let (domain, tenant) = (&world.domain, world.tenant);
    assert_eq!(get(domain, tenant, NAME).await.unwrap(), None);
    put(domain, tenant, NAME, "first").await.unwrap();
    put(domain, tenant, "another.secret", "other").await.unwrap();
    assert_eq!(text(get(domain, tenant, NAME).await.unwrap()), "first");
    put(domain, tenant, NAME, TEXT).await.unwrap();
    assert_eq!(text(get(domain, tenant, NAME).await.unwrap()), TEXT);

    let mut tx = domain.database.tenant(tenant).await.unwrap();
    assert!(secrets::exists(&mut tx, NAME).await.unwrap());
    let shown = secrets::summaries(&mut tx, "llm.").await.unwrap();
    assert_eq!(shown.len(), 1);
    assert_eq!((shown[0].name.as_str(), shown[0].hint.as_deref()), (NAME, Some("read")));
    assert!(secrets::remove(&mut tx, NAME).await.unwrap());
    assert!(!secrets::remove(&mut tx, NAME).await.unwrap(), "it was gone already");
    assert!(!secrets::exists(&mut tx, NAME).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(get(domain, tenant, NAME).await.unwrap(), None);
    assert_eq!(text(get(domain, tenant, "another.secret").await.unwrap()), "other");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_tenant_neither_sees_nor_removes_a_secret() {
    let world = World::new().await;
    let stranger = world.stranger().await.tenant_id;
    put(&world.domain, world.tenant, NAME, TEXT).await.unwrap();
    assert_eq!(get(&world.domain, stranger, NAME).await.unwrap(), None);
    let mut tx = world.domain.database.tenant(stranger).await.unwrap();
    assert!(secrets::summaries(&mut tx, "").await.unwrap().is_empty());
    assert!(!secrets::remove(&mut tx, NAME).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(text(get(&world.domain, world.tenant, NAME).await.unwrap()), TEXT);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_database_holds_nothing_of_the_text() {
    let world = World::new().await;
    put(&world.domain, world.tenant, NAME, TEXT).await.unwrap();
    let mut tx = world.domain.database.tenant(world.tenant).await.unwrap();
    let sealed: Vec<u8> = sqlx::query_scalar("select sealed from tenant_secrets").fetch_one(tx.conn()).await.unwrap();
    assert!(sealed.len() > TEXT.len());
    let shows_a_piece = TEXT.as_bytes().windows(6).any(|piece| sealed.windows(6).any(|window| window == piece));
    assert!(!shows_a_piece);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_was_moved_or_changed_in_the_database_is_refused() {
    let world = World::new().await;
    let stranger = world.stranger().await.tenant_id;
    put(&world.domain, world.tenant, NAME, TEXT).await.unwrap();
    put(&world.domain, stranger, NAME, "mine").await.unwrap();

    let renamed = meddle(
        &world,
        "insert into tenant_secrets (tenant_id, name, sealed) select tenant_id, 'renamed', sealed from tenant_secrets",
    );
    assert_eq!(renamed.await, 2);
    assert!(get(&world.domain, world.tenant, "renamed").await.is_err());

    let swapped = meddle(
        &world,
        "update tenant_secrets s set sealed = o.sealed from tenant_secrets o
         where o.tenant_id <> s.tenant_id and o.name = s.name and s.name = 'llm.api_key'",
    );
    assert_eq!(swapped.await, 2);
    assert!(get(&world.domain, world.tenant, NAME).await.is_err());
    assert!(get(&world.domain, stranger, NAME).await.is_err());

    put(&world.domain, world.tenant, NAME, TEXT).await.unwrap();
    put(&world.domain, stranger, NAME, "mine").await.unwrap();
    let swapped = meddle(
        &world,
        "update tenant_keys k set wrapped = o.wrapped from tenant_keys o where o.tenant_id <> k.tenant_id",
    );
    assert_eq!(swapped.await, 2);
    assert!(get(&world.domain, world.tenant, NAME).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn first_secrets_kept_at_once_are_under_one_data_key() {
    let world = World::new().await;
    let names: Vec<String> = (0..8).map(|number| format!("secret.{number}")).collect();
    let puts = names.iter().map(|name| put(&world.domain, world.tenant, name, name));
    for done in futures::future::join_all(puts).await {
        done.unwrap();
    }
    for name in &names {
        assert_eq!(&text(get(&world.domain, world.tenant, name).await.unwrap()), name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_rotation_the_new_master_key_alone_reads_every_tenants_secrets() {
    let world = World::new().await;
    let stranger = world.stranger().await.tenant_id;
    let (old, new) = (world.master_key.clone(), MasterKey::generate().unwrap());
    put(&world.domain, world.tenant, NAME, TEXT).await.unwrap();
    put(&world.domain, stranger, NAME, "mine").await.unwrap();

    let both = with_vault(&world, Vault::new(new.clone(), [old.clone()]));
    assert_eq!(text(get(&both, stranger, NAME).await.unwrap()), "mine", "before the rotation both read");
    assert_eq!(secrets::rotate(&both).await.unwrap(), Rotation { rewrapped: 2, unreadable: vec![] });
    assert_eq!(secrets::rotate(&both).await.unwrap(), Rotation::default(), "nothing is left to do");

    let only_new = with_vault(&world, Vault::new(new, []));
    assert_eq!(secrets::unreadable(&only_new).await.unwrap(), 0);
    assert_eq!(text(get(&only_new, world.tenant, NAME).await.unwrap()), TEXT);
    assert_eq!(text(get(&only_new, stranger, NAME).await.unwrap()), "mine");
    let only_old = with_vault(&world, Vault::new(old, []));
    assert_eq!(secrets::unreadable(&only_old).await.unwrap(), 2);
    assert!(get(&only_old, world.tenant, NAME).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_tells_whose_key_it_could_not_read_and_wraps_the_others() {
    let world = World::new().await;
    let stranger = world.stranger().await.tenant_id;
    let lost = with_vault(&world, Vault::new(MasterKey::generate().unwrap(), []));
    put(&world.domain, world.tenant, NAME, TEXT).await.unwrap();
    put(&lost, stranger, NAME, "mine").await.unwrap();
    let new = with_vault(&world, Vault::new(MasterKey::generate().unwrap(), [world.master_key.clone()]));
    assert_eq!(secrets::rotate(&new).await.unwrap(), Rotation { rewrapped: 1, unreadable: vec![stranger] });
    assert_eq!(text(get(&new, world.tenant, NAME).await.unwrap()), TEXT);
    assert_eq!(text(get(&lost, stranger, NAME).await.unwrap()), "mine", "what could not be read is as it was");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_master_key_secrets_can_be_neither_kept_nor_read_but_seen_and_removed() {
    let world = World::new().await;
    put(&world.domain, world.tenant, NAME, TEXT).await.unwrap();
    let locked = with_vault(&world, Vault::locked());
    assert!(put(&locked, world.tenant, NAME, "other").await.is_err());
    assert!(get(&locked, world.tenant, NAME).await.is_err());
    assert!(secrets::rotate(&locked).await.is_err());
    let mut tx = locked.database.tenant(world.tenant).await.unwrap();
    assert!(secrets::exists(&mut tx, NAME).await.unwrap());
    assert!(secrets::remove(&mut tx, NAME).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_or_endless_text_is_no_secret() {
    let world = World::new().await;
    let (domain, tenant) = (&world.domain, world.tenant);
    assert!(matches!(put(domain, tenant, NAME, "").await, Err(Error::InvalidFields(_))));
    let endless = "x".repeat(secrets::MAX_BYTES + 1);
    assert!(matches!(put(domain, tenant, NAME, &endless).await, Err(Error::TooLarge { .. })));
    assert_eq!(get(domain, tenant, NAME).await.unwrap(), None);
}
