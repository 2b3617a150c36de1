//! The head is anchored at the start, while it moves, and at the end; to each kind of place.

use std::sync::Arc;
use std::time::Duration;

use domain::actors::Actor;
use domain::audit::Anchor;
use store::anchors::{self, AnchorSink, AnchorTask};
use store::verification::verify;
use store::{Event, Store};
use tokio::net::{UdpSocket, UnixDatagram};
use tokio::sync::oneshot;

use crate::setup;

const SOON: Duration = Duration::from_millis(5);

async fn change(store: &Store) {
    store
        .record(&Actor::system(), Event::default())
        .await
        .unwrap();
}

/// The anchor of a message of syslog.
fn anchor_of(message: &[u8]) -> Anchor {
    let message = std::str::from_utf8(message).unwrap();
    assert!(message.starts_with("<109>1 20"), "{message}");
    serde_json::from_str(&message[message.find('{').unwrap()..]).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_head_that_moves_is_anchored_without_being_asked() {
    let fresh = setup::sqlite().await;
    let store = Arc::new(fresh.store);
    let receiver = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let sink = format!("syslog://{}", receiver.local_addr().unwrap())
        .parse()
        .unwrap();
    change(&store).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let task = AnchorTask::new(Arc::clone(&store), sink).every(SOON);
    let running = task.run(async { drop(stopped.await) });
    let watching = async {
        let mut message = [0; 2_000];
        for sequence in 1..=3 {
            let bytes = receiver.recv(&mut message).await.unwrap();
            let anchor = anchor_of(&message[..bytes]);
            assert_eq!(anchor.sequence, sequence);
            assert_eq!(
                verify(&store, &[anchor]).await.unwrap().last_anchored,
                Some(sequence)
            );
            change(&store).await;
        }
        drop(stop);
    };
    tokio::join!(running, watching);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_machines_own_syslog_takes_anchors() {
    let fresh = setup::sqlite().await;
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("log");
    let receiver = UnixDatagram::bind(&socket).unwrap();
    let store = Arc::new(fresh.store);
    change(&store).await;
    let mut task = AnchorTask::new(store, AnchorSink::SyslogUnix(socket));
    let anchor = task.anchor().await.unwrap().unwrap();
    let mut message = [0; 2_000];
    let bytes = receiver.recv(&mut message).await.unwrap();
    assert_eq!(anchor_of(&message[..bytes]), anchor);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_gets_an_anchor_at_the_start_and_at_the_end_when_the_head_has_moved() {
    let fresh = setup::sqlite().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("audit-anchors.jsonl");
    let store = Arc::new(fresh.store);
    let run = || {
        let sink = AnchorSink::File(file.clone());
        AnchorTask::new(Arc::clone(&store), sink).run(std::future::ready(()))
    };
    run().await;
    assert!(!file.exists());
    change(&store).await;
    run().await;
    run().await;
    change(&store).await;
    let task = AnchorTask::new(Arc::clone(&store), AnchorSink::File(file.clone()));
    task.run(change(&store)).await;
    let read = anchors::read(file).await.unwrap();
    let numbers: Vec<i64> = read.anchors.iter().map(|anchor| anchor.sequence).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(verify(&store, &read.anchors).await.unwrap().faults, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_cannot_be_written_to_is_named_and_tried_again() {
    let fresh = setup::sqlite().await;
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    let file = missing.join("anchors.jsonl");
    let store = Arc::new(fresh.store);
    change(&store).await;
    let mut task = AnchorTask::new(store, AnchorSink::File(file.clone()));
    let refused = task.anchor().await.unwrap_err().to_string();
    assert!(refused.contains(&*file.to_string_lossy()), "{refused}");
    std::fs::create_dir(&missing).unwrap();
    assert!(task.anchor().await.unwrap().is_some());
    assert_eq!(task.anchor().await.unwrap(), None);
}
