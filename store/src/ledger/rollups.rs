//! The roll-ups of a batch: by quarters of an hour, by days, and since ever.

use std::collections::{BTreeMap, HashMap};

use domain::ledger::RequestEntry;
use domain::time::TimestampMs;
use domain::windows::{TimeZone, Window, WindowBounds};
use foldhash::fast::RandomState;

use crate::column::Column;
use crate::connection::Connection;
use crate::error::Result;
use crate::ledger::dimensions::Combination;
use crate::ledger::measures::{MEASURES, Measures, add, of_attempt, of_request};
use crate::sql::{Cell, Given, Kind, Sql};
use crate::usage::pieces::floor;

/// Days of time zones; the last one asked for is kept for each.
#[derive(Default)]
pub(crate) struct Days(HashMap<String, (TimeZone, Option<WindowBounds>)>);

impl Days {
    /// When the day begins in which a moment lies.
    pub(crate) fn starts_at(&mut self, zone: &str, at: TimestampMs) -> TimestampMs {
        self.bounds(zone, at).map_or(at, |day| day.starts_at)
    }

    /// When the day ends in which a moment lies.
    pub(crate) fn ends_at(&mut self, zone: &str, at: TimestampMs) -> TimestampMs {
        self.bounds(zone, at).map_or(at, |day| day.ends_at)
    }

    fn bounds(&mut self, zone: &str, at: TimestampMs) -> Option<WindowBounds> {
        if !self.0.contains_key(zone) {
            let read = zone.parse().unwrap_or_default();
            self.0.insert(zone.to_owned(), (read, None));
        }
        let (zone, last) = self.0.get_mut(zone)?;
        let held = last.filter(|day| day.starts_at <= at && at < day.ends_at);
        if held.is_none() {
            let day: Option<Window> = "1d".parse().ok();
            *last = day.map(|day| day.bounds(at, zone, TimestampMs(0)));
        }
        *last
    }
}

/// The combinations of a batch and what is added up for each.
#[derive(Default)]
pub(super) struct Rollups<'a> {
    places: HashMap<Combination<'a>, usize, RandomState>,
    /// Each combination once, in the order of their first mention.
    pub combinations: Vec<Combination<'a>>,
    quarters: HashMap<(usize, u64), Measures, RandomState>,
    days: HashMap<(usize, u64), Measures, RandomState>,
}

impl<'a> Rollups<'a> {
    fn place(&mut self, combination: Combination<'a>) -> usize {
        if let Some(place) = self.places.get(&combination) {
            return *place;
        }
        let place = self.combinations.len();
        self.combinations.push(combination.clone());
        self.places.insert(combination, place);
        place
    }

    /// Counts a request and its attempts; gives the place of the request's combination, and those
    /// of its attempts.
    pub fn count(
        &mut self,
        entry: &'a RequestEntry,
        zone: &'a str,
        days: &mut Days,
    ) -> (usize, Vec<usize>) {
        let own = self.place(Combination::of(entry, entry.attempts.last(), zone));
        self.add(
            own,
            entry.at,
            days.starts_at(zone, entry.at),
            &of_request(entry),
        );
        let mut places = Vec::with_capacity(entry.attempts.len());
        let last = entry.attempts.len().saturating_sub(1);
        for (index, attempt) in entry.attempts.iter().enumerate() {
            let place = if index == last {
                own
            } else {
                self.place(Combination::of(entry, Some(attempt), zone))
            };
            let at = attempt.reserved_at;
            self.add(place, at, days.starts_at(zone, at), &of_attempt(attempt));
            places.push(place);
        }
        (own, places)
    }

    fn add(&mut self, place: usize, at: TimestampMs, day: TimestampMs, measures: &Measures) {
        let in_quarter = self.quarters.entry((place, floor(at).0)).or_default();
        add(in_quarter, measures);
        add(self.days.entry((place, day.0)).or_default(), measures);
    }

    /// Adds all of it to the roll-ups; `numbers` are those of the combinations.
    pub async fn write(self, connection: &mut Connection, numbers: &[i64]) -> Result<()> {
        let number = |place: usize| numbers.get(place).copied().unwrap_or_default();
        // In one order everywhere: two writers wait for one another in that order only.
        let quarters = self.quarters.into_iter();
        let quarters: BTreeMap<(i64, i64), Measures> = quarters
            .map(|((place, at), sums)| ((TimestampMs(at).to_stored(), number(place)), sums))
            .collect();
        let days = self.days.into_iter();
        let days: BTreeMap<(i64, i64), Measures> = days
            .map(|((place, at), sums)| ((number(place), TimestampMs(at).to_stored()), sums))
            .collect();
        write_sums(connection, quarters, days).await
    }
}

/// Adds sums, by quarter and combination and by combination and day, to the roll-ups.
pub(super) async fn write_sums(
    connection: &mut Connection,
    quarters: BTreeMap<(i64, i64), Measures>,
    days: BTreeMap<(i64, i64), Measures>,
) -> Result<()> {
    let mut totals = BTreeMap::<i64, i64>::new();
    for ((_at, id), [.., charge, _estimated, _orphaned, _duration]) in &quarters {
        let total = totals.entry(*id).or_default();
        *total = total.saturating_add(*charge);
    }
    upsert(
        connection,
        "usage_quarters",
        ["quarter_ms", "dimension_id"],
        quarters,
    )
    .await?;
    upsert(connection, "usage_days", ["dimension_id", "day_ms"], days).await?;
    add_totals(connection, &totals).await
}

async fn upsert(
    connection: &mut Connection,
    table: &'static str,
    key: [&'static str; 2],
    rows: BTreeMap<(i64, i64), Measures>,
) -> Result<()> {
    let columns = key.into_iter().chain(MEASURES);
    let columns: Vec<_> = columns.map(|column| (column, Kind::Number)).collect();
    let mut given = Given::new(&columns);
    for ((first, second), sums) in rows {
        given.row([first, second].into_iter().chain(sums).map(Cell::from));
    }
    let list = given.list();
    let sums = MEASURES.map(|column| format!("{column} = {table}.{column} + excluded.{column}"));
    let text = format!("INSERT INTO {table} ({list}) SELECT {list} FROM ");
    let mut sql = Sql::new(connection.dialect(), &text);
    sql.rows(given, "r").push(&format!(
        " WHERE true ON CONFLICT ({}) DO UPDATE SET {}",
        key.join(", "),
        sums.join(", ")
    ));
    connection.execute(sql).await?;
    Ok(())
}

/// Adds to what combinations cost since ever.
async fn add_totals(connection: &mut Connection, totals: &BTreeMap<i64, i64>) -> Result<()> {
    let columns = ["dimension_id", "charge_nanousd"];
    let mut given = Given::new(&columns.map(|column| (column, Kind::Number)));
    for (id, charge) in totals {
        given.row([Cell::from(*id), Cell::from(*charge)]);
    }
    let text = "INSERT INTO usage_totals (dimension_id, charge_nanousd) \
        SELECT dimension_id, charge_nanousd FROM ";
    let mut sql = Sql::new(connection.dialect(), text);
    sql.rows(given, "r").push(
        " WHERE true ON CONFLICT (dimension_id) DO UPDATE SET \
         charge_nanousd = usage_totals.charge_nanousd + excluded.charge_nanousd",
    );
    connection.execute(sql).await?;
    Ok(())
}
