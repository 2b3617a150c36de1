//! How many end users and tags an organization has in a month is bounded: past that they count as
//! `other`.

use std::collections::{BTreeMap, BTreeSet};

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use domain::ledger::RequestEntry;
use domain::time::TimestampMs;
use domain::windows::{TimeZone, Window, WindowBounds};

use crate::connection::Connection;
use crate::error::Result;
use crate::sql::{Cell, Given, Kind, Sql};

/// What is counted past the bound.
pub const OTHER: &str = "other";

/// How many names of each kind an organization may have in a month, unless it is set otherwise.
pub(crate) const MOST_NAMES: usize = 10_000;

const END_USER: &str = "end_user";
const TAG: &str = "tag";

/// A name that a request gave.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    organization_id: String,
    #[diesel(sql_type = BigInt)]
    month: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    organization_id: String,
    #[diesel(sql_type = BigInt)]
    month: i64,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    names: i64,
}

/// Counts names past the bound as [`OTHER`]. Names that have rules of their own always count as
/// themselves: budgets hold for them.
pub(super) async fn bound(
    connection: &mut Connection,
    entries: &mut [RequestEntry],
    most: usize,
) -> Result<()> {
    let mut months = Months::default();
    let mut all = BTreeSet::new();
    for entry in entries.iter_mut() {
        entry.payer.tags.sort_unstable();
        entry.payer.tags.dedup();
        all.extend(names(entry, months.of(entry.at)));
    }
    if all.is_empty() {
        return Ok(());
    }
    let known: BTreeSet<Name> = select(connection, &all, KNOWN).await?;
    let fresh: BTreeSet<Name> = all.difference(&known).cloned().collect();
    if fresh.is_empty() {
        return Ok(());
    }
    let refused = admit(connection, &fresh, most).await?;
    if !refused.is_empty() {
        for entry in entries {
            let month = months.of(entry.at);
            replace(entry, month, &refused);
        }
    }
    Ok(())
}

/// Lets new names in as far as there is room, and gives those that are not.
async fn admit(
    connection: &mut Connection,
    fresh: &BTreeSet<Name>,
    most: usize,
) -> Result<BTreeSet<Name>> {
    let mut always: BTreeSet<Name> = select(connection, fresh, REGISTERED_END_USERS).await?;
    always.extend(select(connection, fresh, REGISTERED_TAGS).await?);
    let mut counts = counts(connection, fresh).await?;
    let mut refused = BTreeSet::new();
    let mut admitted = Given::new(&COLUMNS);
    for name in fresh {
        let place = (name.organization_id.clone(), name.month, name.kind.clone());
        let count = counts.entry(place).or_default();
        if *count < most || always.contains(name) {
            *count += 1;
            admitted.row(cells(name));
        } else {
            refused.insert(name.clone());
        }
    }
    let text = "INSERT INTO usage_names (organization_id, month, kind, name) \
        SELECT organization_id, month, kind, name FROM ";
    let mut sql = Sql::new(connection.dialect(), text);
    sql.rows(admitted, "r")
        .push(" WHERE true ON CONFLICT (organization_id, month, kind, name) DO NOTHING");
    connection.execute(sql).await?;
    Ok(refused)
}

const COLUMNS: [(&str, Kind); 4] = [
    ("organization_id", Kind::Text),
    ("month", Kind::Number),
    ("kind", Kind::Text),
    ("name", Kind::Text),
];

const KNOWN: &str = " JOIN usage_names n ON n.organization_id = r.organization_id \
    AND n.month = r.month AND n.kind = r.kind AND n.name = r.name";
const REGISTERED_END_USERS: &str = " JOIN end_users e ON r.kind = 'end_user' \
    AND e.organization_id = r.organization_id AND e.external_id = r.name";
const REGISTERED_TAGS: &str = " JOIN tags t ON r.kind = 'tag' \
    AND t.organization_id = r.organization_id AND t.name = r.name";

