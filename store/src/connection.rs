//! One connection to either database, and the pools they come from.

use std::path::{Path, PathBuf};
use std::time::Duration;

use diesel::SqliteConnection;
use diesel::connection::SimpleConnection;
use diesel::deserialize::QueryableByName;
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel_async::pooled_connection::deadpool::{BuildError, Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig};
use diesel_async::sync_connection_wrapper::SyncConnectionWrapper;
use diesel_async::{
    AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection, TransactionManager,
};

use crate::error::{Result, StoreError};
use crate::postgres;
use crate::sql::{Dialect, Sql};

/// SQLite behind the asynchronous door: its queries run on blocking threads.
pub(crate) type AsyncSqlite = SyncConnectionWrapper<SqliteConnection>;

/// How long a caller waits for a free connection, and a new one may take to be made.
const PATIENCE: Duration = Duration::from_secs(3);

/// The most connections to Postgres of one process.
const POSTGRES_CONNECTIONS: usize = 16;

/// Readers of SQLite beside the one writer.
const SQLITE_CONNECTIONS: usize = 4;

/// Where the database is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// `postgres://user:password@host:port/name?sslmode=…`. It holds a password: never log it.
    Postgres(String),
    /// A file of SQLite's.
    Sqlite(PathBuf),
}

/// Connections to one of the two databases.
#[derive(Clone)]
pub(crate) enum Pools {
    Postgres(Pool<AsyncPgConnection>),
    Sqlite(Pool<AsyncSqlite>),
}

/// A connection that is in use; it goes back to its pool when dropped, unless a transaction is
/// still open on it: then it is closed.
pub(crate) enum Connection {
    Postgres(Box<Object<AsyncPgConnection>>),
    Sqlite(Object<AsyncSqlite>),
}

/// Runs one piece of code with `$connection` as the connection of either database: it is compiled
/// once for each, so both are checked.
macro_rules! on_either {
    ($connection:expr, $c:ident => $body:expr) => {
        match $connection {
            crate::connection::Connection::Postgres(ref mut pooled) => {
                let $c: &mut diesel_async::AsyncPgConnection = &mut *pooled;
                $body
            }
            crate::connection::Connection::Sqlite(ref mut pooled) => {
                let $c: &mut crate::connection::AsyncSqlite = &mut *pooled;
                $body
            }
        }
    };
}

pub(crate) use on_either;

/// Connections of one process to the database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    /// So many there may be.
    pub most: usize,
    /// So many are made.
    pub open: usize,
    /// So many of them are free.
    pub idle: usize,
    /// So many callers wait for one.
    pub waiting: usize,
}

impl Pools {
    pub(crate) fn connections(&self) -> Connections {
        let status = match self {
            Self::Postgres(pool) => pool.status(),
            Self::Sqlite(pool) => pool.status(),
        };
        Connections {
            most: status.max_size,
            open: status.size,
            idle: status.available,
            waiting: status.waiting,
        }
    }

    /// How many reports may be read at once: half of the connections are left to what is short.
    pub(crate) fn reports_at_once(&self) -> usize {
        (self.connections().most / 2).max(1)
    }

    /// Pools for a database; no connection is made yet.
    pub(crate) fn new(location: &Location) -> Result<Self> {
        match location {
            Location::Postgres(url) => {
                let mut config = ManagerConfig::default();
                config.custom_setup = Box::new(|url| {
                    let url = url.to_owned();
                    Box::pin(async move { postgres::connect(&url).await })
                });
                let manager = AsyncDieselConnectionManager::new_with_config(url, config);
                let pool = Pool::builder(manager)
                    .max_size(POSTGRES_CONNECTIONS)
                    .build();
                built(pool).map(Self::Postgres)
            }
            Location::Sqlite(path) => {
                let mut config = ManagerConfig::default();
                config.custom_setup = Box::new(|url| {
                    let url = url.to_owned();
                    Box::pin(async move {
                        let mut connection = AsyncSqlite::establish(&url).await?;
                        connection
                            .batch_execute(PRAGMAS)
                            .await
                            .map_err(diesel::ConnectionError::CouldntSetupConfiguration)?;
                        Ok(connection)
                    })
                });
                let manager =
                    AsyncDieselConnectionManager::new_with_config(path.to_string_lossy(), config);
                let pool = Pool::builder(manager).max_size(SQLITE_CONNECTIONS).build();
                built(pool).map(Self::Sqlite)
            }
        }
    }

    /// A connection, waited for at most [`PATIENCE`].
    pub(crate) async fn get(&self) -> Result<Connection> {
        let away = |cause: String| StoreError::Unavailable(cause);
        match self {
            Self::Postgres(pool) => tokio::time::timeout(PATIENCE, pool.get())
                .await
                .map_err(|_elapsed| away(NO_ANSWER.to_owned()))?
                .map(|pooled| Connection::Postgres(Box::new(pooled)))
                .map_err(|cause| away(cause.to_string())),
            Self::Sqlite(pool) => tokio::time::timeout(PATIENCE, pool.get())
                .await
                .map_err(|_elapsed| away(NO_ANSWER.to_owned()))?
                .map(Connection::Sqlite)
                .map_err(|cause| away(cause.to_string())),
        }
    }
}

