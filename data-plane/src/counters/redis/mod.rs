//! The engine for a fleet: counters in Redis, one atomic script for each operation, with the meaning
//! of the model. Redis's clock is the only one.
//!
//! | file | purpose |
//! |---|---|
//! | `address` | where Redis is: one server, a cluster, sentinels |
//! | `topology`, `server`, `link`, `breaker` | connections, made and watched in the background |
//! | `keys`, `script`, `reply`, `lua/` | the scripts, what they take and answer |
//! | `reserving`, `settling`, `opening`, `upkeep` | the operations |
//! | `organization`, `table` | what this node knows, and has under way |
//! | `joining` | a memory that is new is told everything before anything is asked of it |
//! | `beating` | signs of life, and fences |
//! | `news`, `local` | messages between nodes; rates while Redis is away |

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Instant;

use domain::time::TimestampMs;
use tokio::runtime::Handle;
use tokio::sync::{Notify, broadcast, mpsc, watch};
use tokio::task::JoinSet;

use super::Away;
use super::memory::Clock;
use super::operation::{
    AttemptId, Correct, Extend, Extended, Open, Opened, Reserve, Reserved, Seed, Seeded, Settle,
    Settled,
};
use super::upkeep::{KeepAlive, Reassert, Reasserted, Revoke, Sweep, Swept};
use crate::random;
use link::Fault;
use local::Local;
use organization::Organization;
use script::Scripts;
use settling::Queue;
use topology::Topology;

pub use address::{Address, NotAnAddress};
pub use news::News;

mod address;
mod beating;
mod breaker;
mod joining;
mod keys;
mod link;
mod local;
mod news;
mod opening;
mod organization;
mod reply;
mod reserving;
mod script;
mod server;
mod settling;
mod table;
mod topology;
mod upkeep;

/// How long an attempt may give no sign of life: three signs may be lost.
pub const TIME_TO_LIVE_MS: u64 = 60_000;

/// Counters in Redis.
pub struct Redis {
    inner: Arc<Inner>,
    /// They end with it.
    _tasks: JoinSet<()>,
}

struct Inner {
    /// By chance: another for every start.
    node: String,
    scripts: Arc<Scripts>,
    topology: Topology,
    organizations: RwLock<HashMap<Arc<str>, Arc<Organization>>>,
    queue: Queue,
    local: Local,
    shipped: Mutex<Option<Instant>>,
    fences: watch::Sender<u64>,
    news: broadcast::Sender<News>,
    beat_now: Notify,
    /// The node is ending, and gives no more signs of life.
    has_resigned: AtomicBool,
    /// Redis's clock less this node's.
    ahead_ms: AtomicI64,
    runtime: Handle,
}

impl Redis {
    /// Begins to connect, on the runtime that this is called in. Nothing waits for it: as long as
    /// there is no connection, everything is [`Away`].
    ///
    /// `clock` is the server's, unless a test says what time it is.
    #[must_use]
    pub fn start(address: Address, clock: &Clock) -> Self {
        let (pushes, pushed) = mpsc::unbounded_channel();
        let inner = Arc::new(Inner {
            node: format!("{:016x}", random::bits()),
            scripts: Arc::new(Scripts::new(clock)),
            topology: Topology::new(address),
            organizations: RwLock::default(),
            queue: Queue::default(),
            local: Local::new(clock),
            shipped: Mutex::default(),
            fences: watch::Sender::new(0),
            news: broadcast::Sender::new(news::UNHEARD),
            beat_now: Notify::new(),
            has_resigned: AtomicBool::new(false),
            ahead_ms: AtomicI64::new(0),
            runtime: Handle::current(),
        });
        let mut tasks = JoinSet::new();
        let kept = Arc::clone(&inner);
        tasks.spawn(async move {
            let scripts = Arc::clone(&kept.scripts);
            kept.topology.keep(scripts, pushes).await;
        });
        tasks.spawn(Arc::clone(&inner).beat());
        // Who says what time it is looks for orphans as well.
        if matches!(clock, Clock::System) {
            tasks.spawn(Arc::clone(&inner).keep());
        }
        tasks.spawn(Arc::clone(&inner).work_off());
        tasks.spawn(Arc::clone(&inner).listen(pushed));
        Self {
            inner,
            _tasks: tasks,
        }
    }

