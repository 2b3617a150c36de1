//! Promises of rates, places and revocations.

use std::sync::Arc;

use domain::directory::Revision;
use domain::money::NanoUsd;
use domain::time::TimestampMs;
use proptest::prelude::*;

use super::super::State;
use super::world::{attempt, organization};
use crate::counters::operation::{
    AttemptId, Bucket, GivesBack, Reserve, Reserved, Settle, Settled, Slot,
};
use crate::counters::upkeep::{KeepAlive, Revoke};

fn bucket(cost: u64, capacity: u64) -> Bucket {
    Bucket {
        name: "key:a/rpm".into(),
        cost,
        capacity,
        tick_ms: 1_000,
        ticks: 60,
    }
}

fn ask(id: AttemptId, buckets: Vec<Bucket>, slots: Vec<Slot>) -> Reserve {
    Reserve {
        attempt: id,
        organization: organization(),
        amount: NanoUsd(0),
        time_to_live_ms: 60_000,
        scopes: Vec::new().into(),
        holds: Vec::new(),
        buckets,
        slots,
        revocable: vec![Arc::from("key_a"), Arc::from("team_one")].into(),
        as_of: Revision(0),
    }
}

fn numbered(number: usize) -> AttemptId {
    AttemptId(format!("req_{number}.1").into())
}

