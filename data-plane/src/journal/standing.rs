//! How a journal stands: may it be written, and does the syncer have work?

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::Thread;

use crate::journal::strand::Unwritable;

/// What strands, syncer and shipper tell each other.
#[derive(Default)]
pub struct Standing {
    /// Strands that the disk refused.
    failed: AtomicU64,
    /// Settles that wait for the disk.
    waiting: AtomicU64,
    is_full: AtomicBool,
    is_dirty: AtomicBool,
    has_new_files: AtomicBool,
    has_much: AtomicBool,
    is_closing: AtomicBool,
    syncer: OnceLock<Thread>,
}

impl Standing {
    /// Whether a dispatch may be written.
    ///
    /// # Errors
    /// When not.
    pub fn check(&self) -> Result<(), Unwritable> {
        if self.failed.load(Ordering::Relaxed) > 0 {
            return Err(Unwritable::Disk);
        }
        match self.is_full.load(Ordering::Relaxed) {
            true => Err(Unwritable::Full),
            false => Ok(()),
        }
    }

    /// Whether the disk takes what is written.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed) > 0
    }

    /// Whether settles wait for the disk: what is on it is then not all that was settled.
    #[must_use]
    pub fn has_waiting(&self) -> bool {
        self.waiting.load(Ordering::Acquire) > 0
    }

    /// The disk refused a strand.
    pub fn note_failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
        self.wake();
    }

    /// A strand has a fresh segment.
    pub fn note_healed(&self) {
        self.failed.fetch_sub(1, Ordering::Relaxed);
    }

    /// A settle waits.
    pub fn note_waiting(&self) {
        self.waiting.fetch_add(1, Ordering::Release);
    }

    /// A settle that waited has been written.
    pub fn note_written(&self) {
        self.waiting.fetch_sub(1, Ordering::Release);
    }

    /// Whether there are as many bytes as there may be.
    pub fn set_full(&self, is_full: bool) {
        self.is_full.store(is_full, Ordering::Relaxed);
    }

    /// A file was made: the directory has to be synced too.
    pub fn note_new_file(&self) {
        self.has_new_files.store(true, Ordering::Release);
    }

    /// Whether a file was made since this was last asked.
    #[must_use]
    pub fn take_new_files(&self) -> bool {
        self.has_new_files.swap(false, Ordering::AcqRel)
    }

    /// Something was written. The syncer is woken by the first record after it has synced, and when
    /// there is much to sync.
    pub fn note_dirty(&self, is_much: bool) {
        if is_much && !self.has_much.swap(true, Ordering::AcqRel) {
            self.wake();
        }
        if !self.is_dirty.load(Ordering::Relaxed) && !self.is_dirty.swap(true, Ordering::AcqRel) {
            self.wake();
        }
    }

    /// Whether something was written since this was last asked.
    #[must_use]
    pub fn take_dirty(&self) -> bool {
        self.has_much.store(false, Ordering::Release);
        self.is_dirty.swap(false, Ordering::AcqRel)
    }

    /// Whether something was written.
    #[must_use]
    pub fn is_dirty(&self) -> bool {
        self.is_dirty.load(Ordering::Acquire)
    }

    /// Whether syncing should not wait: there is much, or it is the last time.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        self.has_much.load(Ordering::Acquire) || self.is_closing()
    }

    /// Whether the syncer is to end.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.is_closing.load(Ordering::Acquire)
    }

    /// The syncer is to sync once more, and to end.
    pub fn close(&self) {
        self.is_closing.store(true, Ordering::Release);
        self.wake();
    }

    /// The thread that syncs.
    pub fn attach(&self, syncer: Thread) {
        let _only_once = self.syncer.set(syncer);
    }

    /// Wakes the syncer.
    pub fn wake(&self) {
        if let Some(syncer) = self.syncer.get() {
            syncer.unpark();
        }
    }
}
