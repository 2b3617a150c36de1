//! A disk that refuses: nothing is lost, nothing is sent unwritten, and it heals.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use data_plane::journal::{
    Journal, JournalFault, JournalMetrics, JournalSettings, Strand, Unwritable,
};

use crate::ledger::MemoryLedger;
use crate::things::{DIRECTORY, child, dispatched, open, request_id, settled, small};

/// Writes until the disk refuses; the number of the request that was refused.
fn write_until_refused(strand: &Strand, first: u64) -> u64 {
    let mut number = first;
    loop {
        match strand.dispatch(&dispatched(number, 1)) {
            Ok(dispatch) => {
                // May be refused: then it waits in memory.
                let _waits = strand.settle(&settled(number), [dispatch]);
            }
            Err(refused) => {
                assert_eq!(refused, Unwritable::Disk);
                return number;
            }
        }
        number += 1;
    }
}

fn wait_until_writable(journal: &Journal) {
    let begun = Instant::now();
    while !journal.is_writable() {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "it does not heal"
        );
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

/// The process whose files may not grow above 128 KiB: the kernel refuses in the midst of a record,
/// as a full disk does.
fn write_on_a_small_disk(directory: &Path) {
    let settings = JournalSettings::default();
    let metrics = JournalMetrics::default();
    let (journal, _nothing) = Journal::open(directory, 1, settings, metrics).unwrap();
    let strand = journal.strand(0);
    let under_way = strand.dispatch(&dispatched(1, 1)).unwrap();
    let mut number = 2;
    for round in 0..3 {
        number = write_until_refused(&strand, number);
        assert!(!journal.is_writable(), "round {round}");
        assert_eq!(journal.check(), Err(Unwritable::Disk));
        wait_until_writable(&journal);
    }
    number = write_until_refused(&strand, number);
    // The answer of a request under way comes while the disk refuses.
    assert_eq!(
        strand.settle(&settled(1), [under_way]),
        Err(Unwritable::Disk)
    );
    wait_until_writable(&journal);
    journal.close();
    let last = format!("{number}\n");
    std::fs::write(directory.join("last"), last).unwrap();
    std::io::stdout().flush().unwrap();
}

#[test]
fn a_disk_that_refuses_stops_dispatches_loses_nothing_and_heals() {
    if let Some(directory) = std::env::var_os(DIRECTORY) {
        return write_on_a_small_disk(&PathBuf::from(directory));
    }
    let folder = tempfile::tempdir().unwrap();
    let test = "disk::a_disk_that_refuses_stops_dispatches_loses_nothing_and_heals";
    let unlimited = child(test, folder.path());
    let mut limited = Command::new("bash");
    limited.args(["-c", "trap '' XFSZ; ulimit -f 128; exec \"$0\" \"$@\""]);
    limited
        .arg(unlimited.get_program())
        .args(unlimited.get_args());
    limited.env(DIRECTORY, folder.path());
    let done = limited.output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let errors = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{said}{errors}");

    let last = std::fs::read_to_string(folder.path().join("last")).unwrap();
    let last: u64 = last.trim().parse().unwrap();
    let opened = open(folder.path(), small());
    assert_eq!(opened.recovered.orphans, []);
    assert_eq!(
        opened.recovered.damages,
        [],
        "what was written in part was cut off"
    );
    let ledger = Arc::<MemoryLedger>::default();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(opened.shipper(&ledger).ship()).unwrap();
    let expected: Vec<(String, usize)> = (1..last).map(|number| (request_id(number), 1)).collect();
    assert_eq!(ledger.counts().into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn a_directory_that_cannot_be_written_to_is_refused_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "").unwrap();
    let opened = Journal::open(&file.join("journal"), 1, small(), JournalMetrics::default());
    let fault = opened.err().unwrap();
    assert!(matches!(fault, JournalFault::Unwritable { .. }));
    assert!(fault.to_string().contains("--data-dir"), "{fault}");
}

#[tokio::test]
async fn a_full_journal_refuses_dispatches_still_settles_and_is_free_when_it_was_shipped() {
    let folder = tempfile::tempdir().unwrap();
    let settings = JournalSettings {
        keep_shipped_ms: 0,
        max_bytes: 64_000,
        ..small()
    };
    let opened = open(folder.path(), settings);
    let under_way = opened.dispatch(0);
    let mut number = 1;
    let refused = loop {
        // An end user of its own for each: nothing to fold.
        let mut entry = dispatched(number, 1);
        entry.payer.end_user = Some(format!("user {number}"));
        match opened.strand().dispatch(&entry) {
            Err(refused) => break refused,
            Ok(dispatch) => {
                let mut entry = settled(number);
                entry.payer.end_user = Some(format!("user {number}"));
                opened.strand().settle(&entry, [dispatch]).unwrap();
            }
        }
        number += 1;
    };
    assert_eq!(refused, Unwritable::Full);
    assert!(!opened.journal.is_writable());
    opened.strand().settle(&settled(0), [under_way]).unwrap();
    let ledger = Arc::<MemoryLedger>::default();
    opened.shipper(&ledger).ship().await.unwrap();
    assert!(opened.journal.is_writable());
    opened.settle(number);
    opened.shipper(&ledger).ship().await.unwrap();
    assert_eq!(ledger.rows().len(), usize::try_from(number + 1).unwrap());
    assert!(ledger.counts().values().all(|count| *count == 1));
}
