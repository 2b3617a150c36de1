//! Rates while Redis is away: this node's share of each limit, counted here. Money is not counted:
//! no node can say what the others spend.

use crate::counters::memory::{Clock, Memory};
use crate::counters::operation::{Bucket, GivesBack, Reserve, Reserved, Settle, Settled, Slot};

/// Buckets and slots of this node alone.
pub(super) struct Local {
    counters: Memory,
}

impl Local {
    pub(super) fn new(clock: &Clock) -> Self {
        Self {
            counters: Memory::new(clock.clone()),
        }
    }

    /// Takes from buckets and slots whose limits are divided among so many nodes.
    pub(super) fn reserve(&self, ask: &Reserve, nodes: u64) -> Reserved {
        let mut ask = ask.clone();
        ask.holds.clear();
        ask.scopes = [].into();
        ask.revocable = [].into();
        for bucket in &mut ask.buckets {
            *bucket = shared(bucket, nodes);
        }
        for slot in &mut ask.slots {
            slot.limit = share(slot.limit, nodes);
        }
        self.counters.reserve(&ask)
    }

    /// Gives back what was taken here.
    pub(super) fn settle(&self, ask: &Settle, nodes: u64) -> Settled {
        let back = &ask.gives_back;
        let buckets = back.buckets.iter();
        let buckets = buckets.map(|(bucket, units)| (shared(bucket, nodes), *units));
        let slots: Vec<Slot> = back.slots.clone();
        let gives_back = GivesBack {
            buckets: buckets.collect(),
            slots,
            first_attempt: back.first_attempt.clone(),
        };
        let mut ask = ask.clone();
        ask.counters.clear();
        ask.gives_back = gives_back;
        self.counters.settle(&ask)
    }
}

/// What is too large for a share is let through when the share is full, as it is when there is one node.
fn shared(bucket: &Bucket, nodes: u64) -> Bucket {
    let capacity = share(bucket.capacity, nodes);
    let fits = bucket.cost <= bucket.capacity;
    Bucket {
        cost: if fits {
            bucket.cost.min(capacity)
        } else {
            bucket.cost
        },
        capacity,
        ..bucket.clone()
    }
}

/// At least one, of a limit that is not 0.
fn share(limit: u64, nodes: u64) -> u64 {
    let share = limit.checked_div(nodes).unwrap_or(limit);
    share.max(limit.min(1))
}

#[cfg(test)]
mod tests {
    use super::share;

    #[test]
    fn a_share_is_never_nothing_of_something() {
        assert_eq!(share(100, 4), 25);
        assert_eq!(share(3, 4), 1);
        assert_eq!(share(0, 4), 0);
        assert_eq!(share(7, 0), 7);
    }
}
