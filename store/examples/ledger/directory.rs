//! Who pays for what the ledger is filled with: organizations, teams, people and keys, by the ids
//! that `ingest` gives them.

use crate::ingest;

const ROWS_IN_ONE_STATEMENT: u64 = 1_000;
const STAMPS: &str = "1, 'seed', 1, 'seed'";

/// The statements that write so many keys and whom they belong to.
pub fn directory(keys: u64) -> Vec<String> {
    let organizations = rows("organizations", ingest::ORGANIZATIONS, |n| {
        let id = ingest::id("org", n);
        format!("('{id}', NULL, 'Organization {n}', 'UTC', '{{}}', false, {STAMPS})")
    });
    let teams = rows("teams", ingest::TEAMS, |n| {
        let (id, organization) = (ingest::id("team", n), organization(n));
        format!(
            "('{id}', '{organization}', NULL, 'Team {n}', '{}', '{{}}', false, {STAMPS})",
            policy(500)
        )
    });
    let users = rows("users", ingest::USERS, |n| {
        let id = ingest::id("user", n);
        format!(
            "('{id}', NULL, 'person{n}@example.com', 'Person {n}', NULL, NULL, '{{}}', false, \
             {STAMPS})"
        )
    });
    let members = rows("members", ingest::USERS, |n| {
        let (team, user) = (ingest::id("team", n % ingest::TEAMS), ingest::id("user", n));
        let organization = organization(n % ingest::TEAMS);
        format!("('{organization}', '{team}', '{user}', 'member', '{{}}', {STAMPS})")
    });
    [
        organizations,
        teams,
        users,
        members,
        virtual_keys(keys),
        secrets(keys),
    ]
    .concat()
}

fn virtual_keys(keys: u64) -> Vec<String> {
    rows("virtual_keys", keys, |n| {
        let [id, team, user] = [
            ingest::id("key", n),
            ingest::id("team", n % ingest::TEAMS),
            ingest::id("user", n % ingest::USERS),
        ];
        let (organization, last_four) = (organization(n), n % 10_000);
        format!(
            "('{id}', '{organization}', '{team}', NULL, '{user}', NULL, 'key-{n}', 'production', \
             '{n:064x}', '{last_four:04}', '{}', NULL, false, {STAMPS})",
            policy(50)
        )
    })
}

fn secrets(keys: u64) -> Vec<String> {
    rows("key_secrets", keys, |n| {
        let (id, last_four) = (ingest::id("key", n), n % 10_000);
        format!("('{n:064x}', '{id}', '{last_four:04}', 1, NULL, 0, NULL)")
    })
}

fn organization(number: u64) -> String {
    ingest::id("org", number % ingest::ORGANIZATIONS)
}

/// A policy with a monthly budget of so many dollars.
fn policy(dollars: u64) -> String {
    let limit_nanousd = dollars * 1_000_000_000;
    format!("{{\"budgets\":[{{\"limit_nanousd\":{limit_nanousd},\"window\":\"1mo\"}}]}}")
}

/// Statements that insert `count` rows. The columns stand in the order of the migrations.
fn rows(table: &str, count: u64, row: impl Fn(u64) -> String) -> Vec<String> {
    let steps = 0..count.div_ceil(ROWS_IN_ONE_STATEMENT);
    steps
        .map(|step| {
            let first = step * ROWS_IN_ONE_STATEMENT;
            let last = (first + ROWS_IN_ONE_STATEMENT).min(count);
            let values: Vec<String> = (first..last).map(&row).collect();
            format!("INSERT INTO {table} VALUES {}", values.join(","))
        })
        .collect()
}
