//! Appends requests as nodes do, and says how fast.

use std::time::Instant;

use domain::ids::RequestId;
use domain::ledger::{Appended, AttemptEntry, Batch, Ledger, Payer, Position, RequestEntry};
use domain::money::NanoUsd;
use domain::time::TimestampMs;
use domain::usage::Usage;
use store::Store;

use crate::{Outcome, say};

/// What a shipper sends at once.
const AT_ONCE: u64 = 10_000;
/// 2026-11-22T12:00:00Z.
pub const NOON: u64 = 1_795_348_800_000;
/// Requests of a node in a second, by which the time goes on.
const PER_SECOND: u64 = 5_000;

/// How many organizations pay.
pub const ORGANIZATIONS: u64 = 4;
/// How many teams pay.
pub const TEAMS: u64 = 20;
/// How many people pay.
pub const USERS: u64 = 100;

/// The id of a payer.
pub fn id(word: &str, number: u64) -> String {
    format!("{word}_01jd{number:022}")
}

/// Appends `rows` requests of so many keys by one shipper, then as many by two.
pub async fn ingest(store: &Store, rows: u64, keys: u64) -> Outcome {
    for shippers in [1, 2] {
        let mut strands = Vec::new();
        for shipper in 0..shippers {
            let seed = (keys * 10 + shippers) * 10 + shipper;
            strands.push(batches(rows / shippers, keys, seed));
        }
        let attempts: usize = strands
            .iter()
            .flatten()
            .flat_map(|batch| &batch.entries)
            .map(|entry| entry.attempts.len())
            .sum();
        let begun = Instant::now();
        let all = strands.into_iter().map(|strand| ship(store, strand));
        match all.collect::<Vec<_>>() {
            mut two if two.len() == 2 => {
                let (second, first) = (two.pop(), two.pop());
                if let (Some(first), Some(second)) = (first, second) {
                    let (first, second) = tokio::join!(first, second);
                    first.and(second)?;
                }
            }
            one => {
                for strand in one {
                    strand.await?;
                }
            }
        }
        let taken_ms = begun.elapsed().as_millis().max(1);
        let per_second = |count: u128| count * 1_000 / taken_ms;
        let (requests, attempts) = (u128::from(rows), u128::try_from(attempts)?);
        say(&format!(
            "{shippers} shipper(s), {keys} keys: {requests} requests and {attempts} attempts in \
             {taken_ms} ms: {} requests, {} rows a second",
            per_second(requests),
            per_second(requests + attempts)
        ));
    }
    Ok(())
}

async fn ship(store: &Store, batches: Vec<Batch>) -> Outcome {
    for batch in batches {
        if store.append(batch).await? != Appended::Taken {
            return Err("the ledger stands elsewhere".into());
        }
    }
    Ok(())
}

/// A strand's batches, one after the other.
pub fn batches(rows: u64, keys: u64, seed: u64) -> Vec<Batch> {
    let mut numbers = Numbers(seed);
    let strand = format!("strand-{seed}");
    let at = |offset_bytes| Position {
        segment: 0,
        offset_bytes,
    };
    (0..rows.div_ceil(AT_ONCE))
        .map(|part| {
            let first = part * AT_ONCE;
            let last = (first + AT_ONCE).min(rows);
            Batch {
                strand: strand.clone(),
                from: at(first),
                to: at(last),
                entries: (first..last)
                    .map(|row| entry(row, keys, &mut numbers))
                    .collect(),
            }
        })
        .collect()
}

/// Numbers that look random; the same for the same seed (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }
}

fn entry(row: u64, keys: u64, numbers: &mut Numbers) -> RequestEntry {
    let at = TimestampMs(NOON + row * 1_000 / PER_SECOND);
    // Some keys are used far more than others.
    let key = numbers.below(keys).min(numbers.below(keys));
    let key = if keys > 1_000 { row % keys } else { key };
    let failed = numbers.below(100) < 3;
    let attempts = if numbers.below(100) < 5 { 2 } else { 1 };
    RequestEntry {
        id: RequestId::new(at, u128::from(numbers.next()) << 16).to_string(),
        at,
        payer: payer(key, numbers),
        operation: "chat".to_owned(),
        asked_model: format!("model-{}", key % 3),
        stream: numbers.below(2) == 0,
        status: if failed { 502 } else { 200 },
        code: failed.then(|| "upstream_unavailable".to_owned()),
        duration_ms: 200 + numbers.below(5_000),
        overhead_us: 40 + numbers.below(100),
        fallbacks: 0,
        call_id: None,
        attempts: (1..=attempts)
            .map(|number| attempt(number, at, (key, failed), numbers))
            .collect(),
    }
}

fn payer(key: u64, numbers: &mut Numbers) -> Payer {
    Payer {
        organization_id: id("org", key % ORGANIZATIONS),
        key_id: Some(id("key", key)),
        team_id: Some(id("team", key % TEAMS)),
        project_id: key.is_multiple_of(3).then(|| id("proj", key % 40)),
        user_id: Some(id("user", key % USERS)),
        end_user: None,
        tags: match numbers.below(4) {
            0 => vec!["batch".to_owned()],
            _ => Vec::new(),
        },
        environment: Some("production".to_owned()),
    }
}

fn attempt(
    number: u32,
    at: TimestampMs,
    (key, failed): (u64, bool),
    numbers: &mut Numbers,
) -> AttemptEntry {
    let model = key % 3;
    AttemptEntry {
        number,
        reserved_at: at,
        group: format!("model-{model}"),
        deployment_id: format!("deployment-{model}-{}", numbers.below(2)),
        provider: "openai".to_owned(),
        model: format!("gpt-5-{model}"),
        outcome: if failed { "upstream_unavailable" } else { "ok" }.to_owned(),
        status: Some(if failed { 503 } else { 200 }),
        duration_ms: 180 + numbers.below(5_000),
        first_byte_ms: Some(100 + numbers.below(900)),
        usage: Usage {
            input_tokens: numbers.below(4_000),
            cache_read_tokens: numbers.below(2) * numbers.below(2_000),
            output_tokens: numbers.below(800),
            ..Usage::default()
        },
        charge_nanousd: NanoUsd(i64::try_from(numbers.below(20_000_000)).unwrap_or(0)),
        priced: true,
        held_nanousd: NanoUsd(40_000_000),
    }
}
