//! Accounts belong to people, not to tenants.

use omniops_domain::accounts::{self, NewMember};
use omniops_domain::{Actor, Error, Principal, Result};
use omniops_types::{ApiKeyId, Permission, Role};
use uuid::Uuid;

use crate::support::World;

const EMAIL: &str = "mia@shop.example";

fn new_member(email: &str) -> NewMember {
    NewMember {
        email: email.to_owned(),
        name: "Mia".to_owned(),
        role: Role::Agent,
        password: "first-password".to_owned().into(),
    }
}

/// Everybody who may manage the world's team, from within its tenant.
fn insiders(world: &World) -> Vec<Principal> {
    let key = Actor::ApiKey { id: ApiKeyId(Uuid::now_v7()), scopes: vec![Permission::TeamManage] };
    let key = Principal { tenant_id: world.tenant, actor: key };
    vec![world.principal(Role::Owner), world.principal(Role::Admin), key]
}

fn assert_forbidden<T: std::fmt::Debug>(outcome: Result<T>) {
    assert!(matches!(outcome, Err(Error::Forbidden(Permission::TeamManage))), "{outcome:?}");
}

#[tokio::test]
async fn no_administrator_of_a_tenant_reaches_an_account_that_may_be_another_tenants_too() {
    let world = World::new().await;
    let operator = Principal { tenant_id: world.stranger().await.tenant_id, actor: Actor::CommandLine };
    accounts::create_user(&world.domain, &operator, new_member(EMAIL)).await.unwrap();
    let here = Principal { tenant_id: world.tenant, actor: Actor::CommandLine };
    accounts::add_member(&world.domain, &here, EMAIL, Role::Agent).await.unwrap();
    for insider in insiders(&world) {
        let taken = accounts::ensure_password(&world.domain, &insider, EMAIL, "my-own-password".to_owned().into());
        assert_forbidden(taken.await);
        assert_forbidden(accounts::add_member(&world.domain, &insider, EMAIL, Role::Owner).await);
        assert_forbidden(accounts::create_user(&world.domain, &insider, new_member("new@shop.example")).await);
    }
    let same = accounts::ensure_password(&world.domain, &operator, EMAIL, "first-password".to_owned().into());
    assert!(!same.await.unwrap(), "the password is still the first");
}
