//! Says what a month came to, once it is over.
//!
//! Told by the month of an organization's time zone, to the targets that ask for it: those of an
//! organization hear of theirs, those of all hear of all of them together. A month without a request
//! is not told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use domain::alerts::{Alert, Matter, MonthClose, MonthShare, TargetName};
use domain::ids::{AlertId, OrganizationId, TeamId};
use domain::money::NanoUsd;
use domain::permissions::Scope;
use domain::time::TimestampMs;
use domain::windows::{Local, TimeZone, Window, WindowBounds};
use store::alerts::Queued;
use store::locks::Job;
use store::page::Page;
use store::usage::{Dimension, UsageOrder, UsageQuery, UsageSums};
use store::{Store, StoreError};

use super::CurrentAlerts;

/// How long after its end a month is told: by then answers that were long under way, and nodes that
/// were away, are in the ledger.
const SETTLED_MS: u64 = 6 * 3_600_000;

/// How many teams and models are told.
const MOST_SHARES: i64 = 10;

/// How many targets one query reads.
const AT_ONCE: i64 = 200;

/// Whose month, and who hears of it.
type Hearers = BTreeMap<Option<OrganizationId>, Vec<TargetName>>;

/// Looks whether months are over.
pub struct Months {
    store: Arc<Store>,
    settings: CurrentAlerts,
    /// Occasions that need not be looked at again.
    told: BTreeSet<String>,
}

/// A month of somebody's.
struct Month {
    /// `2026-10`.
    name: String,
    zone: TimeZone,
    bounds: WindowBounds,
}

impl Month {
    /// The last one that is over.
    fn before(now: TimestampMs, zone: TimeZone) -> Option<Self> {
        let calendar: Window = "1mo".parse().ok()?;
        let settled = TimestampMs(now.0.saturating_sub(SETTLED_MS));
        let month = |at| calendar.bounds(at, &zone, TimestampMs(0));
        let bounds = month(TimestampMs(month(settled).starts_at.0.checked_sub(1)?));
        let local = Local::at(bounds.starts_at, &zone);
        Some(Self {
            name: format!("{:04}-{:02}", local.year, local.month),
            zone,
            bounds,
        })
    }
}

impl Months {
    /// Looks at what the store has, by what the configuration says.
    #[must_use]
    pub const fn new(store: Arc<Store>, settings: CurrentAlerts) -> Self {
        Self {
            store,
            settings,
            told: BTreeSet::new(),
        }
    }

    /// Looks once, unless another node does; gives how many months were queued.
    ///
    /// # Errors
    /// When the store does not answer: it is looked again then.
    pub async fn look(&mut self, now: TimestampMs) -> Result<usize, StoreError> {
        let hearers = self.hearers().await?;
        if hearers.is_empty() {
            return Ok(0);
        }
        let Some(lock) = self.store.try_job(Job::Months).await? else {
            return Ok(0);
        };
        let (mut queued, mut occasions) = (Vec::new(), Vec::new());
        for (organization, targets) in hearers {
            let Some((name, month)) = self.month(organization.as_ref(), now).await? else {
                continue;
            };
            let occasion = MonthClose::occasion_of(organization.as_ref(), &month.name);
            if self.told.contains(&occasion) {
                continue;
            }
            let close = self.close(organization.clone(), name, month).await?;
            if close.requests > 0 {
                let matter = Matter::Month(Box::new(close));
                let alert = Alert {
                    id: AlertId::generate(),
                    organization_id: organization,
                    team_id: None,
                    matter,
                    at: now,
                };
                queued.push(Queued { alert, targets });
            }
            occasions.push(occasion);
        }
        let new = self.store.queue_alerts(&queued).await?;
        self.told.extend(occasions);
        lock.end().await?;
        for alert in &new {
            tracing::info!(
                alert.id = alert.id.as_str(),
                alert.occasion = alert.matter.occasion(),
                "a month is over"
            );
        }
        Ok(new.len())
    }

    async fn hearers(&self) -> Result<Hearers, StoreError> {
        let mut hearers = Hearers::new();
        let settings = self.settings.load();
        let of_file = settings.targets.iter().filter(|target| target.monthly);
        for target in of_file {
            let name = TargetName::of_file(&target.name);
            hearers.entry(None).or_default().push(name);
        }
        let mut page = Page::first(AT_ONCE);
        loop {
            let listed = self.store.monthly_targets(&page).await?;
            page.after = listed.items.last().map(|last| last.id.to_string());
            for target in listed.items {
                let name = TargetName::stored(&target.id);
                hearers
                    .entry(target.organization_id)
                    .or_default()
                    .push(name);
            }
            if !listed.more {
                return Ok(hearers);
            }
        }
    }

