//! A node dies, and comes back: it ends what it had under way, has the counters read what they may
//! have missed, ships, settles, and only then takes requests.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::bug::Bug;
use super::words::{DEAD_MS, Event, Recovery, SYNC_MS};
use super::world::{World, at};

impl World {
    pub fn crash(&mut self, node: usize, takes_power: bool) {
        self.note(&[5, at(node), u64::from(takes_power)]);
        let run = self.nodes[node].run;
        let known = &mut self.nodes[node];
        known.is_up = false;
        known.requests.clear();
        known.acknowledged.clear();
        known.to_settle.clear();
        known.positions.clear();
        if takes_power {
            self.lose_tail(node);
        }
        if self.is_local {
            self.lose_memory();
        }
        self.after(DEAD_MS, Event::Dies { node, run });
        let wait = self.random.below(4_000);
        self.after(wait, Event::Start { node });
    }

    /// What was not yet synced goes, from some entry on.
    fn lose_tail(&mut self, node: usize) {
        let young = self.now.saturating_sub(SYNC_MS);
        let disk = &self.nodes[node].disk;
        let first_young = disk
            .iter()
            .position(|entry| entry.at > young)
            .unwrap_or(disk.len());
        let keep = first_young + self.random.index(disk.len() - first_young + 1);
        let gone = self.nodes[node].disk.split_off(keep);
        let attempts: BTreeSet<usize> = gone.iter().map(|entry| entry.attempt).collect();
        for attempt in attempts {
            let left = self.nodes[node]
                .disk
                .iter()
                .filter(|entry| entry.attempt == attempt);
            let left: Vec<Option<i64>> = left.map(|entry| entry.charge).collect();
            let charge = left.iter().rev().find_map(|charge| *charge);
            self.truth[attempt].journaled = charge;
            self.truth[attempt].lost = true;
        }
    }

    pub fn counts_as_dead(&mut self, node: usize, run: u64) {
        let known = &mut self.nodes[node];
        if !known.is_up && known.run == run {
            known.is_registered = false;
        }
    }

    pub fn start(&mut self, node: usize) {
        if self.nodes[node].is_up {
            return;
        }
        self.strands += 1;
        let (strand, directory) = (self.strands, Rc::clone(&self.directory));
        let known = &mut self.nodes[node];
        known.is_up = true;
        known.is_starting = true;
        known.run += 1;
        known.epoch = 0;
        known.is_confirmed = false;
        known.strand = strand;
        known.directory = directory;
        known.learned_ms = 0;
        known.recovery = Recovery::Registers;
        let run = known.run;
        self.after(10, Event::Recover { node, run });
    }

    /// One step of coming back.
    pub fn recover(&mut self, node: usize) {
        let run = self.nodes[node].run;
        let next = match self.nodes[node].recovery {
            Recovery::Registers => self.registers(node),
            Recovery::Ends => self.ends(node),
            Recovery::Forgets => self.forgets(node),
            Recovery::Ships => self.ship(node).then_some(Recovery::Settles),
            Recovery::Settles => self.settles_again(node),
            Recovery::Done => return self.is_back(node),
        };
        if let Some(next) = next {
            self.nodes[node].recovery = next;
        }
        let wait = if next.is_some() { 5 } else { 60 };
        self.after(wait, Event::Recover { node, run });
    }

    fn registers(&mut self, node: usize) -> Option<Recovery> {
        if !self.ledger.is_up {
            return None;
        }
        self.nodes[node].is_registered = true;
        self.nodes[node].positions = self.ledger.positions.clone();
        Some(Recovery::Ends)
    }

    /// Dispatches without a settle are charged at what was held, unless the ledger has them.
    fn ends(&mut self, node: usize) -> Option<Recovery> {
        if !self.ledger.is_up {
            return None;
        }
        let disk = self.nodes[node].disk.clone();
        let ended: BTreeSet<usize> = disk
            .iter()
            .filter(|e| e.charge.is_some())
            .map(|e| e.attempt)
            .collect();
        let mut seen = BTreeSet::new();
        for entry in disk
            .iter()
            .rev()
            .filter(|entry| !ended.contains(&entry.attempt))
        {
            let is_known = self.truth[entry.attempt].ledger.is_some();
            if !seen.insert(entry.attempt) || is_known || self.has(Bug::RecoversWithoutOrphans) {
                continue;
            }
            self.orphan(node, entry);
        }
        Some(Recovery::Forgets)
    }

    fn orphan(&mut self, node: usize, entry: &super::words::Entry) {
        // What the last dispatch says was held.
        let really = self.truth[entry.attempt].amount;
        self.truth[entry.attempt].amount = entry.held;
        self.journal(node, entry.attempt, Some(entry.held), entry.reserved_at);
        self.truth[entry.attempt].amount = really;
    }

    /// What is in the journal and not in the ledger may be missing from counters that were opened
    /// meanwhile: they are all to be opened again, and that waits for this journal.
    fn forgets(&mut self, node: usize) -> Option<Recovery> {
        let known = &self.nodes[node];
        let is_missing = known.disk.iter().any(|entry| {
            let to = known.positions.get(&entry.strand).copied().unwrap_or(0);
            entry.charge.is_some() && entry.index >= to
        });
        if !is_missing || self.has(Bug::RecoversWithoutForgetting) {
            return Some(Recovery::Ships);
        }
        let told = self.ask(node, |world| {
            world.server.state.forget_all();
            world.server.heard.clear();
        });
        told.is_ok().then_some(Recovery::Ships)
    }

    /// Tells the counters of every end that they may not have heard.
    fn settles_again(&mut self, node: usize) -> Option<Recovery> {
        let known = &self.nodes[node];
        let ends = known
            .disk
            .iter()
            .filter(|e| !known.acknowledged.contains(&e.attempt));
        let ends: Vec<_> = ends
            .filter_map(|e| Some((e.attempt, e.charge?, e.reserved_at)))
            .collect();
        for (attempt, charge, reserved_at) in ends {
            if self.has(Bug::RecoversWithoutSettling) {
                break;
            }
            let ask = self.end(node, attempt, charge, reserved_at);
            if self.tell_end(node, &ask).is_err() {
                return None;
            }
            self.nodes[node].acknowledged.insert(attempt);
        }
        // What the ledger had already (its own entry went with the power) has ended too.
        let known = &self.nodes[node];
        let rest = known
            .disk
            .iter()
            .filter(|e| !known.acknowledged.contains(&e.attempt));
        let rest: Vec<_> = rest
            .filter_map(|e| Some((e.attempt, self.truth[e.attempt].ledger?, e.reserved_at)))
            .collect();
        for (attempt, charge, reserved_at) in rest {
            if self.has(Bug::RecoversWithoutSettling) {
                break;
            }
            let ask = self.end(node, attempt, charge, reserved_at);
            if self.tell_end(node, &ask).is_err() {
                return None;
            }
            self.nodes[node].acknowledged.insert(attempt);
        }
        Some(Recovery::Done)
    }

    fn is_back(&mut self, node: usize) {
        self.note(&[6, at(node)]);
        let run = self.nodes[node].run;
        self.nodes[node].is_starting = false;
        self.after(100, Event::Ship { node, run });
        self.after(300, Event::Alive { node, run });
        self.after(500, Event::Follow { node, run });
        self.after(1, Event::Reassert { node, run });
    }
}
