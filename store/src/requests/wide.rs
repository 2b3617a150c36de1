//! Whether so much matches a filter that adding all of it up takes longer than a page should.

use diesel::QueryableByName;
use diesel::sql_types::BigInt;

use crate::Store;
use crate::error::Result;
use crate::requests::RequestFilter;
use crate::sql::Sql;

/// Of how many combinations, for as long as a range is.
const MANY: i64 = 1_000;

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    combinations: i64,
}

impl Store {
    /// Whether a filter asks for so much that its sums take longer than a page should: for a tag that
    /// thousands of combinations have, and for nothing that few of those have beside it. Whatever else
    /// is asked for is of few combinations, or added up without who of a team it was.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_wide(&self, filter: &RequestFilter) -> Result<bool> {
        let narrow = filter.key_id.is_some()
            || filter.user_id.is_some()
            || filter.project_id.is_some()
            || filter.end_user.is_some();
        let Some(tag) = filter.tag.as_ref().filter(|_| !narrow) else {
            return Ok(false);
        };
        let mut connection = self.connect().await?;
        let mut sql = Sql::new(
            connection.dialect(),
            "SELECT COUNT(*) AS combinations FROM (SELECT 1 FROM usage_dimension_tags WHERE tag = ",
        );
        sql.text(tag)
            .push(" LIMIT ")
            .number(MANY)
            .push(") AS counted");
        let rows: Vec<Counted> = connection.load(sql).await?;
        Ok(rows.first().is_some_and(|row| row.combinations >= MANY))
    }
}
