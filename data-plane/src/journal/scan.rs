//! What lies in a journal's directory, read record by record.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use domain::ledger::RequestEntry;

use crate::journal::reader::{Found, SegmentReader};
use crate::journal::record::{Kind, Record, RecordFault};
use crate::journal::segment::{Segment, parse_file_name};

/// The segments in a directory, by strand, oldest first: strands sort by the time of their making.
///
/// # Errors
/// When the directory cannot be read.
pub fn segments(directory: &Path) -> io::Result<BTreeMap<String, Vec<Arc<Segment>>>> {
    let mut found: BTreeMap<String, Vec<Arc<Segment>>> = BTreeMap::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let Some((strand, number)) = name.to_str().and_then(parse_file_name) else {
            continue;
        };
        let bytes = entry.metadata()?.len();
        let segment = Segment::found(entry.path(), strand, number, bytes);
        let strand = found.entry(strand.to_owned()).or_default();
        strand.push(Arc::new(segment));
    }
    for segments in found.values_mut() {
        segments.sort_by_key(|segment| segment.number);
    }
    Ok(found)
}

/// Bytes of a segment that are no record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The segment's file.
    pub path: PathBuf,
    /// The first byte.
    pub from: u64,
    /// The first byte behind.
    pub to: u64,
    /// Whether it is a record that was being written when its process ended, at the end of what was
    /// written: nothing that was appended is lost.
    pub is_torn_tail: bool,
}

/// What was found in the segments of a journal.
#[derive(Default)]
pub struct Scan {
    /// Dispatches without a settle in their own strand, by request, each with its version byte.
    unsettled: HashMap<String, Vec<Vec<u8>>>,
    /// Orphans of earlier runs, which are settled in another strand than they were dispatched in.
    elsewhere: HashSet<String>,
    /// What is no record.
    pub damages: Vec<Damage>,
    /// How many dispatches.
    pub dispatches: u64,
    /// How many settles.
    pub settles: u64,
    /// How many segments were folded.
    pub folded_segments: u64,
}

/// Why a segment could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ScanFault {
    /// The disk failed.
    #[error("{0}")]
    Disk(#[from] io::Error),
    /// A newer gateway wrote it.
    #[error("{0}")]
    Record(#[from] RecordFault),
}

impl Scan {
    /// Reads a strand's segments, oldest first.
    ///
    /// # Errors
    /// When the disk fails, or a record is of a version that we do not know; and in which segment.
    pub fn read_strand(&mut self, segments: &[Arc<Segment>]) -> Result<(), (PathBuf, ScanFault)> {
        let mut open = HashMap::new();
        for (index, segment) in segments.iter().enumerate() {
            let is_last = index + 1 == segments.len();
            self.read_segment(segment, is_last, &mut open)
                .map_err(|fault| (segment.path.clone(), fault))?;
        }
        for (id, dispatches) in open {
            self.unsettled.entry(id).or_default().extend(dispatches);
        }
        Ok(())
    }

    fn read_segment(
        &mut self,
        segment: &Segment,
        is_last: bool,
        open: &mut HashMap<String, Vec<Vec<u8>>>,
    ) -> Result<(), ScanFault> {
        let file = File::open(&segment.path)?;
        let mut reader = SegmentReader::new(file, segment.seal, 0, segment.written_bytes());
        loop {
            let (from, to, is_torn_tail) = match reader.read_next()? {
                Found::End => return Ok(()),
                Found::Record { record, .. } => {
                    self.note(record, open)?;
                    continue;
                }
                Found::Damage { from, to } => (from, to, false),
                Found::Torn { from } => (from, segment.written_bytes(), is_last),
            };
            self.damages.push(Damage {
                path: segment.path.clone(),
                from,
                to,
                is_torn_tail,
            });
        }
    }

    fn note(
        &mut self,
        record: Record<'_>,
        open: &mut HashMap<String, Vec<Vec<u8>>>,
    ) -> Result<(), RecordFault> {
        match record.kind {
            Kind::Dispatch => {
                self.dispatches += 1;
                let id = record.request_id()?.to_owned();
                open.entry(id).or_default().push(record.payload.to_vec());
            }
            Kind::Settle => {
                self.settles += 1;
                open.remove(record.request_id()?);
            }
            Kind::Orphaned => {
                self.settles += 1;
                self.elsewhere.insert(record.request_id()?.to_owned());
            }
            Kind::Folded => {
                self.folded_segments += 1;
                for id in record.folded()?.settled {
                    open.remove(&id);
                }
            }
        }
        Ok(())
    }

    /// Requests that were dispatched and never settled: one entry for each, with all its attempts.
    ///
    /// # Errors
    /// When a record is not what its kind says.
    pub fn orphans(&self) -> Result<Vec<RequestEntry>, RecordFault> {
        let mut orphans = Vec::new();
        for (id, dispatches) in &self.unsettled {
            if self.elsewhere.contains(id) {
                continue;
            }
            let mut whole: Option<RequestEntry> = None;
            for payload in dispatches {
                let kind = Kind::Dispatch;
                let entry = Record { kind, payload }.entry()?;
                match &mut whole {
                    Some(whole) => whole.attempts.extend(entry.attempts),
                    None => whole = Some(entry),
                }
            }
            orphans.extend(whole);
        }
        for orphan in &mut orphans {
            let attempts = &mut orphan.attempts;
            // Of dispatches of one attempt the last one counts: its hold was extended.
            attempts.reverse();
            attempts.sort_by_key(|attempt| attempt.number);
            attempts.dedup_by_key(|attempt| attempt.number);
        }
        orphans.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(orphans)
    }
}
