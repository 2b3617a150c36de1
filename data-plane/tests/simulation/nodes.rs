//! What nodes do beside requests: they give signs of life, follow the directory, and say again what
//! they have under way.

use std::rc::Rc;
use std::sync::Arc;

use data_plane::counters::operation::Correct;
use data_plane::counters::upkeep::{KeepAlive, Reassert, Reasserted};
use domain::money::NanoUsd;
use domain::time::TimestampMs;

use super::bug::Bug;
use super::requests::{bounds, slot};
use super::words::{Event, Stage, TTL_MS};
use super::world::{World, at};

impl World {
    pub fn alive(&mut self, node: usize) {
        let run = self.nodes[node].run;
        self.after(1_000, Event::Alive { node, run });
        if self.has(Bug::GivesNoSignOfLife) {
            return;
        }
        let ids = self.nodes[node]
            .requests
            .keys()
            .map(|attempt| self.truth[*attempt].id.clone());
        let attempts: Vec<_> = ids.collect();
        let ask = KeepAlive {
            organization: Arc::clone(&self.organization),
            time_to_live_ms: TTL_MS,
            places: attempts
                .iter()
                .map(|id| (slot().name, id.clone()))
                .collect(),
            attempts,
        };
        let _ = self.ask(node, |world| {
            let now = world.server_now();
            world.server.state.keep_alive(&ask, now);
        });
    }

    pub fn sweep(&mut self) {
        self.after(900, Event::Sweep);
        if !self.server.is_up {
            return;
        }
        let now = self.server_now();
        let swept = self.server.state.sweep(now);
        for (id, _) in swept.orphaned {
            self.check_orphaned(&id);
        }
        // The replica hears of it later.
        if self.random.often(500) {
            self.server.replica = self.server.state.clone();
        }
    }

    /// Takes the directory and the corrections as they are now.
    pub fn follow(&mut self, node: usize) {
        if !self.ledger.is_up {
            return;
        }
        self.nodes[node].directory = Rc::clone(&self.directory);
        let since = self.nodes[node].corrected_to;
        let new = self
            .ledger
            .corrections
            .iter()
            .filter(|c| c.revision > since);
        let new: Vec<_> = new
            .map(|c| (c.revision, c.scope, c.window, c.amount))
            .collect();
        for (revision, scope, window, amount) in new {
            let ask = Correct {
                counter: self.name(scope, window),
                organization: Arc::clone(&self.organization),
                window: bounds(window),
                amount: NanoUsd(amount),
                revision,
            };
            let told = self.ask(node, |world| {
                let now = world.server_now();
                world.server.state.correct(&ask, now);
            });
            if told.is_err() {
                return;
            }
            self.nodes[node].corrected_to = revision;
        }
    }

    /// Says again what is under way and not settled in the journal; then that this is all.
    pub fn reassert(&mut self, node: usize) {
        if self.nodes[node].is_confirmed {
            return;
        }
        let run = self.nodes[node].run;
        let holds = self.nodes[node].requests.values();
        let holds = holds.filter(|request| self.is_to_be_said(&request.stage));
        let said: Vec<Reassert> = holds
            .filter_map(|request| {
                let mut reserve = request.ask.clone()?;
                reserve.as_of = self.nodes[node].directory.revision;
                let reserved_at = TimestampMs(request.reserved_at);
                Some(Reassert {
                    reserve,
                    reserved_at,
                })
            })
            .collect();
        let said = if self.has(Bug::NeverReasserts) {
            Vec::new()
        } else {
            said
        };
        for ask in said {
            let answer = self.ask(node, |world| {
                let now = world.server_now();
                world.server.state.reassert(&ask, now)
            });
            match answer {
                Ok(Reasserted::Outdated(_)) => {
                    self.follow(node);
                    self.after(100, Event::Reassert { node, run });
                    return;
                }
                Ok(_) => {}
                Err(_) => {
                    self.after(30, Event::Reassert { node, run });
                    return;
                }
            }
        }
        let confirmed = self.ask(node, |world| {
            world.server.confirmed.insert(node);
        });
        if confirmed.is_ok() {
            self.nodes[node].is_confirmed = true;
            self.note(&[4, at(node)]);
        } else {
            self.after(30, Event::Reassert { node, run });
        }
    }

    fn is_to_be_said(&self, stage: &Stage) -> bool {
        match stage {
            Stage::Journals | Stage::Sends | Stage::Extends | Stage::Answers => true,
            Stage::Reserves | Stage::Opens(_) => false,
            // Its charge is not in the journal yet.
            Stage::Settles(_) => self.has(Bug::SettlesBeforeJournal),
        }
    }
}
