//! Settled requests as a test makes them, and a plain fold over them.

use std::collections::BTreeMap;

use domain::ids::RequestId;
use domain::ledger::{
    Appended, AttemptEntry, Batch, Ledger, ORPHANED, Payer, Position, RequestEntry,
};
use domain::money::NanoUsd;
use domain::time::TimestampMs;
use domain::usage::Usage;
use store::Store;
use store::usage::{Dimension, UsageSums};

/// A request of this key at this time, with one attempt that cost this much.
pub fn entry(key: &str, at: u64, charge: i64) -> RequestEntry {
    let random = u128::from(at) << 64 | u128::from(charge.unsigned_abs()) << 8;
    let random = random ^ key.bytes().fold(7, |sum, byte| sum * 31 + u128::from(byte));
    RequestEntry {
        id: RequestId::new(TimestampMs(at), random).to_string(),
        at: TimestampMs(at),
        payer: Payer {
            organization_id: "org_a".to_owned(),
            key_id: Some(key.to_owned()),
            ..Payer::default()
        },
        operation: "chat".to_owned(),
        asked_model: "gpt".to_owned(),
        stream: false,
        status: 200,
        code: None,
        duration_ms: 12,
        overhead_us: 80,
        fallbacks: 0,
        call_id: None,
        attempts: vec![attempt(1, at.saturating_add(1), charge)],
    }
}

/// An attempt reserved at this time, which cost this much.
pub fn attempt(number: u32, at: u64, charge: i64) -> AttemptEntry {
    AttemptEntry {
        number,
        reserved_at: TimestampMs(at),
        group: "gpt".to_owned(),
        deployment_id: "dep_1".to_owned(),
        provider: "openai".to_owned(),
        model: "gpt-5".to_owned(),
        outcome: "ok".to_owned(),
        status: Some(200),
        duration_ms: 11,
        first_byte_ms: Some(5),
        usage: Usage {
            input_tokens: 100,
            output_tokens: 10,
            ..Usage::default()
        },
        charge_nanousd: NanoUsd(charge),
        priced: true,
        held_nanousd: NanoUsd(charge * 2),
    }
}

/// Appends to a strand of its own.
pub async fn append(store: &Store, strand: &str, entries: Vec<RequestEntry>) {
    let batch = batch(strand, 0, entries);
    assert_eq!(store.append(batch).await.unwrap(), Appended::Taken);
}

/// The part of a strand that begins at this byte, and is a byte long.
pub fn batch(strand: &str, from: u64, entries: Vec<RequestEntry>) -> Batch {
    let at = |offset_bytes| Position {
        segment: 0,
        offset_bytes,
    };
    Batch {
        strand: strand.to_owned(),
        from: at(from),
        to: at(from + 1),
        entries,
    }
}

/// The word of an entry and its attempt in a dimension.
fn word(entry: &RequestEntry, attempt: Option<&AttemptEntry>, dimension: Dimension) -> String {
    let payer = &entry.payer;
    let some = |word: &Option<String>| word.clone().unwrap_or_default();
    let of = |word: fn(&AttemptEntry) -> &String| attempt.map(word).cloned().unwrap_or_default();
    match dimension {
        Dimension::Organization => payer.organization_id.clone(),
        Dimension::Team => some(&payer.team_id),
        Dimension::Project => some(&payer.project_id),
        Dimension::Key => some(&payer.key_id),
        Dimension::User => some(&payer.user_id),
        Dimension::EndUser => some(&payer.end_user),
        Dimension::Environment => some(&payer.environment),
        Dimension::Group => of(|attempt| &attempt.group),
        Dimension::Provider => of(|attempt| &attempt.provider),
        Dimension::Model => of(|attempt| &attempt.model),
        Dimension::Deployment => of(|attempt| &attempt.deployment_id),
        Dimension::Operation => entry.operation.clone(),
        Dimension::Status => entry.status.to_string(),
        Dimension::Tag => unreachable!("a request has several"),
    }
}

/// What a report must say, by a plain fold: groups of `of`, with the bucket that `bucket` gives.
pub fn folded(
    entries: &[RequestEntry],
    of: &[Dimension],
    bucket: impl Fn(TimestampMs) -> Option<u64>,
) -> BTreeMap<(u64, Vec<String>), UsageSums> {
    let mut sums = BTreeMap::<(u64, Vec<String>), UsageSums>::new();
    let words = |entry, attempt| -> Vec<String> {
        of.iter().map(|one| word(entry, attempt, *one)).collect()
    };
    for entry in entries {
        if let Some(bucket) = bucket(entry.at) {
            let key = (bucket, words(entry, entry.attempts.last()));
            let sum = sums.entry(key).or_default();
            sum.requests += 1;
            sum.failures += u64::from(entry.status >= 400 || entry.status == 0);
            sum.duration_ms += entry.duration_ms;
        }
        for attempt in &entry.attempts {
            let Some(bucket) = bucket(attempt.reserved_at) else {
                continue;
            };
            let sum = sums
                .entry((bucket, words(entry, Some(attempt))))
                .or_default();
            count(sum, attempt);
        }
    }
    sums
}

fn count(sum: &mut UsageSums, attempt: &AttemptEntry) {
    let charge = attempt.charge_nanousd.0;
    sum.attempts += 1;
    sum.input_tokens += attempt.usage.input_tokens;
    sum.cache_read_tokens += attempt.usage.cache_read_tokens;
    sum.output_tokens += attempt.usage.output_tokens;
    sum.reasoning_tokens += attempt.usage.reasoning_tokens;
    sum.charge_nanousd.0 += charge;
    if attempt.usage.estimated {
        sum.estimated_nanousd.0 += charge;
    }
    if attempt.outcome == ORPHANED {
        sum.orphaned_nanousd.0 += charge;
    }
}
