//! What a month came to: told when it is over.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::ids::OrganizationId;
use crate::money::NanoUsd;
use crate::time::TimestampMs;

/// What a month came to, of one organization or of all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthClose {
    /// Whose; none for all organizations together.
    pub of: Option<OrganizationId>,
    /// The organization's name, for people.
    pub name: String,
    /// `2026-10`.
    pub month: String,
    /// By whose clocks it is a month.
    pub time_zone: String,
    /// When it began.
    pub starts_at: TimestampMs,
    /// When the next one began.
    pub ends_at: TimestampMs,
    /// What was spent.
    pub spent: NanoUsd,
    /// What was spent in the month before it.
    pub spent_before: NanoUsd,
    /// Requests.
    pub requests: u64,
    /// Those of them that failed.
    pub failures: u64,
    /// Tokens in and out.
    pub tokens: u64,
    /// The teams that spent the most, the one that spent most first; one without an id is what no team
    /// spent.
    pub teams: Vec<MonthShare>,
    /// The models that cost the most.
    pub models: Vec<MonthShare>,
}

/// A part of a month's spend.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthShare {
    /// Of which team or model group.
    pub id: String,
    /// For people.
    pub name: String,
    /// What was spent.
    pub spent: NanoUsd,
}

impl MonthClose {
    /// That it is about this month of this organization: told once, whatever it came to.
    #[must_use]
    pub fn occasion(&self) -> String {
        Self::occasion_of(self.of.as_ref(), &self.month)
    }

    /// The occasion of a month of an organization, before anything is added up.
    #[must_use]
    pub fn occasion_of(organization: Option<&OrganizationId>, month: &str) -> String {
        let of = organization.map_or("", OrganizationId::as_str);
        Value::from(vec!["month", of, month]).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::Matter;

    fn close(of: Option<&str>, month: &str) -> MonthClose {
        MonthClose {
            of: of.map(OrganizationId::new),
            name: "Acme".to_owned(),
            month: month.to_owned(),
            time_zone: "UTC".to_owned(),
            starts_at: TimestampMs(1),
            ends_at: TimestampMs(2),
            spent: NanoUsd(i64::MAX),
            spent_before: NanoUsd(0),
            requests: u64::MAX,
            failures: 0,
            tokens: 0,
            teams: Vec::new(),
            models: Vec::new(),
        }
    }

    #[test]
    fn a_month_is_one_occasion_for_each_organization_and_for_all() {
        let all = [
            close(None, "2026-10"),
            close(None, "2026-11"),
            close(Some("org_1"), "2026-10"),
        ];
        let mut occasions: Vec<String> = all.iter().map(MonthClose::occasion).collect();
        occasions.sort();
        occasions.dedup();
        assert_eq!(occasions.len(), all.len());
    }

    #[test]
    fn a_stored_month_is_read_as_one() {
        let matter = Matter::Month(Box::new(close(Some("org_1"), "2026-10")));
        let text = serde_json::to_string(&matter).unwrap();
        assert_eq!(serde_json::from_str::<Matter>(&text).unwrap(), matter);
    }
}
