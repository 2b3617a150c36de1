//! A strand: where one worker thread writes. Appending is one `write(2)` under a lock that nobody
//! else wants.

use std::fs::{self, File};
use std::io::{self, Write};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::ledger::RequestEntry;
use serde::Serialize;
use thiserror::Error;

use crate::journal::place::Place;
use crate::journal::record::{self, Kind, RecordFault};
use crate::journal::segment::Segment;
use crate::journal::trail::Trail;

/// So many bytes are not left unsynced until the next turn.
const MOST_UNSYNCED_BYTES: u64 = 1 << 20;

/// A frame's buffer is not kept above this.
const MOST_BUFFER_BYTES: usize = 64 << 10;

/// The journal takes no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unwritable {
    /// The disk refused. It is tried again each second.
    #[error("the journal cannot be written: see the log for the disk's error")]
    Disk,
    /// There are as many bytes on disk as there may be.
    #[error("the journal is full: the ledger has not taken it for too long")]
    Full,
    /// The entry is no entry; another try would do no better.
    #[error("the entry cannot be written to the journal: it is too large")]
    Entry,
}

/// Proof that a dispatch is in the journal; the settle takes it back. While it is kept, the segment
/// with the dispatch stays on disk.
#[must_use = "a dispatch that is never settled keeps its segment on disk until the next start"]
pub struct Dispatched(Arc<Segment>);

/// Where one worker thread writes its records.
pub struct Strand {
    place: Arc<Place>,
    trail: Arc<Trail>,
    writing: Mutex<Writing>,
}

struct Writing {
    frame: Vec<u8>,
    /// None after the disk refused, until a fresh segment was made.
    open: Option<Open>,
    next_number: u64,
    /// Settles that the disk refused: as many as there were requests under way.
    waiting: Vec<Waiting>,
}

struct Open {
    segment: Arc<Segment>,
    file: Arc<File>,
    bytes: u64,
}

struct Waiting {
    frame: Vec<u8>,
    dispatched: Vec<Dispatched>,
}

impl Strand {
    /// Makes a strand with its first segment.
    ///
    /// # Errors
    /// When the directory cannot be written to.
    pub(crate) fn create(place: Arc<Place>, trail: Arc<Trail>) -> io::Result<Self> {
        let strand = Self {
            place,
            trail,
            writing: Mutex::new(Writing {
                frame: Vec::new(),
                open: None,
                next_number: 0,
                waiting: Vec::new(),
            }),
        };
        strand.open_next(&mut strand.lock())?;
        Ok(strand)
    }

    /// Writes that an attempt is about to be sent: a [`domain::ledger::RequestEntry`] with this
    /// attempt alone, outcome [`domain::ledger::ORPHANED`], charged at what is held. `entry` has to
    /// serialize as a `RequestEntry` does. It returns when the bytes have been handed to the
    /// kernel: killing this process does not lose them. Of one attempt it may be written again, when
    /// its hold was extended: the last one counts.
    ///
    /// # Errors
    /// When the attempt must not be sent.
    pub fn dispatch(&self, entry: &impl Serialize) -> Result<Dispatched, Unwritable> {
        self.place.standing.check()?;
        let mut writing = self.lock();
        let Writing { frame, .. } = &mut *writing;
        written(record::write(frame, Kind::Dispatch, entry))?;
        let segment = self.append(&mut writing)?;
        segment.dispatched();
        Ok(Dispatched(segment))
    }

    /// Writes how a request ended: its whole [`domain::ledger::RequestEntry`], and takes back what
    /// its dispatches gave. `entry` has to serialize as a `RequestEntry` does. Requests without an
    /// attempt have no dispatch.
    ///
    /// # Errors
    /// When the disk refused. The record is kept in memory and written as soon as the disk takes it
    /// again: the caller need not do anything. [`Unwritable::Entry`] alone is for good.
    pub fn settle(
        &self,
        entry: &impl Serialize,
        dispatched: impl IntoIterator<Item = Dispatched>,
    ) -> Result<(), Unwritable> {
        self.write_settle(Kind::Settle, entry, dispatched)
    }

    /// Writes that a request of another run has ended: nobody knows how.
    pub(crate) fn settle_orphan(&self, entry: &RequestEntry) -> Result<(), Unwritable> {
        self.write_settle(Kind::Orphaned, entry, [])
    }

    fn write_settle(
        &self,
        kind: Kind,
        entry: &impl Serialize,
        dispatched: impl IntoIterator<Item = Dispatched>,
    ) -> Result<(), Unwritable> {
        let mut writing = self.lock();
        let Writing { frame, .. } = &mut *writing;
        written(record::write(frame, kind, entry))?;
        match self.append(&mut writing) {
            Ok(_segment) => {
                take_back(dispatched);
                Ok(())
            }
            Err(unwritable) => {
                let frame = std::mem::take(&mut writing.frame);
                let dispatched = dispatched.into_iter().collect();
                writing.waiting.push(Waiting { frame, dispatched });
                self.place.standing.note_waiting();
                Err(unwritable)
            }
        }
    }

