//! How fast the ledger takes what is settled, and how long lists and reports take over millions of
//! requests.
//!
//! `cargo run --release -p store --example ledger -- COMMAND PLACE [ROWS [KEYS]]`, with `PLACE` a folder for
//! SQLite, `postgres://…` for an empty Postgres, or `throw-away` for a Postgres that is started for
//! it and removed.
//!
//! | command | what |
//! |---|---|
//! | `ingest` | appends requests of 200 keys, by one and by two shippers |
//! | `ingest-worst` | the same with nearly every request of another key |
//! | `seed` | fills the ledger with requests of 30 days, the directory with their keys (the number after `ROWS`, 200 else), then measures lists and reports |
//! | `measure` | measures those of a ledger that is filled already |

mod directory;
mod ingest;
mod measure;
mod seed;

use std::error::Error;
use std::path::Path;

use domain::audit::AuditKey;
use harness::postgres::Postgres;
use store::{Location, Store, migrate};

type Outcome = Result<(), Box<dyn Error>>;

#[tokio::main]
async fn main() -> Outcome {
    let mut arguments = std::env::args().skip(1);
    let command = arguments.next().ok_or("name a command")?;
    let place = arguments
        .next()
        .ok_or("name a folder, a URL of Postgres, or `throw-away`")?;
    let rows = arguments.next().map_or(Ok(200_000), |rows| rows.parse())?;
    let keys = arguments.next().map_or(Ok(200), |keys| keys.parse())?;
    let mut database = None;
    let location = match place.as_str() {
        "throw-away" => {
            let made = database.insert(Postgres::shared().database().await);
            Location::Postgres(made.url())
        }
        url if url.starts_with("postgres") => Location::Postgres(place),
        folder => Location::Sqlite(Path::new(folder).join("ledger.db")),
    };
    migrate::migrate(&location).await?;
    let mut store = Store::open(&location, AuditKey::new([7; 32]))?;
    store.most_names = 1_000_000;
    match command.as_str() {
        "ingest" => ingest::ingest(&store, rows, 200).await?,
        "ingest-worst" => ingest::ingest(&store, rows, rows).await?,
        "seed" => {
            seed::seed(&location, &store, (rows, keys)).await?;
            measure::measure(&store).await?;
        }
        "measure" => measure::measure(&store).await?,
        other => return Err(format!("there is no command `{other}`").into()),
    }
    drop(database);
    Ok(())
}

/// Prints a line.
#[expect(clippy::print_stdout, reason = "an example talks to a person")]
fn say(line: &str) {
    println!("{line}");
}
