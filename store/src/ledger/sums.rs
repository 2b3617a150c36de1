//! Sums of spend over windows: what counters begin with.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text};
use domain::directory::Revision;
use domain::ledger::{Sums, Wanted};
use domain::money::NanoUsd;
use domain::spend::ScopeKind;
use domain::time::TimestampMs;

use crate::Store;
use crate::column::Column;
use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::ledger::corrections::{Excepted, excepted};
use crate::ledger::scopes::{Columns, id_of, places, push_ids, push_tags};
use crate::sql::Sql;
use crate::transaction::Transaction;
use crate::usage::extent::{Extent, Span, extent};
use crate::usage::pieces::{Bounds, Pieces, Rollup, ceil, floor, sign};

/// Those that are asked of the same kind of scope over the same time: one query answers them.
type Alike = (ScopeKind, TimestampMs, TimestampMs);

/// What was charged, by scope and model group.
type Charges = HashMap<String, BTreeMap<String, i64>>;

#[derive(QueryableByName)]
struct Charged {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    model_group: String,
    #[diesel(sql_type = BigInt)]
    nanousd: i64,
}

#[derive(QueryableByName)]
struct Adjusted {
    #[diesel(sql_type = Text)]
    scope_id: String,
    #[diesel(sql_type = Nullable<Text>)]
    model: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    budget_window: Option<String>,
    #[diesel(sql_type = BigInt)]
    nanousd: i64,
}

#[derive(QueryableByName)]
struct Newest {
    #[diesel(sql_type = BigInt)]
    revision: i64,
}

impl Store {
    /// Sums of spend over windows, as counters begin with them: what was charged, and corrections;
    /// all as of one moment.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn window_spend(&self, wanted: &[Wanted]) -> Result<Sums> {
        let mut connection = self.connect().await?;
        connection.begin_reading().await?;
        match read(&mut connection, wanted).await {
            Ok(sums) => {
                connection.end_reading().await?;
                Ok(sums)
            }
            Err(cause) => {
                connection.close();
                Err(cause)
            }
        }
    }
}

impl Transaction<'_> {
    /// The same within a change: no correction comes between.
    ///
    /// # Errors
    /// As [`Store::window_spend`].
    pub async fn window_spend(&mut self, wanted: &[Wanted]) -> Result<Sums> {
        read(self.connection()?, wanted).await
    }
}

async fn read(connection: &mut Connection, wanted: &[Wanted]) -> Result<Sums> {
    let sql = Sql::new(connection.dialect(), "SELECT revision FROM head");
    let newest: Vec<Newest> = connection.load(sql).await?;
    let revision = newest.first().ok_or(StoreError::Missing)?.revision;
    let mut alike: BTreeMap<Alike, Vec<usize>> = BTreeMap::new();
    for (place, one) in wanted.iter().enumerate() {
        let key = (one.scope.kind, one.from, one.to);
        alike.entry(key).or_default().push(place);
    }
    let except: BTreeSet<&str> = wanted
        .iter()
        .flat_map(|one| one.except.iter().map(String::as_str))
        .collect();
    let excepted = excepted(connection, &except).await?;
    let mut nanousd = vec![NanoUsd(0); wanted.len()];
    for (key, places) in alike {
        let asked = places.iter().filter_map(|place| wanted.get(*place));
        let ids: BTreeSet<&str> = asked.map(|one| one.scope.id.as_str()).collect();
        let charges = charges(connection, key, &ids).await?;
        let adjusted = adjusted(connection, key, &ids).await?;
        for place in places {
            if let (Some(one), Some(sum)) = (wanted.get(place), nanousd.get_mut(place)) {
                *sum = added(one, &charges, &adjusted, &excepted);
            }
        }
    }
    Ok(Sums {
        revision: Revision(revision),
        nanousd,
    })
}

fn added(
    wanted: &Wanted,
    charges: &Charges,
    adjusted: &[Adjusted],
    excepted: &HashMap<String, Excepted>,
) -> NanoUsd {
    let groups = charges.get(&wanted.scope.id).into_iter().flatten();
    let charged = groups
        .filter(|(group, _sum)| wanted.model.as_ref().is_none_or(|model| model == *group))
        .map(|(_group, sum)| *sum);
    let window = wanted.window.map(|window| window.to_string());
    let corrected = adjusted
        .iter()
        .filter(|row| row.scope_id == wanted.scope.id)
        .filter(|row| row.model == wanted.model && row.budget_window == window)
        .map(|row| row.nanousd);
    let elsewhere = wanted.except.iter().filter_map(|id| excepted.get(id));
    let elsewhere = elsewhere
        .filter(|attempt| attempt.is_in(wanted))
        .map(|attempt| attempt.nanousd.saturating_neg());
    let all = charged.chain(corrected).chain(elsewhere);
    NanoUsd(all.fold(0, i64::saturating_add))
}

