//! Processes that are killed between a reservation and its booking.

use std::process::{Child, Command};
use std::time::{Duration, Instant};

use omniops_domain::Domain;
use omniops_domain::ledger::{self, Actual, Budget, Purpose, ReserveRequest};
use omniops_postgres::{Database, DatabaseOptions};
use omniops_types::{BudgetSettings, MicroUsd, TenantId};
use tokio::task::JoinSet;

use crate::world::{MODEL, World, domain_on, reserve};

const URL: &str = "OMNIOPS_TEST_LEDGER_URL";
const TENANT: &str = "OMNIOPS_TEST_LEDGER_TENANT";
const PATIENCE: Duration = Duration::from_secs(120);

const DAILY: i64 = 5_000;

/// Starts one of the tests below in a process of its own, on this world's database.
fn start(world: &World, test: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored"])
        .env(URL, world.database.url())
        .env(TENANT, world.tenant.to_string())
        .spawn()
        .unwrap()
}

/// `kill -9`: nothing of it runs any more.
fn kill(mut process: Child) {
    process.kill().unwrap();
    process.wait().unwrap();
}

/// Asks until it is so, and looks at what is taken each time.
async fn until(world: &World, process: &mut Child, is_so: impl AsyncFn(&World) -> bool) {
    let begun = Instant::now();
    while !is_so(world).await {
        assert!(world.taken().await <= DAILY);
        assert!(begun.elapsed() < PATIENCE, "the other process does nothing");
        assert_eq!(process.try_wait().unwrap(), None, "the other process ended by itself");
    }
}

async fn world_of_the_parent() -> (Domain, TenantId, BudgetSettings) {
    let url = std::env::var(URL).expect("a database");
    let tenant = std::env::var(TENANT).expect("a tenant").parse().unwrap();
    let database = Database::connect(&DatabaseOptions::new(url)).await.unwrap();
    let budgets = BudgetSettings { daily: Some(MicroUsd(DAILY)), ..BudgetSettings::default() };
    (domain_on(database), tenant, budgets)
}

fn request(tenant: TenantId, budgets: &BudgetSettings, worst_case: i64) -> ReserveRequest<'_> {
    ReserveRequest {
        tenant,
        conversation: None,
        purpose: Purpose::Chat,
        provider: "test",
        model: MODEL,
        worst_case: MicroUsd(worst_case),
        budgets,
        now: None,
    }
}

#[tokio::test]
#[ignore = "started by a_reservation_of_a_killed_process_keeps_its_room_and_ends_as_unconfirmed"]
async fn a_process_that_calls_a_model() {
    let (domain, tenant, budgets) = world_of_the_parent().await;
    let _under_way = reserve(&domain, request(tenant, &budgets, DAILY - 1_000)).await.unwrap();
    // The provider is answering.
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn a_reservation_of_a_killed_process_keeps_its_room_and_ends_as_unconfirmed() {
    let world = World::with_daily(DAILY).await;
    let mut process = start(&world, "killed::a_process_that_calls_a_model");
    until(&world, &mut process, async |world| world.open_reservations().await == 1).await;
    kill(process);
    assert_eq!(world.day().await, [0, 4_000, 0]);
    assert_eq!(ledger::expire_reservations(&world.domain).await.unwrap(), 0, "its time is not over");
    assert_eq!(world.reserve(1_001).await.unwrap_err().budget, Budget::Day);

    world.let_all_expire().await;
    assert_eq!(ledger::expire_reservations(&world.domain).await.unwrap(), 1);
    assert_eq!(world.day().await, [0, 0, 4_000]);
    let refusal = world.reserve(1_001).await.unwrap_err();
    assert_eq!((refusal.gone, refusal.reserved), (MicroUsd(4_000), MicroUsd(0)));
    assert!(world.reserve(1_000).await.is_ok());
    assert_eq!(world.wrong_sums().await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by a_process_killed_in_the_middle_of_many_calls_leaves_books_that_agree"]
async fn a_process_that_makes_many_calls() {
    let (domain, tenant, budgets) = world_of_the_parent().await;
    let mut tasks = JoinSet::new();
    for number in 0..16_i64 {
        let domain = domain.clone();
        tasks.spawn(async move {
            loop {
                if let Ok(reservation) = reserve(&domain, request(tenant, &budgets, 100 + number)).await {
                    ledger::settle(&domain, &reservation, Actual::Cost(MicroUsd(number))).await.unwrap();
                }
            }
        });
    }
    tasks.join_all().await;
}

#[tokio::test]
async fn a_process_killed_in_the_middle_of_many_calls_leaves_books_that_agree() {
    let world = World::with_daily(DAILY).await;
    let mut process = start(&world, "killed::a_process_that_makes_many_calls");
    let has_booked_much = async |world: &World| world.state().await.day.spent > MicroUsd(1_000);
    until(&world, &mut process, has_booked_much).await;
    kill(process);
    let [spent, reserved, unconfirmed] = world.day().await;
    assert!(spent > 1_000 && unconfirmed == 0, "{spent} {unconfirmed}");
    assert_eq!(world.wrong_sums().await, Vec::<String>::new());

    world.let_all_expire().await;
    ledger::expire_reservations(&world.domain).await.unwrap();
    assert_eq!(world.day().await, [spent, 0, reserved]);
    assert!(world.taken().await <= DAILY);
    assert_eq!(world.wrong_sums().await, Vec::<String>::new());
}
