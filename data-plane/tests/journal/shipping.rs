//! Into the ledger, once: over lost answers, a ledger that was restored, and starts in between.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use tokio::sync::oneshot;

use data_plane::journal::{Journal, JournalMetrics, JournalSettings, Shipper};
use domain::time::TimestampMs;

use crate::ledger::{MemoryLedger, door};
use crate::things::{Opened, dispatched, open, request_id, settled, small};

fn once(numbers: impl IntoIterator<Item = u64>) -> BTreeMap<String, usize> {
    numbers
        .into_iter()
        .map(|number| (request_id(number), 1))
        .collect()
}

#[tokio::test]
async fn what_is_settled_is_shipped_whole_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let (opened, ledger) = (open(folder.path(), small()), Arc::<MemoryLedger>::default());
    (1..=200).for_each(|number| opened.settle(number));
    opened.shipper(&ledger).ship().await.unwrap();
    let sent: Vec<_> = (1..=200).map(settled).collect();
    assert_eq!(ledger.rows(), sent);
    assert_eq!(opened.metrics.shipped.get(), 200);
    assert_eq!(opened.metrics.unshipped_bytes.get(), 0);
}

#[tokio::test]
async fn a_lost_answer_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (opened, ledger) = (open(folder.path(), small()), Arc::<MemoryLedger>::default());
    let mut shipper = opened.shipper(&ledger);
    for number in 1..=60 {
        opened.settle(number);
        ledger.lose_answers(1);
        shipper.ship().await.unwrap_err();
    }
    shipper.ship().await.unwrap();
    assert_eq!(ledger.counts(), once(1..=60));
}

#[tokio::test]
async fn a_ledger_restored_from_a_backup_gets_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let (opened, ledger) = (open(folder.path(), small()), Arc::<MemoryLedger>::default());
    let mut shipper = opened.shipper(&ledger);
    (1..=50).for_each(|number| opened.settle(number));
    shipper.ship().await.unwrap();
    let backup = ledger.backup();
    (51..=300).for_each(|number| opened.settle(number));
    // Another thread's, which writes nothing afterwards.
    let other = opened.journal.strand(1);
    for number in 302..=310 {
        other.settle(&settled(number), []).unwrap();
    }
    shipper.ship().await.unwrap();
    ledger.restore(backup);
    opened.settle(301);
    let mut shipped = shipper.ship().await;
    while shipped.is_err() {
        shipped = shipper.ship().await;
    }
    assert_eq!(ledger.counts(), once(1..=310));
    assert_eq!(opened.metrics.gaps.get(), 0);
}

#[tokio::test]
async fn a_ledger_restored_to_before_what_is_kept_is_told_aloud() {
    let folder = tempfile::tempdir().unwrap();
    let settings = JournalSettings {
        keep_shipped_ms: 0,
        ..small()
    };
    let (opened, ledger) = (
        open(folder.path(), settings),
        Arc::<MemoryLedger>::default(),
    );
    let mut shipper = opened.shipper(&ledger);
    let empty = ledger.backup();
    (1..=100).for_each(|number| opened.settle(number));
    shipper.ship().await.unwrap();
    ledger.restore(empty);
    opened.settle(101);
    shipper.ship().await.unwrap_err();
    shipper.ship().await.unwrap();
    assert_eq!(opened.metrics.gaps.get(), 1);
    let counts = ledger.counts();
    assert_eq!(counts.get(&request_id(101)), Some(&1));
    assert!(counts.values().all(|count| *count == 1));
}

#[tokio::test]
async fn what_one_run_did_not_ship_the_next_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Arc::<MemoryLedger>::default();
    for run in 0..5 {
        let opened = open(folder.path(), small());
        (run * 20..run * 20 + 20).for_each(|number| opened.settle(number));
        if run == 2 {
            ledger.lose_answers(1);
            opened.shipper(&ledger).ship().await.unwrap_err();
        }
    }
    let opened = open(folder.path(), small());
    opened.shipper(&ledger).ship().await.unwrap();
    assert_eq!(ledger.counts(), once(0..100));
}

#[tokio::test]
async fn a_flush_returns_when_what_was_settled_before_is_in_the_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let (opened, ledger) = (open(folder.path(), small()), Arc::<MemoryLedger>::default());
    let shipper = opened.shipper(&ledger);
    let (flush, mut until) = (shipper.flush(), shipper.shipped_until());
    let (stop, stopped) = oneshot::channel::<()>();
    let handle = tokio::runtime::Handle::current();
    let running = handle.spawn(shipper.run(async move { drop(stopped.await) }));
    for number in 1..=20 {
        opened.settle(number);
        flush.flush().await.unwrap();
        assert_eq!(ledger.rows().len(), usize::try_from(number).unwrap());
    }
    let now = TimestampMs::now();
    opened.settle(21);
    until.wait_for(|until| *until > now).await.unwrap();
    assert_eq!(ledger.rows().len(), 21);
    ledger.set_away(true);
    opened.settle(22);
    flush.flush().await.unwrap_err();
    ledger.set_away(false);
    drop(stop);
    running.await.unwrap();
    assert_eq!(
        ledger.counts(),
        once(1..=22),
        "the last round ships the rest"
    );
    flush.flush().await.unwrap_err();
}

