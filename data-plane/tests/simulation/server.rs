//! The counters' server: the model, standing for Redis, with a network before it and a replica.

use data_plane::counters::model::State;
use data_plane::counters::operation::{Reserve, Reserved, Seed, Seeded, Settle, Settled};
use domain::directory::Revision;
use domain::money::NanoUsd;
use domain::time::TimestampMs;
use std::collections::{BTreeMap, BTreeSet};

use super::bug::Bug;
use super::words::{Event, Late};
use super::world::World;

pub struct Server {
    pub state: State,
    /// What a replica has.
    pub replica: State,
    pub is_up: bool,
    /// Which memory it has: a new one with each loss.
    pub epoch: u64,
    /// The nodes that said what they have under way since.
    pub confirmed: BTreeSet<usize>,
    pub skew_ms: u64,
    pub late: Vec<Late>,
    /// Limits that were heard with something admitted, in this epoch.
    pub heard: BTreeMap<std::sync::Arc<str>, (Revision, i64)>,
    /// Keys whose block was told in this epoch.
    pub blocked: BTreeSet<usize>,
    pub admitted_at: Vec<u64>,
}

impl Server {
    pub fn new(bug: Option<Bug>) -> Self {
        Self {
            state: memory(bug),
            replica: memory(bug),
            is_up: true,
            epoch: 1,
            confirmed: BTreeSet::new(),
            skew_ms: 500_000,
            late: Vec::new(),
            heard: BTreeMap::new(),
            blocked: BTreeSet::new(),
            admitted_at: Vec::new(),
        }
    }
}

fn memory(bug: Option<Bug>) -> State {
    State::remembering(if bug == Some(Bug::ForgetsDone) {
        0
    } else {
        900_000
    })
}

/// Why there is no answer.
pub enum Silence {
    /// Nothing has happened.
    Away,
    /// It may have happened.
    Lost,
    /// Nothing has happened: the memory is another than the one the node knows.
    OtherEpoch,
}

impl World {
    pub fn server_now(&self) -> TimestampMs {
        TimestampMs(self.now + self.server.skew_ms)
    }

    /// A question to the server over a network that may lose it, or the answer.
    pub fn ask<R>(&mut self, node: usize, what: impl FnOnce(&mut Self) -> R) -> Result<R, Silence> {
        if !self.server.is_up {
            return Err(Silence::Away);
        }
        let is_local = self.is_local;
        if !is_local && self.faults && self.random.often(25) {
            return Err(Silence::Lost);
        }
        if self.nodes[node].epoch != self.server.epoch {
            self.learn_epoch(node);
            return Err(Silence::OtherEpoch);
        }
        let answer = what(self);
        if !is_local && self.faults && self.random.often(40) {
            return Err(Silence::Lost);
        }
        Ok(answer)
    }

    fn learn_epoch(&mut self, node: usize) {
        let epoch = self.server.epoch;
        let known = &mut self.nodes[node];
        known.epoch = epoch;
        known.is_confirmed = false;
        let run = known.run;
        self.after(1, Event::Reassert { node, run });
    }

    /// It will come again.
    pub fn maybe_twice(&mut self, late: Late) {
        if self.faults && !self.is_local && self.random.often(100) {
            let index = self.server.late.len();
            self.server.late.push(late);
            let wait = 1 + self.random.below(2_000);
            let epoch = self.server.epoch;
            self.late_epochs.push(epoch);
            self.after(wait, Event::Late(index));
        }
    }

    pub fn late(&mut self, index: usize) {
        if self.late_epochs[index] != self.server.epoch || !self.server.is_up {
            return;
        }
        match self.server.late[index].clone() {
            Late::Reserve(ask) => drop(self.serve_reserve(&ask)),
            Late::Settle(ask) => drop(self.serve_settle(&ask)),
            Late::Seed(ask) => drop(self.serve_seed(&ask)),
        }
    }

    pub fn serve_reserve(&mut self, ask: &Reserve) -> Reserved {
        let now = self.server_now();
        let mut asked = ask.clone();
        if self.has(Bug::SpendsOutdated) {
            asked.as_of = Revision(i64::MAX);
        }
        if self.has(Bug::LimitsWithoutVersion) {
            asked
                .holds
                .iter_mut()
                .for_each(|hold| hold.version = Revision(0));
        }
        if self.has(Bug::LimitPlusOne) {
            for hold in &mut asked.holds {
                hold.limit = hold.limit.map(|limit| NanoUsd(limit.0 + 1));
            }
        }
        let before = self.standings(&asked);
        let reserved = self.server.state.reserve(&asked, now);
        if let Reserved::Admitted(admitted) = &reserved {
            self.check_admitted(ask, admitted);
        } else if before != self.standings(&asked) {
            self.fail("I10: a refusal changed a counter".into());
        }
        reserved
    }

    fn standings(&self, ask: &Reserve) -> Vec<Option<data_plane::counters::model::Standing>> {
        let now = self.server_now();
        let standing = |hold: &data_plane::counters::operation::Hold| {
            self.server.state.standing(&hold.counter, now)
        };
        ask.holds.iter().map(standing).collect()
    }

    pub fn serve_settle(&mut self, ask: &Settle) -> Settled {
        let now = self.server_now();
        self.server.state.settle(ask, now)
    }

    pub fn serve_seed(&mut self, ask: &Seed) -> Seeded {
        let mut asked = ask.clone();
        if self.has(Bug::TakesAnySeed)
            && let Some(opening) = self.openings.get(&asked.counter.0)
        {
            asked.opening = *opening;
        }
        let now = self.server_now();
        self.server.state.seed(&asked, now)
    }

    /// The memory is gone, or a replica takes over that is behind: what it has is not trusted.
    pub fn lose_memory(&mut self) {
        self.note(&[101]);
        if self.has(Bug::TrustsReplica) {
            self.server.state = self.server.replica.clone();
            return;
        }
        self.server.state = memory(self.bug);
        self.server.replica = memory(self.bug);
        self.server.epoch += 1;
        self.server.confirmed.clear();
        self.server.heard.clear();
        self.server.blocked.clear();
        self.server.admitted_at.clear();
        // Another machine has another clock; it may be behind.
        let jump = self.random.below(4_000);
        self.server.skew_ms = self.server.skew_ms + jump - 2_000;
    }
}