    /// Holds what an attempt asks for: all of it, or nothing.
    ///
    /// # Errors
    /// [`Away`], as all of these, after 200 ms at most. A hold that was perhaps taken is then
    /// released later: ask again with another attempt's id.
    pub async fn reserve(&self, ask: &Reserve) -> Result<Reserved, Away> {
        self.inner.reserve(ask).await.map_err(away)
    }

    /// Makes an attempt's hold larger or smaller.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn extend(&self, ask: &Extend) -> Result<Extended, Away> {
        self.inner.extend(ask).await.map_err(away)
    }

    /// Puts an attempt's charge in the place of its hold, and waits for it. The journal has it.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn settle(&self, ask: &Settle) -> Result<Settled, Away> {
        self.inner.settle(ask).await.map_err(away)
    }

    /// The same, off the request's way, until Redis has acknowledged it. The journal has it.
    pub fn settle_later(&self, ask: Settle) {
        self.inner.settle_later(ask);
    }

    /// Begins a counter, and waits until what other nodes settled before is in the ledger; the caller
    /// flushes this node's own journal. Takes some hundred milliseconds in a fleet; at most 10 s,
    /// when a node or Redis has just gone.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn open(&self, ask: &Open) -> Result<Opened, Away> {
        self.inner.open(ask).await.map_err(away)
    }

    /// Gives an opened counter what the ledger has.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn seed(&self, ask: &Seed) -> Result<Seeded, Away> {
        self.inner.seed(ask).await.map_err(away)
    }

    /// Corrects a counter.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn correct(&self, ask: &Correct) -> Result<(), Away> {
        self.inner.correct(ask).await.map_err(away)
    }

    /// Says that requests go on. The engine does so by itself for what was reserved through it.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn keep_alive(&self, ask: &KeepAlive) -> Result<(), Away> {
        self.inner.keep_alive(ask).await.map_err(away)
    }

    /// Says an attempt again. The engine does so by itself for what was reserved through it.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn reassert(&self, ask: &Reassert) -> Result<Reasserted, Away> {
        self.inner.reassert(ask).await.map_err(away)
    }

    /// Looks for attempts that gave no sign of life. The engine does so by itself.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn sweep(&self, ask: &Sweep) -> Result<Swept, Away> {
        self.inner.sweep(ask).await.map_err(away)
    }

    /// Makes every counter of an organization unknown.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn forget_all(&self, organization: &Arc<str>) -> Result<(), Away> {
        self.inner.forget_all(organization).await.map_err(away)
    }

    /// Takes away the right to reserve: on every node, when this returns. Tells every node that there
    /// is a new revision.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn revoke(&self, ask: &Revoke) -> Result<(), Away> {
        self.inner.tell(ask, true).await.map_err(away)
    }

    /// Gives it back.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn restore(&self, ask: &Revoke) -> Result<(), Away> {
        self.inner.tell(ask, false).await.map_err(away)
    }

    /// What other nodes tell: poll at once. One that listens too slowly misses some, and polls anyway.
    #[must_use]
    pub fn news(&self) -> broadcast::Receiver<News> {
        self.inner.news.subscribe()
    }

    /// Everything that was settled before this moment is in the ledger.
    pub fn note_shipped(&self, up_to: Instant) {
        self.inner.note_shipped(up_to);
    }

    /// Changes when another node waits for this one's journal: ship it now.
    #[must_use]
    pub fn fences(&self) -> watch::Receiver<u64> {
        self.inner.fences.subscribe()
    }

    /// Takes from rates and parallel requests only, this node's share of them: while Redis is away.
    #[must_use]
    pub fn reserve_locally(&self, ask: &Reserve) -> Reserved {
        let nodes = self.inner.organization(&ask.organization).nodes();
        self.inner.local.reserve(ask, nodes)
    }

    /// Ends what was taken by [`Redis::reserve_locally`].
    pub fn settle_locally(&self, ask: &Settle) -> Settled {
        let nodes = self.inner.organization(&ask.organization).nodes();
        self.inner.local.settle(ask, nodes)
    }

    /// What time it is by Redis's clock, as far as is known.
    #[must_use]
    pub fn now(&self) -> TimestampMs {
        let ahead_ms = self.inner.ahead_ms.load(Ordering::Relaxed);
        TimestampMs(TimestampMs::now().0.saturating_add_signed(ahead_ms))
    }

    /// The name of this run: attempts that are held are found by it when it is gone.
    #[must_use]
    pub fn node(&self) -> &str {
        &self.inner.node
    }

    /// The organizations that this node speaks of at present.
    #[must_use]
    pub fn in_use(&self) -> Vec<Arc<str>> {
        let organizations = self.inner.organizations().into_iter();
        organizations.map(|one| Arc::clone(&one.id)).collect()
    }

    /// Attempts that wait for their node's journal, a thousand at once: those of these runs, or, when
    /// none is named, orphans.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn left(
        &self,
        organization: &Arc<str>,
        gone: &[String],
    ) -> Result<Vec<AttemptId>, Away> {
        self.inner.left(organization, gone).await.map_err(away)
    }

    /// Waits no more for these runs of nodes, which are over: their journal is in the ledger, and what
    /// they left is settled. Who is not known to be over is waited for until it was silent for 5 s.
    ///
    /// # Errors
    /// [`Away`].
    pub async fn leave(&self, organization: &Arc<str>, gone: &[String]) -> Result<(), Away> {
        if gone.is_empty() {
            return Ok(());
        }
        self.inner.leave(organization, gone).await.map_err(away)
    }

    /// This node is ending, and everything that it settled is shipped: nobody need wait until it was
    /// silent for 5 s. Where it has something under way, or not in the ledger, others do.
    pub async fn resign(&self) {
        self.inner.resign().await;
    }

    /// How many attempts of an organization this node has under way, and how many settles wait.
    #[must_use]
    pub fn pending(&self, organization: &Arc<str>) -> (usize, usize) {
        let organization = self.inner.organization(organization);
        let under_way = organization.table().len();
        (under_way, self.inner.queue.len())
    }
}

