//! Who takes a place in a slot, each until its time is over.

use domain::time::TimestampMs;

use crate::counters::operation::AttemptId;
use crate::counters::quick_map::QuickMap;

/// The members of a slot.
#[derive(Clone, Default)]
pub(super) struct Members(QuickMap<AttemptId, TimestampMs>);

impl Members {
    /// Whether so many have a place. Those whose time is over are dropped first; it is not looked
    /// for them while there is room.
    pub(super) fn are(&mut self, limit: u64, now: TimestampMs) -> bool {
        let is_full = |members: &Self| u64::try_from(members.0.len()).unwrap_or(u64::MAX) >= limit;
        if !is_full(self) {
            return false;
        }
        self.drop_expired(now);
        is_full(self)
    }

    /// Gives a place.
    pub(super) fn put(&mut self, member: &AttemptId, until: TimestampMs) {
        self.0.insert(member.clone(), until);
    }

    /// Makes a member's time longer, never shorter. A place that is gone stays gone.
    pub(super) fn keep(&mut self, member: &AttemptId, now: TimestampMs, until: TimestampMs) {
        if let Some(expires_at) = self.0.get_mut(member)
            && now < *expires_at
        {
            *expires_at = until.max(*expires_at);
        }
    }

    /// Takes a place back.
    pub(super) fn remove(&mut self, member: &AttemptId) {
        self.0.remove(member);
    }

    /// Drops those whose time is over.
    pub(super) fn drop_expired(&mut self, now: TimestampMs) {
        self.0.retain(|_, expires_at| now < *expires_at);
    }

    /// Whether nobody has a place.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When the last one's time is over.
    pub(super) fn last(&self) -> Option<TimestampMs> {
        self.0.values().copied().max()
    }

    /// Who has a place now, sorted.
    pub(super) fn now(&self, now: TimestampMs) -> Vec<AttemptId> {
        let members = self.0.iter().filter(|(_, expires_at)| now < **expires_at);
        let mut members: Vec<_> = members.map(|(member, _)| member.clone()).collect();
        members.sort();
        members
    }
}
