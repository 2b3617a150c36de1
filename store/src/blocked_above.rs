//! Whether a block stands above a key.

use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use domain::virtual_keys::VirtualKey;

use crate::Store;
use crate::error::Result;
use crate::sql::Sql;

#[derive(QueryableByName)]
struct Open {
    #[diesel(sql_type = BigInt)]
    open: i64,
}

impl Store {
    /// Whether a key's organization, team or project is blocked, or gone: one question for all of
    /// them, since it is asked of each request with a key.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn is_blocked_above(&self, key: &VirtualKey) -> Result<bool> {
        let mut connection = self.connect().await?;
        let mut sql = Sql::new(
            connection.dialect(),
            "SELECT count(*) AS open FROM organizations WHERE NOT blocked AND id = ",
        );
        sql.text(key.organization_id.as_str());
        if let Some(team) = &key.team_id {
            sql.push(" AND EXISTS (SELECT 1 FROM teams WHERE NOT blocked AND id = ")
                .text(team.as_str())
                .push(")");
        }
        if let Some(project) = &key.project_id {
            sql.push(" AND EXISTS (SELECT 1 FROM projects WHERE NOT blocked AND id = ")
                .text(project.as_str())
                .push(")");
        }
        let rows: Vec<Open> = connection.load(sql).await?;
        Ok(rows.first().is_none_or(|row| row.open == 0))
    }
}
