//! What was measured: values by case, metric and subject, round by round.

use std::collections::BTreeMap;

use crate::subject::Kind;

/// Every value measured, by case, metric and subject.
#[derive(Default)]
pub struct Values(BTreeMap<(&'static str, &'static str, Kind), Vec<f64>>);

impl Values {
    /// Adds one round's value.
    pub fn add(&mut self, id: (&'static str, &'static str), kind: Kind, value: f64) {
        self.0.entry((id.0, id.1, kind)).or_default().push(value);
    }

    /// The values of one case's metric in the order of the rounds.
    pub fn rounds(&self, id: (&'static str, &'static str), kind: Kind) -> &[f64] {
        self.0.get(&(id.0, id.1, kind)).map_or(&[], Vec::as_slice)
    }

    /// The median of the rounds.
    pub fn median(&self, id: (&'static str, &'static str), kind: Kind) -> Option<f64> {
        let mut values = self.rounds(id, kind).to_vec();
        values.sort_by(f64::total_cmp);
        let (low, high) = (values.len().checked_sub(1)? / 2, values.len() / 2);
        Some((values[low] + values[high]) / 2.0)
    }

    /// The lowest of the rounds.
    pub fn lowest(&self, id: (&'static str, &'static str), kind: Kind) -> Option<f64> {
        self.rounds(id, kind).iter().copied().min_by(f64::total_cmp)
    }

    /// The subjects that have any value, in the order of the columns.
    pub fn kinds(&self) -> Vec<Kind> {
        let seen = |kind: &Kind| self.0.keys().any(|(_, _, measured)| measured == kind);
        Kind::ALL.into_iter().filter(seen).collect()
    }
}
