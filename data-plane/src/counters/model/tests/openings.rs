//! Promises about counters that come to be trusted, told one by one.

use domain::directory::Revision;
use domain::money::NanoUsd;

use super::super::State;
use super::steps::Step;
use super::world::{Begun, HOUR_MS, World, attempt, counter, organization};
use crate::counters::operation::{Open, Opened, Reserved, Seeded};

fn reserve(attempt: u8) -> Step {
    Step::Reserve {
        attempt,
        key: 0,
        amount: 100,
        knows_limits: true,
        opens: true,
    }
}

fn settled(world: &World) -> Option<NanoUsd> {
    let standing = world.state.standing(&counter(0, world.now), world.now)?;
    standing.is_seeded.then_some(standing.balance.settled)
}

/// A world in which an attempt is under way and no counter is known.
fn forgotten() -> World {
    let mut world = World::new();
    world.step(reserve(1));
    world.step(Step::ForgetAll);
    world
}

#[test]
fn an_attempt_that_ends_between_two_openings_counts_once() {
    let mut world = forgotten();
    world.step(Step::Open { scope: 0 });
    world.settle(&attempt(1), 60);
    // The second opener reads a sum that has the attempt, unless it is told to leave it out.
    let seed = world.open(0).unwrap();
    assert_eq!(world.state.seed(&seed, world.now), Seeded::Ready);
    assert_eq!(settled(&world), Some(NanoUsd(60)));
}

#[test]
fn a_sum_that_was_read_for_an_earlier_opening_does_not_count() {
    let mut world = forgotten();
    let late = world.open(0).unwrap();
    world.step(Step::ForgetAll);
    world.settle(&attempt(1), 60);
    world.revision = Revision(2);
    world.step(Step::Open { scope: 0 });
    assert_eq!(world.state.seed(&late, world.now), Seeded::Void);
    assert_eq!(settled(&world), None);
}

#[test]
fn a_correction_that_comes_while_a_sum_is_read_is_not_missed() {
    let mut world = forgotten();
    let before = world.open(0).unwrap();
    world.step(Step::Correct {
        scope: 0,
        amount: 7,
        delivered: true,
    });
    assert_eq!(world.state.seed(&before, world.now), Seeded::Void);
    let after = world.open(0).unwrap();
    assert_eq!(world.state.seed(&after, world.now), Seeded::Ready);
    assert_eq!(settled(&world), Some(NanoUsd(7)));
}

#[test]
fn a_correction_of_a_window_that_nobody_has_spent_in_is_not_missed() {
    let mut world = World::new();
    world.step(reserve(1));
    world.step(Step::Pass { ms: HOUR_MS });
    world.step(Step::Correct {
        scope: 0,
        amount: 7,
        delivered: true,
    });
    world.step(reserve(2));
    assert_eq!(settled(&world), Some(NanoUsd(7)));
}

#[test]
fn the_next_window_begins_at_zero_without_the_ledger() {
    let mut world = World::new();
    world.step(reserve(1));
    world.settle(&attempt(1), 100);
    world.step(Step::Pass { ms: HOUR_MS });
    let ask = world.ask(2, 0, 100, true);
    assert!(matches!(
        world.state.reserve(&ask, world.now),
        Reserved::Admitted(_)
    ));
    assert_eq!(settled(&world), Some(NanoUsd(0)));
}

#[test]
fn a_window_that_an_earlier_clock_was_in_already_does_not_begin_at_zero() {
    let mut world = World::new();
    let end = super::world::window(world.now).1;
    world.now = end;
    world.step(reserve(1));
    world.settle(&attempt(1), 100);
    // Another machine takes over, with nothing, and a clock that is behind.
    world.state = State::default();
    world.now.0 -= 1_000;
    world.step(reserve(2));
    world.now = end;
    world.step(reserve(3));
    assert_eq!(settled(&world), Some(NanoUsd(100)));
}

#[test]
fn an_attempt_that_was_lost_and_ends_is_taken_from_the_ledger() {
    let mut world = World::new();
    world.step(reserve(1));
    // The engine loses everything, and the attempt's node is gone: nobody says it again.
    world.state = State::default();
    world.step(reserve(2));
    assert_eq!(settled(&world), Some(NanoUsd(0)));
    world.settle(&attempt(1), 100);
    assert_eq!(settled(&world), None);
    world.step(reserve(3));
    assert_eq!(settled(&world), Some(NanoUsd(100)));
}

#[test]
fn who_does_not_know_of_a_new_budget_is_told_so_and_an_older_counter_is_not_trusted() {
    let mut world = World::new();
    world.step(reserve(1));
    let mut ask = world.ask(2, 0, 10, true);
    ask.holds[0].since = Revision(9);
    ask.as_of = Revision(9);
    assert_eq!(
        world.state.reserve(&ask, world.now),
        Reserved::Unknown(vec![0])
    );
    let open = Open {
        counter: counter(0, world.now),
        organization: organization(),
        scope: ask.scopes[0].clone(),
        window: ask.holds[0].window,
        since: Revision(9),
        opening: 1,
    };
    let opened = world.state.open(&open, world.now);
    assert_eq!(
        opened,
        Opened::Waits {
            attempts: vec![attempt(1)],
            opening: 1
        }
    );
    ask.holds.clear();
    ask.as_of = Revision(8);
    assert_eq!(
        world.state.reserve(&ask, world.now),
        Reserved::Outdated(Revision(9))
    );
}

#[test]
fn an_attempt_said_again_late_is_on_counters_that_were_seeded_without_it() {
    let mut world = World::new();
    world.step(reserve(1));
    let Begun {
        reserve: lost,
        reserved_at,
        ..
    } = world.begun[&attempt(1)].clone();
    world.state = State::default();
    world.step(reserve(2));
    let ask = crate::counters::upkeep::Reassert {
        reserve: lost,
        reserved_at,
    };
    world.state.reassert(&ask, world.now);
    let standing = world
        .state
        .standing(&counter(0, world.now), world.now)
        .unwrap();
    assert_eq!(standing.balance.reserved, NanoUsd(200));
}
