//! Who must not reserve.

use std::sync::Arc;

use domain::directory::Revision;

use super::State;
use crate::counters::upkeep::Revoke;

/// What an id was told last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told {
    revision: Revision,
    is_revoked: bool,
}

impl State {
    /// Takes away the right to reserve.
    pub fn revoke(&mut self, ask: &Revoke) {
        self.tell(ask, true);
    }

    /// Gives it back.
    pub fn restore(&mut self, ask: &Revoke) {
        self.tell(ask, false);
    }

    /// The highest revision holds; of two of one revision, the one that takes away.
    fn tell(&mut self, ask: &Revoke, is_revoked: bool) {
        let told = Told {
            revision: ask.revision,
            is_revoked,
        };
        for id in &ask.ids {
            let last = self.revocations.entry(id.clone()).or_insert(told);
            if (told.revision, told.is_revoked) > (last.revision, last.is_revoked) {
                *last = told;
            }
        }
    }

    pub(super) fn first_revoked(&self, ids: &[Arc<str>]) -> Option<usize> {
        if self.revocations.is_empty() {
            return None;
        }
        let told = |id| self.revocations.get(id);
        ids.iter()
            .position(|id| told(id).is_some_and(|told| told.is_revoked))
    }
}