    /// Whose month it is, for people, and which one is over. All organizations together have the zone of
    /// the only one, or UTC where there are several.
    async fn month(
        &self,
        organization: Option<&OrganizationId>,
        now: TimestampMs,
    ) -> Result<Option<(String, Month)>, StoreError> {
        let (name, zone) = match organization {
            Some(id) => match self.store.organization(id.as_str()).await? {
                Some(found) => (found.name, found.time_zone),
                None => return Ok(None),
            },
            None => {
                let (all, first) = (scope(None), Page::first(2));
                let mut all = self.store.organizations(&all, None, &first).await?.items;
                let only = all.pop().filter(|_one| all.is_empty());
                (
                    String::new(),
                    only.map(|one| one.time_zone).unwrap_or_default(),
                )
            }
        };
        let zone = zone.parse().unwrap_or_default();
        Ok(Month::before(now, zone).map(|month| (name, month)))
    }

    async fn close(
        &self,
        of: Option<OrganizationId>,
        name: String,
        month: Month,
    ) -> Result<MonthClose, StoreError> {
        let Month {
            name: month,
            zone,
            bounds,
        } = month;
        let scope = scope(of.as_ref());
        let all = self.sums(&scope, bounds).await?;
        let begun = TimestampMs(bounds.starts_at.0.saturating_add(SETTLED_MS));
        let spent_before = match Month::before(begun, zone.clone()) {
            Some(before) => self.sums(&scope, before.bounds).await?.charge_nanousd,
            None => NanoUsd(0),
        };
        let mut teams = self.shares(&scope, bounds, Dimension::Team).await?;
        for team in teams.iter_mut().filter(|team| !team.id.is_empty()) {
            let found = self.store.team(&TeamId::new(&team.id)).await?;
            team.name = found.map_or_else(|| team.id.clone(), |found| found.name);
        }
        let models = self.shares(&scope, bounds, Dimension::Group).await?;
        Ok(MonthClose {
            of,
            name,
            month,
            time_zone: zone.name().to_owned(),
            starts_at: bounds.starts_at,
            ends_at: bounds.ends_at,
            spent: all.charge_nanousd,
            spent_before,
            requests: all.requests,
            failures: all.failures,
            tokens: all.prompt_tokens().saturating_add(all.completion_tokens()),
            teams,
            models,
        })
    }

    async fn sums(&self, scope: &Scope, month: WindowBounds) -> Result<UsageSums, StoreError> {
        let query = UsageQuery::sum(scope.clone(), month.starts_at, month.ends_at);
        let report = self.store.usage(&query).await?;
        Ok(report.rows.first().map(|row| row.sums).unwrap_or_default())
    }

    /// The parts of a month that cost the most.
    async fn shares(
        &self,
        scope: &Scope,
        month: WindowBounds,
        by: Dimension,
    ) -> Result<Vec<MonthShare>, StoreError> {
        let query = UsageQuery {
            group_by: vec![by],
            order: UsageOrder::Charge,
            limit: MOST_SHARES,
            ..UsageQuery::sum(scope.clone(), month.starts_at, month.ends_at)
        };
        let rows = self.store.usage(&query).await?.rows.into_iter();
        let shares = rows.filter_map(|row| {
            let id = row.groups.into_iter().next()?;
            Some(MonthShare {
                name: id.clone(),
                id,
                spent: row.sums.charge_nanousd,
            })
        });
        Ok(shares.filter(|share| share.spent.0 > 0).collect())
    }
}

/// What is told of an organization, or of all.
fn scope(organization: Option<&OrganizationId>) -> Scope {
    Scope {
        everything: organization.is_none(),
        organizations: organization.into_iter().cloned().collect(),
        ..Scope::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(at: &str, zone: &str) -> String {
        let now = TimestampMs::parse_rfc3339(at).unwrap();
        Month::before(now, zone.parse().unwrap()).unwrap().name
    }

    #[test]
    fn a_month_is_over_some_hours_after_its_end_in_its_own_zone() {
        assert_eq!(name("2026-11-01T05:59:59Z", "UTC"), "2026-09");
        assert_eq!(name("2026-11-01T06:00:00Z", "UTC"), "2026-10");
        assert_eq!(name("2026-11-01T04:59:59Z", "Europe/Berlin"), "2026-09");
        assert_eq!(name("2026-11-01T05:00:00Z", "Europe/Berlin"), "2026-10");
        assert_eq!(
            name("2027-01-15T00:00:00Z", "America/Los_Angeles"),
            "2026-12"
        );
    }
}
