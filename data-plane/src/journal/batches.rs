//! Reads from a trail what the ledger has not taken: at most one batch, so that memory stays flat.

use std::fs::File;
use std::io;
use std::path::Path;

use domain::ledger::{Position, RequestEntry};

use crate::journal::place::{Place, quarantine};
use crate::journal::reader::{Found, SegmentReader};
use crate::journal::record::{Kind, Record};
use crate::journal::segment::Segment;
use crate::journal::trail::Trail;

/// A batch has at most so many entries.
pub const MOST_ENTRIES: usize = 10_000;

/// A batch is read from at most about so many bytes.
const MOST_BYTES: u64 = 4 << 20;

/// What was read.
#[derive(Debug, Default)]
pub struct Gathered {
    /// Settled requests, in the order in which they were written.
    pub entries: Vec<RequestEntry>,
    /// Up to here.
    pub to: Position,
    /// Whether there was nothing more.
    pub is_all: bool,
}

/// Reads on from a position, up to `until` at most: a batch whose answer was lost is sent again as it
/// was, so that what the ledger may have taken does not grow while it is away.
///
/// # Errors
/// When the disk fails.
pub fn gather(
    place: &Place,
    trail: &Trail,
    from: Position,
    until: Option<Position>,
) -> io::Result<Gathered> {
    let mut gathered = Gathered {
        to: from,
        ..Gathered::default()
    };
    let mut bounds = Bounds {
        bytes_left: MOST_BYTES,
        until,
    };
    while let Some(segment) = trail.segment_at(gathered.to) {
        if segment.number > gathered.to.segment {
            gathered.to = beginning(segment.number);
        }
        // Asked first: a segment that is finished grows no more.
        let is_finished = segment.is_finished();
        let begun = gathered.to.offset_bytes;
        if !read(place, &segment, &mut gathered, &bounds)? {
            return Ok(gathered);
        }
        if !is_finished {
            break;
        }
        let read_bytes = gathered.to.offset_bytes.saturating_sub(begun);
        bounds.bytes_left = bounds.bytes_left.saturating_sub(read_bytes);
        gathered.to = beginning(segment.number + 1);
    }
    gathered.is_all = true;
    Ok(gathered)
}

/// How far a batch may go.
struct Bounds {
    bytes_left: u64,
    until: Option<Position>,
}

const fn beginning(segment: u64) -> Position {
    Position {
        segment,
        offset_bytes: 0,
    }
}

/// Reads on in one segment; tells whether its end was reached.
fn read(
    place: &Place,
    segment: &Segment,
    gathered: &mut Gathered,
    bounds: &Bounds,
) -> io::Result<bool> {
    let (begun, end) = (gathered.to.offset_bytes, segment.written_bytes());
    if begun >= end {
        return Ok(true);
    }
    let file = File::open(&segment.path)?;
    let mut reader = SegmentReader::new(file, segment.seal, begun, end);
    loop {
        let next = reader.position();
        gathered.to.offset_bytes = next;
        let is_until = bounds.until.is_some_and(|until| gathered.to >= until);
        let is_full = gathered.entries.len() >= MOST_ENTRIES || next - begun > bounds.bytes_left;
        if is_until || is_full {
            return Ok(next >= end && !is_until);
        }
        match reader.read_next()? {
            Found::End => return Ok(true),
            Found::Record { from, to, record } => {
                if !take(&record, &mut gathered.entries) {
                    note_damage(place, &segment.path, from, record.payload, to - from)?;
                }
            }
            Found::Damage { from, to } => put_aside(place, segment, from, to)?,
            Found::Torn { from } => put_aside(place, segment, from, end)?,
        }
    }
}

/// Takes a settled request; tells whether the record holds what its kind says.
fn take(record: &Record<'_>, entries: &mut Vec<RequestEntry>) -> bool {
    match record.kind {
        Kind::Dispatch | Kind::Folded => true,
        Kind::Settle | Kind::Orphaned => {
            let entry = record.entry();
            let is_good = entry.is_ok();
            entries.extend(entry);
            is_good
        }
    }
}

fn put_aside(place: &Place, segment: &Segment, from: u64, to: u64) -> io::Result<()> {
    let length = usize::try_from(to - from).unwrap_or(usize::MAX);
    let mut bytes = vec![0; length];
    let file = File::open(&segment.path)?;
    std::os::unix::fs::FileExt::read_exact_at(&file, &mut bytes, from)?;
    note_damage(place, &segment.path, from, &bytes, to - from)
}

fn note_damage(place: &Place, path: &Path, from: u64, bytes: &[u8], length: u64) -> io::Result<()> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if quarantine(&place.directory, &format!("{name}.{from}"), bytes)? {
        place.metrics.quarantined.inc();
        tracing::error!(
            "{name}: {length} bytes at {from} are damaged; a copy lies in the journal's quarantine"
        );
    }
    Ok(())
}