#[tokio::test]
async fn what_is_shipped_and_settled_is_deleted_and_an_open_dispatch_keeps_its_segment() {
    let folder = tempfile::tempdir().unwrap();
    let settings = JournalSettings {
        keep_shipped_ms: 0,
        ..small()
    };
    let (opened, ledger) = (
        open(folder.path(), settings),
        Arc::<MemoryLedger>::default(),
    );
    let mut shipper = opened.shipper(&ledger);
    (1..=50).for_each(|number| opened.settle(number));
    let long = opened.dispatch(51);
    (52..=100).for_each(|number| opened.settle(number));
    shipper.ship().await.unwrap();
    let before = files(&opened, folder.path());
    assert!(before > 3, "{before} files");
    opened.strand().settle(&settled(51), [long]).unwrap();
    shipper.ship().await.unwrap();
    assert_eq!(
        files(&opened, folder.path()),
        2,
        "the strands' present segments"
    );
}

fn files(_opened: &Opened, folder: &std::path::Path) -> usize {
    let entries = folder.read_dir().unwrap();
    entries
        .filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().ends_with(".log")
        })
        .count()
}

#[tokio::test]
async fn no_batch_is_larger_than_ten_thousand() {
    let folder = tempfile::tempdir().unwrap();
    let settings = JournalSettings::default();
    let (opened, ledger) = (
        open(folder.path(), settings),
        Arc::<MemoryLedger>::default(),
    );
    let strand = opened.strand();
    for number in 0..25_000 {
        strand.settle(&settled(number), []).unwrap();
    }
    opened.shipper(&ledger).ship().await.unwrap();
    assert_eq!(ledger.rows().len(), 25_000);
    assert!(ledger.largest_batch() <= 10_000);
    assert!(ledger.largest_batch() > 1_000);
}

/// What happens to a node and its ledger.
#[derive(Clone, Debug)]
enum Happens {
    Settled(u8),
    Dispatched,
    LongSettled,
    Shipped,
    AnswerLost,
    Away,
    BackedUp,
    Restored,
    Restarted,
}

fn happens() -> impl Strategy<Value = Happens> {
    prop_oneof![
        6 => (1..30_u8).prop_map(Happens::Settled),
        2 => Just(Happens::Dispatched),
        2 => Just(Happens::LongSettled),
        4 => Just(Happens::Shipped),
        2 => Just(Happens::AnswerLost),
        1 => Just(Happens::Away),
        1 => Just(Happens::BackedUp),
        1 => Just(Happens::Restored),
        1 => Just(Happens::Restarted),
    ]
}

/// A node whose every step is noted.
struct Node {
    opened: Option<Opened>,
    shipper: Option<Shipper>,
    long: Vec<(u64, data_plane::journal::Dispatched)>,
    next: u64,
    settled: Vec<u64>,
    orphaned: Vec<u64>,
}

impl Node {
    fn start(&mut self, folder: &std::path::Path, ledger: &Arc<MemoryLedger>) {
        self.shipper = None;
        self.opened = None;
        self.orphaned
            .extend(self.long.drain(..).map(|(number, _lost)| number));
        let opened = open(folder, small());
        self.shipper = Some(opened.shipper(ledger));
        self.opened = Some(opened);
    }

    fn step(&mut self, step: &Happens, ledger: &Arc<MemoryLedger>) {
        let opened = self.opened.as_ref().unwrap();
        match step {
            Happens::Settled(count) => {
                for _one in 0..*count {
                    self.next += 1;
                    opened.settle(self.next);
                    self.settled.push(self.next);
                }
            }
            Happens::Dispatched => {
                self.next += 1;
                self.long.push((self.next, opened.dispatch(self.next)));
            }
            Happens::LongSettled => {
                if let Some((number, dispatch)) = self.long.pop() {
                    opened
                        .strand()
                        .settle(&settled(number), [dispatch])
                        .unwrap();
                    self.settled.push(number);
                }
            }
            Happens::AnswerLost => ledger.lose_answers(1),
            Happens::Away => ledger.set_away(true),
            _ => {}
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_happens_each_request_is_in_the_ledger_once(steps in prop::collection::vec(happens(), 1..60)) {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Arc::<MemoryLedger>::default();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let mut node = Node { opened: None, shipper: None, long: vec![], next: 0, settled: vec![], orphaned: vec![] };
        node.start(folder.path(), &ledger);
        let mut backup = ledger.backup();
        for step in &steps {
            match step {
                Happens::Shipped => {
                    let _may_fail = runtime.block_on(node.shipper.as_mut().unwrap().ship());
                    ledger.set_away(false);
                }
                Happens::BackedUp => backup = ledger.backup(),
                Happens::Restored => ledger.restore(backup.clone()),
                Happens::Restarted => node.start(folder.path(), &ledger),
                step => node.step(step, &ledger),
            }
        }
        ledger.set_away(false);
        ledger.lose_answers(0);
        // The ledger may have been restored: then a batch of each strand finds that out, or a start.
        node.start(folder.path(), &ledger);
        runtime.block_on(node.shipper.as_mut().unwrap().ship()).unwrap();
        let all = node.settled.iter().chain(&node.orphaned).copied();
        prop_assert_eq!(ledger.counts(), once(all));
    }
}

#[tokio::test]
async fn an_entry_that_borrows_what_it_names_is_written_like_one_that_owns_it() {
    // The request's path writes without copying names: any shape that serializes alike will do.
    let folder = tempfile::tempdir().unwrap();
    let metrics = JournalMetrics::default();
    let opened = Journal::open(folder.path(), 1, small(), metrics).unwrap();
    let ledger = Arc::<MemoryLedger>::default();
    let entry = settled(7);
    let dispatch = opened.0.strand(0).dispatch(&&dispatched(7, 1)).unwrap();
    opened
        .0
        .strand(5)
        .settle(&std::borrow::Cow::Borrowed(&entry), [dispatch])
        .unwrap();
    Shipper::new(&opened.0, door(&ledger)).ship().await.unwrap();
    assert_eq!(ledger.rows(), [entry]);
}
