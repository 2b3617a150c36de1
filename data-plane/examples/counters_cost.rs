//! What counting costs: nanoseconds for a reserve over four counters and four buckets, and its
//! settle. `cargo run --release -p data-plane --example counters_cost`.

#![expect(
    clippy::print_stdout,
    clippy::panic,
    reason = "a tool for those who measure"
)]

use std::sync::Arc;
use std::time::Instant;

use data_plane::counters::Memory;
use data_plane::counters::operation::{
    AttemptId, Bucket, CounterName, GivesBack, Hold, Open, Opened, Reserve, Reserved, Seed, Settle,
    Slot,
};
use domain::directory::Revision;
use domain::money::NanoUsd;
use domain::time::TimestampMs;

const ROUNDS: usize = 400_000;
const SCOPES: [&str; 4] = ["key:key_01", "user:user_01", "team:team_01", "org:org_01"];

fn window() -> (TimestampMs, TimestampMs) {
    (TimestampMs(0), TimestampMs(u64::MAX))
}

fn ask(organization: &Arc<str>, scopes: &Arc<[Arc<str>]>, counters: &[CounterName]) -> Reserve {
    let hold = |counter: &CounterName| Hold {
        counter: counter.clone(),
        limit: Some(NanoUsd(i64::MAX / 2)),
        version: Revision(1),
        since: Revision(0),
        window: window(),
        previous: None,
    };
    let bucket = |scope: &Arc<str>| Bucket {
        name: Arc::clone(scope),
        cost: 1,
        capacity: 1_000_000_000,
        tick_ms: 1_000,
        ticks: 60,
    };
    Reserve {
        attempt: AttemptId("".into()),
        organization: Arc::clone(organization),
        amount: NanoUsd(1_000),
        time_to_live_ms: 60_000,
        scopes: Arc::clone(scopes),
        holds: counters.iter().map(hold).collect(),
        buckets: scopes.iter().map(bucket).collect(),
        slots: vec![Slot {
            name: "key:key_01/parallel".into(),
            limit: 100,
        }],
        revocable: Arc::clone(scopes),
        as_of: Revision(1),
    }
}

fn main() {
    let memory = Memory::default();
    let organization: Arc<str> = "org_01".into();
    let scopes: Arc<[Arc<str>]> = SCOPES.map(Arc::from).to_vec().into();
    let name = |scope: &Arc<str>| CounterName(format!("{scope}/life").into());
    let counters: Vec<CounterName> = scopes.iter().map(name).collect();
    for (counter, scope) in counters.iter().zip(scopes.iter()) {
        let opened = memory.open(&Open {
            counter: counter.clone(),
            organization: Arc::clone(&organization),
            scope: Arc::clone(scope),
            window: window(),
            since: Revision(0),
            opening: 1,
        });
        let Opened::Waits { opening, .. } = opened else {
            panic!("{opened:?}")
        };
        memory.seed(&Seed {
            counter: counter.clone(),
            organization: Arc::clone(&organization),
            settled: NanoUsd(0),
            revision: Revision(0),
            opening,
        });
    }
    let mut ask = ask(&organization, &scopes, &counters);
    let ids: Vec<AttemptId> = (0..ROUNDS)
        .map(|number| AttemptId(format!("req_01jd3v7q5x8y2m4n6p{number:08}.1").into()))
        .collect();
    let begin = Instant::now();
    for id in &ids {
        ask.attempt = id.clone();
        let reserved = memory.reserve(&ask);
        let Reserved::Admitted(admitted) = reserved else {
            panic!("{reserved:?}")
        };
        memory.settle(&Settle {
            attempt: id.clone(),
            organization: Arc::clone(&organization),
            charge: NanoUsd(700),
            reserved_at: admitted.at,
            counters: counters.clone(),
            gives_back: GivesBack {
                buckets: ask
                    .buckets
                    .iter()
                    .map(|bucket| (bucket.clone(), 1))
                    .collect(),
                slots: ask.slots.clone(),
                first_attempt: Some(id.clone()),
            },
        });
    }
    let rounds = u128::try_from(ROUNDS).unwrap_or(1);
    println!(
        "{} ns per reserve and settle",
        begin.elapsed().as_nanos() / rounds
    );
}
