//! The ledger away for long: detail becomes sums, and money stays exact.

use std::collections::BTreeMap;
use std::sync::Arc;

use data_plane::journal::sums::Sums;
use data_plane::journal::{JournalMetrics, JournalSettings, Shipper};
use domain::ledger::{AttemptEntry, FOLDED, Payer, QUARTER_MS, RequestEntry};
use domain::money::NanoUsd;
use domain::time::TimestampMs;
use proptest::prelude::*;

use crate::ledger::MemoryLedger;
use crate::things::{Opened, attempt, open, settled, small};

/// What has to be exact: charge and tokens for each payer, quarter and deployment.
type Exact = BTreeMap<Whose, (i128, u128, u128)>;

/// Payer, quarter, deployment.
type Whose = (String, u64, String);

fn exact<'a>(entries: impl IntoIterator<Item = &'a RequestEntry>) -> Exact {
    let mut sums = Exact::new();
    for entry in entries {
        for attempt in &entry.attempts {
            let quarter = attempt.reserved_at.0 / QUARTER_MS;
            let payer = format!("{:?}", entry.payer);
            let sum = sums
                .entry((payer, quarter, attempt.deployment_id.clone()))
                .or_default();
            sum.0 += i128::from(attempt.charge_nanousd.0);
            sum.1 += u128::from(attempt.usage.total_tokens());
            sum.2 += 1;
        }
    }
    sums
}

/// Without the number of rows.
fn money(sums: Exact) -> Vec<(Whose, (i128, u128))> {
    let without = |(key, (charge, tokens, _rows))| (key, (charge, tokens));
    sums.into_iter().map(without).collect()
}

fn some_attempt() -> impl Strategy<Value = AttemptEntry> {
    let charge = prop_oneof![
        9 => 0..9_000_000_000_000_000_i64,
        1 => Just(i64::MAX - 5),
        1 => Just(0),
    ];
    (0..4_u64, charge, 0..5_u64, 0..3_u32).prop_map(|(number, charge, quarters, kind)| {
        let mut made = attempt(number, 1);
        made.charge_nanousd = NanoUsd(charge);
        made.reserved_at = TimestampMs(1_800_000_000_000 + quarters * 400_000);
        made.usage.estimated = kind == 1;
        if kind == 2 {
            made.outcome = "timeout".to_owned();
        }
        made
    })
}

fn some_request() -> impl Strategy<Value = RequestEntry> {
    let attempts = prop::collection::vec(some_attempt(), 0..4);
    (0..1_000_u64, 0..3_u8, attempts).prop_map(|(number, key, attempts)| RequestEntry {
        payer: Payer {
            key_id: Some(format!("key_{key}")),
            ..settled(number).payer
        },
        attempts,
        ..settled(number)
    })
}

proptest! {
    #[test]
    fn sums_are_exact_to_the_nano_dollar(requests in prop::collection::vec(some_request(), 1..120)) {
        let mut sums = Sums::default();
        requests.iter().for_each(|request| sums.add(request.clone()));
        let folded: Vec<RequestEntry> = sums.into_entries().collect();
        prop_assert_eq!(money(exact(&folded)), money(exact(&requests)));
        let mut outcomes = folded.iter().flat_map(|entry| &entry.attempts);
        prop_assert!(outcomes.all(|attempt| attempt.outcome == FOLDED));
    }

    #[test]
    fn sums_of_sums_are_exact_too(requests in prop::collection::vec(some_request(), 1..60)) {
        let mut once = Sums::default();
        requests.iter().for_each(|request| once.add(request.clone()));
        let mut twice = Sums::default();
        once.into_entries().for_each(|entry| twice.add(entry));
        let folded: Vec<RequestEntry> = twice.into_entries().collect();
        prop_assert_eq!(money(exact(&folded)), money(exact(&requests)));
    }
}

