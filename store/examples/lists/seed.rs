//! What is measured: organizations, teams, people, keys and the trail of how they were made, inserted by
//! the thousand.

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
// The columns of each table; those that came later have what is usual in them.
const ORGANIZATION_COLUMNS: (&str, &str) = (
    "organizations",
    "id, external_id, name, time_zone, policy, blocked, created_at_ms, created_by, \
    updated_at_ms, updated_by",
);
const TEAM_COLUMNS: (&str, &str) = (
    "teams",
    "id, organization_id, external_id, name, policy, member_policy, blocked, created_at_ms, \
    created_by, updated_at_ms, updated_by",
);
const USER_COLUMNS: (&str, &str) = (
    "users",
    "id, external_id, email, name, platform_role, password_hash, policy, blocked, \
    created_at_ms, created_by, updated_at_ms, updated_by",
);
const MEMBER_COLUMNS: (&str, &str) = (
    "members",
    "organization_id, team_id, user_id, role, policy, created_at_ms, created_by, \
    updated_at_ms, updated_by",
);
const KEY_COLUMNS: (&str, &str) = (
    "virtual_keys",
    "id, organization_id, team_id, project_id, user_id, service_account_id, alias, \
    environment, hash, last_four, policy, has_budgets, expires_at_ms, blocked, \
    created_at_ms, created_by, updated_at_ms, updated_by",
);
const SECRET_COLUMNS: (&str, &str) = (
    "key_secrets",
    "hash, key_id, last_four, created_at_ms, ends_at_ms, uses, last_used_at_ms",
);
const ACTIVITY_COLUMNS: (&str, &str) = ("key_activity", "key_id, last_used_at_ms, spent_nanousd");
const AUDIT_COLUMNS: (&str, &str) = (
    "audit_entries",
    "sequence, at_ms, organization_id, team_id, actor_kind, actor_id, action, object_kind, object_id, \
    after_value, mac",
);
const STAMPS: &str = "1, 'seed', 1, 'seed'";
const ENVIRONMENTS: [&str; 3] = ["development", "staging", "production"];

/// Fills an empty database whose schema is there.
pub async fn seed(location: &Location) -> Result<(), Box<dyn Error>> {
    let statements = [tenants(), keys(), trail()].concat();
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

/// The same with a budget of its own.
fn policy_with_budget() -> String {
    policy().replacen(
        "\"metadata\"",
        "\"budgets\":[{\"limit_nanousd\":5000000000}],\"metadata\"",
        1,
    )
}

fn tenants() -> Vec<String> {
    let policy = policy();
    let organizations = rows(ORGANIZATION_COLUMNS, ORGANIZATIONS, |n| {
        format!("('org_{n}', NULL, 'Organization {n}', 'UTC', '{{}}', false, {STAMPS})")
    });
    let teams = rows(TEAM_COLUMNS, TEAMS, |n| {
        let (id, organization) = (id("team", n), n % ORGANIZATIONS);
        format!(
            "('{id}', 'org_{organization}', NULL, 'Team {n} of somebody', '{policy}', '{{}}', \
             false, {STAMPS})"
        )
    });
    let users = rows(USER_COLUMNS, USERS, |n| {
        let id = id("user", n);
        format!(
            "('{id}', NULL, 'person{n}@example.com', 'Person {n}', NULL, NULL, '{{}}', false, \
             {STAMPS})"
        )
    });
    let members = rows(MEMBER_COLUMNS, USERS, |n| {
        let (team, user, organization) = (id("team", n), id("user", n), n % ORGANIZATIONS);
        format!("('org_{organization}', '{team}', '{user}', 'member', '{{}}', {STAMPS})")
    });
    [organizations, teams, users, members].concat()
}

fn keys() -> Vec<String> {
    let (policy, with_budget) = (policy(), policy_with_budget());
    let keys = rows(KEY_COLUMNS, KEYS, |n| {
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
        let has_budgets = n % 40 == 0;
        let policy = if has_budgets { &with_budget } else { &policy };
        format!(
            "('{id}', 'org_{organization}', {team}, NULL, '{user}', NULL, 'key-{n}-of-team', \
             '{environment}', '{n:064x}', '{last_four:04}', '{policy}', {has_budgets}, {end}, {blocked}, \
             {STAMPS})"
        )
    });
    let secrets = rows(SECRET_COLUMNS, KEYS, |n| {
        let (id, last_four) = (id("key", n), n % 10_000);
        format!(
            "('{n:064x}', '{id}', '{last_four:04}', 1, NULL, 0, {})",
            n % 977
        )
    });
    let activity = rows(ACTIVITY_COLUMNS, KEYS, |n| {
        format!("('{}', {}, {})", id("key", n), n % 977, n % 9_973)
    });
    [keys, secrets, activity].concat()
}

/// An entry for each team and key; chained they are not, which no list asks.
fn trail() -> Vec<String> {
    let policy = policy();
    rows(AUDIT_COLUMNS, TEAMS.saturating_add(KEYS), |n| {
        let (kind, of_kind) = match n.checked_sub(TEAMS) {
            Some(key) => ("key", key),
            None => ("team", n),
        };
        let (object, team) = (id(kind, of_kind), id("team", of_kind % TEAMS));
        let (organization, actor) = (of_kind % ORGANIZATIONS, id("user", n % 20));
        format!(
            "({n}, {n}, 'org_{organization}', '{team}', 'user', '{actor}', '{kind}.create', '{kind}', \
             '{object}', '{policy}', '{n:064x}')"
        )
    })
}

/// Statements that insert `count` rows.
fn rows((table, columns): (&str, &str), count: u32, row: impl Fn(u32) -> String) -> Vec<String> {
    (0..count)
        .step_by(usize::try_from(ROWS_IN_ONE_STATEMENT).unwrap_or(1))
        .map(|first| {
            let last = first.saturating_add(ROWS_IN_ONE_STATEMENT).min(count);
            let values: Vec<String> = (first..last).map(&row).collect();
            format!(
                "INSERT INTO {table} ({columns}) VALUES {}",
                values.join(",")
            )
        })
        .collect()
}
