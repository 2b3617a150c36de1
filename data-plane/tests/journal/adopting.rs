//! The journal of a node that is gone, shipped from another place.

use std::sync::Arc;

use data_plane::journal::adopt::{NotAdopted, adopt};
use data_plane::journal::inspect::inspect;
use data_plane::journal::{Journal, JournalFault, JournalMetrics};

use crate::ledger::{MemoryLedger, door};
use crate::things::{HELD, open, small};

#[tokio::test]
async fn a_dead_nodes_journal_is_adopted_once_and_is_empty_then() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Arc::<MemoryLedger>::default();
    {
        let opened = open(folder.path(), small());
        (1..=40).for_each(|number| opened.settle(number));
        drop(opened.dispatch(41));
        // A part was shipped before it died.
        ledger.lose_answers(1);
        opened.shipper(&ledger).ship().await.unwrap_err();
    }
    let seen = inspect(folder.path()).unwrap();
    assert_eq!(seen.unsettled.len(), 1);
    assert_eq!(
        seen.strands
            .iter()
            .map(|strand| strand.settles)
            .sum::<u64>(),
        40
    );
    for expected in [1, 0] {
        let adopted = adopt(folder.path(), door(&ledger)).await.unwrap();
        assert_eq!(
            adopted.shipped, expected,
            "the orphan alone, and then nothing"
        );
        assert_eq!(inspect(folder.path()).unwrap().strands, []);
    }
    assert!(ledger.counts().values().all(|count| *count == 1));
    assert_eq!(ledger.charge(), (1..=40).sum::<i64>() + HELD);
}

#[tokio::test]
async fn a_live_nodes_journal_cannot_be_adopted_nor_opened_twice() {
    let folder = tempfile::tempdir().unwrap();
    let opened = open(folder.path(), small());
    let second = Journal::open(folder.path(), 1, small(), JournalMetrics::default());
    assert!(matches!(second.err(), Some(JournalFault::InUse(_))));
    let ledger = Arc::<MemoryLedger>::default();
    let adopted = adopt(folder.path(), door(&ledger)).await;
    let refused = matches!(adopted, Err(NotAdopted::Journal(JournalFault::InUse(_))));
    assert!(refused, "its node is alive");
    drop(opened);
    open(folder.path(), small());
}

#[tokio::test]
async fn a_journal_whose_ledger_is_away_can_be_adopted_later() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Arc::<MemoryLedger>::default();
    {
        let opened = open(folder.path(), small());
        (1..=40).for_each(|number| opened.settle(number));
    }
    ledger.set_away(true);
    assert!(matches!(
        adopt(folder.path(), door(&ledger)).await,
        Err(NotAdopted::Ledger(_))
    ));
    ledger.set_away(false);
    assert_eq!(
        adopt(folder.path(), door(&ledger)).await.unwrap().shipped,
        40
    );
}
