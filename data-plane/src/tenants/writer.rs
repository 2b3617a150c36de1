//! Writes the snapshot on disk when something has changed, in the background: what follows the store does not wait for the disk.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::directory::Revision;
use tokio::task::JoinHandle;

use crate::tenants::disk::SnapshotFiles;
use crate::tenants::known::Known;

/// The snapshot is written at most this often.
const INTERVAL: Duration = Duration::from_secs(10);

/// Writes snapshots.
pub struct SnapshotWriter {
    files: SnapshotFiles,
    written: Option<Revision>,
    begun: Option<Instant>,
    writing: Option<JoinHandle<io::Result<Option<Revision>>>>,
}

impl SnapshotWriter {
    /// Writes into these files, in which this revision lies already.
    #[must_use]
    pub const fn new(files: SnapshotFiles, written: Option<Revision>) -> Self {
        Self {
            files,
            written,
            begun: None,
            writing: None,
        }
    }

    /// Begins to write what is known, when it is new and the last time is long enough ago.
    pub async fn turn(&mut self, known: Arc<Known>) {
        if self.writing.as_ref().is_some_and(JoinHandle::is_finished) {
            self.wait().await;
        }
        let is_recent = self.begun.is_some_and(|begun| begun.elapsed() < INTERVAL);
        if self.writing.is_none() && !is_recent {
            self.begin(known);
        }
    }

    /// Waits for what is being written, and writes what is newer.
    pub async fn finish(&mut self, known: Arc<Known>) {
        self.wait().await;
        self.begin(known);
        self.wait().await;
    }

    fn begin(&mut self, known: Arc<Known>) {
        let revision = known.revision();
        if revision.is_none() || revision == self.written {
            return;
        }
        self.begun = Some(Instant::now());
        let files = self.files.clone();
        let write = move || files.write(&known).map(|()| revision);
        self.writing = Some(tokio::task::spawn_blocking(write));
    }

    async fn wait(&mut self) {
        let Some(writing) = self.writing.take() else {
            return;
        };
        match writing.await {
            Ok(Ok(revision)) => self.written = revision,
            Ok(Err(error)) => tracing::warn!("the snapshot cannot be written: {error}"),
            Err(ended) => tracing::warn!("the snapshot cannot be written: {ended}"),
        }
    }
}
