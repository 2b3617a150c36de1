//! Nodes: one row for each that lives, so that they know of one another.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use domain::directory::Revision;
use domain::time::TimestampMs;

use crate::Store;
use crate::column::Column;
use crate::error::{Result, StoreError};
use crate::sql::Sql;

/// A running process, as it says of itself every two seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its id: made anew at each start.
    pub id: String,
    /// When it last said so, by its own clock.
    pub seen_at: TimestampMs,
    /// `all`, `data-plane`, `admin`.
    pub role: String,
    /// By which revision it serves.
    pub revision: Revision,
    /// The digest of the file it serves by.
    pub file_digest: String,
    /// All that it settled before this time is in the ledger.
    pub shipped_to: TimestampMs,
}

#[derive(QueryableByName)]
struct NodeRow {
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = BigInt)]
    seen_at_ms: i64,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = BigInt)]
    revision: i64,
    #[diesel(sql_type = Text)]
    file_digest: String,
    #[diesel(sql_type = BigInt)]
    shipped_to_ms: i64,
}

impl TryFrom<NodeRow> for Node {
    type Error = StoreError;

    fn try_from(row: NodeRow) -> Result<Self> {
        let time = |column: &'static str, stored: i64| {
            TimestampMs::from_stored(stored).map_err(|cause| StoreError::Unreadable {
                column,
                id: row.id.clone(),
                cause,
            })
        };
        Ok(Self {
            seen_at: time("seen_at_ms", row.seen_at_ms)?,
            shipped_to: time("shipped_to_ms", row.shipped_to_ms)?,
            id: row.id,
            role: row.role,
            revision: Revision(row.revision),
            file_digest: row.file_digest,
        })
    }
}

impl Store {
    /// Notes that a node lives, as it says of itself.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn node_lives(&self, node: &Node) -> Result<()> {
        let _writing = self.writing().await;
        let mut connection = self.connect().await?;
        let mut sql = Sql::new(
            connection.dialect(),
            "INSERT INTO nodes (id, seen_at_ms, role, revision, file_digest, shipped_to_ms) \
             VALUES (",
        );
        sql.text(&node.id)
            .push(", ")
            .number(node.seen_at.to_stored())
            .push(", ")
            .text(&node.role)
            .push(", ")
            .number(node.revision.0)
            .push(", ")
            .text(&node.file_digest)
            .push(", ")
            .number(node.shipped_to.to_stored())
            .push(
                ") ON CONFLICT (id) DO UPDATE SET seen_at_ms = excluded.seen_at_ms, \
                 role = excluded.role, revision = excluded.revision, \
                 file_digest = excluded.file_digest, shipped_to_ms = excluded.shipped_to_ms",
            );
        connection.execute(sql).await?;
        Ok(())
    }

    /// The nodes that said so at this time or later, by their ids.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn nodes(&self, since: TimestampMs) -> Result<Vec<Node>> {
        let mut connection = self.connect().await?;
        let mut sql = Sql::new(
            connection.dialect(),
            "SELECT id, seen_at_ms, role, revision, file_digest, shipped_to_ms FROM nodes \
             WHERE seen_at_ms >= ",
        );
        sql.number(since.to_stored()).push(" ORDER BY id");
        let rows: Vec<NodeRow> = connection.load(sql).await?;
        rows.into_iter().map(Node::try_from).collect()
    }

    /// Removes a node that has ended, and those that were last seen before a time.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn forget_nodes(&self, id: &str, before: TimestampMs) -> Result<()> {
        let _writing = self.writing().await;
        let mut connection = self.connect().await?;
        let mut sql = Sql::new(connection.dialect(), "DELETE FROM nodes WHERE id = ");
        sql.text(id)
            .push(" OR seen_at_ms < ")
            .number(before.to_stored());
        connection.execute(sql).await?;
        Ok(())
    }
}
