//! Several gateways over one Postgres, one Redis and one provider; each of them may be killed and
//! comes back on the folder that it left.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};

use tempfile::TempDir;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

use crate::caller::Caller;
use crate::gateway::{Builder, TestGateway};
use crate::postgres::{Database, Postgres};
use crate::provider::{Lane, ScriptedProvider};
use crate::redis::Redis;

/// Signs in everywhere.
pub const MASTER_KEY: &str = "sk-master-0123456789-0123456789";

/// What a node needs beside its folder. Any key does, if all have the same.
const ENCRYPTION_KEY: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

/// Gateways that belong together. The first has the admin side as well.
pub struct Fleet {
    /// Where all of them write what was spent; [`Fleet::database`] is in it.
    pub postgres: Postgres,
    /// Their database.
    pub database: Database,
    /// Their counters.
    pub redis: Redis,
    provider: Arc<ScriptedProvider>,
    builder: Builder,
    nodes: Vec<Node>,
    folder: TempDir,
}

struct Node {
    gateway: Mutex<Option<TestGateway>>,
    address: RwLock<Option<SocketAddr>>,
}

impl Fleet {
    /// Starts so many nodes of this builder's binary and file, one after the other: the first makes
    /// the schema.
    ///
    /// # Panics
    /// When one of them does not start.
    pub async fn start(builder: Builder, redis: Redis, count: usize) -> Self {
        let (postgres, provider) = tokio::join!(Postgres::own(), ScriptedProvider::start());
        let (database, provider) = (postgres.database().await, Arc::new(provider));
        let builder = builder
            .behind(&provider)
            .variable("HEADGATE_MASTER_KEY", MASTER_KEY)
            .variable("HEADGATE_ENCRYPTION_KEY", ENCRYPTION_KEY)
            .variable("HEADGATE_THREADS", "1")
            .variable("DATABASE_URL", &database.url())
            .variable("REDIS_URL", redis.url());
        let node = |_| Node {
            gateway: Mutex::default(),
            address: RwLock::default(),
        };
        let fleet = Self {
            postgres,
            database,
            redis,
            provider,
            builder,
            nodes: (0..count).map(node).collect(),
            folder: tempfile::tempdir().expect("the temporary directory is writable"),
        };
        for index in 0..count {
            fleet.revive(index).await;
        }
        fleet
    }

    /// How many nodes there are, dead ones among them.
    #[must_use]
    pub fn count(&self) -> usize {
        self.nodes.len()
    }

    /// Where a node listens, unless it is dead.
    #[must_use]
    pub fn address(&self, index: usize) -> Option<SocketAddr> {
        let address = self.nodes[index].address.read();
        *address.unwrap_or_else(PoisonError::into_inner)
    }

    /// Where all nodes listen.
    ///
    /// # Panics
    /// When one is dead.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        let indexes = 0..self.count();
        indexes
            .map(|index| self.address(index).expect("the node lives"))
            .collect()
    }

    /// A caller with a key at a node.
    ///
    /// # Panics
    /// When the node is dead.
    #[must_use]
    pub fn with_key(&self, index: usize, key: &str) -> Caller {
        let address = self.address(index).expect("the node lives");
        Caller::anonymous(address).with_key(key)
    }

    /// The administrator.
    ///
    /// # Panics
    /// When the first node is dead.
    #[must_use]
    pub fn admin(&self) -> Caller {
        self.with_key(0, MASTER_KEY)
    }

    /// The provider that stands at `UPSTREAM/<lane>` for every node.
    #[must_use]
    pub fn upstream(&self, lane: &str) -> Lane {
        self.provider.lane(lane)
    }

    /// Everything that a node printed since it was last started; nothing of a dead one.
    pub async fn output(&self, index: usize) -> String {
        let gateway = self.nodes[index].gateway.lock().await;
        gateway
            .as_ref()
            .map(TestGateway::output)
            .unwrap_or_default()
    }

    /// Asks a node to end, and waits until it has.
    pub async fn end(&self, index: usize) {
        let node = &self.nodes[index];
        node.listens_at(None);
        if let Some(gateway) = node.gateway.lock().await.take() {
            gateway.stop().await;
        }
    }

    /// Ends a node as `kill -9` does. One that is dead stays so.
    pub async fn kill(&self, index: usize) {
        let node = &self.nodes[index];
        node.listens_at(None);
        if let Some(gateway) = node.gateway.lock().await.take() {
            gateway.signal("KILL");
            gateway.ended().await;
        }
    }

    /// Starts a node on what it left.
    ///
    /// # Panics
    /// When it does not start.
    pub async fn revive(&self, index: usize) {
        let role = if index == 0 { "all" } else { "data-plane" };
        let data_dir = self.folder.path().join(format!("node-{index}"));
        let builder = self.builder.clone();
        let builder = builder
            .variable("HEADGATE_DATA_DIR", &data_dir.to_string_lossy())
            .argument("serve")
            .argument("--role")
            .argument(role);
        let node = &self.nodes[index];
        let mut gateway = node.gateway.lock().await;
        let started = builder.start().await;
        node.listens_at(Some(started.address()));
        *gateway = Some(started);
    }

    /// Ends all nodes by SIGTERM, so that everything they had to write is written.
    pub async fn stop(&self) {
        let mut ending = JoinSet::new();
        for node in &self.nodes {
            node.listens_at(None);
            if let Some(gateway) = node.gateway.lock().await.take() {
                ending.spawn(gateway.stop());
            }
        }
        ending.join_all().await;
    }
}

impl Node {
    fn listens_at(&self, address: Option<SocketAddr>) {
        let mut known = self.address.write().unwrap_or_else(PoisonError::into_inner);
        *known = address;
    }
}
