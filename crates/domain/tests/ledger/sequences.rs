//! Any order of events, against a model of the ledger that fits on a page.

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};
use omniops_domain::ledger::{self, Actual, Reservation, ReserveRequest};
use omniops_types::{BudgetSettings, ConversationId, MicroUsd, Timestamp};
use proptest::prelude::*;
use uuid::Uuid;

use crate::world::{World, moment, reserve};

#[derive(Clone, Debug)]
enum Step {
    Reserve {
        amount: i64,
        conversation: usize,
    },
    /// These take one of the calls that there were.
    Settle {
        call: usize,
        percent: i64,
    },
    Release {
        call: usize,
    },
    LeaveUnconfirmed {
        call: usize,
    },
    /// The call's process dies, and its time goes by.
    Die {
        call: usize,
    },
    Sweep,
    Later {
        hours: i64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let call = 0_usize..1_000;
    prop_oneof![
        6 => (0_i64..100, 0_usize..3).prop_map(|(amount, conversation)| Step::Reserve { amount, conversation }),
        4 => (call.clone(), 0_i64..=100).prop_map(|(call, percent)| Step::Settle { call, percent }),
        1 => call.clone().prop_map(|call| Step::Release { call }),
        1 => call.clone().prop_map(|call| Step::LeaveUnconfirmed { call }),
        2 => call.prop_map(|call| Step::Die { call }),
        1 => Just(Step::Sweep),
        1 => (1_i64..30).prop_map(|hours| Step::Later { hours }),
    ]
}

/// A call as the model has it.
struct Call {
    reservation: Reservation,
    conversation: usize,
    day: NaiveDate,
    spent: i64,
    unconfirmed: i64,
    reserved: i64,
    /// Not booked yet, and whether its time is over by the database's clock.
    is_open: bool,
    has_died: bool,
    /// Booked for good, whatever comes.
    is_final: bool,
}

impl Call {
    fn taken(&self) -> i64 {
        self.spent + self.unconfirmed + self.reserved
    }

    fn end(&mut self, spent: i64) {
        if !self.is_final {
            (self.spent, self.unconfirmed, self.reserved) = (spent, 0, 0);
            (self.is_open, self.is_final) = (false, true);
        }
    }

    fn leave_unconfirmed(&mut self) {
        if self.is_open {
            self.expire();
            self.is_open = false;
        }
    }

    /// Its time is over: it counts as unconfirmed from now on, although it is still to be booked.
    fn expire(&mut self) {
        (self.unconfirmed, self.reserved) = (self.unconfirmed + self.reserved, 0);
    }

    fn is_over(&self) -> bool {
        self.is_open && self.reserved == 0
    }

    fn is_of_month(&self, of: NaiveDate) -> bool {
        self.day.format("%Y-%m").to_string() == of.format("%Y-%m").to_string()
    }
}

const DAILY: i64 = 150;
const MONTHLY: i64 = 260;
const PER_CONVERSATION: i64 = 90;

struct Run {
    world: World,
    now: Timestamp,
    calls: Vec<Call>,
    conversations: [ConversationId; 2],
}

impl Run {
    async fn new() -> Self {
        let world = World::with(BudgetSettings {
            daily: Some(MicroUsd(DAILY)),
            monthly: Some(MicroUsd(MONTHLY)),
            per_conversation: Some(MicroUsd(PER_CONVERSATION)),
            ..BudgetSettings::default()
        })
        .await;
        let conversations = [(); 2].map(|()| ConversationId(Uuid::now_v7()));
        Self { world, now: moment("2051-05-29T20:00:00Z"), calls: Vec::new(), conversations }
    }

    fn today(&self) -> NaiveDate {
        self.now.date_naive()
    }

    fn sum(&self, of: impl Fn(&Call) -> bool, what: impl Fn(&Call) -> i64) -> i64 {
        self.calls.iter().filter(|call| of(call)).map(what).sum()
    }

    fn fits(&self, amount: i64, conversation: usize) -> bool {
        let day = self.sum(|call| call.day == self.today(), Call::taken);
        let month = self.sum(|call| call.is_of_month(self.today()), Call::taken);
        let talk = self.sum(|call| call.conversation == conversation, Call::taken);
        let capped = conversation < self.conversations.len();
        amount == 0
            || (day + amount <= DAILY && month + amount <= MONTHLY && (!capped || talk + amount <= PER_CONVERSATION))
    }

