//! Who pays for what the ledger is filled with: organizations, teams, people and keys, by the ids
//! that `ingest` gives them.

use crate::ingest;

const ROWS_IN_ONE_STATEMENT: u64 = 1_000;
// The columns of each table; those that came later have what is usual in them.
const ORGANIZATIONS: (&str, &str) = (
    "organizations",
    "id, external_id, name, time_zone, policy, blocked, created_at_ms, created_by, \
    updated_at_ms, updated_by",
);
const TEAMS: (&str, &str) = (
    "teams",
    "id, organization_id, external_id, name, policy, member_policy, blocked, \
    created_at_ms, created_by, updated_at_ms, updated_by",
);
const USERS: (&str, &str) = (
    "users",
    "id, external_id, email, name, platform_role, password_hash, policy, blocked, \
    created_at_ms, created_by, updated_at_ms, updated_by",
);
const MEMBERS: (&str, &str) = (
    "members",
    "organization_id, team_id, user_id, role, policy, created_at_ms, created_by, \
    updated_at_ms, updated_by",
);
const VIRTUAL_KEYS: (&str, &str) = (
    "virtual_keys",
    "id, organization_id, team_id, project_id, user_id, service_account_id, alias, \
    environment, hash, last_four, policy, expires_at_ms, blocked, created_at_ms, \
    created_by, updated_at_ms, updated_by",
);
const KEY_SECRETS: (&str, &str) = (
    "key_secrets",
    "hash, key_id, last_four, created_at_ms, ends_at_ms, uses, last_used_at_ms",
);

const STAMPS: &str = "1, 'seed', 1, 'seed'";

/// The statements that write so many keys and whom they belong to.
pub fn directory(keys: u64) -> Vec<String> {
    let organizations = rows(ORGANIZATIONS, ingest::ORGANIZATIONS, |n| {
        let id = ingest::id("org", n);
        format!("('{id}', NULL, 'Organization {n}', 'UTC', '{{}}', false, {STAMPS})")
    });
    let teams = rows(TEAMS, ingest::TEAMS, |n| {
        let (id, organization) = (ingest::id("team", n), organization(n));
        format!(
            "('{id}', '{organization}', NULL, 'Team {n}', '{}', '{{}}', false, {STAMPS})",
            policy(500)
        )
    });
    let users = rows(USERS, ingest::USERS, |n| {
        let id = ingest::id("user", n);
        format!(
            "('{id}', NULL, 'person{n}@example.com', 'Person {n}', NULL, NULL, '{{}}', false, \
             {STAMPS})"
        )
    });
    let members = rows(MEMBERS, ingest::USERS, |n| {
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
    rows(VIRTUAL_KEYS, keys, |n| {
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
    rows(KEY_SECRETS, keys, |n| {
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

/// Statements that insert `count` rows.
fn rows((table, columns): (&str, &str), count: u64, row: impl Fn(u64) -> String) -> Vec<String> {
    let steps = 0..count.div_ceil(ROWS_IN_ONE_STATEMENT);
    steps
        .map(|step| {
            let first = step * ROWS_IN_ONE_STATEMENT;
            let last = (first + ROWS_IN_ONE_STATEMENT).min(count);
            let values: Vec<String> = (first..last).map(&row).collect();
            format!(
                "INSERT INTO {table} ({columns}) VALUES {}",
                values.join(",")
            )
        })
        .collect()
}
