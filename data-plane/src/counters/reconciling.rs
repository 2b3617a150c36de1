//! Attempts in Redis whose node is gone: they count at what is held for them until the ledger tells
//! their charge.
//!
//! A node that is killed leaves holds behind: of attempts that its journal knows (settled, or
//! orphaned at the next start), and of attempts that never reached a provider, which no journal
//! knows. The next run of the same node has shipped the journal, and so can tell the two apart. What
//! other nodes find of it becomes an orphan after a minute, and is settled when the ledger has it.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use domain::ledger::Ledger;
use domain::money::NanoUsd;
use domain::time::TimestampMs;
use tokio::sync::watch;

use crate::counters::operation::{AttemptId, GivesBack, Settle};
use crate::counters::redis::Redis;
use crate::counters::{Away, Counters};
use crate::journal::Flush;

/// How often orphans are looked up in the ledger.
const INTERVAL: Duration = Duration::from_secs(10);

/// When the ledger or Redis does not answer, it is asked again after this.
const PAUSE: Duration = Duration::from_secs(1);

/// Looks up orphans in the ledger, for as long as it is polled.
pub async fn orphans(counters: Arc<Counters>, ledger: Arc<dyn Ledger>) {
    let Counters::Redis(redis) = &*counters else {
        return;
    };
    loop {
        tokio::time::sleep(INTERVAL).await;
        for organization in redis.in_use() {
            // What does not answer now is asked again at the next round.
            let _away = known_ones(redis, &*ledger, &organization).await;
        }
    }
}

/// Settles those orphans of an organization that the ledger has.
async fn known_ones(
    redis: &Redis,
    ledger: &dyn Ledger,
    organization: &Arc<str>,
) -> Result<(), Away> {
    let left = redis.left(organization, &[]).await?;
    if left.is_empty() {
        return Ok(());
    }
    let charges = charges(ledger, &left).await?;
    for (attempt, charge) in charges {
        redis
            .settle(&settled(organization, attempt, charge))
            .await?;
    }
    Ok(())
}

/// What earlier runs of this node left.
pub struct EarlierRuns {
    /// By what names they counted.
    pub names: Vec<String>,
    /// All organizations.
    pub organizations: BTreeSet<String>,
    /// Those of whose requests the ledger has heard only now.
    pub late: watch::Receiver<BTreeSet<String>>,
    /// Moves the journal into the ledger.
    pub flush: Flush,
}

/// Settles what earlier runs of this node left: at its charge what the ledger has, at 0 what never
/// reached a provider. Returns when that is done.
pub async fn settle_earlier_runs(counters: &Counters, ledger: &dyn Ledger, runs: EarlierRuns) {
    let Counters::Redis(redis) = counters else {
        return;
    };
    while let Err(away) = runs.flush.flush().await {
        tracing::debug!("the journal of earlier runs is not shipped yet: {away}");
        tokio::time::sleep(PAUSE).await;
    }
    let late = runs.late.borrow().clone();
    for organization in runs.organizations.union(&late) {
        let id: Arc<str> = organization.as_str().into();
        while settle_runs_in(redis, ledger, &id, &runs.names, late.contains(organization))
            .await
            .is_err()
        {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn settle_runs_in(
    redis: &Redis,
    ledger: &dyn Ledger,
    organization: &Arc<str>,
    names: &[String],
    is_late: bool,
) -> Result<(), Away> {
    let mut asked = BTreeSet::new();
    let mut is_unknown = is_late;
    loop {
        let left = redis.left(organization, names).await?;
        let fresh = left.into_iter().filter(|one| asked.insert(one.clone()));
        let fresh: Vec<AttemptId> = fresh.collect();
        if fresh.is_empty() {
            break;
        }
        let charges: HashMap<AttemptId, NanoUsd> =
            charges(ledger, &fresh).await?.into_iter().collect();
        for attempt in fresh {
            let charge = charges.get(&attempt).copied();
            is_unknown |= charge.is_none();
            let charge = charge.unwrap_or_default();
            redis
                .settle(&settled(organization, attempt, charge))
                .await?;
        }
    }
    if is_unknown {
        // What the ledger summed up without rows is in its sums.
        redis.forget_all(organization).await?;
    }
    // Else every opening would wait for them for 5 s.
    redis.leave(organization, names).await
}

async fn charges(
    ledger: &dyn Ledger,
    attempts: &[AttemptId],
) -> Result<Vec<(AttemptId, NanoUsd)>, Away> {
    let ids = attempts.iter().map(|id| id.0.to_string()).collect();
    let charges = ledger.charges(ids).await.map_err(|_away| Away)?;
    Ok(charges
        .into_iter()
        .map(|(id, charge)| (AttemptId(id.into()), charge))
        .collect())
}

fn settled(organization: &Arc<str>, attempt: AttemptId, charge: NanoUsd) -> Settle {
    Settle {
        attempt,
        organization: Arc::clone(organization),
        charge,
        reserved_at: TimestampMs(0),
        counters: Vec::new(),
        gives_back: GivesBack::default(),
    }
}
