//! What scopes have spent since ever: charges, and corrections of the sum of all time.

use std::collections::{BTreeMap, BTreeSet};

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use domain::money::NanoUsd;
use domain::spend::ScopeKind;

use crate::connection::Connection;
use crate::error::Result;
use crate::sql::{Dialect, Sql};

/// Columns of `usage_dimensions d` and `usage_dimension_tags g` whose words, joined by `/`, are the
/// id of a scope.
pub(super) type Columns = &'static [&'static str];

/// Where the scopes of a kind stand: a member of an organization and one of a team are two places.
pub(super) const fn places(kind: ScopeKind) -> &'static [Columns] {
    match kind {
        ScopeKind::Key => &[&["d.key_id"]],
        ScopeKind::User => &[&["d.user_id"]],
        ScopeKind::Member => &[
            &["d.organization_id", "d.user_id"],
            &["d.team_id", "d.user_id"],
        ],
        ScopeKind::Team => &[&["d.team_id"]],
        ScopeKind::Project => &[&["d.project_id"]],
        ScopeKind::Organization => &[&["d.organization_id"]],
        ScopeKind::EndUser => &[&["d.organization_id", "d.end_user"]],
        ScopeKind::Tag => &[&["d.organization_id", "g.tag"]],
    }
}

/// The id of a scope, in SQL.
pub(super) fn id_of(columns: Columns) -> String {
    columns.join(" || '/' || ")
}

/// Joins what columns need beside `usage_dimensions d`.
pub(super) fn push_tags(sql: &mut Sql, columns: Columns) {
    if columns.contains(&"g.tag") {
        sql.push(" JOIN usage_dimension_tags g ON g.dimension_id = d.id");
    }
}

/// Keeps what belongs to these scopes, or to any of the kind. Where an id has two words, more than
/// was asked may be kept: what is not asked for is passed over later.
pub(super) fn push_ids(sql: &mut Sql, columns: Columns, ids: Option<&BTreeSet<&str>>) {
    for (place, column) in columns.iter().enumerate() {
        sql.push(&format!(" AND {column}"));
        let Some(ids) = ids else {
            sql.push(" <> ''");
            continue;
        };
        let word = |id: &&'_ str| match columns.len() {
            1 => Some((*id).to_owned()),
            _ => id.splitn(2, '/').nth(place).map(str::to_owned),
        };
        let words: BTreeSet<String> = ids.iter().filter_map(word).collect();
        sql.among(words.iter().map(String::as_str));
    }
}

#[derive(QueryableByName)]
struct Spent {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = BigInt)]
    nanousd: i64,
}

#[derive(QueryableByName)]
struct Sum {
    #[diesel(sql_type = BigInt)]
    nanousd: i64,
}

/// What scopes of one kind have spent since ever; those that spent nothing are not in the answer.
pub(crate) async fn spent(
    connection: &mut Connection,
    kind: ScopeKind,
    ids: &BTreeSet<&str>,
) -> Result<BTreeMap<String, NanoUsd>> {
    let mut sql = Sql::new(
        connection.dialect(),
        "SELECT id, CAST(SUM(nanousd) AS BIGINT) AS nanousd FROM (",
    );
    push_all(&mut sql, kind, Some(ids));
    sql.push(") AS parts GROUP BY id");
    let rows: Vec<Spent> = connection.load(sql).await?;
    let asked = rows.into_iter().filter(|row| ids.contains(row.id.as_str()));
    Ok(asked.map(|row| (row.id, NanoUsd(row.nanousd))).collect())
}

/// What all scopes of one kind have spent together.
pub(crate) async fn total(connection: &mut Connection, kind: ScopeKind) -> Result<NanoUsd> {
    let mut sql = Sql::new(
        connection.dialect(),
        "SELECT CAST(COALESCE(SUM(nanousd), 0) AS BIGINT) AS nanousd FROM (",
    );
    push_all(&mut sql, kind, None);
    sql.push(") AS parts");
    let rows: Vec<Sum> = connection.load(sql).await?;
    Ok(NanoUsd(rows.first().map_or(0, |row| row.nanousd)))
}

/// The scopes of one kind that have spent the most, the greatest first.
pub(crate) async fn top(
    connection: &mut Connection,
    kind: ScopeKind,
    limit: i64,
) -> Result<Vec<(String, NanoUsd)>> {
    let mut sql = Sql::new(
        connection.dialect(),
        "SELECT id, CAST(SUM(nanousd) AS BIGINT) AS nanousd FROM (",
    );
    push_all(&mut sql, kind, None);
    sql.push(") AS parts GROUP BY id ORDER BY 2 DESC, id LIMIT ");
    sql.number(limit);
    let rows: Vec<Spent> = connection.load(sql).await?;
    let shown = rows.into_iter().map(|row| (row.id, NanoUsd(row.nanousd)));
    Ok(shown.collect())
}

/// Everything that was spent since ever, as `id` and `nanousd`.
fn push_all(sql: &mut Sql, kind: ScopeKind, ids: Option<&BTreeSet<&str>>) {
    for columns in places(kind) {
        sql.push(&format!(
            "SELECT {} AS id, t.charge_nanousd AS nanousd FROM usage_dimensions d \
             JOIN usage_totals t ON t.dimension_id = d.id",
            id_of(columns)
        ));
        push_tags(sql, columns);
        sql.push(" WHERE 1 = 1");
        push_ids(sql, columns, ids);
        sql.push(" UNION ALL ");
    }
    sql.push(
        "SELECT scope_id AS id, amount_nanousd AS nanousd FROM adjustments \
         WHERE model IS NULL AND budget_window IS NULL AND scope_kind = ",
    );
    sql.text(kind.as_str());
    if let Some(ids) = ids {
        sql.push(" AND scope_id").among(ids.iter().copied());
    }
}

/// A JSON array of the tags of `usage_dimensions d`.
pub(crate) const fn tags_of(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Postgres => {
            "COALESCE((SELECT CAST(json_agg(t.tag ORDER BY t.tag) AS TEXT) \
             FROM usage_dimension_tags t WHERE t.dimension_id = d.id), '[]')"
        }
        Dialect::Sqlite => {
            "(SELECT json_group_array(t.tag) FROM (SELECT tag FROM usage_dimension_tags \
             WHERE dimension_id = d.id ORDER BY tag) t)"
        }
    }
}
