//! The roll-ups of a batch: by quarters of an hour, by days, and since ever.

use std::collections::{BTreeMap, HashMap};

use domain::ledger::RequestEntry;
use domain::time::TimestampMs;
use domain::windows::{TimeZone, Window, WindowBounds};
use foldhash::fast::RandomState;

use crate::column::Column;
use crate::connection::Connection;
use crate::error::Result;
use crate::ledger::dimensions::{Combination, Number};
use crate::ledger::measures::{MEASURES, Measures, add, of_attempt, of_request};
use crate::sql::{Cell, Given, Kind, Sql};
use crate::usage::pieces::{Rollup, floor, week};

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
    pub async fn write(self, connection: &mut Connection, numbers: &[Number]) -> Result<()> {
        let number = |place: usize| numbers.get(place).map_or(0, |number| number.id);
        // In one order everywhere: two writers wait for one another in that order only.
        let quarters = self.quarters.into_iter();
        let quarters: Sums = quarters
            .map(|((place, at), sums)| ((TimestampMs(at).to_stored(), number(place)), sums))
            .collect();
        let days = self.days.into_iter();
        let days: Sums = days
            .map(|((place, at), sums)| ((number(place), TimestampMs(at).to_stored()), sums))
            .collect();
        let teams = numbers.iter().map(|number| (number.id, number.team));
        write_sums(connection, (quarters, days), &teams.collect()).await
    }
}

/// Sums by two numbers, in the order of their table's key.
pub(super) type Sums = BTreeMap<(i64, i64), Measures>;

/// Adds sums, by quarter and combination and by combination and day, to the roll-ups; `teams` has
/// the number of each combination's team.
pub(super) async fn write_sums(
    connection: &mut Connection,
    (quarters, days): (Sums, Sums),
    teams: &HashMap<i64, i64>,
) -> Result<()> {
    let mut totals = BTreeMap::<i64, i64>::new();
    let (mut team_quarters, mut team_days) = (Sums::new(), Sums::new());
    let mut weeks = Sums::new();
    let team = |id: i64| teams.get(&id).copied().unwrap_or_default();
    for ((at, id), measures) in &quarters {
        let [.., charge, _estimated, _orphaned, _duration] = measures;
        let total = totals.entry(*id).or_default();
        *total = total.saturating_add(*charge);
        add(team_quarters.entry((*at, team(*id))).or_default(), measures);
    }
    for ((id, day), measures) in &days {
        add(team_days.entry((team(*id), *day)).or_default(), measures);
        let day = TimestampMs(u64::try_from(*day).unwrap_or(0));
        let week = week(day).to_stored();
        add(weeks.entry((week, *id)).or_default(), measures);
    }
    let sums = [
        (Rollup::Payers, [quarters, days]),
        (Rollup::Teams, [team_quarters, team_days]),
    ];
    for (rollup, [quarters, days]) in sums {
        let by_quarter = ["quarter_ms", "dimension_id"];
        upsert(connection, rollup.quarters(), by_quarter, quarters).await?;
        upsert(connection, rollup.days(), ["dimension_id", "day_ms"], days).await?;
    }
    let by_week = ["week_ms", "dimension_id"];
    upsert(connection, "usage_weeks", by_week, weeks).await?;
    add_totals(connection, &totals).await?;
    add_to_keys(connection, &totals).await
}

async fn upsert(
    connection: &mut Connection,
    table: &'static str,
    key: [&'static str; 2],
    rows: Sums,
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

/// Adds to what keys have spent since ever, by which their lists are ordered; in the order of their
/// ids, as everybody who writes there.
async fn add_to_keys(connection: &mut Connection, totals: &BTreeMap<i64, i64>) -> Result<()> {
    let text = "INSERT INTO key_activity (key_id, last_used_at_ms, spent_nanousd) \
        SELECT d.key_id, 0, CAST(SUM(r.charge_nanousd) AS BIGINT) FROM ";
    let mut sql = Sql::new(connection.dialect(), text);
    sql.rows(of_combinations(totals), "r").push(
        " JOIN usage_dimensions d ON d.id = r.dimension_id \
         WHERE d.key_id <> '' AND r.charge_nanousd <> 0 GROUP BY d.key_id ORDER BY d.key_id \
         ON CONFLICT (key_id) DO UPDATE SET \
         spent_nanousd = key_activity.spent_nanousd + excluded.spent_nanousd",
    );
    connection.execute(sql).await?;
    Ok(())
}

/// Adds to what combinations cost since ever.
async fn add_totals(connection: &mut Connection, totals: &BTreeMap<i64, i64>) -> Result<()> {
    let text = "INSERT INTO usage_totals (dimension_id, charge_nanousd) \
        SELECT dimension_id, charge_nanousd FROM ";
    let mut sql = Sql::new(connection.dialect(), text);
    sql.rows(of_combinations(totals), "r").push(
        " WHERE true ON CONFLICT (dimension_id) DO UPDATE SET \
         charge_nanousd = usage_totals.charge_nanousd + excluded.charge_nanousd",
    );
    connection.execute(sql).await?;
    Ok(())
}

/// Charges, each beside the number of its combination.
fn of_combinations(totals: &BTreeMap<i64, i64>) -> Given {
    let columns = ["dimension_id", "charge_nanousd"];
    let mut given = Given::new(&columns.map(|column| (column, Kind::Number)));
    for (id, charge) in totals {
        given.row([Cell::from(*id), Cell::from(*charge)]);
    }
    given
}
