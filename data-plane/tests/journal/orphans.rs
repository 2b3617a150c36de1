//! Attempts whose node died: each once, at what was held for it.

use std::sync::Arc;

use domain::ledger::ORPHANED;
use domain::money::NanoUsd;

use crate::ledger::MemoryLedger;
use crate::things::{HELD, dispatched, open, request_id, settled, small};

#[tokio::test]
async fn an_attempt_that_was_under_way_is_charged_at_what_was_held_once() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Arc::<MemoryLedger>::default();
    {
        let opened = open(folder.path(), small());
        opened.settle(1);
        drop(opened.dispatch(2));
        opened.settle(3);
    }
    for run in 0..4 {
        let opened = open(folder.path(), small());
        let orphans: Vec<_> = opened.recovered.orphans.iter().map(|one| &one.id).collect();
        match run {
            0 => assert_eq!(orphans, [&request_id(2)]),
            // It is settled: nobody is told again.
            _ => assert!(orphans.is_empty(), "{orphans:?}"),
        }
        if run > 0 {
            opened.shipper(&ledger).ship().await.unwrap();
        }
    }
    assert_eq!(ledger.charge(), 1 + 3 + HELD);
    let rows = ledger.rows();
    assert_eq!(rows.len(), 3);
    let orphan = rows.iter().find(|row| row.id == request_id(2)).unwrap();
    assert_eq!(orphan.attempts[0].outcome, ORPHANED);
}

#[tokio::test]
async fn a_request_with_two_attempts_under_way_is_one_orphan_with_both() {
    let folder = tempfile::tempdir().unwrap();
    {
        let opened = open(folder.path(), small());
        for attempt in [1, 2] {
            drop(opened.strand().dispatch(&dispatched(9, attempt)).unwrap());
        }
    }
    let opened = open(folder.path(), small());
    assert_eq!(opened.recovered.orphans.len(), 1);
    let numbers = opened.recovered.orphans[0].attempts.iter();
    let numbers: Vec<u32> = numbers.map(|attempt| attempt.number).collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(opened.metrics.orphans.get(), 1);
}

#[test]
fn an_orphan_whose_hold_was_extended_is_charged_at_the_last_hold() {
    let folder = tempfile::tempdir().unwrap();
    {
        let opened = open(folder.path(), small());
        for charge in [1_000_000, 1_500_000, 2_250_000] {
            let mut entry = dispatched(9, 1);
            entry.attempts[0].charge_nanousd = NanoUsd(charge);
            drop(opened.strand().dispatch(&entry).unwrap());
        }
        drop(opened.strand().dispatch(&dispatched(9, 2)).unwrap());
    }
    let opened = open(folder.path(), small());
    let charges = opened.recovered.orphans[0].attempts.iter();
    let charges: Vec<_> = charges
        .map(|attempt| (attempt.number, attempt.charge_nanousd.0))
        .collect();
    assert_eq!(charges, [(1, 2_250_000), (2, HELD)]);
}

#[test]
fn a_settle_in_a_later_segment_is_found() {
    let folder = tempfile::tempdir().unwrap();
    {
        let opened = open(folder.path(), small());
        let long = opened.dispatch(1);
        (2..100).for_each(|number| opened.settle(number));
        opened.strand().settle(&settled(1), [long]).unwrap();
    }
    let opened = open(folder.path(), small());
    assert_eq!(opened.recovered.orphans, []);
}

#[tokio::test]
async fn an_orphan_that_the_ledger_has_by_another_way_is_not_added_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Arc::<MemoryLedger>::default();
    {
        let opened = open(folder.path(), small());
        drop(opened.dispatch(1));
        opened.settle(2);
        opened.settle(3);
    }
    // Closed by another node, because this one was away for a day.
    ledger.insert(dispatched(1, 1));
    ledger.insert(settled(2));
    let opened = open(folder.path(), small());
    opened.shipper(&ledger).ship().await.unwrap();
    assert!(ledger.counts().values().all(|count| *count == 1));
    assert_eq!(ledger.rows().len(), 3);
    assert_eq!(opened.metrics.known.get(), 2);
}

#[tokio::test]
async fn the_ledger_is_not_asked_about_requests_of_this_run() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Arc::<MemoryLedger>::default();
    let opened = open(folder.path(), small());
    (1..100).for_each(|number| opened.settle(number));
    opened.shipper(&ledger).ship().await.unwrap();
    assert_eq!(ledger.asked_known(), 0);
}
