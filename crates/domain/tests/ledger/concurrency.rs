//! Many calls at once against a budget that has room for few of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use omniops_domain::ledger::{self, Actual};
use omniops_types::{BudgetSettings, BudgetStage, MicroUsd};
use proptest::prelude::*;
use tokio::task::JoinSet;

use crate::world::World;

const CALLS: usize = 200;

/// What becomes of one call.
#[derive(Clone, Copy, Debug)]
enum Fate {
    /// Costs this share of what was reserved.
    Settled {
        percent: i64,
    },
    Released,
    Cut,
    /// Its process dies once it has the reservation, and the time goes by.
    Dies,
    /// Its task ends wherever it has got to after so many turns of the scheduler, in the middle of a reservation perhaps.
    Vanishes {
        turns: usize,
    },
}

#[derive(Clone, Debug)]
struct Plan {
    worst_case: i64,
    fate: Fate,
}

fn plan() -> impl Strategy<Value = Plan> {
    let fate = prop_oneof![
        6 => (0_i64..=100).prop_map(|percent| Fate::Settled { percent }),
        2 => Just(Fate::Released),
        1 => Just(Fate::Cut),
        1 => Just(Fate::Dies),
        2 => (0_usize..400).prop_map(|turns| Fate::Vanishes { turns }),
    ];
    (1_i64..100, fate).prop_map(|(worst_case, fate)| Plan { worst_case, fate })
}

/// Gives whether there was room.
async fn call(world: &World, plan: &Plan) -> bool {
    let Ok(reservation) = world.reserve(plan.worst_case).await else { return false };
    match plan.fate {
        Fate::Settled { percent } => {
            let actual = Actual::Cost(MicroUsd(plan.worst_case * percent / 100));
            ledger::settle(&world.domain, &reservation, actual).await.unwrap();
        }
        Fate::Released => {
            ledger::release(&world.domain, &reservation).await.unwrap();
        }
        Fate::Cut => {
            ledger::leave_unconfirmed(&world.domain, &reservation).await.unwrap();
        }
        Fate::Dies => world.let_expire(reservation.call).await,
        // Goes on until somebody ends it.
        Fate::Vanishes { .. } => std::future::pending().await,
    }
    true
}

async fn run(plans: Vec<Plan>, daily: i64, monthly: i64) {
    let budgets =
        BudgetSettings { daily: Some(MicroUsd(daily)), monthly: Some(MicroUsd(monthly)), ..BudgetSettings::default() };
    let cap = daily.min(monthly);
    let world = Arc::new(World::with(budgets).await);
    let (done, looks) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let observer = tokio::spawn({
        let (world, done, looks) = (Arc::clone(&world), Arc::clone(&done), Arc::clone(&looks));
        async move {
            while !done.load(Ordering::Relaxed) {
                let taken = world.taken().await;
                assert!(taken <= cap, "{taken} of {cap}");
                looks.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    let sweeper = tokio::spawn({
        let (world, done) = (Arc::clone(&world), Arc::clone(&done));
        async move {
            while !done.load(Ordering::Relaxed) {
                ledger::expire_reservations(&world.domain).await.unwrap();
            }
        }
    });

    let mut calls = JoinSet::new();
    for plan in plans {
        let world = Arc::clone(&world);
        calls.spawn(async move {
            let Fate::Vanishes { turns } = plan.fate else { return call(&world, &plan).await };
            let vanishing = tokio::spawn(async move { call(&world, &plan).await });
            for _ in 0..turns {
                tokio::task::yield_now().await;
            }
            vanishing.abort();
            vanishing.await.unwrap_or(true)
        });
    }
    let mut refused = 0;
    while let Some(had_room) = calls.join_next().await {
        refused += usize::from(!had_room.unwrap());
    }
    done.store(true, Ordering::Relaxed);
    sweeper.await.unwrap();
    observer.await.unwrap();

    // What is left belonged to those that vanished.
    world.let_all_expire().await;
    ledger::expire_reservations(&world.domain).await.unwrap();
    assert_eq!(world.open_reservations().await, 0);
    assert_eq!(world.wrong_sums().await, Vec::<String>::new());
    let taken = world.taken().await;
    assert!(taken <= cap, "{taken} of {cap}");
    assert!(refused > 0 && looks.load(Ordering::Relaxed) > 0, "the budget was no obstacle");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 8, ..ProptestConfig::default() })]

    #[test]
    fn two_hundred_calls_at_once_never_pass_the_cap(
        plans in prop::collection::vec(plan(), CALLS),
        daily in 100_i64..1_500,
        monthly in 100_i64..1_500,
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build().unwrap();
        runtime.block_on(run(plans, daily, monthly));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_calls_exactly_as_many_go_through_as_there_is_room_for() {
    let world = Arc::new(World::with_daily(10_000).await);
    let mut calls = JoinSet::new();
    for _ in 0..CALLS {
        let world = Arc::clone(&world);
        calls.spawn(async move { world.reserve(100).await.is_ok() });
    }
    let outcomes = calls.join_all().await;
    assert_eq!(outcomes.into_iter().filter(|had_room| *had_room).count(), 100);
    assert_eq!(world.day().await, [0, 10_000, 0]);
    assert_eq!(world.state().await.stage, BudgetStage::Normal);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_are_booked_while_they_expire_are_booked_once() {
    let world = Arc::new(World::new().await);
    let mut reservations = Vec::new();
    for _ in 0..60 {
        reservations.push(world.reserve(10).await.unwrap());
    }
    world.let_all_expire().await;
    let mut tasks = JoinSet::new();
    for reservation in reservations.clone() {
        let world = Arc::clone(&world);
        tasks.spawn(async move {
            ledger::settle(&world.domain, &reservation, Actual::Cost(MicroUsd(3))).await.unwrap();
        });
    }
    for _ in 0..4 {
        let world = Arc::clone(&world);
        tasks.spawn(async move {
            ledger::expire_reservations(&world.domain).await.unwrap();
            assert!(world.reserve(0).await.is_ok());
        });
    }
    tasks.join_all().await;
    assert_eq!(world.day().await, [180, 0, 0]);
    assert_eq!(world.wrong_sums().await, Vec::<String>::new());
}
