//! What a database holds when it is brought to a newer schema is all there afterwards.

use diesel::connection::SimpleConnection;
use diesel::sql_types::BigInt;
use diesel::{Connection, QueryableByName, RunQueryDsl, SqliteConnection};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};
use domain::audit::AuditKey;
use domain::money::NanoUsd;
use domain::permissions::Scope;
use domain::time::TimestampMs;
use store::page::Page;
use store::usage::{Dimension, UsageQuery, UsageSums};
use store::virtual_keys::{KeyFilter, KeyOrder};
use store::{Location, Store, migrate};
use tempfile::TempDir;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");

/// How many there were before ids that callers choose became their organization's own.
const BEFORE_CHOSEN_IDS: usize = 9;

/// 2026-11-22T00:00:00Z.
const MIDNIGHT: u64 = 1_795_305_600_000;

const ROWS: &str = "
    INSERT INTO organizations VALUES ('org_1', NULL, 'One', 'UTC', '{}', false, 1, 'x', 1, 'x');
    INSERT INTO teams VALUES ('team_1', 'org_1', NULL, 'Team', '{}', '{}', false, 1, 'x', 1, 'x');
    INSERT INTO invitations VALUES ('inv_1', 'hash', 'join', 'a@example.com', NULL, 'org_1',
        'team_1', 'member', NULL, 9000000000000, NULL, NULL, 1, 'x', 1, 'x');
    INSERT INTO usage_zones VALUES ('UTC');
";

fn keys_and_usage() -> String {
    let mut statements = String::new();
    let budget = r#"{"budgets":[{"limit_nanousd":5}]}"#;
    for (key, charge, policy) in [(1, 30, budget), (2, 12, "{}")] {
        statements.push_str(&format!(
            "INSERT INTO virtual_keys VALUES ('key_{key}', 'org_1', 'team_1', NULL, NULL, NULL, \
             NULL, NULL, '{key:064x}', '0000', '{policy}', NULL, false, 1, 'x', 1, 'x');
             INSERT INTO key_secrets VALUES ('{key:064x}', 'key_{key}', '0000', 1, NULL, 1, {key});
             INSERT INTO usage_dimensions VALUES ({key}, 'digest {key}', 'org_1', 'team_1', '', \
             'key_{key}', '', '', '', 'gpt', 'openai', 'gpt-4o', 'd', 'chat', 200, 'UTC');
             INSERT INTO usage_quarters VALUES ({MIDNIGHT}, {key}, 1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, \
             {charge}, 0, 0, 1);
             INSERT INTO usage_days VALUES ({key}, {MIDNIGHT}, 1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, \
             {charge}, 0, 0, 1);
             INSERT INTO usage_totals VALUES ({key}, {charge});"
        ));
    }
    statements
}

/// A database of that time, brought to the newest schema.
async fn upgraded(folder: &TempDir) -> Location {
    let path = folder.path().join("headgate.db");
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    for _migration in 0..BEFORE_CHOSEN_IDS {
        connection.run_next_migration(MIGRATIONS).unwrap();
    }
    connection.batch_execute(ROWS).unwrap();
    connection.batch_execute(&keys_and_usage()).unwrap();
    drop(connection);
    let location = Location::Sqlite(path);
    migrate::migrate(&location).await.unwrap();
    location
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[tokio::test(flavor = "multi_thread")]
async fn open_invitations_into_teams_outlast_an_upgrade() {
    let folder = TempDir::new().unwrap();
    let Location::Sqlite(path) = upgraded(&folder).await else {
        panic!("it is a file");
    };
    let mut connection = SqliteConnection::establish(path.to_str().unwrap()).unwrap();
    let query = "SELECT COUNT(*) AS count FROM invitations WHERE team_id = 'team_1'";
    let found: Count = diesel::sql_query(query)
        .get_result(&mut connection)
        .unwrap();
    assert_eq!(found.count, 1);
}

/// What was spent in ranges of which some are of whole weeks, as reports by persons add it up.
async fn sums_before_and_after(store: &Store, everything: &Scope) -> Vec<UsageSums> {
    const DAY_MS: u64 = 86_400_000;
    let mut all = Vec::new();
    for (before, after) in [(0, 1), (40, 1), (40, 40), (3, 30)] {
        let query = UsageQuery {
            group_by: vec![Dimension::User],
            ..UsageQuery::sum(
                everything.clone(),
                TimestampMs(MIDNIGHT - before * DAY_MS),
                TimestampMs(MIDNIGHT + after * DAY_MS),
            )
        };
        let report = store.usage(&query).await.unwrap();
        all.extend(report.rows.into_iter().map(|row| row.sums));
    }
    assert_eq!(all.len(), 4);
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_spent_before_an_upgrade_is_in_every_report_and_order_after_it() {
    let folder = TempDir::new().unwrap();
    let location = upgraded(&folder).await;
    let store = Store::open(&location, AuditKey::new([7; 32])).unwrap();
    let everything = Scope {
        everything: true,
        ..Scope::default()
    };
    let all: Vec<UsageSums> = sums_before_and_after(&store, &everything).await;
    assert!(
        all.iter().all(|sums| sums.charge_nanousd == NanoUsd(42)),
        "{all:?}"
    );
    let day = (TimestampMs(MIDNIGHT), TimestampMs(MIDNIGHT + 86_400_000));
    for group_by in [vec![], vec![Dimension::Team], vec![Dimension::Group]] {
        let query = UsageQuery {
            group_by,
            ..UsageQuery::sum(everything.clone(), day.0, day.1)
        };
        let report = store.usage(&query).await.unwrap();
        assert_eq!(report.rows[0].sums.charge_nanousd, NanoUsd(42), "{query:?}");
    }
    let all = KeyFilter {
        scope: everything,
        ..KeyFilter::default()
    };
    for (order, first) in [(KeyOrder::Spend, "key_1"), (KeyOrder::LastUsed, "key_2")] {
        let page = Page {
            order: Some(order.order(true)),
            ..Page::first(10)
        };
        let listed = store.virtual_keys(&all, &page).await.unwrap();
        assert_eq!(listed.items.len(), 2);
        assert_eq!(listed.items[0].id.as_str(), first, "{order:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_that_had_budgets_before_an_upgrade_are_listed_with_them_after_it() {
    let folder = TempDir::new().unwrap();
    let location = upgraded(&folder).await;
    let store = Store::open(&location, AuditKey::new([7; 32])).unwrap();
    let with_budget = KeyFilter {
        scope: Scope {
            everything: true,
            ..Scope::default()
        },
        with_budget: true,
        ..KeyFilter::default()
    };
    let listed = store.virtual_keys(&with_budget, &Page::first(10)).await;
    let listed = listed.unwrap().items;
    let ids: Vec<&str> = listed.iter().map(|key| key.id.as_str()).collect();
    assert_eq!(ids, ["key_1"]);
}
