//! Promises that hold after every step of every history.

use proptest::prelude::*;

use super::super::Phase;
use super::steps::{Step, steps};
use super::world::{Begun, TTL_MS, World, attempt, counter, scopes_of, slot};
use crate::counters::operation::{Balance, Bucket, Reserved, Settled};
use domain::money::NanoUsd;

/// Plays a history and looks at the world after each step.
fn after_each_step(steps: &[Step], look: impl Fn(&World, Step)) -> World {
    let mut world = World::new();
    for step in steps {
        world.step(*step);
        look(&world, *step);
    }
    world
}

fn balances(world: &World) -> Vec<(usize, Balance)> {
    let balance = |scope| world.state.standing(&counter(scope, world.now), world.now);
    let balances = (0..6).filter_map(|scope| Some((scope, balance(scope)?)));
    let seeded = balances.filter(|(_, standing)| standing.is_seeded);
    seeded
        .map(|(scope, standing)| (scope, standing.balance))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    /// I1. The check is made where something is admitted: `World::fits`.
    #[test]
    fn nothing_is_admitted_past_a_limit_and_nothing_but_admission_uses_more(steps in steps()) {
        let mut world = World::new();
        for step in steps {
            let before = balances(&world);
            world.step(step);
            if !matches!(step, Step::Settle { .. } | Step::Sweep | Step::KeepAlive { .. }) {
                continue;
            }
            for (scope, balance) in balances(&world) {
                let before = before.iter().find(|(other, _)| *other == scope);
                prop_assert!(before.is_none_or(|(_, before)| balance.used() <= before.used()));
            }
        }
    }

    /// I2
    #[test]
    fn what_is_held_is_what_the_attempts_under_way_hold(steps in steps()) {
        after_each_step(&steps, |world, step| {
            for name in world.state.counter_names(world.now) {
                let balance = world.state.standing(&name, world.now).unwrap().balance;
                assert_eq!(balance.reserved, world.held(&name, Phase::Active), "{step:?} {name:?}");
                assert_eq!(balance.orphaned, world.held(&name, Phase::Orphaned), "{step:?} {name:?}");
            }
        });
    }

    /// I3
    #[test]
    fn no_part_of_a_balance_is_below_zero(steps in steps()) {
        after_each_step(&steps, |world, step| {
            for (scope, balance) in balances(world) {
                let parts = [balance.settled, balance.reserved, balance.orphaned];
                assert!(parts.iter().all(|part| part.0 >= 0), "{step:?} {scope} {balance:?}");
            }
        });
    }

    /// I4
    #[test]
    fn a_team_has_spent_what_its_keys_have(steps in steps()) {
        let is_correction = |step: &Step| matches!(step, Step::Correct { .. });
        let steps: Vec<Step> = steps.into_iter().filter(|step| !is_correction(step)).collect();
        after_each_step(&steps, |world, step| {
            let balances = balances(world);
            let of = |scope: usize| balances.iter().find(|(other, _)| *other == scope);
            if let (Some((_, one)), Some((_, other)), Some((_, team))) = (of(0), of(1), of(3)) {
                let keys = one.settled.0 + other.settled.0;
                assert_eq!(keys, team.settled.0, "{step:?}");
            }
        });
    }

    /// I5, I9 and I11
    #[test]
    fn a_trusted_counter_has_what_the_ledger_has_for_its_window_each_attempt_once(steps in steps()) {
        after_each_step(&steps, |world, step| {
            // Corrections that the engine has not been told yet are only in the ledger.
            if world.delivered < world.corrections.len() {
                return;
            }
            for name in world.state.counter_names(world.now) {
                let standing = world.state.standing(&name, world.now).unwrap();
                if standing.is_seeded {
                    let ledger = world.ledger_sum(&name, &[]);
                    assert_eq!(standing.balance.settled, ledger, "{step:?} {name:?}");
                }
            }
        });
    }

    /// I5
    #[test]
    fn everything_under_way_is_on_every_trusted_counter_of_its_scopes(steps in steps()) {
        after_each_step(&steps, |world, step| {
            let is_open = |begun: &&Begun| begun.charge.is_none();
            for begun in world.begun.values().filter(is_open) {
                let attempt = world.state.attempt(&begun.reserve.attempt).unwrap();
                for hold in &begun.reserve.holds {
                    let standing = world.state.standing(&hold.counter, world.now);
                    let is_on = attempt.counters.contains(&hold.counter);
                    assert!(is_on || standing.is_none_or(|standing| !standing.is_seeded), "{step:?}");
                }
            }
        });
    }

    /// I6
    #[test]
    fn no_attempt_is_under_way_and_settled(steps in steps()) {
        after_each_step(&steps, |world, step| {
            for id in world.state.attempts() {
                assert!(!world.state.is_done(&id, world.now), "{step:?} {id:?}");
                assert!(world.begun[&id].charge.is_none(), "{step:?} {id:?}");
            }
        });
    }

    /// I7
    #[test]
    fn when_all_is_settled_or_gone_nothing_is_reserved_and_every_place_is_free(
        steps in steps(),
        settled in 0_u8..24,
    ) {
        let mut world = after_each_step(&steps, |_, _| {});
        for number in 0..settled {
            world.settle(&attempt(number), 50);
        }
        for id in (0..settled).map(attempt) {
            prop_assert!(!world.state.members(&slot().name, world.now).contains(&id));
        }
        world.now.0 += TTL_MS;
        let before = world.state.attempts();
        let held: i64 = before.iter().map(|id| world.state.attempt(id).unwrap().amount.0).sum();
        world.state.sweep(world.now);
        prop_assert!(world.state.members(&slot().name, world.now).is_empty());
        for (_, balance) in balances(&world) {
            prop_assert_eq!(balance.reserved, NanoUsd(0));
        }
        // What is gone without an end goes on counting.
        let after = world.state.attempts();
        let still: i64 = after.iter().map(|id| world.state.attempt(id).unwrap().amount.0).sum();
        prop_assert_eq!(held, still);
    }

    /// I10
    #[test]
    fn a_refusal_changes_nothing(
        steps in steps(),
        key in 0_u8..3,
        amount in 0_i64..3_000,
        is_slow in any::<bool>(),
        is_crowded in any::<bool>(),
    ) {
        let mut world = after_each_step(&steps, |_, _| {});
        let before = world.state.picture(world.now);
        // A limit that nobody has heard of yet, and something else in the way.
        for scope in scopes_of(key) {
            world.step(Step::Limit { scope: u8::try_from(scope).unwrap(), limit: 9_000 });
        }
        let before_limits = before;
        let before = world.state.picture(world.now);
        prop_assert_eq!(before_limits, before.clone());
        let mut ask = world.ask(30, key, amount, true);
        let rate = Bucket { name: "org:o/rpm".into(), cost: 1, capacity: 0, tick_ms: 1, ticks: 1 };
        ask.buckets.extend(is_slow.then_some(rate));
        ask.slots[0].limit = if is_crowded { 0 } else { 8 };
        let reserved = world.state.reserve(&ask, world.now);
        if !matches!(reserved, Reserved::Admitted(_)) {
            prop_assert_eq!(before, world.state.picture(world.now));
        }
    }

    /// I5 and I6
    #[test]
    fn an_end_that_is_told_again_changes_nothing(steps in steps(), number in 0_u8..24) {
        let mut world = after_each_step(&steps, |_, _| {});
        let id = attempt(number);
        world.settle(&id, 40);
        let before = world.state.picture(world.now);
        if world.begun.contains_key(&id) {
            prop_assert_eq!(world.settle(&id, 70), Settled::AlreadySettled);
            let key = 0;
            let ask = world.ask(number, key, 10, true);
            prop_assert_eq!(world.state.reserve(&ask, world.now), Reserved::AlreadySettled);
        }
        prop_assert_eq!(before, world.state.picture(world.now));
    }
}

#[test]
fn histories_come_to_every_answer() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..200 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        seen.append(&mut after_each_step(&steps, |_, _| {}).answers);
    }
    let all = [
        "admitted",
        "extended",
        "lost",
        "not extended",
        "not new",
        "over budget",
        "over parallel",
        "settled",
        "settled before",
        "unknown",
    ];
    assert_eq!(seen, all.into());
    assert_eq!(scopes_of(2), [2, 4, 5]);
}
