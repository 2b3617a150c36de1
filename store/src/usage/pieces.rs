//! A range in pieces: whole days where a zone has them, quarters of an hour around those.

use domain::ledger::QUARTER_MS;
use domain::time::TimestampMs;

use crate::ledger::Days;
use crate::sql::{Cell, Given, Kind};

/// A bucket of a report, or a range of which a sum is wanted; of whole quarters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// Under which time it is shown.
    pub bucket: TimestampMs,
    /// From when.
    pub from: TimestampMs,
    /// Until when, exclusive.
    pub to: TimestampMs,
}

/// The pieces of ranges, as rows for a query: `zone`, `bucket_ms`, `starts_ms`, `ends_ms`.
pub(crate) struct Pieces {
    /// What is added up from `usage_quarters`.
    pub quarters: Given,
    /// What is added up from `usage_days`.
    pub days: Given,
}

const COLUMNS: [(&str, Kind); 4] = [
    ("zone", Kind::Text),
    ("bucket_ms", Kind::Number),
    ("starts_ms", Kind::Number),
    ("ends_ms", Kind::Number),
];

impl Pieces {
    /// Cuts ranges, for what was rolled up by the days of each of these zones.
    pub fn of(zones: &[String], ranges: &[Bounds]) -> Self {
        let mut days = Days::default();
        let mut pieces = Self {
            quarters: Given::new(&COLUMNS),
            days: Given::new(&COLUMNS),
        };
        for zone in zones {
            for range in ranges {
                pieces.cut(zone, *range, &mut days);
            }
        }
        pieces
    }

    fn cut(&mut self, zone: &str, range: Bounds, days: &mut Days) {
        let Bounds { bucket, from, to } = range;
        let first_day = match days.starts_at(zone, from) {
            begun if begun == from => from,
            _begun_before => days.ends_at(zone, from),
        };
        let last_day = days.starts_at(zone, to);
        let row = |from: TimestampMs, to: TimestampMs| {
            [
                Cell::from(zone),
                Cell::from(bucket),
                Cell::from(from),
                Cell::from(to),
            ]
        };
        if first_day >= last_day {
            self.quarters.row(row(from, to));
            return;
        }
        if from < first_day {
            self.quarters.row(row(from, first_day));
        }
        self.days.row(row(first_day, last_day));
        if last_day < to {
            self.quarters.row(row(last_day, to));
        }
    }
}

/// When the quarter begins in which a moment lies, or that begins then.
pub(crate) const fn floor(at: TimestampMs) -> TimestampMs {
    TimestampMs(at.0 - at.0 % QUARTER_MS)
}

/// The first beginning of a quarter that is not before a moment.
pub(crate) const fn ceil(at: TimestampMs) -> TimestampMs {
    TimestampMs(at.0.saturating_add(QUARTER_MS - 1) / QUARTER_MS * QUARTER_MS)
}
