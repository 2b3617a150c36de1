//! Makes room when the disk's bound is near: entries of a segment become exact sums. Detail is lost,
//! money is not.
//!
//! Only segments are folded that no batch has gone into: of those the ledger has nothing, whatever
//! answers were lost. And only segments of this run, whose dispatches are all settled.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use domain::ledger::{ORPHANED, RequestEntry};

use crate::journal::Inner;
use crate::journal::place::sync_directory;
use crate::journal::reader::{Found, SegmentReader};
use crate::journal::record::{self, Folded, Kind, Record, RecordFault, Seal};
use crate::journal::segment::Segment;
use crate::journal::shipper::Cursor;
use crate::journal::sums::Sums;

/// A segment that is being written is finished at this many bytes, so that it can be folded.
const ROLL_AT_BYTES: u64 = 1 << 20;

/// Folds the oldest segments until there is room again.
pub(crate) fn fold(inner: &Inner, cursors: &HashMap<String, Cursor>) {
    let settings = &inner.place.settings;
    for strand in &inner.strands {
        strand.roll(ROLL_AT_BYTES.min(settings.segment_bytes / 4));
    }
    let room_at_bytes = settings.fold_at_bytes() - settings.max_bytes / 20;
    for strand in &inner.strands {
        let trail = strand.trail();
        let attempted = cursors
            .get(&trail.strand)
            .and_then(|cursor| cursor.attempted);
        for segment in trail.segments() {
            let is_untouched = attempted.is_none_or(|attempted| segment.number > attempted.segment);
            let is_ready = segment.is_finished() && segment.unsettled() == 0;
            if !is_untouched || !is_ready || segment.is_folded() {
                continue;
            }
            match fold_segment(&trail.strand, &segment, &inner.place.directory) {
                Ok(entries) => drop(inner.place.metrics.folded.inc_by(entries)),
                Err(cause) => {
                    let path = segment.path.display();
                    tracing::error!("{path} cannot be folded: {cause}");
                    segment.note_not_worth_folding();
                }
            }
            if inner.measure() < room_at_bytes {
                return;
            }
        }
    }
}

/// What stands for a segment once it is folded.
#[derive(Default)]
struct Content {
    sums: Sums,
    /// Entries that stay as they are.
    whole: Vec<RequestEntry>,
    /// Requests that are dispatched in this segment, with the number of dispatches.
    dispatched: HashMap<String, usize>,
    folded: Folded,
    entries: u64,
}

/// Puts sums in the place of a segment's entries; tells how many entries became sums.
fn fold_segment(strand: &str, segment: &Segment, directory: &Path) -> io::Result<u64> {
    let content = read(segment)?;
    let entries = content.entries;
    let path = segment.path.with_extension("folding");
    let bytes = write(content, &path, Seal::new(strand, segment.number))?;
    if bytes >= segment.written_bytes() {
        segment.note_not_worth_folding();
        fs::remove_file(&path)?;
        return Ok(0);
    }
    fs::rename(&path, &segment.path)?;
    segment.note_folded(bytes);
    sync_directory(directory)?;
    Ok(entries)
}

fn read(segment: &Segment) -> io::Result<Content> {
    let file = File::open(&segment.path)?;
    let mut reader = SegmentReader::new(file, segment.seal, 0, segment.written_bytes());
    let mut content = Content::default();
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "it is damaged");
    loop {
        match reader.read_next()? {
            Found::End => return Ok(content),
            Found::Record { record, .. } => {
                let noted = content.note(record);
                noted.map_err(|fault| io::Error::new(io::ErrorKind::InvalidData, fault))?;
            }
            // The shipper puts it aside; until then it stays where it is.
            Found::Damage { .. } | Found::Torn { .. } => return Err(damaged()),
        }
    }
}

impl Content {
    fn note(&mut self, record: Record<'_>) -> Result<(), RecordFault> {
        match record.kind {
            Kind::Dispatch => {
                let id = record.request_id()?.to_owned();
                *self.dispatched.entry(id).or_default() += 1;
            }
            Kind::Folded => self.folded.settled.extend(record.folded()?.settled),
            Kind::Settle | Kind::Orphaned => self.settle(record.entry()?),
        }
        Ok(())
    }

    fn settle(&mut self, entry: RequestEntry) {
        let here = self.dispatched.remove(&entry.id).unwrap_or(0);
        if here < entry.attempts.len() {
            // A dispatch in an earlier segment, which may still be there, would look like an orphan.
            self.folded.settled.push(entry.id.clone());
        }
        // Orphans are settled by hand one by one.
        if entry
            .attempts
            .iter()
            .any(|attempt| attempt.outcome == ORPHANED)
        {
            self.whole.push(entry);
        } else {
            self.entries += 1;
            self.sums.add(entry);
        }
    }
}

fn write(content: Content, path: &Path, seal: Seal) -> io::Result<u64> {
    let Content {
        sums,
        whole,
        folded,
        ..
    } = content;
    let file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(path)?;
    let mut out = Frames {
        out: BufWriter::new(file),
        seal,
        frame: Vec::new(),
        bytes: 0,
    };
    out.frame(Kind::Folded, &folded)?;
    for entry in whole.into_iter().chain(sums.into_entries()) {
        out.frame(Kind::Settle, &entry)?;
    }
    out.out.flush()?;
    out.out.get_ref().sync_all()?;
    Ok(out.bytes)
}

struct Frames {
    out: BufWriter<File>,
    seal: Seal,
    frame: Vec<u8>,
    bytes: u64,
}

impl Frames {
    fn frame(&mut self, kind: Kind, content: &impl serde::Serialize) -> io::Result<()> {
        record::write(&mut self.frame, kind, content).map_err(io::Error::other)?;
        record::close(&mut self.frame, self.seal, self.bytes);
        self.out.write_all(&self.frame)?;
        self.bytes += u64::try_from(self.frame.len()).unwrap_or(u64::MAX);
        Ok(())
    }
}
