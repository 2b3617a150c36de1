//! How long lists, searches and counts take over 100,000 keys, 10,000 teams and the trail of
//! them: seeds a database and prints the slowest of some runs of each.
//!
//! `cargo run --release -p store --example lists -- FOLDER` measures a fresh SQLite in that folder,
//! `-- postgres://…` an empty Postgres.

mod cases;
mod seed;

use std::error::Error;
use std::future::Future;
use std::time::{Duration, Instant};

use domain::audit::AuditKey;
use domain::directory::Directory;
use domain::keys::KeyHash;
use domain::time::TimestampMs;
use store::audit::AuditPage;
use store::page::{Listed, Page};
use store::virtual_keys::{KeyFilter, KeyOrder};
use store::{Location, Store, migrate};

const RUNS: u32 = 5;

type Outcome = Result<(), Box<dyn Error>>;

#[tokio::main]
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
    seed::seed(&location).await?;
    print("seeded", begun.elapsed());
    let store = Store::open(&location, AuditKey::new([7; 32]))?;
    lists(&store).await?;
    others(&store).await
}

async fn lists(store: &Store) -> Outcome {
    let page = Page {
        count: true,
        ..Page::first(50)
    };
    for (what, filter) in &cases::keys() {
        listed(what, || store.virtual_keys(filter, &page)).await?;
    }
    let (all, last) = (
        cases::all_keys(),
        Page {
            skip: 99_900,
            ..Page::first(50)
        },
    );
    listed("keys, the last page", || store.virtual_keys(&all, &last)).await?;
    ordered(store).await?;
    for search in [None, Some("9999"), Some("not there")] {
        listed("aliases", || store.key_aliases(&all.scope, search, &page)).await?;
    }
    for (what, filter) in &cases::teams() {
        listed(what, || store.teams(filter, &page)).await?;
    }
    for (what, filter) in &cases::people() {
        listed(what, || store.users(filter, &page)).await?;
    }
    let page = AuditPage {
        limit: 50,
        count: true,
        ..AuditPage::default()
    };
    for (what, filter) in &cases::trail() {
        listed(what, || store.audit_entries(filter, &page)).await?;
    }
    Ok(())
}

/// Every order of keys, from both ends, of everybody's and of an organization's administrator's.
async fn ordered(store: &Store) -> Outcome {
    let own = KeyFilter {
        scope: cases::administrator(),
        ..KeyFilter::default()
    };
    for (whose, filter) in [("all", cases::all_keys()), ("an organization's", own)] {
        for order in [
            KeyOrder::Created,
            KeyOrder::Name,
            KeyOrder::Expires,
            KeyOrder::LastUsed,
            KeyOrder::Spend,
        ] {
            for descending in [false, true] {
                let mut page = Page {
                    order: Some(order.order(descending)),
                    ..Page::first(50)
                };
                let what = format!("{whose} by {order:?}");
                listed(&what, || store.virtual_keys(&filter, &page)).await?;
                page.after = Some(seed::id("key", 40_001));
                listed(&format!("{what}, further"), || {
                    store.virtual_keys(&filter, &page)
                })
                .await?;
            }
        }
    }
    Ok(())
}

async fn others(store: &Store) -> Outcome {
    let hash = KeyHash::from_hex(&format!("{:064x}", 4_711))?;
    let (slowest, _key) = slowest(|| store.virtual_key_by_hash(hash)).await?;
    print("a key by its secret", slowest);
    let begun = Instant::now();
    let snapshot = store.snapshot(1_000_000).await?;
    print("a snapshot of all keys", begun.elapsed());
    let secrets = snapshot.keys.iter().flat_map(|key| key.secrets.iter());
    let uses = secrets
        .take(1_000)
        .map(|(hash, _end)| (*hash, (1, TimestampMs(1))));
    let uses = uses.collect();
    let begun = Instant::now();
    store.record_uses(uses).await?;
    print("the uses of 1,000 secrets", begun.elapsed());
    Ok(())
}

/// Prints how long a list took at most, and what was in it.
async fn listed<T, Run: Future<Output = store::Result<Listed<T>>>>(
    what: &str,
    run: impl Fn() -> Run,
) -> Outcome {
    let (slowest, found) = slowest(run).await?;
    print(
        &format!("{what}: {} of {:?}", found.items.len(), found.total),
        slowest,
    );
    Ok(())
}

async fn slowest<T, Run: Future<Output = store::Result<T>>>(
    run: impl Fn() -> Run,
) -> store::Result<(Duration, T)> {
    let begun = Instant::now();
    let mut answer = run().await?;
    let mut slowest = begun.elapsed();
    for _ in 1..RUNS {
        let begun = Instant::now();
        answer = run().await?;
        slowest = slowest.max(begun.elapsed());
    }
    Ok((slowest, answer))
}

#[expect(clippy::print_stdout, reason = "its figures are what it is run for")]
fn print(what: &str, took: Duration) {
    println!("{:>8} us  {what}", took.as_micros());
}
