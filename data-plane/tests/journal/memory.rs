//! With the ledger away, what waits for it lies on disk and not in memory.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use data_plane::journal::JournalSettings;

use crate::ledger::MemoryLedger;
use crate::things::{DIRECTORY, child, open, settled};

/// About 60 MB of records.
const REQUESTS: u64 = 120_000;

/// What this process holds of the machine's memory.
fn resident_bytes() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = statm.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4096
}

fn hold_out(directory: &Path) {
    let opened = open(directory, JournalSettings::default());
    let ledger = Arc::<MemoryLedger>::default();
    ledger.set_away(true);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut shipper = opened.shipper(&ledger);
    let mut first = 0;
    for number in 1..=REQUESTS {
        opened.settle(number);
        if number % 5_000 == 0 {
            runtime.block_on(shipper.ship()).unwrap_err();
        }
        if number == 10_000 {
            first = resident_bytes();
        }
    }
    let grown = resident_bytes().saturating_sub(first);
    assert!(opened.metrics.bytes.get() > 40_000_000, "it lies on disk");
    assert!(grown < 8_000_000, "memory grew by {grown} bytes");
}

#[test]
fn memory_stays_flat_with_the_ledger_away() {
    // A process of its own: other tests have memory too.
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        return hold_out(&PathBuf::from(directory));
    }
    let folder = tempfile::tempdir().unwrap();
    let mut process = child(
        "memory::memory_stays_flat_with_the_ledger_away",
        folder.path(),
    );
    let done = process.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{said}");

    // The next start reads it all, and ships it, in small pieces.
    let opened = open(folder.path(), JournalSettings::default());
    let ledger = Arc::<MemoryLedger>::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(opened.shipper(&ledger).ship()).unwrap();
    assert!(ledger.largest_batch() <= 10_000);
    assert_eq!(ledger.rows().len(), usize::try_from(REQUESTS).unwrap());
    assert_eq!(
        ledger.charge(),
        (1..=REQUESTS)
            .map(|number| settled(number).charge().0)
            .sum::<i64>()
    );
}
