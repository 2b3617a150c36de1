//! A range in pieces: whole days where a zone has them, quarters of an hour around those.

use domain::ledger::QUARTER_MS;
use domain::permissions::Scope;
use domain::time::TimestampMs;

use crate::column::Column;
use crate::ledger::Days;
use crate::sql::{Cell, Dialect, Given, Kind, Sql};
use crate::usage::Dimension;
use crate::usage::extent::Span;

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

/// The pieces of ranges: what is added up, and what of it is taken away again, of each roll-up. Of a
/// day most of which is asked for the rest is taken away, and of a week likewise.
pub(crate) struct Pieces {
    /// What is added up by quarters, by days, and by weeks.
    pub listed: [Listed; 3],
    /// Which roll-ups.
    pub rollup: Rollup,
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

    /// Its tables by quarters, by days and by weeks, where there are such, each with its column of time.
    pub const fn tables(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Payers => &[
                ("usage_quarters", "quarter_ms"),
                ("usage_days", "day_ms"),
                ("usage_weeks", "week_ms"),
            ],
            // Of their days there are a few hundred each.
            Self::Teams => &[("team_quarters", "quarter_ms"), ("team_days", "day_ms")],
        }
    }

    /// That by quarters.
    pub const fn quarters(self) -> &'static str {
        match self {
            Self::Payers => "usage_quarters",
            Self::Teams => "team_quarters",
        }
    }

    /// That by days.
    pub const fn days(self) -> &'static str {
        match self {
            Self::Payers => "usage_days",
            Self::Teams => "team_days",
        }
    }

    const fn has_weeks(self) -> bool {
        matches!(self, Self::Payers)
    }
}

/// Pieces of one roll-up, one after the other.
struct Run {
    zone: String,
    bucket: TimestampMs,
    /// Whether they are taken away.
    minus: bool,
    pieces: Vec<TimestampMs>,
}

/// Pieces as rows for a query: `zone`, `bucket_ms`, `sign`, and the first and the last of a run.
#[derive(Default)]
pub(crate) struct Listed(Vec<Run>);

impl Listed {
    fn add(&mut self, zone: &str, bucket: TimestampMs, (minus, pieces): (bool, Vec<TimestampMs>)) {
        if !pieces.is_empty() {
            self.0.push(Run {
                zone: zone.to_owned(),
                bucket,
                minus,
                pieces,
            });
        }
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names what is added up of a table: `FROM … s JOIN table q JOIN dimensions d`. When most of what
    /// lies in the range is asked for, each run is read from its first to its last; otherwise pieces
    /// are found one by one, by equality, beginning with the dimensions. SQLite has no idea how many
    /// rows come in as JSON, and is told to begin with the runs.
    pub fn push(self, sql: &mut Sql, dimensions: &str, (table, time): (&str, &str), most: bool) {
        let join = match (sql.dialect(), most) {
            (Dialect::Sqlite, true) => "CROSS JOIN",
            _ => "JOIN",
        };
        let pieces = || self.0.iter().flat_map(|run| run.pieces.iter().copied());
        let (first, last) = (pieces().min(), pieces().max());
        let (first, last) = (first.unwrap_or_default(), last.unwrap_or_default());
        let mut given = Given::new(&[
            ("zone", Kind::Text),
            ("bucket_ms", Kind::Number),
            ("sign", Kind::Number),
            ("first_ms", Kind::Number),
            ("last_ms", Kind::Number),
        ]);
        for run in &self.0 {
            let whole = run.pieces.first().zip(run.pieces.last());
            let each = run.pieces.iter().map(|at| (at, at));
            let (whole, each) = match most {
                true => (whole, None),
                false => (None, Some(each)),
            };
            for (first, last) in whole.into_iter().chain(each.into_iter().flatten()) {
                given.row([
                    Cell::from(run.zone.as_str()),
                    Cell::from(run.bucket),
                    Cell::from(if run.minus { -1_i64 } else { 1 }),
                    Cell::from(*first),
                    Cell::from(*last),
                ]);
            }
        }
        let found = match most {
            true => format!("q.{time} >= s.first_ms AND q.{time} <= s.last_ms"),
            false => format!("q.{time} = s.first_ms"),
        };
        sql.push(" FROM ")
            .rows(given, "s")
            .push(&format!(" {join} {table} q ON {found} AND q.{time} >= "));
        sql.number(first.to_stored())
            .push(&format!(" AND q.{time} <= "))
            .number(last.to_stored())
            .push(&format!(
                " {join} {dimensions} d ON d.id = q.dimension_id AND d.time_zone = s.zone"
            ));
    }
}

impl Pieces {
    /// Cuts ranges, for what was rolled up by the days of each of these zones.
    pub fn of(rollup: Rollup, zones: &[String], ranges: &[Bounds], span: Span) -> Self {
        let mut cutter = Cutter {
            days: Days::default(),
            span,
            pieces: Self {
                listed: Default::default(),
                rollup,
            },
        };
        for zone in zones {
            for range in ranges {
                cutter.cut(zone, *range);
            }
        }
        cutter.pieces
    }
}

/// By what every figure is multiplied where some are taken away.
pub(crate) fn sign(pieces: &Pieces) -> &'static str {
    let mut runs = pieces.listed.iter().flat_map(|listed| &listed.0);
    match runs.any(|run| run.minus) {
        true => " * s.sign",
        false => "",
    }
}

