//! Deletes segments that the ledger has taken and whose dispatches are settled; for a while they are
//! kept, in case the ledger is restored from a backup.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::journal::Inner;
use crate::journal::segment::Segment;
use crate::journal::shipper::Cursor;
use crate::journal::trail::Trail;

/// Deletes what may go, oldest first.
pub(crate) fn delete(inner: &Inner, cursors: &HashMap<String, Cursor>) {
    let trails = inner.trails();
    let deletable: Vec<(&Arc<Trail>, Vec<Arc<Segment>>)> = trails
        .iter()
        .filter(|trail| trail.is_live || all_old_are_shipped(&trails, cursors))
        .map(|trail| (trail, shipped(trail, cursors.get(&trail.strand))))
        .collect();
    let bytes = |segments: &[Arc<Segment>]| -> u64 {
        segments.iter().map(|segment| segment.written_bytes()).sum()
    };
    let mut kept: u64 = deletable
        .iter()
        .map(|(_trail, segments)| bytes(segments))
        .sum();
    let settings = &inner.place.settings;
    let keep = Duration::from_millis(settings.keep_shipped_ms);
    for (trail, segments) in deletable {
        for segment in segments {
            let is_too_much = kept > settings.most_kept_bytes();
            if !is_too_much && !is_older(&segment, keep) {
                break;
            }
            if let Err(cause) = remove(trail, &segment) {
                tracing::error!("{} cannot be deleted: {cause}", segment.path.display());
                return;
            }
            kept -= segment.written_bytes();
        }
        if !trail.is_live && trail.first_number().is_none() {
            inner.forget(&trail.strand);
        }
    }
}

/// Old trails go together: the settle of an orphan lies in another trail than its dispatch, and must
/// not go before it.
fn all_old_are_shipped(trails: &[Arc<Trail>], cursors: &HashMap<String, Cursor>) -> bool {
    let mut old = trails.iter().filter(|trail| !trail.is_live);
    old.all(|trail| {
        let cursor = cursors.get(&trail.strand);
        cursor.is_some_and(|cursor| cursor.is_known && cursor.taken >= trail.end())
    })
}

/// The oldest segments of a trail that nobody needs any more. A dispatch is never deleted after its
/// settle: what is behind a segment that is needed stays.
fn shipped(trail: &Trail, cursor: Option<&Cursor>) -> Vec<Arc<Segment>> {
    let Some(cursor) = cursor.filter(|cursor| cursor.is_known) else {
        return Vec::new();
    };
    let segments = trail.segments().into_iter();
    let is_shipped = |segment: &Arc<Segment>| {
        segment.is_finished() && segment.is_before(cursor.taken) && segment.unsettled() == 0
    };
    segments.take_while(is_shipped).collect()
}

/// Whether the last write to it is so long ago.
fn is_older(segment: &Segment, than: Duration) -> bool {
    let written = fs::metadata(&segment.path).and_then(|file| file.modified());
    // A file without a time, or with one to come, counts as new: the bound deletes it at last.
    written
        .ok()
        .and_then(|written| written.elapsed().ok())
        .is_some_and(|age| age >= than)
}

fn remove(trail: &Trail, segment: &Segment) -> io::Result<()> {
    match fs::remove_file(&segment.path) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => return Err(cause),
        _ => {}
    }
    segment.give_up();
    trail.remove_first(segment.number);
    Ok(())
}