    async fn take(&mut self, step: Step) {
        let domain = &self.world.domain;
        match step {
            Step::Reserve { amount, conversation } => {
                let request = ReserveRequest {
                    conversation: self.conversations.get(conversation).copied(),
                    now: Some(self.now),
                    ..self.world.request(amount)
                };
                let reserved = reserve(domain, request).await;
                self.calls.iter_mut().filter(|call| call.is_over()).for_each(|call| call.is_open = false);
                assert_eq!(reserved.is_ok(), self.fits(amount, conversation), "{reserved:?}");
                if let Ok(reservation) = reserved {
                    self.calls.push(Call {
                        reservation,
                        conversation,
                        day: self.today(),
                        spent: 0,
                        unconfirmed: 0,
                        reserved: amount,
                        is_open: true,
                        has_died: false,
                        is_final: false,
                    });
                }
            }
            Step::Settle { call, percent } => {
                if let Some(call) = pick(&mut self.calls, call) {
                    let actual = call.reservation.worst_case.0 * percent / 100;
                    ledger::settle(domain, &call.reservation, Actual::Cost(MicroUsd(actual))).await.unwrap();
                    call.end(actual);
                }
            }
            Step::Release { call } => {
                if let Some(call) = pick(&mut self.calls, call) {
                    ledger::release(domain, &call.reservation).await.unwrap();
                    call.end(0);
                }
            }
            Step::LeaveUnconfirmed { call } => {
                if let Some(call) = pick(&mut self.calls, call) {
                    ledger::leave_unconfirmed(domain, &call.reservation).await.unwrap();
                    call.leave_unconfirmed();
                }
            }
            Step::Die { call } => {
                if let Some(call) = pick(&mut self.calls, call) {
                    self.world.let_expire(call.reservation.call).await;
                    call.has_died = true;
                    call.expire();
                }
            }
            Step::Sweep => {
                ledger::expire_reservations(domain).await.unwrap();
                self.calls.iter_mut().filter(|call| call.has_died).for_each(|call| call.is_open = false);
            }
            Step::Later { hours } => {
                self.now += TimeDelta::hours(hours);
                self.calls.iter_mut().for_each(Call::expire);
            }
        }
    }

    async fn check(&self) {
        let world = &self.world;
        let state = ledger::state_at(&world.domain, world.tenant, &world.budgets, Some(self.now)).await.unwrap();
        let of_day = |call: &Call| call.day == self.today();
        let of_month = |call: &Call| call.is_of_month(self.today());
        for (used, spent, unconfirmed, reserved) in [
            (
                state.day,
                self.sum(of_day, |call| call.spent),
                self.sum(of_day, |call| call.unconfirmed),
                self.sum(of_day, |call| call.reserved),
            ),
            (
                state.month,
                self.sum(of_month, |call| call.spent),
                self.sum(of_month, |call| call.unconfirmed),
                self.sum(of_month, |call| call.reserved),
            ),
        ] {
            assert_eq!([used.spent.0, used.unconfirmed.0, used.reserved.0], [spent, unconfirmed, reserved]);
            assert!(used.taken() <= used.limit.unwrap(), "{used:?}");
        }
        assert_eq!(world.wrong_sums().await, Vec::<String>::new());
        assert_eq!(world.taken().await, self.sum(|_| true, Call::taken));
    }
}

fn pick(calls: &mut [Call], number: usize) -> Option<&mut Call> {
    let place = number.checked_rem(calls.len())?;
    calls.get_mut(place)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_books_agree_and_no_cap_is_passed(steps in prop::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut run = Run::new().await;
            for step in steps {
                run.take(step).await;
                run.check().await;
            }
            // Every call comes to exactly one end.
            run.world.let_all_expire().await;
            ledger::expire_reservations(&run.world.domain).await.unwrap();
            let mut ends: BTreeMap<String, usize> = BTreeMap::new();
            for call in &run.calls {
                let entries = run.world.entries(call.reservation.call).await;
                let corrected = entries.iter().filter(|entry| entry.starts_with("corrected")).count();
                assert_eq!(entries.len(), 1 + 2 * corrected, "{entries:?}");
                *ends.entry(entries.last().cloned().unwrap_or_default()).or_default() += 1;
            }
            assert_eq!(ends.values().sum::<usize>(), run.calls.len());
            assert_eq!(run.world.wrong_sums().await, Vec::<String>::new());
        });
    }
}