/// A boundary between units, and how far from it the asked one is.
type Near = (TimestampMs, u64);

struct Cutter {
    days: Days,
    span: Span,
    pieces: Pieces,
}

impl Cutter {
    fn cut(&mut self, zone: &str, range: Bounds) {
        let Bounds { bucket, from, to } = range;
        let (first, before) = self.near(from, |days, at| days.around(zone, at));
        let (last, after) = self.near(to, |days, at| days.around(zone, at));
        if first >= last || before + after >= to.0.saturating_sub(from.0) {
            return self.add_quarters(zone, bucket, (from, to));
        }
        self.add_quarters(zone, bucket, (from, first));
        self.cut_days(zone, bucket, (first, last));
        self.add_quarters(zone, bucket, (last, to));
    }

    fn cut_days(
        &mut self,
        zone: &str,
        bucket: TimestampMs,
        (from, to): (TimestampMs, TimestampMs),
    ) {
        let (first, before) = self.near(from, |days, at| days.week_around(zone, at));
        let (last, after) = self.near(to, |days, at| days.week_around(zone, at));
        let length = to.0.saturating_sub(from.0);
        if !self.pieces.rollup.has_weeks() || first >= last || before + after >= length {
            return self.add_days(zone, bucket, (from, to));
        }
        self.add_days(zone, bucket, (from, first));
        let weeks = (week_of(first)..week_of(last)).map(|week| TimestampMs(week * WEEK_MS));
        let [_quarters, _days, listed] = &mut self.pieces.listed;
        listed.add(zone, bucket, (false, weeks.collect()));
        self.add_days(zone, bucket, (last, to));
    }

    /// The nearest boundary of the units around a moment; where there is nothing, any is as near.
    fn near(
        &mut self,
        at: TimestampMs,
        around: impl Fn(&mut Days, TimestampMs) -> (TimestampMs, TimestampMs),
    ) -> Near {
        let (begin, end) = around(&mut self.days, at);
        let (back, on) = (at.0.saturating_sub(begin.0), end.0.saturating_sub(at.0));
        match (at <= self.span.first, at >= self.span.last) {
            _ if back == 0 => (begin, 0),
            (true, _) => (begin, 0),
            (_, true) => (end, 0),
            _ if back <= on => (begin, back),
            _ => (end, on),
        }
    }

    /// Adds quarters from one moment to a later one, or takes those from an earlier one away.
    fn add_quarters(
        &mut self,
        zone: &str,
        bucket: TimestampMs,
        (from, to): (TimestampMs, TimestampMs),
    ) {
        let (first, last) = self.within(from.min(to), from.max(to));
        let quarters = (first.0..last.0).step_by(STEP).map(TimestampMs);
        let [listed, _days, _weeks] = &mut self.pieces.listed;
        listed.add(zone, bucket, (to < from, quarters.collect()));
    }

    /// Likewise days.
    fn add_days(
        &mut self,
        zone: &str,
        bucket: TimestampMs,
        (from, to): (TimestampMs, TimestampMs),
    ) {
        let mut pieces = Vec::new();
        let (mut day, last) = (from.min(to), from.max(to).min(self.span.last));
        while day < last {
            pieces.push(day);
            let next = self.days.ends_at(zone, day);
            if next <= day {
                break;
            }
            day = next;
        }
        let [_quarters, listed, _weeks] = &mut self.pieces.listed;
        listed.add(zone, bucket, (to < from, pieces));
    }

    /// What of a range lies where there may be something.
    fn within(&self, from: TimestampMs, to: TimestampMs) -> (TimestampMs, TimestampMs) {
        (from.max(self.span.first), to.min(self.span.last))
    }
}

/// A quarter of an hour.
const STEP: usize = 900_000;
const _: () = assert!(QUARTER_MS == 900_000, "a step is a quarter");

/// How long the weeks are by which days are added up: seven days from the epoch, of UTC. A day is in
/// the week in which it begins, whatever its zone.
const WEEK_MS: u64 = 7 * 86_400_000;

const fn week_of(day: TimestampMs) -> u64 {
    day.0 / WEEK_MS
}

/// When the week begins, as roll-ups name it, in which a day does.
pub(crate) const fn week(day: TimestampMs) -> TimestampMs {
    TimestampMs(week_of(day) * WEEK_MS)
}

impl Days {
    /// When the day around a moment begins, and when it ends.
    fn around(&mut self, zone: &str, at: TimestampMs) -> (TimestampMs, TimestampMs) {
        (self.starts_at(zone, at), self.ends_at(zone, at))
    }

    /// When the first day begins of the week of a day, and when the first one of the next week.
    fn week_around(&mut self, zone: &str, day: TimestampMs) -> (TimestampMs, TimestampMs) {
        let week = week_of(day);
        let (mut begin, mut end) = (day, day);
        while begin.0 > 0 {
            let before = self.starts_at(zone, TimestampMs(begin.0 - 1));
            if week_of(before) != week || before >= begin {
                break;
            }
            begin = before;
        }
        while week_of(end) == week {
            let next = self.ends_at(zone, end);
            if next <= end {
                break;
            }
            end = next;
        }
        (begin, end)
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
