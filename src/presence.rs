//! This process among the nodes: its row in the store, and the second data plane that must not be,
//! because its counters would be its own.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use data_plane::node::Node;
use domain::randomness::random_bytes;
use domain::time::TimestampMs;
use store::nodes::Node as Row;
use store::{Store, StoreError};
use thiserror::Error;
use tokio::sync::watch;

use crate::cli::Role;
use crate::data_dir::{self, DataDir};
use crate::tables::Tables;

/// How often a process says that it lives.
const INTERVAL: Duration = Duration::from_secs(2);

/// Another's row that does not change for so long is that of a process that is gone.
const SILENCE: Duration = Duration::from_secs(5);

/// How often the rows are looked at meanwhile.
const LOOK_INTERVAL: Duration = Duration::from_millis(250);

/// Rows that were last written before this, by this machine's clock, are not waited for.
const LONG_AGO_MS: u64 = 60_000;

/// Rows of processes that are gone are kept for so long.
const KEPT_MS: u64 = 24 * 60 * 60 * 1_000;

/// How often it is said that there is a second one.
const SAID_EACH: u32 = 30;

/// The file with the id, so that a process that is killed takes its own place again.
const FILE: &str = "node-id";

/// Another data plane is there, and counters are not shared.
#[derive(Debug, Error)]
#[error(
    "another data plane ({other}) serves with this database, and counters are in memory: budgets and \
limits would hold on each of them, not on both together. Set REDIS_URL on every node, or end the other \
one."
)]
pub struct NotAlone {
    other: String,
}

/// This process among the nodes.
pub struct Presence {
    store: Arc<Store>,
    id: String,
    role: Role,
    shares_counters: bool,
}

/// What is said of a process with every sign of life.
pub struct Signs {
    /// By what it serves.
    pub node: Arc<Node>,
    /// Its file's digest.
    pub tables: Arc<Tables>,
    /// Up to where its journal is in the ledger.
    pub shipped: Option<watch::Receiver<TimestampMs>>,
}

impl Presence {
    /// The process with this data folder.
    ///
    /// # Errors
    /// When its id cannot be read or kept.
    pub fn new(
        store: &Arc<Store>,
        folder: &DataDir,
        role: Role,
        shares_counters: bool,
    ) -> io::Result<Self> {
        let path = folder.path().join(FILE);
        let id = match fs::read_to_string(&path) {
            Ok(id) => id.trim().to_owned(),
            Err(missing) if missing.kind() == io::ErrorKind::NotFound => {
                let random = random_bytes::<8>().map_err(io::Error::other)?;
                let id = format!("node_{:016x}", u64::from_le_bytes(random));
                data_dir::write_private(&path, &id)?;
                id
            }
            Err(cause) => return Err(cause),
        };
        Ok(Self {
            store: Arc::clone(store),
            id,
            role,
            shares_counters,
        })
    }

    /// Makes sure that no other data plane counts by itself. Whether another lives is seen by its row
    /// changing, whatever its clock says. A store that does not answer is asked again later.
    ///
    /// # Errors
    /// When there is another one.
    pub async fn is_alone(&self) -> Result<(), NotAlone> {
        if self.shares_counters || self.role == Role::Admin {
            return Ok(());
        }
        let long_ago = TimestampMs::now().0.saturating_sub(LONG_AGO_MS);
        let Ok(first) = self.others(TimestampMs(long_ago)).await else {
            return Ok(());
        };
        let begun = tokio::time::Instant::now();
        while !first.is_empty() && begun.elapsed() < SILENCE {
            tokio::time::sleep(LOOK_INTERVAL).await;
            let Ok(now) = self.others(TimestampMs(long_ago)).await else {
                return Ok(());
            };
            let living = now
                .into_iter()
                .find(|(id, seen)| first.get(id) != Some(seen));
            if let Some((other, _seen)) = living {
                return Err(NotAlone { other });
            }
        }
        Ok(())
    }

    /// Says every two seconds that this process lives, for as long as it is polled.
    pub async fn say(&self, signs: Signs) {
        let mut rounds = 0_u32;
        loop {
            // That the store is away is said by whoever needs it.
            if let Err(cause) = self.said(&signs).await {
                tracing::debug!("the store does not hear that this node lives: {cause}");
            }
            if rounds.is_multiple_of(SAID_EACH) {
                self.warn_of_others().await;
            }
            rounds = rounds.wrapping_add(1);
            tokio::time::sleep(INTERVAL).await;
        }
    }

    /// Takes the row away: the process ends.
    pub async fn end(&self) {
        let before = TimestampMs::now().0.saturating_sub(KEPT_MS);
        // Nobody waits for it: others see that it does not change any more.
        let _away = self.store.forget_nodes(&self.id, TimestampMs(before)).await;
    }

    async fn said(&self, signs: &Signs) -> Result<(), StoreError> {
        let revision = signs.node.state().known.revision();
        let shipped = signs.shipped.as_ref().map(|shipped| *shipped.borrow());
        let row = Row {
            id: self.id.clone(),
            seen_at: TimestampMs::now(),
            role: self.role.as_str().to_owned(),
            revision: revision.unwrap_or_default(),
            file_digest: signs.tables.digest(),
            shipped_to: shipped.unwrap_or(TimestampMs(0)),
        };
        self.store.node_lives(&row).await
    }

    /// One that could not be seen at the start, because the store was away.
    async fn warn_of_others(&self) {
        let recently = TimestampMs::now().0.saturating_sub(LONG_AGO_MS / 6);
        if self.shares_counters || self.role == Role::Admin {
            return;
        }
        let others = self.others(TimestampMs(recently)).await.unwrap_or_default();
        if let Some((other, _seen)) = others.into_iter().next() {
            tracing::error!("{}", NotAlone { other });
        }
    }

    /// Other data planes whose row was written since then.
    async fn others(
        &self,
        since: TimestampMs,
    ) -> Result<BTreeMap<String, TimestampMs>, StoreError> {
        let nodes = self.store.nodes(since).await?.into_iter();
        let others = nodes.filter(|row| row.id != self.id && row.role != Role::Admin.as_str());
        Ok(others.map(|row| (row.id, row.seen_at)).collect())
    }
}
