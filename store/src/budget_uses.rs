//! What points to shared budgets: keys, teams, people and the other levels whose policy names one.
//!
//! Policies are JSON without an index. A search for the member's name comes first, which is cheap: few
//! policies have it.

use std::collections::BTreeMap;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use domain::ids::BudgetId;
use domain::spend::ScopeKind;
use serde_json::Value;

use crate::Store;
use crate::error::{Result, StoreError};
use crate::page::{Listed, Page};
use crate::sql::{Dialect, Sql};

/// Something that points to a shared budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetUse {
    /// What it is.
    pub kind: ScopeKind,
    /// Its id; of members `team_…/user_…`, or `org_…/user_…` outside teams.
    pub id: String,
    /// Its name for people.
    pub name: String,
}

impl BudgetUse {
    /// What the page after it comes after.
    #[must_use]
    pub fn cursor(&self) -> String {
        Value::from(vec![self.kind.as_str(), &self.name, &self.id]).to_string()
    }
}

/// Where policies are: kind, table, column, the row's id and its name.
const PLACES: [(ScopeKind, &str, &str, &str, &str); 9] = [
    (
        ScopeKind::Organization,
        "organizations",
        "policy",
        "id",
        "name",
    ),
    (ScopeKind::Team, "teams", "policy", "id", "name"),
    // What a team gives each of its members.
    (ScopeKind::Team, "teams", "member_policy", "id", "name"),
    (
        ScopeKind::Member,
        "members",
        "policy",
        "CASE WHEN team_id = '' THEN organization_id ELSE team_id END || '/' || user_id",
        "COALESCE((SELECT COALESCE(u.name, u.email) FROM users u WHERE u.id = user_id), user_id)",
    ),
    (ScopeKind::Project, "projects", "policy", "id", "name"),
    (
        ScopeKind::User,
        "users",
        "policy",
        "id",
        "COALESCE(name, email, id)",
    ),
    (
        ScopeKind::Key,
        "virtual_keys",
        "policy",
        "id",
        "COALESCE(alias, id)",
    ),
    (
        ScopeKind::EndUser,
        "end_users",
        "policy",
        "id",
        "COALESCE(name, external_id)",
    ),
    (ScopeKind::Tag, "tags", "policy", "id", "name"),
];

#[derive(QueryableByName)]
struct Used {
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Text)]
    budget: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    things: i64,
}

/// The rows of a place that name a budget, with it: the search first, then the member itself.
fn named(dialect: Dialect, column: &str) -> (String, String) {
    let (search, member) = match dialect {
        Dialect::Postgres => ("strpos", format!("{column}::json ->> 'budget_id'")),
        Dialect::Sqlite => ("instr", format!("{column} ->> 'budget_id'")),
    };
    (format!("{search}({column}, '\"budget_id\"') > 0"), member)
}

fn push_after(sql: &mut Sql, after: &str) -> Result<()> {
    let Ok([kind, name, id]) = serde_json::from_str::<[String; 3]>(after) else {
        return Err(StoreError::Query(
            "`after` is nothing that points to a budget".to_owned(),
        ));
    };
    sql.push(" WHERE (kind, name, id) > (").text(&kind);
    sql.push(", ").text(&name);
    sql.push(", ").text(&id).push(")");
    Ok(())
}

impl Store {
    /// What points to a shared budget, by kind and name; a page comes after a [`BudgetUse::cursor`].
    ///
    /// # Errors
    /// When the database does not answer, or `after` is no such cursor.
    pub async fn budget_uses(&self, budget: &BudgetId, page: &Page) -> Result<Listed<BudgetUse>> {
        let mut connection = self.connect().await?;
        let dialect = connection.dialect();
        let mut sql = Sql::new(dialect, "SELECT DISTINCT kind, id, name FROM (");
        let mut joint = "";
        for (kind, table, column, id, name) in PLACES {
            let (search, member) = named(dialect, column);
            let word = kind.as_str();
            sql.push(&format!(
                "{joint}SELECT '{word}' AS kind, {id} AS id, {name} AS name FROM {table} \
                 WHERE {search} AND {member} = "
            ));
            sql.text(budget.as_str());
            joint = " UNION ALL ";
        }
        sql.push(") AS uses");
        if let Some(after) = &page.after {
            push_after(&mut sql, after)?;
        }
        sql.push(" ORDER BY kind, name, id LIMIT ")
            .number(page.rows());
        let rows: Vec<Used> = connection.load(sql).await?;
        let each = rows.into_iter().filter_map(|row| {
            Some(BudgetUse {
                kind: ScopeKind::from_word(&row.kind)?,
                id: row.id,
                name: row.name,
            })
        });
        Ok(page.cut(each.collect(), None))
    }

    /// How many things of each kind point to these shared budgets.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn budget_use_counts(
        &self,
        budgets: &[BudgetId],
    ) -> Result<BTreeMap<BudgetId, Vec<(ScopeKind, u64)>>> {
        let mut counts: BTreeMap<BudgetId, Vec<(ScopeKind, u64)>> = BTreeMap::new();
        if budgets.is_empty() {
            return Ok(counts);
        }
        let mut connection = self.connect().await?;
        let dialect = connection.dialect();
        let mut sql = Sql::new(
            dialect,
            "SELECT budget, kind, COUNT(DISTINCT id) AS things FROM (",
        );
        for (number, (kind, table, column, id, _name)) in PLACES.iter().enumerate() {
            let (search, member) = named(dialect, column);
            let joint = if number == 0 { "" } else { " UNION ALL " };
            let kind = kind.as_str();
            sql.push(&format!(
                "{joint}SELECT '{kind}' AS kind, {id} AS id, {member} AS budget FROM {table} \
                 WHERE {search}"
            ));
        }
        sql.push(") AS uses WHERE budget");
        sql.among(budgets.iter().map(BudgetId::as_str));
        sql.push(" GROUP BY budget, kind ORDER BY budget, kind");
        let rows: Vec<Counted> = connection.load(sql).await?;
        for row in rows {
            if let Some(kind) = ScopeKind::from_word(&row.kind) {
                let things = u64::try_from(row.things).unwrap_or(0);
                let of_budget = counts.entry(BudgetId::new(row.budget)).or_default();
                of_budget.push((kind, things));
            }
        }
        Ok(counts)
    }
}
