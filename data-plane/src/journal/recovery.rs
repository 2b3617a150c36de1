//! What an earlier run left: torn tails are cut off, damage is put aside, orphans are settled.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::Arc;

use domain::ledger::RequestEntry;

use crate::journal::place::{JournalFault, Place, quarantine, sync_directory};
use crate::journal::scan::{self, Damage, Scan, ScanFault};
use crate::journal::segment::Segment;
use crate::journal::strand::Strand;
use crate::journal::trail::Trail;

/// What an earlier run left.
#[derive(Debug, Default)]
pub struct Recovered {
    /// Requests whose node died between dispatch and settle, with those attempts that nobody knows
    /// the end of. They are in the journal as settled at what was held, and go to the ledger like
    /// everything else; what the counters hold for them has to be settled at the same charge.
    pub orphans: Vec<RequestEntry>,
    /// Bytes that are no record.
    pub damages: Vec<Damage>,
}

/// Reads what lies there.
///
/// # Errors
/// When it cannot be read or written.
pub fn recover(place: &Arc<Place>) -> Result<(Vec<Arc<Trail>>, Recovered), JournalFault> {
    let unwritable = |cause| JournalFault::Unwritable {
        directory: place.directory.clone(),
        cause,
    };
    let strands = scan::segments(&place.directory).map_err(unwritable)?;
    let mut scan = Scan::default();
    let mut trails = Vec::new();
    for (strand, segments) in strands {
        scan.read_strand(&segments).map_err(not_readable)?;
        trails.push((strand, segments));
    }
    for damage in &scan.damages {
        put_aside(place, damage).map_err(unwritable)?;
    }
    let mut trails = kept(trails, &scan.damages).map_err(unwritable)?;
    let orphans = scan
        .orphans()
        .map_err(|cause| not_readable((place.directory.clone(), cause.into())))?;
    if !orphans.is_empty() {
        trails.push(settle(place, &orphans).map_err(unwritable)?);
        let count = u64::try_from(orphans.len()).unwrap_or(u64::MAX);
        place.metrics.orphans.inc_by(count);
        tracing::warn!(
            "{count} requests were under way when the last run ended: they are settled at what was held for them"
        );
    }
    let damages = scan.damages;
    Ok((trails, Recovered { orphans, damages }))
}

fn not_readable((segment, fault): (PathBuf, ScanFault)) -> JournalFault {
    match fault {
        ScanFault::Disk(cause) => JournalFault::Unwritable {
            directory: segment,
            cause,
        },
        ScanFault::Record(cause) => JournalFault::TooNew { segment, cause },
    }
}

/// Copies what is no record to the quarantine, and cuts off a torn tail.
fn put_aside(place: &Place, damage: &Damage) -> io::Result<()> {
    let Damage {
        path,
        from,
        to,
        is_torn_tail,
    } = damage;
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(*from))?;
    let mut bytes = Vec::new();
    file.take(to - from).read_to_end(&mut bytes)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let is_new = quarantine(&place.directory, &format!("{name}.{from}"), &bytes)?;
    if *is_torn_tail {
        let length = bytes.len();
        tracing::warn!("{name}: cut off {length} bytes of a record that was being written");
        OpenOptions::new().write(true).open(path)?.set_len(*from)?;
    } else if is_new {
        place.metrics.quarantined.inc();
        tracing::error!(
            "{name}: bytes {from} to {to} are damaged; a copy lies in the journal's quarantine, and `headgate journal verify` shows what is left"
        );
    }
    Ok(())
}

/// The trails of what is left; empty segments are deleted.
fn kept(
    strands: Vec<(String, Vec<Arc<Segment>>)>,
    damages: &[Damage],
) -> io::Result<Vec<Arc<Trail>>> {
    for damage in damages.iter().filter(|damage| damage.is_torn_tail) {
        let mut segments = strands.iter().flat_map(|(_strand, segments)| segments);
        if let Some(torn) = segments.find(|segment| segment.path == damage.path) {
            torn.set_written_bytes(damage.from);
        }
    }
    let mut trails = Vec::new();
    for (strand, mut segments) in strands {
        while let Some(last) = segments.pop_if(|last| last.written_bytes() == 0) {
            fs::remove_file(&last.path)?;
        }
        if !segments.is_empty() {
            trails.push(Arc::new(Trail::found(strand, segments)));
        }
    }
    Ok(trails)
}

/// Writes the orphans' settles to a strand of their own, and returns when they are on the disk.
fn settle(place: &Arc<Place>, orphans: &[RequestEntry]) -> io::Result<Arc<Trail>> {
    let trail = Arc::new(Trail::new(false));
    let strand = Strand::create(Arc::clone(place), Arc::clone(&trail))?;
    for orphan in orphans {
        let settled = strand.settle_orphan(orphan);
        settled.map_err(|unwritable| io::Error::other(unwritable.to_string()))?;
    }
    strand.close();
    for segment in trail.segments() {
        segment.sync()?;
    }
    sync_directory(&place.directory)?;
    Ok(trail)
}
