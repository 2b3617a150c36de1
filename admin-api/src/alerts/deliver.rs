//! Out of the queue, until a target takes it: with a lease, so that a delivery whose sender died is
//! taken again, and with longer and longer waits.

use std::future::Future;
use std::sync::Arc;

use domain::addresses::Egress;
use domain::alerts::{AlertTarget, TargetKind, TargetName};
use domain::keys::Secret;
use domain::sealed::KeyRing;
use domain::time::TimestampMs;
use serde_json::{Map, Value};
use store::alerts::{Claimed, Outcome};
use store::{Store, StoreError};
use tokio::task::JoinSet;

use super::send::Sender;
use super::{CurrentAlerts, Destination};
use crate::actions::sealing;

/// How long a delivery is one sender's: longer than any try takes.
const LEASE_MS: u64 = 20_000;

/// How many are sent at the same time.
const AT_ONCE: i64 = 16;

/// After this many tries a delivery is given up: about nine hours.
const MOST_ATTEMPTS: u64 = 20;

/// The longest wait between two tries.
const LONGEST_WAIT_MS: u64 = 3_600_000;

/// Sends what is queued.
pub struct Deliveries {
    store: Arc<Store>,
    settings: CurrentAlerts,
    keys: KeyRing,
    sender: Arc<Sender>,
}

/// Where a delivery goes, as it can be tried; or why it never can.
type Found = Result<(Destination, Option<Egress>), String>;

impl Deliveries {
    /// Sends what the store has queued.
    #[must_use]
    pub const fn new(
        store: Arc<Store>,
        settings: CurrentAlerts,
        keys: KeyRing,
        sender: Arc<Sender>,
    ) -> Self {
        Self {
            store,
            settings,
            keys,
            sender,
        }
    }

    /// Tries every delivery that is due, until `asked` to stop: what is under way then is tried again
    /// by whoever comes next.
    ///
    /// # Errors
    /// When the store does not answer: what was under way is tried again when its lease ends.
    pub async fn deliver(&self, asked: impl Future<Output = ()>) -> Result<(), StoreError> {
        tokio::pin!(asked);
        loop {
            let now = TimestampMs::now();
            let due = self.store.claim_deliveries(now, LEASE_MS, AT_ONCE).await?;
            if due.is_empty() {
                return Ok(());
            }
            // The tasks hold no connection of the store's: they may be dropped at any time.
            let mut under_way = JoinSet::new();
            for claimed in due {
                let found = self.found(&claimed.target).await?;
                let sender = Arc::clone(&self.sender);
                under_way.spawn(async move { tried(&sender, claimed, found).await });
            }
            loop {
                let ended = tokio::select! {
                    ended = under_way.join_next() => ended,
                    () = &mut asked => return Ok(()),
                };
                match ended {
                    None => break,
                    Some(Ok((claimed, outcome))) => self.note(&claimed, outcome).await?,
                    Some(Err(fault)) => tracing::error!("sending an alert failed: {fault}"),
                }
            }
        }
    }

    async fn note(&self, claimed: &Claimed, outcome: Outcome) -> Result<(), StoreError> {
        let id = claimed.alert.id.as_str();
        let target = claimed.target.as_str();
        match &outcome {
            Outcome::Sent => tracing::info!(alert.id = id, alert.target = target, "alert sent"),
            Outcome::Again(_, error) => {
                tracing::warn!(
                    alert.id = id,
                    alert.target = target,
                    "alert not sent: {error}"
                );
            }
            Outcome::Dead(error) => {
                tracing::error!(
                    alert.id = id,
                    alert.target = target,
                    "alert given up: {error}"
                );
            }
        }
        let now = TimestampMs::now();
        self.store.delivery_ended(claimed, now, outcome).await
    }

    async fn found(&self, name: &TargetName) -> Result<Found, StoreError> {
        if let Some(name) = name.in_file() {
            let settings = self.settings.load();
            let target = settings.targets.iter().find(|one| one.name == name);
            let gone = || format!("the configuration has no target `{name}` any more");
            return Ok(target
                .map(|one| (one.destination.clone(), None))
                .ok_or_else(gone));
        }
        let Some(target) = self.store.alert_target(name.as_str()).await? else {
            return Ok(Err("the target was deleted".to_owned()));
        };
        Ok(opened(&self.keys, &target).map(|destination| {
            let egress = match target.of_platform {
                true => Egress::PlatformAdmin,
                false => Egress::Tenant,
            };
            (destination, Some(egress))
        }))
    }
}

/// Where a stored target is.
///
/// # Errors
/// When its secrets do not open; the text says why.
pub fn opened(keys: &KeyRing, target: &AlertTarget) -> Result<Destination, String> {
    let place = AlertTarget::sealed_at(target.id.as_str());
    let settings = sealing::open(keys, &target.sealed_settings, place)
        .map_err(|_unreadable| "its secrets cannot be decrypted with this key".to_owned())?;
    let secret = |settings: &Map<String, Value>, name: &str| {
        let text = settings.get(name).and_then(Value::as_str);
        text.map(Secret::new)
    };
    let url = || secret(&settings, "url").ok_or_else(|| "it has no address".to_owned());
    Ok(match target.kind {
        TargetKind::Webhook => Destination::Webhook {
            url: url()?,
            secret: secret(&settings, "secret"),
        },
        TargetKind::Slack => Destination::Slack { url: url()? },
        TargetKind::Email => {
            let recipients = target.info.get("recipients").and_then(Value::as_array);
            let texts = recipients.into_iter().flatten().filter_map(Value::as_str);
            Destination::Email {
                recipients: texts.map(str::to_owned).collect(),
            }
        }
    })
}

async fn tried(sender: &Sender, claimed: Claimed, found: Found) -> (Claimed, Outcome) {
    let (destination, egress) = match found {
        Ok(found) => found,
        Err(why) => return (claimed, Outcome::Dead(why)),
    };
    let outcome = match sender.send(&destination, egress, &claimed.alert).await {
        Ok(()) => Outcome::Sent,
        Err(why) if claimed.attempt >= MOST_ATTEMPTS => Outcome::Dead(why),
        Err(why) => {
            let wait_ms = wait_ms(claimed.attempt);
            let next = TimestampMs(TimestampMs::now().0.saturating_add(wait_ms));
            Outcome::Again(next, why)
        }
    };
    (claimed, outcome)
}

/// How long to wait after a try: a second, and twice as long each time, up to an hour.
fn wait_ms(attempt: u64) -> u64 {
    let exponent = u32::try_from(attempt.saturating_sub(1)).unwrap_or(u32::MAX);
    let doubled = 2_u64.saturating_pow(exponent);
    doubled.saturating_mul(1_000).min(LONGEST_WAIT_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_an_hour_and_end_after_about_nine_hours() {
        let waits: Vec<u64> = (1..MOST_ATTEMPTS).map(wait_ms).collect();
        assert_eq!(waits[..4], [1_000, 2_000, 4_000, 8_000]);
        assert_eq!(wait_ms(u64::MAX), LONGEST_WAIT_MS);
        let all_s: u64 = waits.iter().sum::<u64>() / 1_000;
        assert!((7 * 3_600..10 * 3_600).contains(&all_s), "{all_s}");
    }
}
