//! A range in pieces: whole days where a zone has them, quarters of an hour around those.

use domain::ledger::QUARTER_MS;
use domain::permissions::Scope;
use domain::time::TimestampMs;

use crate::column::Column;
use crate::ledger::Days;
use crate::sql::{Cell, Dialect, Given, Kind, Sql};
use crate::usage::Dimension;

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

/// The pieces of ranges: every quarter and every day that is added up, one by one, so that they
/// are found by equality, which both databases plan well.
pub(crate) struct Pieces {
    /// What is added up by quarters.
    pub quarters: Listed,
    /// What is added up by days.
    pub days: Listed,
}

/// Which roll-ups are added up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rollup {
    /// By all that usage is split by.
    Payers,
    /// Without who of a team used it: far fewer rows, where nothing of that is asked.
    Teams,
}

impl Rollup {
    /// The least that knows of all these dimensions, and what may be seen of them.
    pub fn knowing(scope: &Scope, mut asked: impl Iterator<Item = Dimension>) -> Self {
        match scope.owner.is_none() && asked.all(Dimension::is_of_teams) {
            true => Self::Teams,
            false => Self::Payers,
        }
    }

    /// The table of its combinations.
    pub const fn dimensions(self) -> &'static str {
        match self {
            Self::Payers => "usage_dimensions",
            Self::Teams => "team_dimensions",
        }
    }

    /// Its tables by quarters and by days, each with its column of time.
    pub const fn tables(self) -> [(&'static str, &'static str); 2] {
        match self {
            Self::Payers => [("usage_quarters", "quarter_ms"), ("usage_days", "day_ms")],
            Self::Teams => [("team_quarters", "quarter_ms"), ("team_days", "day_ms")],
        }
    }
}

/// Pieces as rows for a query: `zone`, `bucket_ms`, `piece_ms`.
pub(crate) struct Listed {
    given: Given,
    first: TimestampMs,
    last: TimestampMs,
}

impl Listed {
    fn new() -> Self {
        Self {
            given: Given::new(&[
                ("zone", Kind::Text),
                ("bucket_ms", Kind::Number),
                ("piece_ms", Kind::Number),
            ]),
            first: TimestampMs(u64::MAX),
            last: TimestampMs(0),
        }
    }

    fn add(&mut self, zone: &str, bucket: TimestampMs, at: TimestampMs) {
        self.given
            .row([Cell::from(zone), Cell::from(bucket), Cell::from(at)]);
        self.first = self.first.min(at);
        self.last = self.last.max(at);
    }

    pub const fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// Names what is added up of a table: `FROM … s JOIN table q JOIN dimensions d`. SQLite has no idea how
    /// many rows come in as JSON: when most of what lies in the range is asked for, it is told to go
    /// from piece to piece; otherwise it begins with the dimensions.
    pub fn push(self, sql: &mut Sql, dimensions: &str, (table, time): (&str, &str), most: bool) {
        let join = match (sql.dialect(), most) {
            (Dialect::Sqlite, true) => "CROSS JOIN",
            _ => "JOIN",
        };
        sql.push(" FROM ").rows(self.given, "s").push(&format!(
            " {join} {table} q ON q.{time} = s.piece_ms AND q.{time} >= "
        ));
        sql.number(self.first.to_stored())
            .push(&format!(" AND q.{time} <= "))
            .number(self.last.to_stored())
            .push(&format!(
                " {join} {dimensions} d ON d.id = q.dimension_id AND d.time_zone = s.zone"
            ));
    }
}

impl Pieces {
    /// Cuts ranges, for what was rolled up by the days of each of these zones.
    pub fn of(zones: &[String], ranges: &[Bounds]) -> Self {
        let mut days = Days::default();
        let mut pieces = Self {
            quarters: Listed::new(),
            days: Listed::new(),
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
        if first_day >= last_day {
            self.add_quarters(zone, bucket, (from, to));
            return;
        }
        self.add_quarters(zone, bucket, (from, first_day));
        let mut day = first_day;
        while day < last_day {
            self.days.add(zone, bucket, day);
            let next = days.ends_at(zone, day);
            if next <= day {
                break;
            }
            day = next;
        }
        self.add_quarters(zone, bucket, (last_day, to));
    }

    fn add_quarters(
        &mut self,
        zone: &str,
        bucket: TimestampMs,
        (from, to): (TimestampMs, TimestampMs),
    ) {
        let mut at = from;
        while at < to {
            self.quarters.add(zone, bucket, at);
            at = TimestampMs(at.0.saturating_add(QUARTER_MS));
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
