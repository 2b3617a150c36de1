//! Settling: asked at once, or later by a queue that asks until it is answered.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::Inner;
use super::keys::escape;
use super::link::Fault;
use super::script::Call;
use crate::counters::operation::{Settle, Settled};
use crate::counters::upkeep::DONE_MS;

/// The most settles that wait: at some hundred bytes each, some ten megabytes. The journal has all of
/// them: past it counters are made anew from the ledger.
const QUEUED: usize = 100_000;

/// So many are asked at the same time.
const AT_ONCE: usize = 128;

/// How long nothing is asked after there was no answer.
const PAUSE: Duration = Duration::from_millis(100);

/// Settles that wait for Redis.
#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<VecDeque<Settle>>,
    came: Notify,
}

impl Queue {
    /// Gives it back if there is no room for it.
    fn push(&self, ask: Settle) -> Option<Settle> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() >= QUEUED {
            return Some(ask);
        }
        waiting.push_back(ask);
        drop(waiting);
        self.came.notify_one();
        None
    }

    fn push_back(&self, asks: Vec<Settle>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for ask in asks.into_iter().rev() {
            waiting.push_front(ask);
        }
    }

    fn take(&self) -> Vec<Settle> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.len().min(AT_ONCE);
        waiting.drain(..count).collect()
    }

    pub(super) fn len(&self) -> usize {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.len()
    }
}

impl Inner {
    pub(super) async fn settle(self: &Arc<Self>, ask: &Settle) -> Result<Settled, Fault> {
        let organization = self.organization(&ask.organization);
        organization.settled();
        let mut names: Vec<String> = Vec::with_capacity(ask.counters.len());
        for counter in &ask.counters {
            names.push(escape(&counter.0).into_owned());
        }
        let named = names.len();
        loop {
            let fill = |call: &mut Call<'_>| {
                self.fill_settle(&organization, ask, (&names, named), call);
            };
            let mut reply = self.run(&organization, &self.scripts.settle, fill).await?;
            let settled = match reply.word() {
                "MORE" => {
                    names.extend(reply.texts()?);
                    continue;
                }
                "OK" => Settled::Done,
                "DONE" => Settled::AlreadySettled,
                "LOST" => Settled::WasLost,
                _ => return Err(reply.unexpected()),
            };
            organization.table().settled(ask);
            return Ok(settled);
        }
    }

    fn fill_settle(
        &self,
        organization: &super::organization::Organization,
        ask: &Settle,
        (names, named): (&[String], usize),
        call: &mut Call<'_>,
    ) {
        let (keys, back) = (&organization.keys, &ask.gives_back);
        call.key(keys.one("rv")).key(keys.one("ex"));
        call.key(keys.done(&ask.attempt.0));
        let member = back.first_attempt.as_ref();
        call.arg(escape(&ask.attempt.0)).arg(ask.charge.0);
        call.arg(keys.counters()).arg(DONE_MS);
        call.arg(member.map(|member| escape(&member.0)).unwrap_or_default());
        call.arg(names.len()).arg(named).arg(back.buckets.len());
        for name in names {
            call.key([&keys.counters(), name.as_str()].concat());
        }
        for (bucket, units) in &back.buckets {
            call.key(keys.bucket(&bucket.name));
            call.arg(units).arg(bucket.capacity);
            call.arg(bucket.tick_ms).arg(bucket.ticks);
        }
        for slot in back.slots.iter().filter(|_| member.is_some()) {
            call.key(keys.slot(&slot.name));
        }
    }

    pub(super) fn settle_later(&self, ask: Settle) {
        let organization = self.organization(&ask.organization);
        organization.settled();
        if let Some(ask) = self.queue.push(ask) {
            organization.table().forget(&ask);
            if !organization.is_dirty.swap(true, Ordering::AcqRel) {
                tracing::warn!(
                    organization = %organization.id,
                    "too many settles wait for Redis: its counters will be made anew from the ledger"
                );
            }
            organization.lose();
        }
    }

    /// Asks for ever for what was to be settled later.
    pub(super) async fn work_off(self: Arc<Self>) {
        loop {
            let batch = self.queue.take();
            if batch.is_empty() {
                self.queue.came.notified().await;
                continue;
            }
            let mut asking = JoinSet::new();
            for ask in batch {
                let inner = Arc::clone(&self);
                asking.spawn(async move {
                    let settled = inner.settle(&ask).await;
                    settled.err().map(|_fault| ask)
                });
            }
            let mut again = Vec::new();
            while let Some(asked) = asking.join_next().await {
                again.extend(asked.ok().flatten());
            }
            if !again.is_empty() {
                self.queue.push_back(again);
                sleep(PAUSE).await;
            }
        }
    }
}