fn end(id: AttemptId, gives_back: GivesBack) -> Settle {
    Settle {
        attempt: id,
        organization: organization(),
        charge: NanoUsd(0),
        reserved_at: TimestampMs(0),
        counters: Vec::new(),
        gives_back,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// I12
    #[test]
    fn in_no_stretch_of_time_is_more_taken_than_the_size_and_what_came_in(
        capacity in 1_u64..200,
        asks in prop::collection::vec((0_u64..5_000, 1_u64..60, any::<bool>()), 1..80),
    ) {
        let mut state = State::default();
        let mut now = 5_000_000;
        let mut taken: Vec<(u64, u64)> = Vec::new();
        for (number, (wait_ms, cost, sweeps)) in asks.into_iter().enumerate() {
            now += wait_ms;
            if sweeps {
                state.sweep(TimestampMs(now));
            }
            let ask = ask(numbered(number), vec![bucket(cost, capacity)], Vec::new());
            match state.reserve(&ask, TimestampMs(now)) {
                Reserved::Admitted(_) => taken.push((now, cost)),
                Reserved::OverRate { retry_after_ms, .. } if cost <= capacity => {
                    // What was said is true: a millisecond before it does not go, then it does.
                    let mut later = state.clone();
                    let early = later.reserve(&ask, TimestampMs(now + retry_after_ms - 1));
                    let is_refused = matches!(early, Reserved::OverRate { .. });
                    prop_assert!(is_refused, "{:?}", early);
                    let then = later.reserve(&ask, TimestampMs(now + retry_after_ms));
                    prop_assert!(matches!(then, Reserved::Admitted(_)), "{:?}", then);
                }
                Reserved::OverRate { retry_after_ms, .. } => prop_assert_eq!(retry_after_ms, 60_000),
                other => prop_assert!(false, "{:?}", other),
            }
        }
        for (first, (from, _)) in taken.iter().enumerate() {
            let mut sum = 0;
            for (to, cost) in &taken[first..] {
                sum += cost;
                // 60 ticks of a second each fill it; a tick that has begun before counts whole.
                let came_in_60ths = ((to - from) / 1_000 + 1) * capacity;
                prop_assert!(sum * 60 <= capacity * 60 + came_in_60ths);
            }
        }
    }

    #[test]
    fn what_was_taken_too_much_comes_back_and_never_more_than_the_size(
        taken in 0_u64..100,
        back in -300_i64..300,
        wait_ms in 0_u64..90_000,
    ) {
        let mut state = State::default();
        let asked = ask(numbered(1), vec![bucket(taken, 100)], Vec::new());
        state.reserve(&asked, TimestampMs(1_000));
        let gives_back = GivesBack { buckets: vec![(bucket(taken, 100), back)], ..GivesBack::default() };
        state.settle(&end(numbered(1), gives_back), TimestampMs(1_000));
        let level = (100 - i64::try_from(taken).unwrap() + back).min(100);
        prop_assert_eq!(state.level(&bucket(0, 100), TimestampMs(1_000)), level);
        let in_60ths = (level * 60 + 100 * i64::try_from(wait_ms / 1_000).unwrap()).min(6_000);
        let later = TimestampMs(1_000 + wait_ms);
        prop_assert_eq!(state.level(&bucket(0, 100), later), in_60ths.div_euclid(60));
        // Whether the bucket has been dropped cannot be seen.
        let before = state.level(&bucket(0, 100), later);
        state.sweep(later);
        prop_assert_eq!(state.level(&bucket(0, 100), later), before);
    }

    #[test]
    fn no_more_have_a_place_at_once_than_may(
        limit in 0_u64..6,
        steps in prop::collection::vec((0_u8..12, 0_u8..4, 0_u64..50_000), 1..80),
    ) {
        let mut state = State::default();
        let slot = Slot { name: "key:a/parallel".into(), limit };
        let mut now = TimestampMs(0);
        for (number, what, ms) in steps {
            let id = attempt(number);
            match what {
                0 => now.0 += ms,
                1 => {
                    let back = GivesBack {
                        slots: vec![slot.clone()],
                        first_attempt: Some(id.clone()),
                        ..GivesBack::default()
                    };
                    state.settle(&end(id.clone(), back), now);
                    prop_assert!(!state.members(&slot.name, now).contains(&id));
                }
                2 => state.keep_alive(
                    &KeepAlive {
                        organization: organization(),
                        time_to_live_ms: 60_000,
                        attempts: vec![id.clone()],
                        places: vec![(slot.name.clone(), id)],
                    },
                    now,
                ),
                _ => {
                    let before = state.members(&slot.name, now).len();
                    let asked = ask(id, Vec::new(), vec![slot.clone()]);
                    let reserved = state.reserve(&asked, now);
                    let is_full = u64::try_from(before).unwrap() >= limit;
                    if matches!(reserved, Reserved::OverParallel { .. }) {
                        prop_assert!(is_full);
                    } else if matches!(reserved, Reserved::Admitted(_)) {
                        prop_assert!(!is_full);
                    }
                }
            }
            prop_assert!(u64::try_from(state.members(&slot.name, now).len()).unwrap() <= limit);
        }
    }
}

#[test]
fn what_comes_in_is_counted_exactly_however_often_it_is_asked() {
    let mut state = State::default();
    for second in 0..200_usize {
        let now = TimestampMs(1_000_000 + 1_000 * u64::try_from(second).unwrap());
        // A sixtieth of the size comes in each second.
        let cost = if second == 0 { 60 } else { 1 };
        let reserved = state.reserve(
            &ask(numbered(second), vec![bucket(cost, 60)], Vec::new()),
            now,
        );
        let Reserved::Admitted(admitted) = reserved else {
            panic!("{reserved:?}")
        };
        assert_eq!(admitted.levels, [0]);
    }
    let now = TimestampMs(1_000_000 + 200_000);
    let over = state.reserve(&ask(numbered(201), vec![bucket(2, 60)], Vec::new()), now);
    assert_eq!(
        over,
        Reserved::OverRate {
            bucket: 0,
            retry_after_ms: 1_000,
            level: 1
        }
    );
}

#[test]
fn what_an_id_was_told_with_the_highest_revision_holds() {
    let mut state = State::default();
    let told = |revision| Revoke {
        organization: organization(),
        ids: vec!["team_one".into()],
        revision: Revision(revision),
    };
    let now = TimestampMs(0);
    state.revoke(&told(5));
    state.restore(&told(4));
    let refused = state.reserve(&ask(numbered(1), Vec::new(), Vec::new()), now);
    assert_eq!(refused, Reserved::Revoked(1));
    state.restore(&told(6));
    state.revoke(&told(5));
    let reserved = state.reserve(&ask(numbered(1), Vec::new(), Vec::new()), now);
    assert!(matches!(reserved, Reserved::Admitted(_)));
}

#[test]
fn a_request_without_a_hold_gives_its_place_back_all_the_same() {
    let mut state = State::default();
    let slot = Slot {
        name: "key:a/parallel".into(),
        limit: 1,
    };
    let now = TimestampMs(0);
    state.reserve(&ask(numbered(1), Vec::new(), vec![slot.clone()]), now);
    state.settle(&end(numbered(1), GivesBack::default()), now);
    assert_eq!(state.members(&slot.name, now), [numbered(1)]);
    let back = GivesBack {
        slots: vec![slot.clone()],
        first_attempt: Some(numbered(1)),
        ..GivesBack::default()
    };
    let settled = state.settle(&end(AttemptId("req_1.2".into()), back), now);
    assert_eq!(settled, Settled::WasLost);
    assert!(state.members(&slot.name, now).is_empty());
}
