//! Migrations: embedded, run at start under a lock, or asked whether they all have run.

use diesel::migration::MigrationSource;
use diesel_async::{
    AsyncConnection, AsyncMigrationHarness, AsyncPgConnection, SimpleAsyncConnection,
};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use crate::connection::{self, Location};
use crate::error::{Result, StoreError};

const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");
const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");

/// The number of the advisory lock under which one process migrates while others wait ("headgate").
const LOCK: i64 = 0x6865_6164_6761_7465;

/// Runs what has not run yet, and returns the names of those.
///
/// # Errors
/// When the database does not answer, or refuses a migration; then none of that migration remains.
pub async fn migrate(location: &Location) -> Result<Vec<String>> {
    match location {
        Location::Postgres(url) => {
            let mut connection = postgres(url).await?;
            connection
                .batch_execute(&format!("SELECT pg_advisory_lock({LOCK})"))
                .await?;
            blocking(move || run(&mut AsyncMigrationHarness::new(connection), POSTGRES)).await
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
            blocking(move || names(&mut AsyncMigrationHarness::new(connection), POSTGRES)).await
        }
        Location::Sqlite(path) => {
            let path = path.clone();
            blocking(move || names(&mut connection::sqlite(&path)?, SQLITE)).await
        }
    }
}

async fn postgres(url: &str) -> Result<AsyncPgConnection> {
    AsyncPgConnection::establish(url)
        .await
        .map_err(|cause| StoreError::Unavailable(cause.to_string()))
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
