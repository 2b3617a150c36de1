//! Promises about limits, windows and signs of life, told one by one.

use domain::directory::Revision;
use domain::money::NanoUsd;
use domain::time::TimestampMs;

use super::super::Phase;
use super::steps::Step;
use super::world::{HOUR_MS, TTL_MS, World, attempt, counter, organization};
use crate::counters::operation::{Balance, Extend, Extended, Reserved, Settled};

fn reserve(attempt: u8, amount: i64, knows_limits: bool) -> Step {
    Step::Reserve {
        attempt,
        key: 0,
        amount,
        knows_limits,
        opens: true,
    }
}

fn balance(world: &World, at: TimestampMs) -> Balance {
    world
        .state
        .standing(&counter(0, at), world.now)
        .unwrap()
        .balance
}

/// I8
#[test]
fn the_newest_limit_holds_for_a_node_that_does_not_know_it() {
    let mut world = World::new();
    world.step(Step::Limit {
        scope: 0,
        limit: 150,
    });
    world.step(reserve(1, 100, true));
    // This node still believes in a larger limit of an older version.
    let ask = world.ask(2, 0, 100, false);
    let refused = world.state.reserve(&ask, world.now);
    let used = balance(&world, world.now);
    assert_eq!(
        refused,
        Reserved::OverBudget {
            hold: 0,
            limit: NanoUsd(150),
            standing: used
        }
    );
    // And what it does ask within it does not bring its own back.
    world.step(reserve(3, 10, false));
    assert!(matches!(
        world.state.reserve(&ask, world.now),
        Reserved::OverBudget { .. }
    ));
    world.step(Step::Limit {
        scope: 0,
        limit: 500,
    });
    world.step(reserve(4, 100, true));
    assert!(matches!(
        world.state.reserve(&ask, world.now),
        Reserved::Admitted(_)
    ));
}

/// I1
#[test]
fn a_limit_can_be_used_to_the_last_nano_dollar_and_not_one_more() {
    let mut world = World::new();
    world.step(reserve(1, 999, true));
    let one = world.ask(2, 0, 1, true);
    let two = world.ask(3, 0, 2, true);
    assert!(matches!(
        world.state.reserve(&two, world.now),
        Reserved::OverBudget { .. }
    ));
    assert!(matches!(
        world.state.reserve(&one, world.now),
        Reserved::Admitted(_)
    ));
}

/// I9
#[test]
fn a_charge_lands_in_the_window_of_its_reserve() {
    let mut world = World::new();
    let before = world.now;
    world.step(reserve(1, 100, true));
    world.step(Step::Pass { ms: HOUR_MS });
    world.step(reserve(2, 100, true));
    world.settle(&attempt(1), 80);
    assert_eq!(balance(&world, before).settled, NanoUsd(80));
    assert_eq!(balance(&world, world.now).settled, NanoUsd(0));
}

#[test]
fn a_window_that_is_over_or_has_not_begun_is_named_with_the_time() {
    let mut world = World::new();
    let ask = world.ask(1, 0, 10, true);
    for now in [
        ask.holds[0].window.1,
        TimestampMs(ask.holds[0].window.0.0 - 1),
    ] {
        let refused = world.state.reserve(&ask, now);
        assert_eq!(refused, Reserved::WrongWindow { hold: 0, now });
    }
}

#[test]
fn an_orphan_counts_until_it_is_settled_and_then_what_it_is_charged() {
    let mut world = World::new();
    world.step(reserve(1, 100, true));
    world.step(Step::Pass { ms: TTL_MS - 1 });
    assert!(world.state.sweep(world.now).orphaned.is_empty());
    world.step(Step::Pass { ms: 1 });
    let swept = world.state.sweep(world.now);
    assert_eq!(swept.orphaned, [(attempt(1), NanoUsd(100))]);
    assert_eq!(
        world.state.attempt(&attempt(1)).unwrap().phase,
        Phase::Orphaned
    );
    assert_eq!(balance(&world, world.now).orphaned, NanoUsd(100));
    assert_eq!(world.settle(&attempt(1), 30), Settled::Done);
    let rest = Balance {
        settled: NanoUsd(30),
        ..Balance::default()
    };
    assert_eq!(balance(&world, world.now), rest);
}

#[test]
fn a_sign_of_life_keeps_an_attempt_and_its_place() {
    let mut world = World::new();
    world.step(reserve(1, 100, true));
    for _ in 0..5 {
        world.step(Step::Pass { ms: TTL_MS - 1 });
        world.step(Step::KeepAlive { attempt: 1 });
    }
    assert!(world.state.sweep(world.now).orphaned.is_empty());
    assert_eq!(
        world.state.members(&"org:o/parallel".into(), world.now),
        [attempt(1)]
    );
}

#[test]
fn what_a_provider_bills_beyond_the_hold_is_charged_whole() {
    let mut world = World::new();
    world.step(reserve(1, 100, true));
    world.settle(&attempt(1), 1_500);
    assert_eq!(balance(&world, world.now).settled, NanoUsd(1_500));
    let free = world.ask(2, 0, 0, true);
    assert!(matches!(
        world.state.reserve(&free, world.now),
        Reserved::OverBudget { .. }
    ));
}

#[test]
fn a_hold_grows_only_where_every_limit_leaves_room_and_always_shrinks() {
    let mut world = World::new();
    world.step(Step::Limit {
        scope: 5,
        limit: 300,
    });
    world.step(reserve(1, 100, true));
    let extend = |world: &mut World, amount| {
        let ask = Extend {
            attempt: attempt(1),
            organization: organization(),
            amount: NanoUsd(amount),
            holds: world.holds(0, true),
        };
        world.state.extend(&ask, world.now)
    };
    assert_eq!(extend(&mut world, 300), Extended::Held);
    assert!(matches!(
        extend(&mut world, 301),
        Extended::OverBudget { hold: 2, .. }
    ));
    assert_eq!(balance(&world, world.now).reserved, NanoUsd(300));
    assert_eq!(extend(&mut world, 50), Extended::Held);
    world.step(Step::ForgetAll);
    assert_eq!(extend(&mut world, 60), Extended::Unknown(vec![0, 1, 2]));
    assert_eq!(extend(&mut world, 40), Extended::Held);
}

#[test]
fn what_is_over_is_dropped() {
    let mut world = World::new();
    world.step(reserve(1, 100, true));
    world.settle(&attempt(1), 100);
    assert!(!world.state.counter_names(world.now).is_empty());
    world.step(Step::Pass { ms: 3 * HOUR_MS });
    world.step(Step::Sweep);
    let empty = World::new().state.picture(world.now);
    assert_eq!(world.state.picture(world.now), empty);
    assert!(world.state.due.is_empty());
    assert!(!world.state.is_done(&attempt(1), world.now));
    assert_eq!(world.revision, Revision(1));
}
