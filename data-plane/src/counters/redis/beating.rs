//! Signs of life: of this node to others, and of its attempts. And fences: a counter that is opened
//! waits until what was settled before, on whichever node, is in the ledger.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::joining::Ready;
use super::link::{DEADLINE, Fault};
use super::organization::{Organization, SILENT_MS};
use super::script::Call;
use super::{Inner, TIME_TO_LIVE_MS};
use crate::counters::upkeep::{KeepAlive, Sweep};

/// How often Redis is spoken to for an organization that has something under way.
const OFTEN: Duration = Duration::from_millis(250);

/// How often a node says that it is there, if Redis is spoken to anyway.
const SELDOM: Duration = Duration::from_secs(1);

/// An organization that nobody asks for anything is not spoken of after so long.
const IDLE: Duration = Duration::from_secs(10);

/// How often attempts give signs of life: three within their time to live.
const ALIVE: Duration = Duration::from_secs(20);

/// How often orphans are looked for.
const SWEEP: Duration = Duration::from_secs(10);

/// So many signs of life in one call.
const AT_ONCE: usize = 500;

impl Inner {
    /// Beats until the node resigns.
    pub(super) async fn beat(self: Arc<Self>) {
        loop {
            let _woken = timeout(OFTEN, self.beat_now.notified()).await;
            if self.has_resigned.load(Ordering::Acquire) {
                return;
            }
            let mut beating = JoinSet::new();
            let shipped = self.shipped();
            for organization in self.organizations() {
                if organization.is_idle(IDLE, shipped) {
                    self.let_go(&organization);
                } else if organization.is_due(OFTEN, SELDOM) {
                    let inner = Arc::clone(&self);
                    beating.spawn(async move { inner.beat_once(&organization).await });
                }
            }
            while beating.join_next().await.is_some() {}
        }
    }

    async fn beat_once(self: Arc<Self>, organization: &Arc<Organization>) {
        // The first time this node says that it is not past a fence, the second that it is.
        for _ in 0..2 {
            let beaten = async {
                let ready = self.ready(organization).await?;
                say(&self, organization, &ready, true).await
            };
            if !matches!(timeout(DEADLINE, beaten).await, Ok(Ok(true))) {
                return;
            }
        }
    }

    /// Signs of life of attempts, and a look for those that give none.
    pub(super) async fn keep(self: Arc<Self>) {
        let mut last_sign = Instant::now();
        let mut ticks = interval(SWEEP);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let signs = last_sign.elapsed() + SWEEP > ALIVE;
            if signs {
                last_sign = Instant::now();
            }
            for organization in self.organizations() {
                if signs {
                    self.give_signs(&organization).await;
                }
                let sweep = Sweep {
                    organization: Arc::clone(&organization.id),
                };
                match self.sweep(&sweep).await {
                    Ok(swept) if !swept.orphaned.is_empty() => {
                        let count = swept.orphaned.len();
                        tracing::warn!(organization = %organization.id, count, "attempts became orphans");
                    }
                    _ => {}
                }
            }
        }
    }

    async fn give_signs(self: &Arc<Self>, organization: &Arc<Organization>) {
        let (mut attempts, mut places) = organization.table().alive();
        while !attempts.is_empty() || !places.is_empty() {
            let of_attempts = attempts.len().saturating_sub(AT_ONCE);
            let of_places = places.len().saturating_sub(AT_ONCE);
            let ask = KeepAlive {
                organization: Arc::clone(&organization.id),
                time_to_live_ms: TIME_TO_LIVE_MS,
                attempts: attempts.split_off(of_attempts),
                places: places.split_off(of_places),
            };
            if self.keep_alive(&ask).await.is_err() {
                return;
            }
        }
    }

    /// Everything settled before this moment is in the ledger.
    pub(super) fn note_shipped(&self, up_to: Instant) {
        let mut shipped = self
            .shipped
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        *shipped = (*shipped).max(Some(up_to));
        drop(shipped);
        self.beat_now.notify_one();
    }
}

/// Says that this node is there, and whether it has said everything. Answers whether it has just got
/// past a fence, and has not said so.
pub(super) async fn say(
    inner: &Inner,
    organization: &Organization,
    ready: &Ready,
    has_said_all: bool,
) -> Result<bool, Fault> {
    let shipped = inner.shipped();
    let passed = organization.fence(shipped);
    let fill = |call: &mut Call<'_>| {
        call.key(organization.keys.one("n"));
        call.arg(&inner.node).arg(u8::from(has_said_all));
        call.arg(passed).arg(SILENT_MS);
    };
    let script = &inner.scripts.beat;
    let mut reply = inner.call_in(organization, ready, script, fill).await?;
    inner.observe(reply.number()?);
    let is_late = reply.number::<u8>()? == 1;
    let fence = reply.number()?;
    organization.beaten(reply.number()?);
    if is_late && !organization.is_clean(shipped) {
        // Others did not wait for what this node has not shipped.
        inner.renew(organization, ready).await?;
    }
    if !organization.see_fence(fence) {
        return Ok(false);
    }
    if organization.fence(inner.shipped()) >= fence {
        return Ok(true);
    }
    inner
        .fences
        .send_modify(|count| *count = count.wrapping_add(1));
    Ok(false)
}

impl Organization {
    /// How many nodes there are, as far as is known.
    pub(super) fn nodes(&self) -> u64 {
        self.live.load(Ordering::Relaxed)
    }
}
