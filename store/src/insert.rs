//! Inserting many rows.
//!
//! Into Postgres all go with one statement. SQLite reads a statement anew each time, and reading so
//! many values took as long as inserting them, so most rows go by a statement that is kept.

use diesel::QueryResult;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel::sqlite::Sqlite;
use diesel_async::RunQueryDsl;

use crate::connection::Connection;
use crate::error::Result;
use crate::sql::{Cell, Dialect, Given, Sql};

/// So many rows go with a statement that is kept. SQLite takes 32,766 values with one.
const KEPT_ROWS: usize = 128;

/// Inserts rows into a table.
pub(crate) async fn insert(connection: &mut Connection, table: &str, given: Given) -> Result<()> {
    if given.is_empty() {
        return Ok(());
    }
    match connection {
        Connection::Postgres(_) => {
            let list = given.list();
            let text = format!("INSERT INTO {table} ({list}) SELECT {list} FROM ");
            let mut sql = Sql::new(Dialect::Postgres, &text);
            sql.rows(given, "r");
            connection.execute(sql).await?;
        }
        Connection::Sqlite(pooled) => {
            for rows in Rows::of(table, given) {
                rows.execute(&mut **pooled).await?;
            }
        }
    }
    Ok(())
}

/// Rows for SQLite, with the statement that inserts them.
struct Rows {
    text: String,
    cells: Vec<Cell>,
    /// Whether other rows will come with the same statement.
    is_kept: bool,
}

impl Rows {
    /// The rows in parts, as many of the kept size as there are.
    fn of(table: &str, given: Given) -> Vec<Self> {
        let (list, width, mut left) = (given.list(), given.width(), given.rows());
        let mut cells = given.cells();
        let mut parts = Vec::new();
        while left > 0 {
            let rows = left.min(KEPT_ROWS);
            let row = format!("({}?)", "?, ".repeat(width.saturating_sub(1)));
            let all = vec![row; rows].join(", ");
            parts.push(Self {
                text: format!("INSERT INTO {table} ({list}) VALUES {all}"),
                cells: cells.by_ref().take(rows.saturating_mul(width)).collect(),
                is_kept: rows == KEPT_ROWS,
            });
            left -= rows;
        }
        parts
    }
}

impl QueryFragment<Sqlite> for Rows {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        if !self.is_kept {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql(&self.text);
        for cell in &self.cells {
            match cell {
                Cell::Text(text) => out.push_bind_param_value_only::<Nullable<Text>, _>(text)?,
                Cell::Number(number) => {
                    out.push_bind_param_value_only::<Nullable<BigInt>, _>(number)?;
                }
                Cell::Truth(truth) => out.push_bind_param_value_only::<Bool, _>(truth)?,
            }
        }
        Ok(())
    }
}

impl QueryId for Rows {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
