//! Looks at the budgets whose spend moved, and queues what there is to tell.
//!
//! The cost is that of what moved: the ledger notes the dimensions of each batch that it takes; these
//! say whose spend it was; their policies are read by their ids, many at once, and one query of the
//! roll-ups answers for all budgets of a kind and window.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::alerts::{Alert, BudgetStand, Matter, TargetName};
use domain::ids::{AlertId, OrganizationId};
use domain::ledger::Wanted;
use domain::time::TimestampMs;
use store::alerts::Queued;
use store::locks::Job;
use store::page::Page;
use store::{Store, StoreError};

use super::stands::{Candidate, candidates};
use super::{CurrentAlerts, Destination};

/// How many of the ledger's notes are taken at a time.
const NOTES_AT_ONCE: i64 = 200;

/// How many occasions are remembered as told, so that the store is not asked each time.
const MOST_REMEMBERED: usize = 100_000;

/// The most targets that hear of one alert.
const MOST_TARGETS: i64 = 200;

/// Looks at budgets.
pub struct Watch {
    store: Arc<Store>,
    settings: CurrentAlerts,
    told: BTreeSet<String>,
}

impl Watch {
    /// Looks at what the store has, by what the configuration says.
    #[must_use]
    pub const fn new(store: Arc<Store>, settings: CurrentAlerts) -> Self {
        Self {
            store,
            settings,
            told: BTreeSet::new(),
        }
    }

    /// Looks once, unless nothing moved or another node looks; gives how many alerts were queued.
    ///
    /// # Errors
    /// When the store does not answer: what moved is looked at again then.
    pub async fn look(&mut self, now: TimestampMs) -> Result<usize, StoreError> {
        if self.store.moved(1).await?.notes.is_empty() {
            return Ok(0);
        }
        let store = Arc::clone(&self.store);
        let Some(lock) = store.try_job(Job::Alerts).await? else {
            return Ok(0);
        };
        let mut queued = 0_usize;
        loop {
            let moved = self.store.moved(NOTES_AT_ONCE).await?;
            if moved.notes.is_empty() {
                break;
            }
            let holders = self.store.holders(&moved.scopes).await?;
            let settings = self.settings.load_full();
            let candidates = candidates(&holders, &settings.percents, now);
            queued = queued.saturating_add(self.tell(&candidates, now).await?);
            // Last: whoever is killed before looks again, and each occasion is queued once.
            self.store.forget_moves(&moved.notes).await?;
        }
        lock.end().await?;
        Ok(queued)
    }

    async fn tell(
        &mut self,
        candidates: &[Candidate],
        now: TimestampMs,
    ) -> Result<usize, StoreError> {
        if candidates.is_empty() {
            return Ok(0);
        }
        let wanted: Vec<Wanted> = candidates.iter().map(|one| one.wanted.clone()).collect();
        let sums = self.store.window_spend(&wanted).await?;
        let mut hearers = BTreeMap::new();
        let mut queued = Vec::new();
        for (candidate, spent) in candidates.iter().zip(sums.nanousd) {
            for stand in candidate.reached(spent) {
                if self.told.contains(&stand.occasion()) {
                    continue;
                }
                let organization = &candidate.organization_id;
                let targets = self
                    .targets(organization.as_ref(), &stand, &mut hearers)
                    .await?;
                let alert = Alert {
                    id: AlertId::generate(),
                    organization_id: organization.clone(),
                    team_id: candidate.team_id.clone(),
                    matter: Matter::Budget(Box::new(stand)),
                    at: now,
                };
                queued.push(Queued { alert, targets });
            }
        }
        let new = self.store.queue_alerts(&queued).await?;
        if self.told.len() > MOST_REMEMBERED {
            self.told.clear();
        }
        let told = queued.iter().map(|one| one.alert.matter.occasion());
        self.told.extend(told);
        for alert in &new {
            if let Matter::Budget(stand) = &alert.matter {
                tracing::info!(
                    alert.id = alert.id.as_str(),
                    alert.scope = stand.scope.id,
                    alert.percent = stand.percent,
                    "a budget has passed a threshold"
                );
            }
        }
        Ok(new.len())
    }

    /// The targets that hear of an alert: the file's, the platform's, and its organization's.
    async fn targets(
        &self,
        organization: Option<&OrganizationId>,
        stand: &BudgetStand,
        hearers: &mut BTreeMap<Option<OrganizationId>, Vec<TargetName>>,
    ) -> Result<Vec<TargetName>, StoreError> {
        let whose = organization.cloned();
        if !hearers.contains_key(&whose) {
            let page = Page::first(MOST_TARGETS);
            let found = self.store.hearers(organization, &page).await?;
            let names = found.items.iter().map(|one| TargetName::stored(&one.id));
            hearers.insert(whose.clone(), names.collect());
        }
        let is_reached = |destination: &Destination| match destination {
            Destination::Email { recipients } => {
                !recipients.is_empty() || stand.user_email.is_some()
            }
            Destination::Webhook { .. } | Destination::Slack { .. } => true,
        };
        let settings = self.settings.load();
        let of_file = settings.targets.iter();
        let of_file = of_file
            .filter(|target| is_reached(&target.destination))
            .map(|target| TargetName::of_file(&target.name));
        let stored = hearers.get(&whose).into_iter().flatten().cloned();
        Ok(of_file.chain(stored).collect())
    }
}
