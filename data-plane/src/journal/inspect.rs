//! What lies in a journal's directory, for people: read without the lock, changing nothing.

use std::io;
use std::path::Path;

use domain::ledger::RequestEntry;

use crate::journal::place::QUARANTINE;
use crate::journal::scan::{self, Damage, Scan};

/// What lies in a journal's directory.
#[derive(Debug, Default)]
pub struct Inspection {
    /// Its strands, oldest first.
    pub strands: Vec<StrandSeen>,
    /// Requests without an end. While a gateway runs, they are those under way.
    pub unsettled: Vec<RequestEntry>,
    /// What is no record. While a gateway runs, a torn tail is a record that is being written.
    pub damages: Vec<Damage>,
    /// Files that cannot be read, and why.
    pub unreadable: Vec<String>,
    /// Pieces that lie in the quarantine.
    pub quarantined: Vec<String>,
}

/// One strand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StrandSeen {
    /// Its id.
    pub strand: String,
    /// The number of its oldest segment.
    pub first_segment: u64,
    /// How many segments.
    pub segments: usize,
    /// How many of them are folded.
    pub folded_segments: u64,
    /// How many bytes.
    pub bytes: u64,
    /// How many dispatches.
    pub dispatches: u64,
    /// How many settles.
    pub settles: u64,
}

/// Reads everything that lies in a journal's directory.
///
/// # Errors
/// When the directory cannot be read.
pub fn inspect(directory: &Path) -> io::Result<Inspection> {
    let mut inspection = Inspection::default();
    let mut whole = Scan::default();
    for (strand, segments) in scan::segments(directory)? {
        let before = (whole.dispatches, whole.settles, whole.folded_segments);
        if let Err((path, fault)) = whole.read_strand(&segments) {
            let unreadable = format!("{}: {fault}", path.display());
            inspection.unreadable.push(unreadable);
        }
        inspection.strands.push(StrandSeen {
            strand,
            first_segment: segments.first().map_or(0, |segment| segment.number),
            segments: segments.len(),
            folded_segments: whole.folded_segments - before.2,
            bytes: segments.iter().map(|segment| segment.written_bytes()).sum(),
            dispatches: whole.dispatches - before.0,
            settles: whole.settles - before.1,
        });
    }
    match whole.orphans() {
        Ok(orphans) => inspection.unsettled = orphans,
        Err(fault) => inspection.unreadable.push(fault.to_string()),
    }
    inspection.damages = whole.damages;
    for entry in directory.join(QUARANTINE).read_dir().into_iter().flatten() {
        let name = entry?.file_name();
        inspection
            .quarantined
            .push(name.to_string_lossy().into_owned());
    }
    inspection.quarantined.sort_unstable();
    Ok(inspection)
}
