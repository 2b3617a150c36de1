//! What the ledger is asked beside sums: corrections after a revision, requests and attempts by id.

use std::collections::{BTreeSet, HashMap};

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use domain::directory::Revision;
use domain::ids::RequestId;
use domain::ledger::{Corrected, Payer, Wanted};
use domain::money::NanoUsd;
use domain::time::TimestampMs;

use crate::Store;
use crate::column::Column;
use crate::connection::Connection;
use crate::error::{Result, StoreError};
use crate::ledger::scopes::tags_of;
use crate::sql::Sql;

/// How far the time of a request's id, of its row and of its attempts may lie apart.
const APART_MS: u64 = 86_400_000;

/// An attempt that is counted elsewhere.
pub(super) struct Excepted {
    payer: Payer,
    group: String,
    reserved_at: TimestampMs,
    /// What the ledger has for it.
    pub nanousd: i64,
}

impl Excepted {
    /// Whether it is in a sum.
    pub fn is_in(&self, wanted: &Wanted) -> bool {
        self.reserved_at >= wanted.from
            && self.reserved_at < wanted.to
            && wanted
                .model
                .as_ref()
                .is_none_or(|model| *model == self.group)
            && self.payer.scopes().contains(&wanted.scope)
    }
}

#[derive(QueryableByName)]
struct AttemptOf {
    #[diesel(sql_type = Text)]
    request_id: String,
    #[diesel(sql_type = BigInt)]
    number: i64,
    #[diesel(sql_type = BigInt)]
    reserved_at_ms: i64,
    #[diesel(sql_type = BigInt)]
    charge_nanousd: i64,
    #[diesel(sql_type = Text)]
    model_group: String,
    #[diesel(sql_type = Text)]
    payer: String,
    #[diesel(sql_type = Text)]
    tags: String,
}

#[derive(QueryableByName)]
struct Known {
    #[diesel(sql_type = Text)]
    id: String,
}

impl Store {
    /// Corrections after a revision, in the order of their revisions.
    pub(super) async fn corrected_after(&self, since: Revision) -> Result<Vec<Corrected>> {
        let mut connection = self.connect().await?;
        crate::spend::adjustments_after(&mut connection, since).await
    }

    /// What these attempts were charged, of those that the ledger has.
    pub(super) async fn charged(&self, ids: &[String]) -> Result<Vec<(String, NanoUsd)>> {
        let asked: BTreeSet<&str> = ids.iter().map(String::as_str).collect();
        let mut connection = self.connect().await?;
        let found = excepted(&mut connection, &asked).await?;
        // A request has other attempts beside those that were asked for.
        let found = found.into_iter();
        Ok(found
            .filter(|(id, _attempt)| asked.contains(id.as_str()))
            .map(|(id, attempt)| (id, NanoUsd(attempt.nanousd)))
            .collect())
    }

    /// Those of these requests that the ledger has.
    pub(super) async fn known_among(&self, ids: &[String]) -> Result<Vec<String>> {
        let mut connection = self.connect().await?;
        let mut sql = Sql::new(
            connection.dialect(),
            "SELECT DISTINCT id FROM requests WHERE id",
        );
        sql.among(ids.iter().map(String::as_str));
        push_time(&mut sql, "at_ms", ids.iter().map(String::as_str));
        let rows: Vec<Known> = connection.load(sql).await?;
        Ok(rows.into_iter().map(|row| row.id).collect())
    }
}

/// Keeps the days in which rows of these requests can be, when their ids tell: whole partitions
/// need not be looked into.
pub(crate) fn push_time<'a>(sql: &mut Sql, column: &str, ids: impl Iterator<Item = &'a str>) {
    let times: Option<Vec<u64>> = ids
        .map(|id| RequestId::time_of(id).map(|time| time.0))
        .collect();
    let Some((first, last)) =
        times.and_then(|times| Some((*times.iter().min()?, *times.iter().max()?)))
    else {
        return;
    };
    let first = TimestampMs(first.saturating_sub(APART_MS)).to_stored();
    let last = TimestampMs(last.saturating_add(APART_MS)).to_stored();
    sql.push(&format!(" AND {column} >= ")).number(first);
    sql.push(&format!(" AND {column} <= ")).number(last);
}

/// The attempts of these ids (`req_….2`) that the ledger has.
pub(super) async fn excepted(
    connection: &mut Connection,
    ids: &BTreeSet<&str>,
) -> Result<HashMap<String, Excepted>> {
    let requests: BTreeSet<&str> = ids
        .iter()
        .filter_map(|id| id.rsplit_once('.'))
        .map(|(request, _number)| request)
        .collect();
    if requests.is_empty() {
        return Ok(HashMap::new());
    }
    let array = match connection.dialect() {
        crate::sql::Dialect::Postgres => "json_build_array",
        crate::sql::Dialect::Sqlite => "json_array",
    };
    let text = format!(
        "SELECT a.request_id, a.number, a.reserved_at_ms, a.charge_nanousd, d.model_group, \
         CAST({array}(d.organization_id, d.key_id, d.team_id, d.project_id, d.user_id, d.end_user) \
         AS TEXT) AS payer, {} AS tags \
         FROM attempts a JOIN usage_dimensions d ON d.id = a.dimension_id WHERE a.request_id",
        tags_of(connection.dialect())
    );
    let mut sql = Sql::new(connection.dialect(), &text);
    sql.among(requests.iter().copied());
    push_time(&mut sql, "a.reserved_at_ms", requests.iter().copied());
    let rows: Vec<AttemptOf> = connection.load(sql).await?;
    rows.into_iter().map(read).collect()
}

fn read(row: AttemptOf) -> Result<(String, Excepted)> {
    let unread = |error: serde_json::Error| StoreError::Query(error.to_string());
    let words: [String; 6] = serde_json::from_str(&row.payer).map_err(unread)?;
    let [organization_id, key, team, project, user, end_user] = words;
    let some = |word: String| (!word.is_empty()).then_some(word);
    let payer = Payer {
        organization_id,
        key_id: some(key),
        team_id: some(team),
        project_id: some(project),
        user_id: some(user),
        end_user: some(end_user),
        tags: serde_json::from_str(&row.tags).map_err(unread)?,
        environment: None,
    };
    let excepted = Excepted {
        payer,
        group: row.model_group,
        reserved_at: TimestampMs::from_stored(row.reserved_at_ms).map_err(StoreError::Query)?,
        nanousd: row.charge_nanousd,
    };
    Ok((format!("{}.{}", row.request_id, row.number), excepted))
}
