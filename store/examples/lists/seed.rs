//! What is measured: organizations, teams, people and keys, inserted by the thousand.

use std::error::Error;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use store::Location;

const KEYS: u32 = 100_000;
const TEAMS: u32 = 10_000;
const USERS: u32 = 10_000;
const ORGANIZATIONS: u32 = 10;
const ROWS_IN_ONE_STATEMENT: u32 = 1_000;
const STAMPS: &str = "1, 'seed', 1, 'seed'";
const ENVIRONMENTS: [&str; 3] = ["development", "staging", "production"];

/// Fills an empty database whose schema is there.
pub async fn seed(location: &Location) -> Result<(), Box<dyn Error>> {
    let statements = [tenants(), keys()].concat();
    match location {
        Location::Postgres(url) => {
            let mut connection = AsyncPgConnection::establish(url).await?;
            for statement in statements {
                connection.batch_execute(&statement).await?;
            }
            connection.batch_execute("VACUUM ANALYZE").await?;
        }
        Location::Sqlite(path) => {
            let mut connection = SqliteConnection::establish(&path.to_string_lossy())?;
            connection.batch_execute(&format!("BEGIN;{};COMMIT;", statements.join(";")))?;
        }
    }
    Ok(())
}

/// The id of a seeded thing.
pub fn id(word: &str, number: u32) -> String {
    format!("{word}_01kb0000000000000000{number:06}")
}

/// A policy of a usual length, so that rows are as long as real ones.
fn policy() -> String {
    let note = "x".repeat(300);
    format!("{{\"models\":[\"gpt-*\"],\"metadata\":{{\"note\":\"{note}\"}}}}")
}

fn tenants() -> Vec<String> {
    let policy = policy();
    let organizations = rows("organizations", ORGANIZATIONS, |n| {
        format!("('org_{n}', NULL, 'Organization {n}', 'UTC', '{{}}', false, {STAMPS})")
    });
    let teams = rows("teams", TEAMS, |n| {
        let (id, organization) = (id("team", n), n % ORGANIZATIONS);
        format!(
            "('{id}', 'org_{organization}', NULL, 'Team {n} of somebody', '{policy}', '{{}}', \
             false, {STAMPS})"
        )
    });
    let users = rows("users", USERS, |n| {
        let id = id("user", n);
        format!(
            "('{id}', NULL, 'person{n}@example.com', 'Person {n}', NULL, NULL, '{{}}', false, \
             {STAMPS})"
        )
    });
    let members = rows("members", USERS, |n| {
        let (team, user, organization) = (id("team", n), id("user", n), n % ORGANIZATIONS);
        format!("('org_{organization}', '{team}', '{user}', 'member', '{{}}', {STAMPS})")
    });
    [organizations, teams, users, members].concat()
}

fn keys() -> Vec<String> {
    let policy = policy();
    let keys = rows("virtual_keys", KEYS, |n| {
        let (id, user) = (id("key", n), id("user", n % USERS));
        let team = match n % 50 {
            0 => "NULL".to_owned(),
            _ => format!("'{}'", self::id("team", n % TEAMS)),
        };
        let environment = ENVIRONMENTS
            .iter()
            .cycle()
            .nth(usize::try_from(n % 3).unwrap_or(0));
        let environment = environment.copied().unwrap_or_default();
        let (organization, last_four) = (n % ORGANIZATIONS, n % 10_000);
        let end = if n % 1_000 == 0 { "5" } else { "NULL" };
        let blocked = n % 500 == 0;
        format!(
            "('{id}', 'org_{organization}', {team}, NULL, '{user}', NULL, 'key-{n}-of-team', \
             '{environment}', '{n:064x}', '{last_four:04}', '{policy}', {end}, {blocked}, {STAMPS})"
        )
    });
    let secrets = rows("key_secrets", KEYS, |n| {
        let (id, last_four) = (id("key", n), n % 10_000);
        format!(
            "('{n:064x}', '{id}', '{last_four:04}', 1, NULL, 0, {})",
            n % 977
        )
    });
    let activity = rows("key_activity", KEYS, |n| {
        format!("('{}', {}, {})", id("key", n), n % 977, n % 9_973)
    });
    [keys, secrets, activity].concat()
}

/// Statements that insert `count` rows. The columns stand in the order of the migrations.
fn rows(table: &str, count: u32, row: impl Fn(u32) -> String) -> Vec<String> {
    (0..count)
        .step_by(usize::try_from(ROWS_IN_ONE_STATEMENT).unwrap_or(1))
        .map(|first| {
            let last = first.saturating_add(ROWS_IN_ONE_STATEMENT).min(count);
            let values: Vec<String> = (first..last).map(&row).collect();
            format!("INSERT INTO {table} VALUES {}", values.join(","))
        })
        .collect()
}
