//! A node serves by the snapshot on its disk when the store does not answer at its start.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;

use data_plane::tenants::disk::SnapshotFiles;
use data_plane::tenants::known::Known;
use domain::directory::{Revision, Snapshot};

use crate::node::{self, Following};
use crate::store::MemoryStore;
use crate::things;

const KEY: &str = "sk-known-key-of-acme";

fn known(revision: i64) -> Known {
    Known::of(Snapshot {
        revision: Revision(revision),
        levels: things::levels(),
        keys: vec![things::full_key(KEY)],
        complete: true,
    })
}

async fn start_without_a_store(directory: &Path) -> Following {
    let store = Arc::new(MemoryStore::new(things::levels(), vec![]));
    store.away.store(true, SeqCst);
    node::following(store, node::settings(), Some(directory)).await
}

#[tokio::test]
async fn a_node_starts_and_serves_known_keys_with_the_store_away() {
    let directory = tempfile::tempdir().unwrap();
    let store = Arc::new(MemoryStore::new(
        things::levels(),
        vec![things::full_key(KEY)],
    ));
    let first = node::following(store, node::settings(), Some(directory.path())).await;
    first.end().await;
    let file = fs::metadata(directory.path().join("tenants.snapshot")).unwrap();
    assert_eq!(file.permissions().mode() & 0o777, 0o600);
    let second = start_without_a_store(directory.path()).await;
    assert_eq!(second.answer(KEY).await, (200, ""));
    assert_eq!(second.answer(node::MASTER).await, (200, ""));
    assert_eq!(second.answer("sk-unknown").await, (503, "keys_unavailable"));
    assert!(second.node.state().table.find("gpt-4o", "acme").is_some());
}

#[tokio::test]
async fn without_store_and_snapshot_the_master_key_works_and_virtual_keys_wait() {
    let directory = tempfile::tempdir().unwrap();
    let following = start_without_a_store(directory.path()).await;
    assert_eq!(following.answer(node::MASTER).await, (200, ""));
    assert_eq!(following.answer(KEY).await, (503, "keys_unavailable"));
    let mut following = following;
    following.store.away.store(false, SeqCst);
    let made = following.store.put_key(things::key(KEY));
    following.until(made).await;
    assert_eq!(following.answer(KEY).await, (200, ""));
}

#[test]
fn a_damaged_snapshot_is_skipped_and_the_one_before_is_taken() {
    let directory = tempfile::tempdir().unwrap();
    let files = SnapshotFiles::in_directory(directory.path());
    files.write(&known(1)).unwrap();
    files.write(&known(2)).unwrap();
    assert_eq!(files.read().unwrap().revision, Revision(2));
    let path = directory.path().join("tenants.snapshot");
    let whole = fs::read(&path).unwrap();
    for place in [0, 20, whole.len() / 2, whole.len() - 1] {
        let mut damaged = whole.clone();
        damaged[place] ^= 0x10;
        fs::write(&path, damaged).unwrap();
        assert_eq!(files.read().unwrap().revision, Revision(1), "byte {place}");
    }
    for length in [0, 5, 30, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(
            files.read().unwrap().revision,
            Revision(1),
            "{length} bytes"
        );
    }
    fs::write(&path, &whole).unwrap();
    assert_eq!(files.read().unwrap().revision, Revision(2));
}

#[test]
fn a_snapshot_is_read_as_it_was_written() {
    let directory = tempfile::tempdir().unwrap();
    let files = SnapshotFiles::in_directory(directory.path());
    assert!(files.read().is_none());
    files.write(&known(7)).unwrap();
    let read = files.read().unwrap();
    assert!(read.complete);
    assert_eq!(read.keys, vec![things::full_key(KEY)]);
    assert_eq!(read.levels.teams, things::levels().teams);
    assert_eq!(read.levels.members, things::levels().members);
}
