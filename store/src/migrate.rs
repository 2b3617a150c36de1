//! Migrations: embedded, run at start under a lock, or asked whether they all have run.

use diesel::migration::MigrationSource;
use diesel_async::{AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::connection::{self, Location};
use crate::error::{Result, StoreError};

const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");

/// The number of the advisory lock under which one process migrates while others wait ("headgate").
const LOCK: i64 = 0x6865_6164_6761_7465;

/// Waits for the lock as long as another process migrates, however long that is; then a statement
/// may take as long as a large table needs, and a lock that running requests hold is waited for as
/// short as ever.
fn waiting_for_the_lock() -> String {
    format!(
        "SET statement_timeout = 0; SET lock_timeout = 0; SELECT pg_advisory_lock({LOCK}); \
         SET lock_timeout = '5s'"
    )
}

/// Runs what has not run yet, and returns the names of those.
///
/// # Errors
/// When the database does not answer, or refuses a migration; then none of that migration remains.
pub async fn migrate(location: &Location) -> Result<Vec<String>> {
    match location {
        Location::Postgres(url) => {
            let mut connection = postgres(url).await?;
            connection.batch_execute(&waiting_for_the_lock()).await?;
            on_postgres(connection, |harness| run(harness, POSTGRES)).await
        }
        Location::Sqlite(path) => {
            let path = path.clone();
            blocking(move || run(&mut connection::sqlite(&path)?, SQLITE)).await
        }
    }
}

/// The names of migrations that this program has and the database has not.
///
/// # Errors
/// When the database does not answer.
pub async fn pending(location: &Location) -> Result<Vec<String>> {
    match location {
        Location::Postgres(url) => {
            let connection = postgres(url).await?;
            on_postgres(connection, |harness| names(harness, POSTGRES)).await
        }
        Location::Sqlite(path) => {
            let path = path.clone();
            blocking(move || names(&mut connection::sqlite(&path)?, SQLITE)).await
        }
    }
}

async fn postgres(url: &str) -> Result<AsyncPgConnection> {
    crate::postgres::connect(url)
        .await
        .map_err(|cause| StoreError::Unavailable(cause.to_string()))
}

/// Does something with the migrations of Postgres. When it fails, whether the connection still
/// answers says whose fault it was: one that broke meanwhile is none of the schema.
async fn on_postgres<T: Send + 'static>(
    connection: AsyncPgConnection,
    task: impl FnOnce(&mut AsyncMigrationHarness<AsyncPgConnection>) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (done, mut connection) = blocking(move || {
        let mut harness = AsyncMigrationHarness::new(connection);
        let done = task(&mut harness);
        Ok((done, harness.into_inner()))
    })
    .await?;
    let Err(refused) = done else {
        return done;
    };
    // Without a transaction it says no more than that it is there.
    match connection.batch_execute("ROLLBACK").await {
        Ok(()) => Err(refused),
        Err(_broken) => Err(StoreError::Unavailable(refused.to_string())),
    }
}

async fn blocking<T: Send + 'static>(
    task: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(task)
        .await
        .map_err(|gone| StoreError::Schema(gone.to_string()))?
}

fn run<DB: diesel::backend::Backend>(
    harness: &mut impl MigrationHarness<DB>,
    source: impl MigrationSource<DB>,
) -> Result<Vec<String>> {
    harness
        .run_pending_migrations(source)
        .map(|ran| ran.iter().map(ToString::to_string).collect())
        .map_err(|refused| StoreError::Schema(refused.to_string()))
}

fn names<DB: diesel::backend::Backend>(
    harness: &mut impl MigrationHarness<DB>,
    source: impl MigrationSource<DB>,
) -> Result<Vec<String>> {
    harness
        .pending_migrations(source)
        .map(|pending| pending.iter().map(|one| one.name().to_string()).collect())
        .map_err(|refused| StoreError::Schema(refused.to_string()))
}
