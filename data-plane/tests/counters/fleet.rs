//! Some nodes of a fleet with one Redis, each with a journal, and a ledger that they are shipped to:
//! as small as it can be to say whether money stays exact.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use data_plane::counters::Away;
use data_plane::counters::memory::Clock;
use data_plane::counters::operation::{
    AttemptId, CounterName, GivesBack, Hold, Open, Opened, Reserve, Reserved, Seed, Seeded, Settle,
};
use data_plane::counters::redis::{Address, Redis};
use domain::directory::Revision;
use domain::money::NanoUsd;
use domain::time::TimestampMs;
use tokio::task::JoinSet;

use crate::chance::Chance;

/// Whose counters they are.
pub const ORGANIZATION: &str = "org_fleet";

/// The counters that every attempt is on.
pub const SCOPES: [&str; 2] = ["key:k", "org:o"];

/// No answer may take longer: the engine's 250 ms, and what a busy machine needs to notice.
pub const LONGEST: Duration = Duration::from_millis(400);

/// What has been shipped: attempts and their charges.
#[derive(Default)]
pub struct Ledger(Mutex<HashMap<AttemptId, i64>>);

impl Ledger {
    pub fn sum(&self, except: &[AttemptId]) -> i64 {
        let rows = self.0.lock().unwrap();
        let rows = rows.iter().filter(|(attempt, _)| !except.contains(attempt));
        rows.map(|(_, charge)| charge).sum()
    }
}

/// One node.
pub struct Node {
    pub redis: Redis,
    journal: Mutex<Vec<(AttemptId, i64)>>,
    ledger: Arc<Ledger>,
    opening: tokio::sync::Mutex<()>,
    shipping: Mutex<JoinSet<()>>,
    name: u64,
    next: AtomicU64,
    pub admitted: AtomicU64,
    pub away: AtomicU64,
    /// The longest that a reserve took, in microseconds.
    pub longest_us: AtomicU64,
}

pub fn window() -> (TimestampMs, TimestampMs) {
    (TimestampMs(0), TimestampMs(u64::MAX))
}

pub fn counter(scope: &str) -> CounterName {
    CounterName(format!("{scope}/life").into())
}

impl Node {
    pub fn start(url: &str, name: u64, ledger: &Arc<Ledger>) -> Arc<Self> {
        let redis = Redis::start(Address::parse(url).unwrap(), &Clock::System);
        let node = Arc::new(Self {
            redis,
            journal: Mutex::default(),
            ledger: Arc::clone(ledger),
            opening: tokio::sync::Mutex::default(),
            shipping: Mutex::default(),
            name,
            next: AtomicU64::new(0),
            admitted: AtomicU64::new(0),
            away: AtomicU64::new(0),
            longest_us: AtomicU64::new(0),
        });
        let shipped = Arc::downgrade(&node);
        node.shipping.lock().unwrap().spawn(async move {
            while let Some(node) = shipped.upgrade() {
                node.ship();
                drop(node);
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        });
        node
    }

    /// Everything journaled so far goes into the ledger.
    pub fn ship(&self) {
        let now = Instant::now();
        let journal = std::mem::take(&mut *self.journal.lock().unwrap());
        self.ledger.0.lock().unwrap().extend(journal);
        self.redis.note_shipped(now);
    }

    pub fn ask(&self, amount: i64, limit: i64) -> Reserve {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let scopes: Vec<Arc<str>> = SCOPES.iter().map(|scope| Arc::from(*scope)).collect();
        let holds = SCOPES.iter().map(|scope| Hold {
            counter: counter(scope),
            limit: Some(NanoUsd(limit)),
            version: Revision(1),
            since: Revision(0),
            window: window(),
            previous: None,
        });
        Reserve {
            attempt: AttemptId(format!("req_{}_{number}.1", self.name).into()),
            organization: ORGANIZATION.into(),
            amount: NanoUsd(amount),
            time_to_live_ms: 60_000,
            scopes: scopes.into(),
            holds: holds.collect(),
            buckets: Vec::new(),
            slots: Vec::new(),
            revocable: [].into(),
            as_of: Revision(1),
        }
    }

    pub async fn reserve(&self, ask: &Reserve) -> Result<Reserved, Away> {
        let started = Instant::now();
        let answer = self.redis.reserve(ask).await;
        let us = u64::try_from(started.elapsed().as_micros()).unwrap();
        self.longest_us.fetch_max(us, Ordering::Relaxed);
        answer
    }

    /// As the counters' contract says: open, ship, read the ledger, seed.
    pub async fn open(&self, scope: &str) -> Result<(), Away> {
        let _one_at_a_time = self.opening.lock().await;
        loop {
            let open = Open {
                counter: counter(scope),
                organization: ORGANIZATION.into(),
                scope: scope.into(),
                window: window(),
                since: Revision(0),
                opening: data_plane::random::bits(),
            };
            let Opened::Waits { attempts, opening } = self.redis.open(&open).await? else {
                return Ok(());
            };
            self.ship();
            let seed = Seed {
                counter: counter(scope),
                organization: ORGANIZATION.into(),
                settled: NanoUsd(self.ledger.sum(&attempts)),
                revision: Revision(1),
                opening,
            };
            if self.redis.seed(&seed).await? == Seeded::Ready {
                return Ok(());
            }
        }
    }

    pub fn settle(&self, ask: &Reserve, charge: i64) {
        let row = (ask.attempt.clone(), charge);
        self.journal.lock().unwrap().push(row);
        self.redis.settle_later(Settle {
            attempt: ask.attempt.clone(),
            organization: ORGANIZATION.into(),
            charge: NanoUsd(charge),
            reserved_at: TimestampMs(0),
            counters: SCOPES.iter().map(|scope| counter(scope)).collect(),
            gives_back: GivesBack::default(),
        });
    }

    /// Sends requests until it is told to stop; each lives for some milliseconds.
    pub async fn work(self: Arc<Self>, seed: u64, limit: i64, stop: Arc<AtomicBool>) {
        let mut chance = Chance::new(seed);
        while !stop.load(Ordering::Relaxed) {
            let ask = self.ask(1_000, limit);
            match self.reserve(&ask).await {
                Ok(Reserved::Admitted(_)) => {
                    self.admitted.fetch_add(1, Ordering::Relaxed);
                    let ms = chance.below(60);
                    tokio::time::sleep(Duration::from_millis(ms)).await;
                    self.settle(&ask, chance.below(1_000).cast_signed());
                }
                Ok(Reserved::Unknown(unknown)) => {
                    for index in unknown {
                        // Away, or another node was too slow: the next request tries again.
                        let _opened = self.open(SCOPES[index]).await;
                    }
                }
                Ok(_) => tokio::time::sleep(Duration::from_millis(5)).await,
                Err(Away) => {
                    self.away.fetch_add(1, Ordering::Relaxed);
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
        }
    }
}
