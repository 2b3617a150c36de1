//! Inserting many rows.
//!
//! Into Postgres all go with one statement. SQLite reads a statement anew each time, and reading so
//! many values took as long as inserting them, so most rows go by a statement that is kept.

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel::sqlite::Sqlite;
use diesel::{Connection as _, QueryResult};

use crate::connection::Connection;
use crate::error::Result;
use crate::sql::{Cell, Dialect, Given, Sql};

/// So many rows go with a statement that is kept. SQLite takes 32,766 values with one.
const KEPT_ROWS: usize = 128;

/// Inserts rows into a table.
pub(crate) async fn insert(
    connection: &mut Connection,
    table: &'static str,
    given: Given,
) -> Result<()> {
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
            // On the thread where SQLite runs: every value that went there by itself was copied.
            let inserting = pooled.spawn_blocking(move |connection| {
                let (list, width) = (given.list(), given.width());
                let cells = given.into_cells();
                for cells in cells.chunks(width.saturating_mul(KEPT_ROWS)) {
                    let rows = Rows::of(table, &list, width, cells);
                    connection.execute_returning_count(&rows)?;
                }
                Ok(())
            });
            inserting.await?;
        }
    }
    Ok(())
}

/// Rows for SQLite, with the statement that inserts them.
struct Rows<'a> {
    text: String,
    cells: &'a [Cell],
    /// Whether other rows will come with the same statement.
    is_kept: bool,
}

impl<'a> Rows<'a> {
    fn of(table: &str, list: &str, width: usize, cells: &'a [Cell]) -> Self {
        let rows = cells.len() / width.max(1);
        let row = format!("({}?)", "?, ".repeat(width.saturating_sub(1)));
        let all = vec![row; rows].join(", ");
        Self {
            text: format!("INSERT INTO {table} ({list}) VALUES {all}"),
            cells,
            is_kept: rows == KEPT_ROWS,
        }
    }
}

impl QueryFragment<Sqlite> for Rows<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        if !self.is_kept {
            out.unsafe_to_cache_prepared();
        }
        out.push_sql(&self.text);
        for cell in self.cells {
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

impl QueryId for Rows<'_> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