    /// Writes the frame that lies in the buffer.
    fn append(&self, writing: &mut Writing) -> Result<Arc<Segment>, Unwritable> {
        let Writing { frame, open, .. } = writing;
        let Some(present) = open else {
            return Err(Unwritable::Disk);
        };
        record::close(frame, present.segment.seal, present.bytes);
        if let Err(cause) = (&*present.file).write_all(frame) {
            self.fail(writing, &cause);
            return Err(Unwritable::Disk);
        }
        present.bytes += u64::try_from(frame.len()).unwrap_or(u64::MAX);
        present.segment.set_written_bytes(present.bytes);
        let segment = Arc::clone(&present.segment);
        let is_long = present.bytes >= self.place.segment_bytes();
        if frame.capacity() > MOST_BUFFER_BYTES {
            *frame = Vec::new();
        }
        self.place
            .standing
            .note_dirty(segment.unsynced_bytes() >= MOST_UNSYNCED_BYTES);
        if is_long && let Err(cause) = self.open_next(writing) {
            // The record is written; the next one will not be.
            self.fail(writing, &cause);
        }
        Ok(segment)
    }

    /// Finishes the present segment and begins the next one.
    fn open_next(&self, writing: &mut Writing) -> io::Result<()> {
        let number = writing.next_number;
        let (segment, file) = Segment::create(&self.place.directory, &self.trail.strand, number)?;
        writing.next_number += 1;
        self.place.standing.note_new_file();
        if let Some(last) = writing.open.take() {
            last.segment.finish();
        }
        self.trail.push(Arc::clone(&segment));
        writing.open = Some(Open {
            segment,
            file,
            bytes: 0,
        });
        Ok(())
    }

    fn fail(&self, writing: &mut Writing, cause: &io::Error) {
        let Some(Open {
            segment,
            file,
            bytes,
        }) = writing.open.take()
        else {
            return;
        };
        let path = segment.path.display();
        tracing::error!("the journal's {path} cannot be written: {cause}");
        // A part of the record may have been written. It is cut off; if that fails too, the next
        // start finds bytes that are no record, and says so.
        let _cut = file.set_len(bytes);
        segment.finish();
        self.place.standing.note_failed();
    }

    /// The syncer could not sync this segment: nothing more is written to it.
    pub(crate) fn fail_sync(&self, failed: &Arc<Segment>, cause: &io::Error) {
        let path = failed.path.display();
        tracing::error!("the journal's {path} cannot be synced: {cause}");
        failed.give_up();
        let mut writing = self.lock();
        let is_open = |open: &Open| Arc::ptr_eq(&open.segment, failed);
        if writing.open.as_ref().is_some_and(is_open) {
            writing.open = None;
            self.place.standing.note_failed();
        }
    }

    /// Begins a fresh segment after the disk refused, and writes the settles that waited. Tells
    /// whether the strand is well.
    pub(crate) fn heal(&self) -> bool {
        let mut writing = self.lock();
        if writing.open.is_some() {
            return true;
        }
        let opened = self.open_next(&mut writing);
        if let Err(cause) = opened {
            tracing::warn!("the journal cannot be written yet: {cause}");
            return false;
        }
        self.place.standing.note_healed();
        while let Some(Waiting { frame, dispatched }) = writing.waiting.pop() {
            writing.frame = frame;
            if self.append(&mut writing).is_err() {
                let frame = std::mem::take(&mut writing.frame);
                writing.waiting.push(Waiting { frame, dispatched });
                return false;
            }
            self.place.standing.note_written();
            take_back(dispatched);
        }
        true
    }

    /// Begins a fresh segment when the present one has this many bytes, so that it can be folded.
    pub(crate) fn roll(&self, at_least_bytes: u64) {
        let mut writing = self.lock();
        let bytes = writing.open.as_ref().map_or(0, |open| open.bytes);
        if bytes >= at_least_bytes.max(1)
            && let Err(cause) = self.open_next(&mut writing)
        {
            self.fail(&mut writing, &cause);
        }
    }

    /// Nothing is written to it from now on. A segment without a record is deleted.
    pub(crate) fn close(&self) {
        let mut writing = self.lock();
        let Some(last) = writing.open.take() else {
            return;
        };
        last.segment.finish();
        if last.bytes == 0 {
            // What stays is deleted at the next start.
            let _gone = fs::remove_file(&last.segment.path);
        }
    }

    pub(crate) fn trail(&self) -> &Arc<Trail> {
        &self.trail
    }

    fn lock(&self) -> MutexGuard<'_, Writing> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take_back(dispatched: impl IntoIterator<Item = Dispatched>) {
    for Dispatched(segment) in dispatched {
        segment.settled();
    }
}

fn written(result: Result<(), RecordFault>) -> Result<(), Unwritable> {
    result.map_err(|fault| {
        tracing::error!("an entry cannot be written to the journal: {fault}");
        Unwritable::Entry
    })
}
