//! How long lists, searches and counts take over 100,000 keys and 10,000 teams: seeds a database
//! and prints the slowest of some runs of each.
//!
//! `cargo run --release -p store --example lists -- FOLDER` measures a fresh SQLite in that folder,
//! `-- postgres://…` an empty Postgres.

use std::error::Error;
use std::future::Future;
use std::time::{Duration, Instant};

use diesel::{Connection, SqliteConnection};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use domain::audit::AuditKey;
use domain::directory::Directory;
use domain::keys::KeyHash;
use domain::permissions::Scope;
use domain::time::TimestampMs;
use store::page::Page;
use store::teams::TeamFilter;
use store::users::UserFilter;
use store::virtual_keys::KeyFilter;
use store::{Location, Store, migrate};

const KEYS: u32 = 100_000;
const TEAMS: u32 = 10_000;
const USERS: u32 = 10_000;
const ORGANIZATIONS: u32 = 10;
const RUNS: u32 = 5;
const ROWS_IN_ONE_STATEMENT: u32 = 1_000;

type Outcome = Result<(), Box<dyn Error>>;

#[tokio::main]
#[expect(clippy::print_stdout, reason = "its figures are what it is run for")]
async fn main() -> Outcome {
    let place = std::env::args()
        .nth(1)
        .ok_or("name a folder or a URL of Postgres")?;
    let location = match place.starts_with("postgres") {
        true => Location::Postgres(place),
        false => Location::Sqlite(std::path::Path::new(&place).join("lists.db")),
    };
    migrate::migrate(&location).await?;
    let begun = Instant::now();
    seed(&location).await?;
    println!("seeded in {:?}", begun.elapsed());
    let store = Store::open(&location, AuditKey::new([7; 32]))?;
    keys(&store).await?;
    teams_and_people(&store).await?;
    single(&store).await
}

/// Prints the slowest of some runs.
#[expect(clippy::print_stdout, reason = "its figures are what it is run for")]
async fn time<T, Run: Future<Output = store::Result<T>>>(
    what: &str,
    run: impl Fn() -> Run,
    found: impl Fn(&T) -> String,
) -> Outcome {
    let mut slowest = Duration::ZERO;
    let mut last = String::new();
    for _ in 0..RUNS {
        let begun = Instant::now();
        let answer = run().await?;
        slowest = slowest.max(begun.elapsed());
        last = found(&answer);
    }
    println!("{:>8.1} ms  {what}: {last}", slowest.as_secs_f64() * 1e3);
    Ok(())
}

fn all() -> KeyFilter {
    KeyFilter {
        scope: everything(),
        ..KeyFilter::default()
    }
}

fn everything() -> Scope {
    Scope {
        everything: true,
        ..Scope::default()
    }
}

