//! The keys of providers whose tokens callers of models bring: fetched here, kept in the store, and
//! read from there by every data plane. A request never waits for a provider but when its token names
//! a key that nobody has seen; then the data plane asks here, and the keys are fetched within a second.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use domain::actors::Actor;
use domain::identity::StoredKeySet;
use domain::identity::key_set::KeySet;
use domain::time::TimestampMs;
use rustls::ClientConfig;
use serde_json::{Value, json};
use store::identity_keys::KeptKeySet;
use store::{Event, Store};
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use super::fetch::Fetcher;

/// How often the store is asked whether a data plane misses a key.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// A provider is not asked again sooner, whatever tokens name.
const ASKED_AT_MOST_EVERY: Duration = Duration::from_secs(10);

/// Fetches keys for data planes.
pub struct CallerKeys {
    store: Arc<Store>,
    fetcher: Fetcher,
    urls: Vec<String>,
    kept: Duration,
    asked: BTreeMap<String, Instant>,
}

impl CallerKeys {
    /// For the keys at these addresses (a key set, or a discovery document that names one), each
    /// fetched anew after `kept`.
    ///
    /// # Errors
    /// When there is no TLS to be had.
    pub fn new(
        store: Arc<Store>,
        trust: &ClientConfig,
        urls: Vec<String>,
        kept: Duration,
    ) -> Result<Self, reqwest::Error> {
        Ok(Self {
            store,
            fetcher: Fetcher::new(trust)?,
            urls,
            kept,
            asked: BTreeMap::new(),
        })
    }

    /// Does so until told to stop.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) {
        if self.urls.is_empty() {
            return;
        }
        while !*stop.borrow_and_update() {
            self.look().await;
            tokio::select! {
                () = sleep(LOOK_INTERVAL) => {}
                _asked_or_gone = stop.wait_for(|asked| *asked) => return,
            }
        }
    }

    async fn look(&mut self) {
        // A store that is away is told of by those who wait for it.
        let Ok(kept) = self.store.identity_keys().await else {
            return;
        };
        let now = TimestampMs::now();
        for url in self.urls.clone() {
            let known = kept.iter().find(|one| one.set.url == url);
            let asked = self.asked.get(&url);
            let may_ask = asked.is_none_or(|at| at.elapsed() >= ASKED_AT_MOST_EVERY);
            if !may_ask || !self.is_due(known, now) {
                continue;
            }
            self.asked.insert(url.clone(), Instant::now());
            if let Err(cause) = self.fetch(&url, known).await {
                tracing::warn!("the keys of callers' tokens could not be fetched: {cause}");
            }
        }
    }

    /// Whether keys are missing, old, or asked for. A time after now comes from another clock.
    fn is_due(&self, known: Option<&KeptKeySet>, now: TimestampMs) -> bool {
        let kept_ms = u64::try_from(self.kept.as_millis()).unwrap_or(u64::MAX);
        known.is_none_or(|known| {
            known.wanted_at > known.fetched_at || now.0.abs_diff(known.fetched_at.0) >= kept_ms
        })
    }

    async fn fetch(&self, url: &str, known: Option<&KeptKeySet>) -> Result<(), String> {
        let set = StoredKeySet {
            url: url.to_owned(),
            document: self.document(url).await?,
        };
        let now = TimestampMs::now();
        if known.is_some_and(|known| known.set == set) {
            let noted = self.store.note_identity_keys(url, now).await;
            return noted.map_err(|cause| cause.to_string());
        }
        let written = async {
            let mut change = self.store.begin().await?;
            change.put_identity_keys(&set, now).await?;
            let event = Event {
                action: "identity_keys.update",
                object_kind: "identity_keys",
                object_id: url.to_owned(),
                after: Some(json!({"key_ids": key_ids(&set.document)})),
                ..Event::default()
            };
            change.commit(&Actor::system(), event).await
        };
        let written: store::Result<_> = written.await;
        written
            .map(|_revision| ())
            .map_err(|cause| cause.to_string())
    }

    /// The key set at an address, or at the one that the discovery document there names.
    async fn document(&self, url: &str) -> Result<String, String> {
        let mut found = self.fetcher.get(url).await?;
        if let Some(further) = found.get("jwks_uri").and_then(Value::as_str) {
            let further = further.to_owned();
            found = self.fetcher.get(&further).await?;
        }
        let document = found.to_string();
        let keys = KeySet::read(&document).map_err(|fault| format!("{url}: {fault}"))?;
        match keys.is_empty() {
            true => Err(format!("{url} has no key for signatures")),
            false => Ok(document),
        }
    }
}

/// The ids of the keys, for the audit trail.
fn key_ids(document: &str) -> Vec<Value> {
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    let keys = document.get("keys").and_then(Value::as_array);
    let ids = keys.into_iter().flatten().filter_map(|key| key.get("kid"));
    ids.cloned().collect()
}
