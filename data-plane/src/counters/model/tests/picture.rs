//! All that can ever be seen of a state, as text: two states with one picture answer alike.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use domain::time::TimestampMs;

use super::super::State;

impl State {
    pub(super) fn picture(&self, now: TimestampMs) -> String {
        let counters: BTreeMap<_, _> = self.counters.iter().collect();
        let attempts: BTreeMap<_, _> = self.attempts.iter().collect();
        let buckets: BTreeMap<_, _> = self.buckets.iter().collect();
        let slots = self
            .slots
            .keys()
            .map(|slot| (slot, self.members(slot, now)));
        let slots: BTreeMap<_, _> = slots.filter(|(_, members)| !members.is_empty()).collect();
        let told: BTreeMap<_, _> = self.revocations.iter().collect();
        let mut text = format!("{counters:#?}\n{attempts:#?}\n{buckets:#?}\n{slots:#?}\n{told:#?}");
        write!(text, "{:?}", self.newest_budget).unwrap();
        text
    }
}