async fn keys(store: &Store) -> Outcome {
    let some = |text: &str| Some(text.to_owned());
    let organization = || Some(domain::ids::OrganizationId::new("org_3"));
    let team = || domain::ids::TeamId::new(id("team", 77));
    let many = Scope {
        organizations: [domain::ids::OrganizationId::new("org_1")].into(),
        teams: [team()].into(),
        owner: Some(domain::ids::UserId::new(id("user", 5))),
        ..Scope::default()
    };
    let few = Scope {
        organizations: [].into(),
        ..many.clone()
    };
    let cases = [
        ("keys", all()),
        (
            "keys of a scope",
            KeyFilter {
                scope: many.clone(),
                ..all()
            },
        ),
        (
            "keys of a team and an owner",
            KeyFilter {
                scope: few.clone(),
                ..all()
            },
        ),
        (
            "keys of an organization",
            KeyFilter {
                organization_id: organization(),
                ..all()
            },
        ),
        (
            "keys of a team",
            KeyFilter {
                team_id: Some(team()),
                ..all()
            },
        ),
        (
            "keys of an alias",
            KeyFilter {
                alias: some("key-99999-of-team"),
                ..all()
            },
        ),
        (
            "keys of an environment",
            KeyFilter {
                environment: some("staging"),
                ..all()
            },
        ),
        (
            "keys of an environment that nobody has",
            KeyFilter {
                environment: some("none"),
                ..all()
            },
        ),
        (
            "keys of a person",
            KeyFilter {
                user_id: Some(domain::ids::UserId::new(id("user", 5))),
                ..all()
            },
        ),
        (
            "keys of a project that has none",
            KeyFilter {
                project_id: Some(domain::ids::ProjectId::new("x")),
                ..all()
            },
        ),
        (
            "keys of a service account that has none",
            KeyFilter {
                service_account_id: Some(domain::ids::ServiceAccountId::new("x")),
                ..all()
            },
        ),
        (
            "keys by a search that finds one",
            KeyFilter {
                search: some("KEY-777-"),
                ..all()
            },
        ),
        (
            "keys by a search that finds none",
            KeyFilter {
                search: some("not there"),
                ..all()
            },
        ),
        (
            "keys by a search in an organization",
            KeyFilter {
                search: some("777"),
                organization_id: organization(),
                ..all()
            },
        ),
        (
            "keys by a search in a scope",
            KeyFilter {
                search: some("not there"),
                scope: many,
                ..all()
            },
        ),
        (
            "keys that are blocked",
            KeyFilter {
                blocked: Some(true),
                ..all()
            },
        ),
        (
            "keys that have ended",
            KeyFilter {
                expired_at: Some(TimestampMs(1_000)),
                ..all()
            },
        ),
        (
            "keys without a team",
            KeyFilter {
                without_team: true,
                ..all()
            },
        ),
    ];
    for (what, filter) in &cases {
        let page = Page {
            count: true,
            ..Page::first(50)
        };
        let run = || store.virtual_keys(filter, &page);
        time(what, run, |listed| {
            format!("{} of {:?}", listed.items.len(), listed.total)
        })
        .await?;
    }
    let deep = Page {
        skip: 99_900,
        ..Page::first(50)
    };
    time(
        "keys, the last page",
        || async { store.virtual_keys(&all(), &deep).await },
        |listed| listed.items.len().to_string(),
    )
    .await?;
    let page = Page {
        count: true,
        ..Page::first(50)
    };
    for search in [None, Some("9999"), Some("not there")] {
        let scope = everything();
        let run = || store.key_aliases(&scope, search, &page);
        time("aliases", run, |listed| {
            format!("{} of {:?}", listed.items.len(), listed.total)
        })
        .await?;
    }
    Ok(())
}

async fn teams_and_people(store: &Store) -> Outcome {
    let page = Page {
        count: true,
        ..Page::first(50)
    };
    let user_id = Some(domain::ids::UserId::new(id("user", 5)));
    let cases = [
        ("teams", TeamFilter::default()),
        (
            "teams by a search",
            TeamFilter {
                search: Some("not there".to_owned()),
                ..TeamFilter::default()
            },
        ),
        (
            "teams of a person",
            TeamFilter {
                user_id,
                ..TeamFilter::default()
            },
        ),
    ];
    for (what, filter) in cases {
        let filter = TeamFilter {
            scope: everything(),
            ..filter
        };
        let run = || store.teams(&filter, &page);
        time(what, run, |listed| {
            format!("{} of {:?}", listed.items.len(), listed.total)
        })
        .await?;
    }
    let scope = Scope {
        organizations: [domain::ids::OrganizationId::new("org_1")].into(),
        ..Scope::default()
    };
    let cases = [
        (
            "people",
            UserFilter {
                scope: everything(),
                ..UserFilter::default()
            },
        ),
        (
            "people by a search",
            UserFilter {
                scope: everything(),
                search: Some("not there".to_owned()),
                ..UserFilter::default()
            },
        ),
        (
            "people of a scope",
            UserFilter {
                scope,
                search: Some("not there".to_owned()),
                ..UserFilter::default()
            },
        ),
    ];
    for (what, filter) in &cases {
        let run = || store.users(filter, &page);
        time(what, run, |listed| {
            format!("{} of {:?}", listed.items.len(), listed.total)
        })
        .await?;
    }
    Ok(())
}

