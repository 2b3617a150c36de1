//! The harness's PostgreSQL does what tests need of it, and leaves nothing behind.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use harness::deadline::{PATIENCE, within};
use harness::postgres::{Database, Postgres};
use tokio::task::JoinSet;
use tokio_postgres::{Client, NoTls};

/// A connection; it ends with the set.
async fn connect(url: &str) -> (Client, JoinSet<()>) {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    let mut driving = JoinSet::new();
    driving.spawn(async { drop(connection.await) });
    (client, driving)
}

/// What only a superuser may ask.
fn as_superuser(database: &Database) -> String {
    database.url().replace("headgate:headgate@", "postgres@")
}

async fn say(url: &str, statement: &str) {
    let (client, _driving) = connect(url).await;
    client.batch_execute(statement).await.unwrap();
}

async fn number(url: &str, query: &str) -> i64 {
    let (client, _driving) = connect(url).await;
    client.query_one(query, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn each_test_has_a_database_of_its_own() {
    let postgres = Postgres::shared();
    let (one, other) = tokio::join!(postgres.database(), postgres.database());
    assert_ne!(one.url(), other.url());
    say(&one.url(), "CREATE TABLE t (a int)").await;
    say(&other.url(), "CREATE TABLE t (a int)").await;
}

#[tokio::test]
async fn the_role_is_no_superuser_and_owns_its_database() {
    let database = Postgres::shared().database().await;
    let query =
        "SELECT (rolsuper OR rolbypassrls)::int::int8 FROM pg_roles WHERE rolname = current_user";
    assert_eq!(number(&database.url(), query).await, 0);
    say(&database.url(), "CREATE SCHEMA s; CREATE TABLE s.t (a int)").await;
}

#[tokio::test]
async fn it_is_15_or_newer_and_listens_on_the_loopback_alone() {
    let database = Postgres::shared().database().await;
    let version = "SELECT current_setting('server_version_num')::int8";
    assert!(number(&database.url(), version).await >= 150_000);
    let elsewhere = "SELECT (current_setting('listen_addresses') <> '127.0.0.1' \
        OR current_setting('unix_socket_directories') <> '')::int::int8";
    assert_eq!(number(&as_superuser(&database), elsewhere).await, 0);
}

#[tokio::test]
async fn a_template_is_prepared_once_and_copied_for_each_test() {
    let prepared = AtomicUsize::new(0);
    let copy = || {
        Postgres::shared().copy_of("prepared", |url| async move {
            say(&url, "CREATE TABLE t (a int8); INSERT INTO t VALUES (7)").await;
        })
    };
    let counted = || async {
        prepared.fetch_add(1, Ordering::Relaxed);
        copy().await
    };
    let (one, two, three): (Database, Database, Database) =
        tokio::join!(counted(), counted(), counted());
    say(&one.url(), "UPDATE t SET a = 8").await;
    assert_eq!(number(&one.url(), "SELECT a FROM t").await, 8);
    for copy in [two, three] {
        assert_eq!(number(&copy.url(), "SELECT a FROM t").await, 7);
    }
}

#[tokio::test]
async fn a_server_of_ones_own_can_be_killed_and_comes_back_with_what_was_committed() {
    let postgres = Postgres::own().await;
    let database = postgres.database().await;
    say(&database.url(), "CREATE TABLE t (a int8)").await;
    for round in 1..=2_i64 {
        say(&database.url(), "INSERT INTO t VALUES (1)").await;
        let (client, _driving) = connect(&database.url()).await;
        postgres.stop().await;
        assert!(client.batch_execute("SELECT 1").await.is_err());
        assert!(
            tokio_postgres::connect(&database.url(), NoTls)
                .await
                .is_err()
        );
        postgres.start().await;
        let count = "SELECT count(*) FROM t";
        assert_eq!(number(&database.url(), count).await, round);
    }
}

/// Set for the process that is killed.
const VICTIM: &str = "HEADGATE_HARNESS_VICTIM";

#[tokio::test]
async fn nothing_is_left_when_the_process_of_the_tests_is_killed() {
    if std::env::var_os(VICTIM).is_some() {
        let database = Postgres::shared().database().await;
        let (client, _driving) = connect(&as_superuser(&database)).await;
        let row = client.query_one("SHOW data_directory", &[]).await.unwrap();
        println!("\nVICTIM {} {}", database.url(), row.get::<_, String>(0));
        // Not for ever: the pipe closes with the other process, should that be killed itself.
        std::io::stdin().read_line(&mut String::new()).unwrap();
        return;
    }
    let mut victim = Command::new(std::env::current_exe().unwrap())
        .args(["nothing_is_left", "--nocapture", "--test-threads=1"])
        .env(VICTIM, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(victim.stdout.take().unwrap()).lines();
    let line = lines
        .map(Result::unwrap)
        .find(|line| line.starts_with("VICTIM "));
    let line = line.expect("the process says where its database is");
    let [_, url, data] = line.split(' ').collect::<Vec<_>>()[..] else {
        panic!("{line}");
    };
    victim.kill().unwrap();
    victim.wait().unwrap();
    let data = std::path::Path::new(data);
    let gone = async {
        while data.parent().unwrap().exists() || tokio_postgres::connect(url, NoTls).await.is_ok() {
            // What is waited for is another process's end, which nothing announces.
            tokio::time::sleep(PATIENCE / 1000).await;
        }
    };
    within("server and data are gone", gone).await;
}