/// Settles so many requests with the ledger away, and lets the shipper try now and then.
async fn hold_out(
    opened: &Opened,
    shipper: &mut Shipper,
    ledger: &MemoryLedger,
    count: u64,
) -> Vec<RequestEntry> {
    ledger.set_away(true);
    let mut sent = Vec::new();
    for number in 1..=count {
        opened.settle(number);
        sent.push(settled(number));
        if number % 100 == 0 {
            shipper.ship().await.unwrap_err();
        }
    }
    sent
}

fn bounded() -> JournalSettings {
    JournalSettings {
        max_bytes: 2_000_000,
        segment_bytes: 40_000,
        ..small()
    }
}

fn most_on_disk(metrics: &JournalMetrics) -> i64 {
    metrics.bytes.get()
}

#[tokio::test]
async fn with_the_ledger_away_the_disk_is_bounded_and_the_money_exact() {
    let folder = tempfile::tempdir().unwrap();
    let opened = open(folder.path(), bounded());
    let ledger = Arc::<MemoryLedger>::default();
    let mut shipper = opened.shipper(&ledger);
    let sent = hold_out(&opened, &mut shipper, &ledger, 20_000).await;
    assert!(most_on_disk(&opened.metrics) < 2_000_000);
    assert!(opened.metrics.folded.get() > 5_000);
    assert!(opened.journal.is_writable(), "nobody was refused");
    ledger.set_away(false);
    shipper.ship().await.unwrap();
    let rows = ledger.rows();
    assert!(rows.len() < 15_000, "{} rows", rows.len());
    assert_eq!(money(exact(&rows)), money(exact(&sent)));
}

#[tokio::test]
async fn what_was_folded_survives_a_start_and_makes_no_orphans() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Arc::<MemoryLedger>::default();
    let sent = {
        let opened = open(folder.path(), bounded());
        let mut sent = Vec::new();
        let mut shipper = opened.shipper(&ledger);
        let long = opened.dispatch(1_000_000);
        // A batch went into the segment with its dispatch, so that one is never folded.
        opened.settle(1_000_001);
        sent.push(settled(1_000_001));
        ledger.lose_answers(1);
        shipper.ship().await.unwrap_err();
        sent.extend(hold_out(&opened, &mut shipper, &ledger, 12_000).await);
        // Its dispatch stays as it is; its settle is folded with others.
        opened.strand().settle(&settled(1_000_000), [long]).unwrap();
        sent.push(settled(1_000_000));
        sent.extend(hold_out(&opened, &mut shipper, &ledger, 12_000).await);
        assert!(opened.metrics.folded.get() > 5_000);
        sent
    };
    let opened = open(folder.path(), bounded());
    assert_eq!(opened.recovered.orphans, []);
    assert_eq!(opened.recovered.damages, []);
    ledger.set_away(false);
    opened.shipper(&ledger).ship().await.unwrap();
    assert_eq!(money(exact(&ledger.rows())), money(exact(&sent)));
}

#[tokio::test]
async fn what_a_lost_answer_may_have_taken_is_never_folded() {
    let folder = tempfile::tempdir().unwrap();
    let opened = open(folder.path(), bounded());
    let ledger = Arc::<MemoryLedger>::default();
    let mut sent = Vec::new();
    let mut shipper = opened.shipper(&ledger);
    for number in 100_000..100_500 {
        opened.settle(number);
        sent.push(settled(number));
    }
    ledger.lose_answers(1);
    shipper.ship().await.unwrap_err();
    ledger.set_away(true);
    for number in 1..=20_000 {
        opened.settle(number);
        sent.push(settled(number));
        if number % 100 == 0 {
            shipper.ship().await.unwrap_err();
        }
    }
    assert!(opened.metrics.folded.get() > 1_000);
    ledger.set_away(false);
    shipper.ship().await.unwrap();
    assert_eq!(money(exact(&ledger.rows())), money(exact(&sent)));
}
