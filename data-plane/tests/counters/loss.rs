//! Redis loses its memory, or some of it, while a fleet works: the counters are made anew from the
//! ledger and what is under way, and are exact.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use harness::deadline::within;
use harness::redis::Redis as Servers;
use tokio::task::JoinSet;

use crate::fleet::{LONGEST, Ledger, Node, ORGANIZATION, SCOPES};

const NODES: u64 = 3;
const WORKERS: u64 = 12;

/// Never reached.
const LIMIT: i64 = 1_000_000_000_000;

struct Fleet {
    nodes: Vec<Arc<Node>>,
    ledger: Arc<Ledger>,
    stop: Arc<AtomicBool>,
    working: JoinSet<()>,
}

impl Fleet {
    fn start(url: &str) -> Self {
        let ledger = Arc::new(Ledger::default());
        let stop = Arc::new(AtomicBool::new(false));
        let nodes: Vec<_> = (0..NODES)
            .map(|name| Node::start(url, name, &ledger))
            .collect();
        let mut working = JoinSet::new();
        for worker in 0..WORKERS * NODES {
            let node = Arc::clone(&nodes[(worker % NODES) as usize]);
            working.spawn(node.work(worker, LIMIT, Arc::clone(&stop)));
        }
        Self {
            nodes,
            ledger,
            stop,
            working,
        }
    }

    fn admitted(&self) -> u64 {
        self.nodes
            .iter()
            .map(|node| node.admitted.load(Ordering::Relaxed))
            .sum()
    }

    /// Waits until so many more requests have been admitted, and says how long it took.
    async fn until_admitted(&self, more: u64) -> Duration {
        let (started, from) = (Instant::now(), self.admitted());
        let admitted = async {
            while self.admitted() < from + more {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        within("requests are admitted", admitted).await;
        started.elapsed()
    }

    /// Stops, lets every settle arrive, and compares counters with the ledger.
    async fn ends_exact(mut self, servers: &Servers, index: usize) {
        self.stop.store(true, Ordering::Relaxed);
        let stopped = async { while self.working.join_next().await.is_some() {} };
        within("the workers stop", stopped).await;
        let settled = async {
            for node in &self.nodes {
                while node.redis.pending(&ORGANIZATION.into()) != (0, 0) {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                node.ship();
            }
        };
        within("everything is settled", settled).await;
        for scope in SCOPES {
            // One that a lost attempt made unknown is opened again.
            within("the counter is open", self.nodes[0].open(scope))
                .await
                .unwrap();
            let key = format!("h1:{{o:{ORGANIZATION}}}:b:{scope}/life");
            let fields: Vec<i64> = servers.says(index, &["HMGET", &key, "s", "r", "x"]);
            assert_eq!(fields, [self.ledger.sum(&[]), 0, 0], "{scope}");
        }
        let longest = self
            .nodes
            .iter()
            .map(|node| node.longest_us.load(Ordering::Relaxed))
            .max();
        let longest = Duration::from_micros(longest.unwrap());
        println!(
            "{} admitted, the longest answer took {longest:?}",
            self.admitted()
        );
        assert!(longest < LONGEST, "{longest:?}");
    }
}

#[tokio::test]
async fn an_emptied_redis_is_made_anew_and_exact_within_five_seconds() {
    let servers = Servers::one().await;
    let fleet = Fleet::start(servers.url());
    fleet.until_admitted(300).await;
    for _ in 0..2 {
        servers.says::<()>(0, &["FLUSHALL"]);
        let took = fleet.until_admitted(200).await;
        println!("admits again after {took:?}");
        assert!(took < Duration::from_secs(7), "{took:?}");
    }
    fleet.ends_exact(&servers, 0).await;
}

#[tokio::test]
async fn a_killed_redis_that_comes_back_empty_is_made_anew_and_exact() {
    let servers = Servers::one().await;
    let fleet = Fleet::start(servers.url());
    fleet.until_admitted(300).await;
    for _ in 0..2 {
        servers.kill(0).await;
        servers.start(0).await;
        fleet.until_admitted(200).await;
    }
    fleet.ends_exact(&servers, 0).await;
}

#[tokio::test]
async fn a_killed_redis_that_remembers_is_exact() {
    let servers = Servers::durable().await;
    let fleet = Fleet::start(servers.url());
    fleet.until_admitted(300).await;
    for _ in 0..2 {
        servers.kill(0).await;
        servers.start(0).await;
        fleet.until_admitted(200).await;
    }
    fleet.ends_exact(&servers, 0).await;
}

#[tokio::test]
async fn a_replica_that_misses_acknowledged_writes_takes_over_and_is_exact() {
    let servers = Servers::guarded().await;
    let fleet = Fleet::start(servers.url());
    fleet.until_admitted(300).await;
    servers.cut_replication();
    // All of these are acknowledged, and only there.
    fleet.until_admitted(100).await;
    servers.kill(0).await;
    servers.until_primary(1).await;
    fleet.until_admitted(200).await;
    fleet.ends_exact(&servers, 1).await;
}

#[tokio::test]
async fn a_limit_holds_across_nodes_and_a_loss() {
    let servers = Servers::one().await;
    let ledger = Arc::new(Ledger::default());
    let limit = 400_000;
    let nodes: Vec<_> = (0..NODES)
        .map(|name| Node::start(servers.url(), name, &ledger))
        .collect();
    let stop = Arc::new(AtomicBool::new(false));
    let refused = Arc::new(AtomicU64::new(0));
    let mut working = JoinSet::new();
    for worker in 0..WORKERS {
        let node = Arc::clone(&nodes[(worker % NODES) as usize]);
        working.spawn(node.work(worker, limit, Arc::clone(&stop)));
    }
    let halfway = async {
        while ledger.sum(&[]) < limit / 3 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        servers.says::<()>(0, &["FLUSHALL"]);
        while ledger.sum(&[]) < limit - 2_000 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    within("nearly all is spent", halfway).await;
    stop.store(true, Ordering::Relaxed);
    while working.join_next().await.is_some() {}
    for node in &nodes {
        node.ship();
    }
    assert_eq!(refused.load(Ordering::Relaxed), 0);
    assert!(ledger.sum(&[]) <= limit, "{}", ledger.sum(&[]));
}
