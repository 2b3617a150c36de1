//! What the admin side does without being asked: days of the ledger, keys past their time to be
//! restored, alerts of budgets, what months came to.

use std::sync::Arc;
use std::time::Duration;

use domain::actors::Actor;
use domain::deleted_keys::RESTORABLE_MS;
use domain::sealed::KeyRing;
use domain::time::TimestampMs;
use rustls::ClientConfig;
use store::key_deletion::PurgedKey;
use store::locks::Job;
use store::{Event, Store, StoreError};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::alerts::CurrentAlerts;
use crate::alerts::deliver::Deliveries;
use crate::alerts::months::Months;
use crate::alerts::send::Sender;
use crate::alerts::watch::Watch;
use crate::metrics::AdminMetrics;

/// How often budgets whose spend moved are looked at, and the queue is.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);

/// How many times as long as a look takes nothing is looked at after it: where very much moves, looking
/// is a small part of what the database does.
const REST: u32 = 5;

/// How often days are made and dropped.
const DAYS_INTERVAL: Duration = Duration::from_secs(3_600);

/// How often it is looked whether a month is over. A target that is new hears of the last one within it.
const MONTHS_INTERVAL: Duration = Duration::from_secs(900);

/// How many days of the ledger are made ahead.
const DAYS_AHEAD: u64 = 3;

/// How long alerts of windows that are over stay listed.
const ALERTS_KEPT_MS: u64 = 90 * 86_400_000;

/// The jobs of the admin side.
pub struct Jobs {
    store: Arc<Store>,
    watch: Watch,
    months: Months,
    deliveries: Deliveries,
    /// How long single requests stay listed; for ever when not set. Sums stay always.
    requests_kept_ms: Option<u64>,
    metrics: Arc<AdminMetrics>,
}

/// With what jobs are done.
pub struct JobSettings {
    /// Where alerts go.
    pub alerts: CurrentAlerts,
    /// With what their secrets are encrypted.
    pub keys: KeyRing,
    /// Whom to trust on the way.
    pub trust: Arc<ClientConfig>,
    /// How long single requests stay listed.
    pub requests_kept_ms: Option<u64>,
    /// Where what was done is counted.
    pub metrics: Arc<AdminMetrics>,
}

impl Jobs {
    /// Jobs on a store.
    ///
    /// # Errors
    /// When there is no TLS to be had.
    pub fn new(store: Arc<Store>, settings: JobSettings) -> Result<Self, reqwest::Error> {
        let JobSettings {
            alerts,
            keys,
            trust,
            requests_kept_ms,
            metrics,
        } = settings;
        let sender = Arc::new(Sender::new(&trust, &alerts)?);
        Ok(Self {
            watch: Watch::new(Arc::clone(&store), Arc::clone(&alerts)),
            months: Months::new(Arc::clone(&store), Arc::clone(&alerts)),
            deliveries: Deliveries::new(Arc::clone(&store), alerts, keys, sender),
            store,
            requests_kept_ms,
            metrics,
        })
    }

    /// Does them until told to stop. A query is never left in the middle of it.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut days_due = Instant::now();
        let mut months_due = Instant::now();
        let mut look_due = Instant::now();
        while !*stop.borrow_and_update() {
            if Instant::now() >= days_due {
                let done = self.days().await;
                self.metrics.job("days", done.is_ok());
                match done {
                    Ok(()) => days_due = Instant::now() + DAYS_INTERVAL,
                    // Tried again with the next look: a database that is away comes back.
                    Err(cause) => tell("the days of the ledger", &cause),
                }
            }
            if Instant::now() >= months_due {
                let done = self.months.look(TimestampMs::now()).await;
                self.metrics.job("months", done.is_ok());
                match done {
                    Ok(_queued) => months_due = Instant::now() + MONTHS_INTERVAL,
                    Err(cause) => tell("what months came to", &cause),
                }
            }
            let begun = Instant::now();
            if begun >= look_due {
                let done = self.watch.look(TimestampMs::now()).await;
                self.metrics.job("budgets", done.is_ok());
                if let Err(cause) = done {
                    tell("the alerts of budgets", &cause);
                }
                look_due = Instant::now() + begun.elapsed().saturating_mul(REST);
            }
            let asked = async {
                let _asked_or_gone = stop.wait_for(|asked| *asked).await;
            };
            let done = self.deliveries.deliver(asked).await;
            self.metrics.job("alerts", done.is_ok());
            if let Err(cause) = done {
                tell("the queue of alerts", &cause);
            }
            tokio::select! {
                () = sleep(LOOK_INTERVAL) => {}
                _asked_or_gone = stop.wait_for(|asked| *asked) => return,
            }
        }
    }

    /// Makes the days to come, and drops those that are past.
    async fn days(&self) -> Result<(), StoreError> {
        let Some(lock) = self.store.try_job(Job::Days).await? else {
            return Ok(());
        };
        let now = TimestampMs::now();
        self.store.prepare_days(now, DAYS_AHEAD).await?;
        if let Some(kept_ms) = self.requests_kept_ms {
            let before = TimestampMs(now.0.saturating_sub(kept_ms));
            let dropped = self.store.drop_rows_before(before).await?;
            if dropped > 0 {
                tracing::info!(dropped, "requests past their retention were dropped");
            }
        }
        let ended = TimestampMs(now.0.saturating_sub(ALERTS_KEPT_MS));
        self.store.forget_alerts(ended).await?;
        self.deleted_keys(now).await?;
        lock.end().await
    }

    /// Removes keys for good that may no longer be restored.
    async fn deleted_keys(&self, now: TimestampMs) -> Result<(), StoreError> {
        let ended = TimestampMs(now.0.saturating_sub(RESTORABLE_MS));
        while self.store.has_keys_deleted_by(ended).await? {
            let mut change = self.store.begin().await?;
            let mut gone = change.purge_deleted_keys(ended).await?.into_iter();
            // Another node was quicker.
            let Some(last) = gone.next_back() else {
                return Ok(());
            };
            for key in gone {
                change.also(purged(key));
            }
            change.commit(&Actor::system(), purged(last)).await?;
        }
        Ok(())
    }
}

fn purged(key: PurgedKey) -> Event {
    Event {
        action: "key.purge",
        object_kind: "key",
        object_id: key.id,
        organization_id: Some(key.organization_id),
        team_id: key.team_id,
        ..Event::default()
    }
}

fn tell(what: &str, cause: &StoreError) {
    match cause {
        // Said once a second by whoever waits for the database; no need to say it twice.
        StoreError::Unavailable(_) => tracing::debug!("{what} have to wait: {cause}"),
        _ => tracing::warn!("{what} cannot be looked after: {cause}"),
    }
}
