//! A fleet in one thread: nodes, the counters' server, journals, the ledger and a provider, with one
//! seed for all that happens. Everything that may go wrong does, and what must hold is looked at
//! after each event. A seed that fails is played again with `cargo run --example simulation`.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "functions that tests share may stop a test as the tests themselves may"
)]

mod admin;
mod bug;
mod checks;
mod ends;
mod ledger;
mod nodes;
mod opens;
mod random;
mod recovery;
mod requests;
mod server;
mod words;
mod world;

use bug::Bug;
use words::Settings;
use world::run;

/// Events of a seed before nothing goes wrong any more.
const EVENTS: u32 = 600;

fn play(seed: u64, bug: Option<Bug>) -> world::Outcome {
    run(Settings {
        seed,
        events: EVENTS,
        bug,
    })
}

/// How many seeds are played: as many as the environment says (`HEADGATE_SEEDS`).
fn seeds(otherwise: u64) -> u64 {
    let seeds = std::env::var("HEADGATE_SEEDS").ok();
    seeds
        .and_then(|seeds| seeds.parse().ok())
        .unwrap_or(otherwise)
}

#[test]
fn money_adds_up_whatever_goes_wrong() {
    let mut answered = 0;
    for seed in 0..seeds(10_000) {
        let outcome = play(seed, None);
        assert_eq!(outcome.violation, None, "seed {seed}");
        answered += u64::from(outcome.answered);
    }
    assert!(
        answered > seeds(10_000) * 5,
        "only {answered} requests were answered"
    );
}

#[test]
fn a_seed_plays_the_same_again() {
    for seed in 0..100 {
        let (one, other) = (play(seed, None), play(seed, None));
        assert_eq!(one.hash, other.hash, "seed {seed}");
        assert_eq!(one.attempts, other.attempts, "seed {seed}");
    }
    assert_ne!(play(1, None).hash, play(2, None).hash);
}

#[test]
fn every_planted_mistake_is_found() {
    let mut missed = Vec::new();
    for bug in Bug::ALL {
        let found = (0..10_000).find(|seed| play(*seed, Some(bug)).violation.is_some());
        if found.is_none() {
            missed.push(bug);
        }
    }
    assert_eq!(missed, []);
}
