//! LiteLLM's own Postgres, read for the import: every row of the tables that mean something here.
//!
//! Its columns differ from version to version, so each row is read as the JSON object that Postgres
//! makes of it: what a version does not have is not in it. Numbers stay the text that Postgres
//! wrote, which for a float is the shortest that means the same; nothing here makes a float of it.

mod address;

use std::collections::BTreeMap;

use diesel::QueryableByName;
use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use serde_json::value::RawValue;

use crate::error::{Result, StoreError};
use crate::postgres;

use self::address::Address;

/// One row: the JSON text of each column. It may hold secrets: it has no `Debug`.
pub type Row = BTreeMap<String, Box<RawValue>>;

/// The rows of LiteLLM's tables, as of one moment.
#[derive(Default)]
pub struct LitellmTables {
    /// `LiteLLM_OrganizationTable`
    pub organizations: Vec<Row>,
    /// `LiteLLM_BudgetTable`
    pub budgets: Vec<Row>,
    /// `LiteLLM_TeamTable`
    pub teams: Vec<Row>,
    /// `LiteLLM_ModelTable`: the model aliases of teams
    pub team_aliases: Vec<Row>,
    /// `LiteLLM_ProjectTable`
    pub projects: Vec<Row>,
    /// `LiteLLM_UserTable`
    pub users: Vec<Row>,
    /// `LiteLLM_OrganizationMembership`
    pub organization_members: Vec<Row>,
    /// `LiteLLM_TeamMembership`
    pub team_members: Vec<Row>,
    /// `LiteLLM_VerificationToken`
    pub keys: Vec<Row>,
    /// `LiteLLM_DeprecatedVerificationToken`: what rotated keys were before
    pub old_secrets: Vec<Row>,
    /// `LiteLLM_EndUserTable`
    pub end_users: Vec<Row>,
    /// `LiteLLM_TagTable`
    pub tags: Vec<Row>,
    /// `LiteLLM_CredentialsTable`
    pub credentials: Vec<Row>,
    /// `LiteLLM_ProxyModelTable`
    pub deployments: Vec<Row>,
}

/// Reads LiteLLM's tables in one snapshot; a table that its version does not have is empty.
///
/// # Errors
/// [`StoreError::Unavailable`] when the database does not answer; [`StoreError::Schema`] when it is
/// no database of LiteLLM's.
pub async fn read(url: &str) -> Result<LitellmTables> {
    let address = Address::of(url);
    let mut connection = postgres::connect(&address.url)
        .await
        .map_err(|cause| StoreError::Unavailable(cause.to_string()))?;
    connection.batch_execute(BEGIN).await?;
    let mut reading = Reading {
        connection,
        schema: address.schema,
    };
    if !reading.has("LiteLLM_VerificationToken").await? {
        return Err(StoreError::Schema(format!(
            "the database has no table LiteLLM_VerificationToken in the schema `{}`: it is none of \
             LiteLLM's",
            reading.schema
        )));
    }
    let tables = LitellmTables {
        organizations: reading.rows("LiteLLM_OrganizationTable").await?,
        budgets: reading.rows("LiteLLM_BudgetTable").await?,
        teams: reading.rows("LiteLLM_TeamTable").await?,
        team_aliases: reading.rows("LiteLLM_ModelTable").await?,
        projects: reading.rows("LiteLLM_ProjectTable").await?,
        users: reading.rows("LiteLLM_UserTable").await?,
        organization_members: reading.rows("LiteLLM_OrganizationMembership").await?,
        team_members: reading.rows("LiteLLM_TeamMembership").await?,
        keys: reading.rows("LiteLLM_VerificationToken").await?,
        old_secrets: reading.rows("LiteLLM_DeprecatedVerificationToken").await?,
        end_users: reading.rows("LiteLLM_EndUserTable").await?,
        tags: reading.rows("LiteLLM_TagTable").await?,
        credentials: reading.rows("LiteLLM_CredentialsTable").await?,
        deployments: reading.rows("LiteLLM_ProxyModelTable").await?,
    };
    reading.connection.batch_execute("COMMIT").await?;
    Ok(tables)
}

/// One moment, nothing written; a large table may take its time. Times are shown in UTC.
const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; \
SET LOCAL statement_timeout = '10min'; SET LOCAL TIME ZONE 'UTC'";

struct Reading {
    connection: AsyncPgConnection,
    schema: String,
}

/// A column of one text.
#[derive(QueryableByName)]
struct OneText {
    #[diesel(sql_type = Text)]
    text: String,
}

impl Reading {
    fn quoted(&self, table: &str) -> String {
        format!("\"{}\".\"{table}\"", self.schema.replace('"', "\"\""))
    }

    async fn has(&mut self, table: &str) -> Result<bool> {
        let name = self.quoted(table);
        let found: Vec<OneText> =
            diesel::sql_query("SELECT COALESCE(to_regclass($1)::text, '') AS text")
                .bind::<Text, _>(name)
                .load(&mut self.connection)
                .await?;
        Ok(found.iter().any(|one| !one.text.is_empty()))
    }

    async fn rows(&mut self, table: &'static str) -> Result<Vec<Row>> {
        if !self.has(table).await? {
            return Ok(Vec::new());
        }
        let query = format!(
            "SELECT row_to_json(t)::text AS text FROM {} AS t ORDER BY 1",
            self.quoted(table)
        );
        let rows: Vec<OneText> = diesel::sql_query(query).load(&mut self.connection).await?;
        let read = |row: OneText| {
            serde_json::from_str(&row.text).map_err(|malformed| StoreError::Unreadable {
                column: "row",
                id: table.to_owned(),
                cause: malformed.to_string(),
            })
        };
        rows.into_iter().map(read).collect()
    }
}