const NO_ANSWER: &str = "no connection within 3 seconds";

/// What every connection to SQLite is told: wait for the writer, do not lose what is committed when
/// the process is killed, mind references.
const PRAGMAS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;";

fn built<T>(pool: std::result::Result<T, BuildError>) -> Result<T> {
    pool.map_err(|cause| StoreError::Unavailable(cause.to_string()))
}

impl Connection {
    /// Closes it instead of giving it back: an open transaction ends at once, with its locks.
    pub(crate) fn close(self) {
        match self {
            Self::Postgres(pooled) => drop(Object::take(*pooled)),
            Self::Sqlite(pooled) => drop(Object::take(pooled)),
        }
    }
}

impl Connection {
    /// Begins a transaction that sees one moment from its first query on.
    pub(crate) async fn begin_reading(&mut self) -> Result<()> {
        match self {
            Self::Postgres(pooled) => {
                begin(&mut **pooled).await?;
                pooled
                    .batch_execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                    .await?;
            }
            // SQLite's transactions always do.
            Self::Sqlite(pooled) => begin(&mut **pooled).await?,
        }
        Ok(())
    }

    /// Makes ready, in a transaction, for adding many rows up. Of lists that come with a statement
    /// Postgres knows too little: it thought of a few rows where there are half a million, and sorted
    /// them before it added them up, or went through all combinations for each quarter of an hour. So
    /// they are grouped in memory, and tables are joined in the order in which they are written.
    pub(crate) async fn add_up(&mut self, as_written: bool) -> Result<()> {
        const HASHED: &str = "SET LOCAL work_mem = '32MB'; SET LOCAL enable_sort = off; \
            SET LOCAL join_collapse_limit = 8";
        const AS_WRITTEN: &str = "SET LOCAL work_mem = '32MB'; SET LOCAL enable_sort = off; \
            SET LOCAL join_collapse_limit = 1";
        if let Self::Postgres(pooled) = self {
            let settings = if as_written { AS_WRITTEN } else { HASHED };
            pooled.batch_execute(settings).await?;
        }
        Ok(())
    }

    /// Ends a transaction that has only read.
    pub(crate) async fn end_reading(&mut self) -> Result<()> {
        match self {
            Self::Postgres(pooled) => end(&mut **pooled).await?,
            Self::Sqlite(pooled) => end(&mut **pooled).await?,
        }
        Ok(())
    }
}

async fn begin<C: AsyncConnection>(connection: &mut C) -> diesel::QueryResult<()> {
    C::TransactionManager::begin_transaction(connection).await
}

async fn end<C: AsyncConnection>(connection: &mut C) -> diesel::QueryResult<()> {
    C::TransactionManager::commit_transaction(connection).await
}

/// A plain connection to SQLite, for migrations.
pub(crate) fn sqlite(path: &Path) -> Result<SqliteConnection> {
    let url = path.to_string_lossy();
    let mut connection = <SqliteConnection as diesel::Connection>::establish(&url)
        .map_err(|cause| StoreError::Unavailable(cause.to_string()))?;
    connection.batch_execute(PRAGMAS)?;
    Ok(connection)
}

impl Connection {
    /// Which database it is.
    pub(crate) const fn dialect(&self) -> Dialect {
        match self {
            Self::Postgres(_) => Dialect::Postgres,
            Self::Sqlite(_) => Dialect::Sqlite,
        }
    }

    /// Runs a statement that answers with rows.
    pub(crate) async fn load<Row>(&mut self, sql: Sql) -> Result<Vec<Row>>
    where
        Row: QueryableByName<Pg> + QueryableByName<Sqlite> + Send + 'static,
    {
        Ok(match self {
            Self::Postgres(pooled) => sql.for_postgres().load(&mut ***pooled).await?,
            Self::Sqlite(pooled) => sql.for_sqlite().load(&mut **pooled).await?,
        })
    }

    /// Runs a statement that does something, and says to how many rows.
    pub(crate) async fn execute(&mut self, sql: Sql) -> Result<usize> {
        Ok(match self {
            Self::Postgres(pooled) => sql.for_postgres().execute(&mut ***pooled).await?,
            Self::Sqlite(pooled) => sql.for_sqlite().execute(&mut **pooled).await?,
        })
    }

    /// Begins a transaction that writes.
    pub(crate) async fn begin_writing(&mut self) -> Result<()> {
        match self {
            Self::Postgres(pooled) => begin(&mut **pooled).await?,
            Self::Sqlite(pooled) => begin(&mut **pooled).await?,
        }
        Ok(())
    }

    /// Ends it: what was written is kept.
    pub(crate) async fn commit(&mut self) -> Result<()> {
        self.end_reading().await
    }
}
