//! A node that follows a store in memory, and callers who knock.

use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use data_plane::authenticate::{Caller, Shown, authenticate};
use data_plane::counters::{Counters, Memory};
use data_plane::error::GatewayError;
use data_plane::governance::{Governance, Terms};
use data_plane::journal::{Journal, JournalSettings};
use data_plane::metrics::Metrics;
use data_plane::node::{Node, State};
use data_plane::settings::{Fixed, Settings};
use data_plane::tenants::disk::SnapshotFiles;
use data_plane::tenants::follow::{Follower, Sources};
use domain::directory::{KeyGrant, Revision};
use domain::keys::Secret;
use domain::routing::RoutingTable;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use tempfile::TempDir;
use tokio::sync::{oneshot, watch};
use tokio::task::JoinHandle;

use crate::store::MemoryStore;
use crate::things;

pub const MASTER: &str = "sk-master-key-0123456789-0123456789";
pub const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);
pub const AWAY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 7));

/// A node, its store and its follower.
#[must_use]
pub struct Following {
    pub node: Arc<Node>,
    pub store: Arc<MemoryStore>,
    followed: watch::Receiver<Revision>,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<()>,
    _journal: TempDir,
}

fn governance(directory: &Path, metrics: &Metrics) -> Arc<Governance> {
    let settings = JournalSettings::within(64 << 20, 1);
    let (journal, _) = Journal::open(directory, 1, settings, metrics.journal.clone()).unwrap();
    let counters = Arc::new(Counters::Memory(Memory::default()));
    Arc::new(Governance::new(counters, journal, Terms::default()))
}

/// Follows a store that has these keys under [`things::levels`].
pub async fn with_keys(keys: Vec<KeyGrant>) -> Following {
    let store = Arc::new(MemoryStore::new(things::levels(), keys));
    following(store, settings(), None).await
}

pub fn settings() -> Settings {
    Settings {
        master_key: Some(Secret::new(MASTER)),
        ..Settings::default()
    }
}

pub async fn following(
    store: Arc<MemoryStore>,
    settings: Settings,
    directory: Option<&Path>,
) -> Following {
    let state = State::compile(settings, &RoutingTable::default());
    let journal = tempfile::tempdir().unwrap();
    let metrics = Arc::new(Metrics::new());
    let governance = governance(journal.path(), &metrics);
    let sink = Box::new(std::io::sink());
    let node = Node::new(state, Fixed::default(), governance, metrics, sink).unwrap();
    let (tell, followed) = watch::channel(Revision(0));
    let sources = Sources {
        directory: store.clone(),
        commits: Some(store.commits()),
        tables: Arc::new(|levels| {
            let mut table = things::table();
            let stored = levels.deployments.iter();
            table
                .deployments
                .extend(stored.map(|one| things::deployment(&one.model_name, "openai", "stored")));
            table
        }),
        followed: Box::new(move |revision| {
            tell.send_replace(revision);
        }),
        files: directory.map(SnapshotFiles::in_directory),
    };
    let follower = Follower::begin(Arc::clone(&node), sources).await;
    let (stop, stopped) = oneshot::channel::<()>();
    let handle = tokio::runtime::Handle::current();
    let task = handle.spawn(follower.follow(async {
        let _either_way = stopped.await;
    }));
    Following {
        node,
        store,
        followed,
        stop: Some(stop),
        task,
        _journal: journal,
    }
}

impl Following {
    /// Waits until the node serves by this revision.
    pub async fn until(&mut self, revision: Revision) {
        let wait = self.followed.wait_for(|followed| *followed >= revision);
        tokio::time::timeout(Duration::from_secs(20), wait)
            .await
            .unwrap()
            .unwrap();
    }

    /// Ends in order: the last uses are told, the last snapshot is written.
    pub async fn end(mut self) -> (Arc<Node>, Arc<MemoryStore>) {
        drop(self.stop.take());
        self.task.await.unwrap();
        (self.node, self.store)
    }

    pub async fn knock(&self, key: &str) -> Result<Caller, GatewayError> {
        self.knock_at("/v1/chat/completions", key, AWAY).await
    }

    pub async fn knock_at(
        &self,
        path: &str,
        key: &str,
        peer: IpAddr,
    ) -> Result<Caller, GatewayError> {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, format!("Bearer {key}").parse().unwrap());
        let shown = Shown {
            headers: &headers,
            peer,
            path,
        };
        let state = self.node.state();
        authenticate(&self.node.tenants, &state, shown).await
    }

    /// Status and code of the refusal; `(200, "")` when the key is let in.
    pub async fn answer(&self, key: &str) -> (u16, &'static str) {
        told(self.knock(key).await)
    }
}

pub fn told(answer: Result<Caller, GatewayError>) -> (u16, &'static str) {
    match answer {
        Ok(_) => (200, ""),
        Err(error) => {
            let words = error.status_and_code();
            (words.status, words.code)
        }
    }
}
