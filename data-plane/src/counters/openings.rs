//! Counters that an engine does not have: opened, then seeded from the ledger, once for all that
//! wait. After a start, an emptied Redis, a failover and for a new budget this is the one way.
//!
//! Between opening and seeding, the journal is moved into the ledger up to its end. So every
//! attempt counts once: those under way are on the counter from its opening (and are left out of
//! the ledger's sum), those settled before are in the ledger.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use domain::ledger::{Ledger, Wanted};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::counters::operation::{CounterName, Open, Opened, Seed};
use crate::counters::{Away, Counters};
use crate::journal::Flush;

/// The longest wait of a request.
const PATIENCE: Duration = Duration::from_secs(3);

/// One counter to open, and what to ask the ledger for.
pub struct Opening {
    /// The counter.
    pub open: Open,
    /// The sum; what is to be left out is not known yet.
    pub wanted: Wanted,
}

/// Opens counters, on the control runtime.
pub struct Openings {
    counters: Arc<Counters>,
    ledger: Arc<dyn Ledger>,
    flush: Flush,
    control: Handle,
    waiting: Mutex<HashMap<CounterName, Vec<oneshot::Sender<()>>>>,
}

impl Openings {
    /// Opens counters of this engine from this ledger; `flush` moves the journal into it.
    #[must_use]
    pub fn new(
        counters: Arc<Counters>,
        ledger: Arc<dyn Ledger>,
        flush: Flush,
        control: Handle,
    ) -> Arc<Self> {
        Arc::new(Self {
            counters,
            ledger,
            flush,
            control,
            waiting: Mutex::default(),
        })
    }

    /// Opens these, or waits for whoever is opening them. When it returns, whoever asks the engine
    /// again learns whether they are there.
    ///
    /// # Errors
    /// When the ledger or the engine does not answer in time.
    pub async fn open(self: &Arc<Self>, openings: Vec<Opening>) -> Result<(), Away> {
        let (mut mine, mut told) = (Vec::new(), Vec::new());
        for opening in openings {
            let (tell, hear) = oneshot::channel();
            let mut waiting = self.waiting();
            let others = waiting.entry(opening.open.counter.clone()).or_default();
            let is_first = others.is_empty();
            others.push(tell);
            drop(waiting);
            if is_first {
                mine.push(opening);
            }
            told.push(hear);
        }
        if !mine.is_empty() {
            let openings = Arc::clone(self);
            self.control.spawn(async move { openings.work(mine).await });
        }
        let all = async {
            for hear in told {
                // Dropped without a word: it failed.
                hear.await.map_err(|_failed| Away)?;
            }
            Ok(())
        };
        tokio::time::timeout(PATIENCE, all)
            .await
            .unwrap_or(Err(Away))
    }

    async fn work(&self, openings: Vec<Opening>) {
        let names: Vec<CounterName> = openings
            .iter()
            .map(|opening| opening.open.counter.clone())
            .collect();
        let opened = tokio::time::timeout(PATIENCE, self.open_and_seed(openings)).await;
        if let Ok(Err(cause)) = &opened {
            tracing::warn!("counters of budgets could not be read from the ledger: {cause}");
        }
        let is_done = matches!(opened, Ok(Ok(())));
        let mut waiting = self.waiting();
        for name in names {
            let told = waiting.remove(&name).unwrap_or_default();
            for tell in told.into_iter().filter(|_| is_done) {
                // Whoever waited may have gone.
                let _gone = tell.send(());
            }
        }
    }

    async fn open_and_seed(&self, openings: Vec<Opening>) -> Result<(), String> {
        let away = |_away: Away| "the counters do not answer".to_owned();
        let mut wanted = Vec::new();
        let mut opened = Vec::new();
        for opening in openings {
            let answer = self.counters.open(&opening.open).await.map_err(away)?;
            let Opened::Waits {
                attempts,
                opening: number,
            } = answer
            else {
                continue;
            };
            let except = attempts.iter().map(|id| id.0.to_string());
            wanted.push(Wanted {
                except: except.collect(),
                ..opening.wanted
            });
            opened.push((opening.open, number));
        }
        if opened.is_empty() {
            return Ok(());
        }
        self.flush.flush().await.map_err(|away| away.to_string())?;
        let sums = self.ledger.sums(wanted).await;
        let sums = sums.map_err(|away| away.to_string())?;
        for ((open, number), settled) in opened.into_iter().zip(sums.nanousd) {
            let seed = Seed {
                counter: open.counter,
                organization: open.organization,
                settled,
                revision: sums.revision,
                opening: number,
            };
            // A void one is found to be unknown by whoever asks next, and opened again.
            let _ready_or_void = self.counters.seed(&seed).await.map_err(away)?;
        }
        Ok(())
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<CounterName, Vec<oneshot::Sender<()>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
