//! Both databases have the same tables, made by migrations of the same names.

use std::collections::BTreeSet;
use std::path::Path;

use diesel::sql_types::{Bool, Text};
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use harness::postgres::Postgres;
use store::{Location, migrate};
use tempfile::TempDir;

/// A column, its type as Postgres names it, and whether it may be empty.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    table_name: String,
    #[diesel(sql_type = Text)]
    column_name: String,
    #[diesel(sql_type = Text)]
    data_type: String,
    #[diesel(sql_type = Bool)]
    nullable: bool,
}

const OF_SQLITE: &str = "SELECT tables.name AS table_name, columns.name AS column_name, \
    lower(columns.type) AS data_type, columns.\"notnull\" = 0 AS nullable \
    FROM sqlite_master AS tables, pragma_table_info(tables.name) AS columns \
    WHERE tables.type = 'table' AND tables.name NOT LIKE 'sqlite_%' \
    AND tables.name <> '__diesel_schema_migrations'";

const OF_POSTGRES: &str = "SELECT table_name::text, column_name::text, data_type::text, \
    is_nullable = 'YES' AS nullable FROM information_schema.columns \
    WHERE table_schema = 'public' AND table_name <> '__diesel_schema_migrations'";

fn migrations(database: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let folders = std::fs::read_dir(root.join(database)).unwrap();
    let mut names: Vec<String> = folders
        .map(|folder| folder.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn both_databases_have_migrations_of_the_same_names() {
    let names = migrations("postgres");
    assert!(!names.is_empty());
    assert_eq!(names, migrations("sqlite"));
}

#[tokio::test(flavor = "multi_thread")]
async fn both_databases_have_the_same_columns() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("headgate.db");
    migrate::migrate(&Location::Sqlite(path.clone()))
        .await
        .unwrap();
    let mut sqlite = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let in_sqlite: Vec<Column> = diesel::sql_query(OF_SQLITE).load(&mut sqlite).unwrap();

    let database = Postgres::shared().database().await;
    let location = Location::Postgres(database.url());
    let ran = migrate::migrate(&location).await.unwrap();
    assert_eq!(ran.len(), migrations("postgres").len());
    assert!(migrate::migrate(&location).await.unwrap().is_empty());
    assert!(migrate::pending(&location).await.unwrap().is_empty());
    let mut postgres = AsyncPgConnection::establish(&database.url()).await.unwrap();
    let query = diesel::sql_query(OF_POSTGRES);
    let in_postgres: Vec<Column> = diesel_async::RunQueryDsl::load(query, &mut postgres)
        .await
        .unwrap();

    let (in_sqlite, in_postgres) = (
        BTreeSet::from_iter(in_sqlite),
        BTreeSet::from_iter(in_postgres),
    );
    assert!(in_postgres.len() > 150, "{}", in_postgres.len());
    let differ: Vec<_> = in_sqlite.symmetric_difference(&in_postgres).collect();
    assert!(differ.is_empty(), "{differ:#?}");
}
