//! Plays seeds of the simulated fleet: `--seed N` one, `--seeds M` the first M, `--events E` longer
//! ones, `--mistakes` says after how many seeds each planted mistake is found.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a tool for those who test, over functions that tests share"
)]

#[path = "../tests/simulation/admin.rs"]
mod admin;
#[path = "../tests/simulation/bug.rs"]
mod bug;
#[path = "../tests/simulation/checks.rs"]
mod checks;
#[path = "../tests/simulation/ends.rs"]
mod ends;
#[path = "../tests/simulation/ledger.rs"]
mod ledger;
#[path = "../tests/simulation/nodes.rs"]
mod nodes;
#[path = "../tests/simulation/opens.rs"]
mod opens;
#[path = "../tests/simulation/random.rs"]
mod random;
#[path = "../tests/simulation/recovery.rs"]
mod recovery;
#[path = "../tests/simulation/requests.rs"]
mod requests;
#[path = "../tests/simulation/server.rs"]
mod server;
#[path = "../tests/simulation/words.rs"]
mod words;
#[path = "../tests/simulation/world.rs"]
mod world;

use std::process::ExitCode;

use bug::Bug;
use words::Settings;

fn argument(name: &str) -> Option<u64> {
    let mut arguments = std::env::args().skip_while(|argument| argument != name);
    arguments.nth(1)?.parse().ok()
}

fn main() -> ExitCode {
    let events = argument("--events").and_then(|events| u32::try_from(events).ok());
    let events = events.unwrap_or(600);
    let seeds = argument("--seed").map(|seed| seed..seed + 1);
    let seeds = seeds.unwrap_or(0..argument("--seeds").unwrap_or(10_000));
    if std::env::args().any(|argument| argument == "--mistakes") {
        return mistakes(seeds, events);
    }
    let (mut answered, mut failed, mut attempts) = (0_u64, 0, 0);
    for seed in seeds.clone() {
        let outcome = world::run(Settings {
            seed,
            events,
            bug: None,
        });
        answered += u64::from(outcome.answered);
        attempts += outcome.attempts;
        if let Some(violation) = &outcome.violation {
            failed += 1;
            println!("seed {seed}: {violation}");
        }
        if seeds.end - seeds.start == 1 {
            println!("seed {seed}: log {:016x}", outcome.hash);
        }
    }
    println!("{attempts} attempts, {answered} answered, {failed} seeds failed");
    ExitCode::from(u8::from(failed > 0))
}

fn mistakes(seeds: std::ops::Range<u64>, events: u32) -> ExitCode {
    let mut missed = 0_u8;
    for bug in Bug::ALL {
        let play = |seed| {
            world::run(Settings {
                seed,
                events,
                bug: Some(bug),
            })
            .violation
        };
        match seeds.clone().find_map(|seed| Some((seed, play(seed)?))) {
            Some((seed, violation)) => println!("{bug:?}: seed {seed}: {violation}"),
            None => {
                println!("{bug:?}: MISSED");
                missed += 1;
            }
        }
    }
    ExitCode::from(missed)
}