#[expect(clippy::print_stdout, reason = "its figures are what it is run for")]
async fn single(store: &Store) -> Outcome {
    let hash = KeyHash::from_hex(&format!("{:064x}", 4_711))?;
    time(
        "a key by its secret",
        || store.virtual_key_by_hash(hash),
        |key| key.is_some().to_string(),
    )
    .await?;
    let begun = Instant::now();
    let snapshot = store.snapshot(1_000_000).await?;
    println!(
        "a snapshot of {} keys takes {:?}",
        snapshot.keys.len(),
        begun.elapsed()
    );
    let uses = snapshot
        .keys
        .iter()
        .take(1_000)
        .flat_map(|key| key.secrets.iter());
    let uses = uses
        .map(|(hash, _end)| (*hash, (1, TimestampMs(1))))
        .collect();
    let begun = Instant::now();
    store.record_uses(uses).await?;
    println!(
        "the uses of 1,000 secrets are written in {:?}",
        begun.elapsed()
    );
    Ok(())
}

fn id(word: &str, number: u32) -> String {
    format!("{word}_01kb0000000000000000{number:06}")
}

async fn seed(location: &Location) -> Outcome {
    let stamps = "1, 'seed', 1, 'seed'";
    // A policy of a usual length, so that rows are as long as real ones.
    let policy = format!(
        "{{\"models\":[\"gpt-*\"],\"metadata\":{{\"note\":\"{}\"}}}}",
        "x".repeat(300)
    );
    let mut batches = vec![
        rows("organizations", ORGANIZATIONS, |n| {
            format!("('org_{n}', NULL, 'Organization {n}', 'UTC', '{{}}', false, {stamps})")
        }),
        rows("teams", TEAMS, |n| {
            format!(
                "('{}', 'org_{}', NULL, 'Team {n} of somebody', '{policy}', '{{}}', false, {stamps})",
                id("team", n),
                n % ORGANIZATIONS
            )
        }),
        rows("users", USERS, |n| {
            format!(
                "('{}', NULL, 'person{n}@example.com', 'Person {n}', NULL, NULL, '{{}}', false, {stamps})",
                id("user", n)
            )
        }),
        rows("members", USERS, |n| {
            format!(
                "('org_{}', '{}', '{}', 'member', '{{}}', {stamps})",
                n % ORGANIZATIONS,
                id("team", n),
                id("user", n)
            )
        }),
    ];
    batches.push(rows("virtual_keys", KEYS, |n| {
        let team = if n % 50 == 0 { "NULL".to_owned() } else { format!("'{}'", id("team", n % TEAMS)) };
        let environment = ["development", "staging", "production"].get(usize::try_from(n % 3).unwrap_or(0)).copied().unwrap_or("");
        format!("('{}', 'org_{}', {team}, NULL, '{}', NULL, 'key-{n}-of-team', '{environment}', '{n:064x}', '{:04}', '{policy}', {}, {}, {stamps})",
            id("key", n), n % ORGANIZATIONS, id("user", n % USERS), n % 10_000, if n % 1_000 == 0 { "5" } else { "NULL" }, n % 500 == 0)
    }));
    batches.push(rows("key_secrets", KEYS, |n| {
        format!(
            "('{n:064x}', '{}', '{:04}', 1, NULL, 0, NULL)",
            id("key", n),
            n % 10_000
        )
    }));
    let statements = batches.concat();
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
            let all = format!("BEGIN;{};COMMIT;", statements.join(";"));
            diesel::connection::SimpleConnection::batch_execute(&mut connection, &all)?;
        }
    }
    Ok(())
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