/// Those names that a join finds.
async fn select(
    connection: &mut Connection,
    names: &BTreeSet<Name>,
    join: &str,
) -> Result<BTreeSet<Name>> {
    let mut given = Given::new(&COLUMNS);
    for name in names {
        given.row(cells(name));
    }
    let text = "SELECT r.organization_id, r.month, r.kind, r.name FROM ";
    let mut sql = Sql::new(connection.dialect(), text);
    sql.rows(given, "r").push(join);
    Ok(connection.load(sql).await?.into_iter().collect())
}

type Place = (String, i64, String);

async fn counts(
    connection: &mut Connection,
    names: &BTreeSet<Name>,
) -> Result<BTreeMap<Place, usize>> {
    let places: BTreeSet<(&str, i64, &str)> = names
        .iter()
        .map(|name| {
            (
                name.organization_id.as_str(),
                name.month,
                name.kind.as_str(),
            )
        })
        .collect();
    let [organization, month, kind, _name] = COLUMNS;
    let mut given = Given::new(&[organization, month, kind]);
    for (organization_id, month, kind) in places {
        given.row([
            Cell::from(organization_id),
            Cell::from(month),
            Cell::from(kind),
        ]);
    }
    let text = "SELECT n.organization_id, n.month, n.kind, COUNT(*) AS names FROM ";
    let mut sql = Sql::new(connection.dialect(), text);
    sql.rows(given, "r").push(
        " JOIN usage_names n ON n.organization_id = r.organization_id AND n.month = r.month \
         AND n.kind = r.kind GROUP BY n.organization_id, n.month, n.kind",
    );
    let rows: Vec<Counted> = connection.load(sql).await?;
    let counted = rows.into_iter().map(|row| {
        let count = usize::try_from(row.names).unwrap_or(usize::MAX);
        ((row.organization_id, row.month, row.kind), count)
    });
    Ok(counted.collect())
}

fn cells(name: &Name) -> [Cell; 4] {
    [
        Cell::from(name.organization_id.as_str()),
        Cell::from(name.month),
        Cell::from(name.kind.as_str()),
        Cell::from(name.name.as_str()),
    ]
}

fn name(entry: &RequestEntry, month: i64, kind: &str, name: &str) -> Name {
    Name {
        organization_id: entry.payer.organization_id.clone(),
        month,
        kind: kind.to_owned(),
        name: name.to_owned(),
    }
}

/// The names of a request but [`OTHER`].
fn names(entry: &RequestEntry, month: i64) -> Vec<Name> {
    let end_user = entry.payer.end_user.iter().map(|name| (END_USER, name));
    let tags = entry.payer.tags.iter().map(|name| (TAG, name));
    end_user
        .chain(tags)
        .filter(|(_kind, name)| *name != OTHER)
        .map(|(kind, given)| name(entry, month, kind, given))
        .collect()
}

fn replace(entry: &mut RequestEntry, month: i64, refused: &BTreeSet<Name>) {
    let is_refused = |kind: &str, given: &str| refused.contains(&name(entry, month, kind, given));
    let end_user = entry.payer.end_user.as_deref();
    let end_user_refused = end_user.is_some_and(|given| is_refused(END_USER, given));
    let tags = entry.payer.tags.iter();
    let mut tags: Vec<String> = tags
        .map(|tag| match is_refused(TAG, tag) {
            true => OTHER.to_owned(),
            false => tag.clone(),
        })
        .collect();
    tags.sort_unstable();
    tags.dedup();
    entry.payer.tags = tags;
    if end_user_refused {
        entry.payer.end_user = Some(OTHER.to_owned());
    }
}

/// Numbers of months in UTC; the last one asked for is kept.
#[derive(Default)]
struct Months(Option<WindowBounds>);

impl Months {
    fn of(&mut self, at: TimestampMs) -> i64 {
        if let Some(bounds) = self.0
            && bounds.starts_at <= at
            && at < bounds.ends_at
        {
            return bounds.number;
        }
        let month = "1mo".parse::<Window>().ok();
        let bounds = month.map(|month| month.bounds(at, &TimeZone::default(), TimestampMs(0)));
        self.0 = bounds;
        bounds.map_or(0, |bounds| bounds.number)
    }
}
