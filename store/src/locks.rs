//! Jobs that one node runs at a time: an advisory lock of Postgres, held by an open transaction.
//!
//! SQLite belongs to one process, which runs each job once: nothing has to be locked there.

use diesel::QueryableByName;
use diesel::sql_types::Bool;

use crate::Store;
use crate::connection::Connection;
use crate::error::Result;
use crate::sql::{Dialect, Sql};

/// What one node does for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// Looks at budgets, and queues alerts.
    Alerts,
    /// Looks whether months are over, and queues what they came to.
    Months,
    /// Makes the days of the ledger, and drops those that are past.
    Days,
}

impl Job {
    /// The lock's number: "hg-jobs" and one more byte.
    const fn number(self) -> i64 {
        match self {
            Self::Alerts => 0x6867_2d6a_6f62_7301,
            Self::Days => 0x6867_2d6a_6f62_7302,
            Self::Months => 0x6867_2d6a_6f62_7303,
        }
    }
}

/// The right to run a job, until it is given back. Dropped, it ends with its connection.
#[must_use = "the job is another node's again when this is dropped"]
pub struct JobLock(Option<Connection>);

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

impl Store {
    /// Takes a job, unless another node has it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn try_job(&self, job: Job) -> Result<Option<JobLock>> {
        if self.writer.is_some() {
            return Ok(Some(JobLock(None)));
        }
        let mut connection = self.connect().await?;
        // Of the transaction and not of the session: poolers between us and Postgres keep those apart.
        match taken(&mut connection, job).await {
            Ok(true) => Ok(Some(JobLock(Some(connection)))),
            Ok(false) => {
                connection.commit().await?;
                Ok(None)
            }
            Err(cause) => {
                connection.close();
                Err(cause)
            }
        }
    }
}

async fn taken(connection: &mut Connection, job: Job) -> Result<bool> {
    connection.begin_writing().await?;
    let mut sql = Sql::new(Dialect::Postgres, "SELECT pg_try_advisory_xact_lock(");
    sql.number(job.number()).push(") AS taken");
    let rows: Vec<Taken> = connection.load(sql).await?;
    Ok(rows.first().is_some_and(|row| row.taken))
}

impl JobLock {
    /// Gives the job back; its connection serves others again.
    ///
    /// # Errors
    /// When the database does not answer: the lock then ends with the connection.
    pub async fn end(mut self) -> Result<()> {
        match self.0.take() {
            Some(mut connection) => match connection.commit().await {
                Ok(()) => Ok(()),
                Err(cause) => {
                    connection.close();
                    Err(cause)
                }
            },
            None => Ok(()),
        }
    }
}

impl Drop for JobLock {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take() {
            connection.close();
        }
    }
}