async fn charges(
    connection: &mut Connection,
    (kind, from, to): Alike,
    ids: &BTreeSet<&str>,
) -> Result<Charges> {
    let mut charges = Charges::new();
    let Some(of) = extent(connection).await? else {
        return Ok(charges);
    };
    let Span { first, last } = of.span;
    let (from, to) = (from.max(first), to.min(last));
    if from >= to {
        return Ok(charges);
    }
    let since_ever = from == first && to == last;
    for columns in places(kind) {
        let mut sql = Sql::new(
            connection.dialect(),
            "SELECT id, model_group, CAST(SUM(nanousd) AS BIGINT) AS nanousd FROM (",
        );
        if since_ever {
            push_since_ever(&mut sql, columns, ids);
        } else {
            push_parts(&mut sql, (columns, ids), (from, to), &of);
        }
        sql.push(") AS parts GROUP BY id, model_group");
        let rows: Vec<Charged> = connection.load(sql).await?;
        for row in rows {
            if ids.contains(row.id.as_str()) {
                let by_group = charges.entry(row.id).or_default();
                let sum = by_group.entry(row.model_group).or_default();
                *sum = sum.saturating_add(row.nanousd);
            }
        }
    }
    Ok(charges)
}

type Asked<'a> = (Columns, &'a BTreeSet<&'a str>);

fn push_since_ever(sql: &mut Sql, columns: Columns, ids: &BTreeSet<&str>) {
    sql.push(&format!(
        "SELECT {} AS id, d.model_group, t.charge_nanousd AS nanousd FROM usage_dimensions d \
         JOIN usage_totals t ON t.dimension_id = d.id",
        id_of(columns)
    ));
    push_tags(sql, columns);
    sql.push(" WHERE 1 = 1");
    push_ids(sql, columns, Some(ids));
}

/// The least roll-up that has these columns.
fn rollup(columns: Columns) -> Rollup {
    match columns {
        ["d.organization_id"] | ["d.team_id"] => Rollup::Teams,
        _ => Rollup::Payers,
    }
}

/// Whole quarters and days from roll-ups, what is left at the ends from the attempts themselves.
fn push_parts(
    sql: &mut Sql,
    asked: Asked<'_>,
    (from, to): (TimestampMs, TimestampMs),
    of: &Extent,
) {
    let (first, last) = (ceil(from), floor(to));
    if first >= last {
        push_attempts(sql, asked, (from, to));
        return;
    }
    let bounds = Bounds {
        bucket: first,
        from: first,
        to: last,
    };
    let (columns, ids) = asked;
    let rollup = rollup(columns);
    let pieces = Pieces::of(rollup, &of.zones, &[bounds], of.span);
    let sign = sign(&pieces);
    for (table, given) in rollup.tables().iter().zip(pieces.listed) {
        if given.is_empty() {
            continue;
        }
        sql.push(&format!(
            "SELECT {} AS id, d.model_group, q.charge_nanousd{sign} AS nanousd",
            id_of(columns)
        ));
        given.push(sql, rollup.dimensions(), *table, false);
        push_tags(sql, columns);
        sql.push(" WHERE 1 = 1");
        push_ids(sql, columns, Some(ids));
        sql.push(" UNION ALL ");
    }
    push_attempts(sql, asked, (from, first));
    sql.push(" UNION ALL ");
    push_attempts(sql, asked, (last, to));
}

fn push_attempts(sql: &mut Sql, (columns, ids): Asked<'_>, (from, to): (TimestampMs, TimestampMs)) {
    sql.push(&format!(
        "SELECT {} AS id, d.model_group, a.charge_nanousd AS nanousd FROM attempts a \
         JOIN usage_dimensions d ON d.id = a.dimension_id",
        id_of(columns)
    ));
    push_tags(sql, columns);
    sql.push(" WHERE a.reserved_at_ms >= ")
        .number(from.to_stored())
        .push(" AND a.reserved_at_ms < ")
        .number(to.to_stored());
    push_ids(sql, columns, Some(ids));
}

async fn adjusted(
    connection: &mut Connection,
    (kind, from, to): Alike,
    ids: &BTreeSet<&str>,
) -> Result<Vec<Adjusted>> {
    let mut sql = Sql::new(
        connection.dialect(),
        "SELECT scope_id, model, budget_window, CAST(SUM(amount_nanousd) AS BIGINT) AS nanousd \
         FROM adjustments WHERE scope_kind = ",
    );
    sql.text(kind.as_str()).push(" AND scope_id");
    sql.among(ids.iter().copied());
    sql.push(" AND at_ms >= ")
        .number(from.to_stored())
        .push(" AND at_ms < ")
        .number(to.to_stored())
        .push(" GROUP BY scope_id, model, budget_window");
    connection.load(sql).await
}
