//! The latest attempts: how deployments do at the moment, attempt by attempt.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use domain::permissions::Scope;
use domain::time::TimestampMs;

use crate::Store;
use crate::column::Column;
use crate::error::Result;
use crate::requests::counted::count;
use crate::sql::Sql;
use crate::usage::conditions::push_scope;

/// An attempt, as far as the health of its deployment hangs on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LatestAttempt {
    /// The deployment.
    pub deployment_id: String,
    /// When it began.
    pub at: TimestampMs,
    /// `ok`, or what went wrong in one word.
    pub outcome: String,
    /// How long it took.
    pub duration_ms: u64,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    deployment_id: String,
    #[diesel(sql_type = BigInt)]
    at_ms: i64,
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = BigInt)]
    duration_ms: i64,
}

impl Store {
    /// The attempts since a time, newest first, no more than `most` of them: an index by time gives
    /// just those, however many there are.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn latest_attempts(
        &self,
        scope: &Scope,
        since: TimestampMs,
        most: i64,
    ) -> Result<Vec<LatestAttempt>> {
        let mut connection = self.connect().await?;
        let text = "SELECT d.deployment_id, a.at_ms, a.outcome, a.duration_ms FROM (SELECT \
            dimension_id, reserved_at_ms AS at_ms, outcome, duration_ms FROM attempts \
            WHERE reserved_at_ms >= ";
        let mut sql = Sql::new(connection.dialect(), text);
        sql.number(since.to_stored());
        sql.push(" ORDER BY reserved_at_ms DESC LIMIT ")
            .number(most);
        sql.push(") AS a JOIN usage_dimensions d ON d.id = a.dimension_id WHERE ");
        push_scope(&mut sql, scope);
        sql.push(" ORDER BY a.at_ms DESC");
        let rows: Vec<Row> = connection.load(sql).await?;
        let each = rows.into_iter().map(|row| LatestAttempt {
            deployment_id: row.deployment_id,
            at: TimestampMs(count(row.at_ms)),
            outcome: row.outcome,
            duration_ms: count(row.duration_ms),
        });
        Ok(each.collect())
    }
}
