//! A segment: one file of a strand.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use domain::ledger::Position;

use crate::journal::record::Seal;

/// How a segment's file is called: the strand, the number, `.log`.
const ENDING: &str = ".log";

/// One file of a strand, as writer, syncer and shipper know it.
pub struct Segment {
    /// Its number in the strand, from 0.
    pub number: u64,
    /// Where it lies.
    pub path: PathBuf,
    /// Where its checksums begin.
    pub seal: Seal,
    /// The file, until it is written and synced for good.
    file: Mutex<Option<Arc<File>>>,
    written_bytes: AtomicU64,
    synced_bytes: AtomicU64,
    unsettled: AtomicU64,
    is_finished: AtomicBool,
    is_folded: AtomicBool,
}

impl Segment {
    /// Makes a new, empty one.
    ///
    /// # Errors
    /// When the directory cannot be written to.
    pub fn create(
        directory: &Path,
        strand: &str,
        number: u64,
    ) -> io::Result<(Arc<Self>, Arc<File>)> {
        let path = directory.join(file_name(strand, number));
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        let file = Arc::new(file);
        let segment = Self {
            file: Mutex::new(Some(Arc::clone(&file))),
            is_finished: AtomicBool::new(false),
            ..Self::found(path, strand, number, 0)
        };
        Ok((Arc::new(segment), file))
    }

    /// One that an earlier run left; nothing is written to it any more.
    #[must_use]
    pub fn found(path: PathBuf, strand: &str, number: u64, bytes: u64) -> Self {
        Self {
            number,
            path,
            seal: Seal::new(strand, number),
            file: Mutex::new(None),
            written_bytes: AtomicU64::new(bytes),
            synced_bytes: AtomicU64::new(bytes),
            unsettled: AtomicU64::new(0),
            is_finished: AtomicBool::new(true),
            is_folded: AtomicBool::new(false),
        }
    }

    /// Up to here it has whole records.
    #[must_use]
    pub fn written_bytes(&self) -> u64 {
        self.written_bytes.load(Ordering::Acquire)
    }

    /// Notes that records up to here are whole.
    pub fn set_written_bytes(&self, bytes: u64) {
        self.written_bytes.store(bytes, Ordering::Release);
    }

    /// What a fall of the machine would take.
    #[must_use]
    pub fn unsynced_bytes(&self) -> u64 {
        let synced = self.synced_bytes.load(Ordering::Relaxed);
        self.written_bytes().saturating_sub(synced)
    }

    /// Whether nothing is written to it any more.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.is_finished.load(Ordering::Acquire)
    }

    /// Nothing is written to it from now on.
    pub fn finish(&self) {
        self.is_finished.store(true, Ordering::Release);
    }

    /// Whether its entries were folded.
    #[must_use]
    pub fn is_folded(&self) -> bool {
        self.is_folded.load(Ordering::Relaxed)
    }

    /// Its file has been replaced by a folded one of this size.
    pub fn note_folded(&self, bytes: u64) {
        self.is_folded.store(true, Ordering::Relaxed);
        self.set_written_bytes(bytes);
    }

    /// Its file was looked at and not worth folding.
    pub fn note_not_worth_folding(&self) {
        self.is_folded.store(true, Ordering::Relaxed);
    }

    /// How many of its dispatches have no settle yet.
    #[must_use]
    pub fn unsettled(&self) -> u64 {
        self.unsettled.load(Ordering::Acquire)
    }

    /// One more dispatch.
    pub fn dispatched(&self) {
        self.unsettled.fetch_add(1, Ordering::AcqRel);
    }

    /// One of its dispatches has its settle.
    pub fn settled(&self) {
        self.unsettled.fetch_sub(1, Ordering::AcqRel);
    }

    /// Sees to it that what was written outlives a fall of the machine. A file that is finished and
    /// synced is let go.
    ///
    /// # Errors
    /// When the disk fails. The kernel may then have dropped what was not synced: this is never
    /// asked again of the same file.
    pub fn sync(&self) -> io::Result<()> {
        let is_finished = self.is_finished();
        let written = self.written_bytes();
        let mut slot = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(file) = slot.clone() else {
            return Ok(());
        };
        if self.unsynced_bytes() > 0 {
            // Not held: the writer may finish meanwhile.
            drop(slot);
            let synced = file.sync_data();
            slot = self.file.lock().unwrap_or_else(PoisonError::into_inner);
            if synced.is_err() {
                *slot = None;
            }
            synced?;
            self.synced_bytes.store(written, Ordering::Relaxed);
        }
        if is_finished {
            *slot = None;
        }
        Ok(())
    }

    /// Lets the file go without syncing it.
    pub fn give_up(&self) {
        self.finish();
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let written = self.written_bytes();
        self.synced_bytes.store(written, Ordering::Relaxed);
    }

    /// Whether it lies wholly before this position.
    #[must_use]
    pub fn is_before(&self, position: Position) -> bool {
        self.number < position.segment
    }
}

/// The name of a segment's file.
#[must_use]
pub fn file_name(strand: &str, number: u64) -> String {
    format!("{strand}-{number:08}{ENDING}")
}

/// The strand and the number of a segment, from its file's name.
#[must_use]
pub fn parse_file_name(name: &str) -> Option<(&str, u64)> {
    let (strand, number) = name.strip_suffix(ENDING)?.rsplit_once('-')?;
    let is_ours = !strand.is_empty() && strand.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let number = number.parse().ok()?;
    (is_ours && file_name(strand, number) == name).then_some((strand, number))
}
