//! How a request's end is told to the counters.

use std::collections::BTreeMap;
use std::sync::Arc;

use data_plane::counters::operation::{CounterName, GivesBack, Settle, Settled};
use domain::money::NanoUsd;
use domain::time::TimestampMs;

use super::bug::Bug;
use super::requests::slot;
use super::server::Silence;
use super::words::{Late, Request, WINDOW_MS, scopes_of};
use super::world::{World, at};

impl World {
    pub fn settles(&mut self, node: usize, request: &mut Request, charge: i64) -> Option<u64> {
        let ask = self.end(node, request.attempt, charge, request.reserved_at);
        match self.tell_end(node, &ask) {
            Ok(_) => self.ended(node, request, charge),
            Err(Silence::Lost) if self.has(Bug::SettlesOnce) => self.ended(node, request, charge),
            Err(_) => Some(60),
        }
    }

    fn ended(&mut self, node: usize, request: &Request, charge: i64) -> Option<u64> {
        let attempt = request.attempt;
        let is_answered = self.truth[attempt].billed.is_some();
        if is_answered {
            self.answered += 1;
            if self.has(Bug::SettlesBeforeJournal) {
                self.journal(node, attempt, Some(charge), request.reserved_at);
            }
        }
        self.nodes[node].acknowledged.insert(attempt);
        None
    }

    pub fn end(&mut self, node: usize, attempt: usize, charge: i64, reserved_at: u64) -> Settle {
        let key = self.truth[attempt].key;
        let directory = std::rc::Rc::clone(&self.nodes[node].directory);
        let mut counters: BTreeMap<CounterName, ()> = BTreeMap::new();
        for budget in &directory.budgets {
            if scopes_of(key).contains(&budget.scope) {
                let window = budget.windowed.then_some(reserved_at / WINDOW_MS);
                counters.insert(self.name(budget.scope, window), ());
            }
        }
        Settle {
            attempt: self.truth[attempt].id.clone(),
            organization: Arc::clone(&self.organization),
            charge: NanoUsd(charge),
            reserved_at: TimestampMs(reserved_at),
            counters: counters.into_keys().collect(),
            gives_back: GivesBack {
                buckets: Vec::new(),
                slots: vec![slot()],
                first_attempt: Some(self.truth[attempt].id.clone()),
            },
        }
    }

    pub fn tell_end(&mut self, node: usize, ask: &Settle) -> Result<Settled, Silence> {
        self.ask(node, |world| {
            let settled = world.serve_settle(ask);
            world.maybe_twice(Late::Settle(ask.clone()));
            world.note(&[3, at(node)]);
            settled
        })
    }
}