impl Inner {
    fn known(&self, id: &str) -> Option<Arc<Organization>> {
        let organizations = self.organizations.read();
        let organizations = organizations.unwrap_or_else(PoisonError::into_inner);
        organizations.get(id).cloned()
    }

    fn organization(&self, id: &Arc<str>) -> Arc<Organization> {
        if let Some(known) = self.known(id) {
            return known;
        }
        let organizations = self.organizations.write();
        let mut organizations = organizations.unwrap_or_else(PoisonError::into_inner);
        let organization = organizations.entry(Arc::clone(id));
        Arc::clone(organization.or_insert_with(|| Arc::new(Organization::new(id))))
    }

    fn organizations(&self) -> Vec<Arc<Organization>> {
        let organizations = self.organizations.read();
        let organizations = organizations.unwrap_or_else(PoisonError::into_inner);
        organizations.values().cloned().collect()
    }

    /// Speaks of an organization no more, unless somebody has just begun to.
    fn let_go(&self, organization: &Arc<Organization>) {
        let organizations = self.organizations.write();
        let mut organizations = organizations.unwrap_or_else(PoisonError::into_inner);
        // The map's and the caller's.
        if Arc::strong_count(organization) == 2 {
            organizations.remove(&organization.id);
        }
    }

    fn shipped(&self) -> Option<Instant> {
        *self.shipped.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hears what time it is by Redis's clock.
    fn observe(&self, now_ms: u64) {
        let ours = TimestampMs::now().0;
        let ahead_ms = i128::from(now_ms).saturating_sub(i128::from(ours));
        let ahead_ms = i64::try_from(ahead_ms).unwrap_or(0);
        self.ahead_ms.store(ahead_ms, Ordering::Relaxed);
    }
}

fn away(fault: Fault) -> Away {
    if let Fault::Refused(error) = fault {
        tracing::error!(%error, "Redis refuses");
    }
    Away
}
