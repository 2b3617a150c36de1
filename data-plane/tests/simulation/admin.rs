//! What the admin side changes in mid-flight, and what goes wrong.

use std::rc::Rc;
use std::sync::Arc;

use data_plane::counters::upkeep::Revoke;
use domain::directory::Revision;

use super::bug::Bug;
use super::ledger::Correction;
use super::words::{Budget, Directory, Event, KEYS, WINDOW_MS};
use super::world::World;

impl World {
    pub fn admin(&mut self) {
        if !self.faults {
            return;
        }
        let wait = self.random.below(3_000);
        self.after(wait, Event::Admin);
        if !self.ledger.is_up {
            return;
        }
        let what = self.random.below(6);
        self.note(&[7, what]);
        match what {
            0 | 1 => self.edit_limit(),
            2 => self.add_or_remove_budget(),
            3 => self.block(),
            4 => self.reset(),
            _ => {}
        }
    }

    fn change(&mut self, how: impl FnOnce(&mut Directory, Revision)) -> Revision {
        let mut directory = Directory::clone(&self.directory);
        directory.revision.0 += 1;
        let revision = directory.revision;
        how(&mut directory, revision);
        self.directory = Rc::new(directory);
        revision
    }

    fn edit_limit(&mut self) {
        let (which, limit) = (self.random.index(64), 200 + self.random.amount(4_000));
        self.change(|directory, revision| {
            let count = directory.budgets.len().max(1);
            if let Some(budget) = directory.budgets.get_mut(which % count) {
                budget.limit = limit;
                budget.version = revision;
            }
        });
    }

    fn add_or_remove_budget(&mut self) {
        let scope = self.random.index(7);
        let windowed = self.random.often(500);
        let limit = 500 + self.random.amount(4_000);
        self.change(|directory, revision| {
            let is_it = |budget: &Budget| budget.scope == scope && budget.windowed == windowed;
            if directory.budgets.iter().any(is_it) {
                directory.budgets.retain(|budget| !is_it(budget));
                return;
            }
            let (version, since) = (revision, revision);
            directory.budgets.push(Budget {
                scope,
                windowed,
                limit,
                version,
                since,
            });
        });
    }

    /// The answer to the admin comes when the counters know.
    fn block(&mut self) {
        let key = self.random.index(KEYS);
        let was_blocked = self.directory.blocked.contains(&key);
        let revision = self.change(|directory, _| {
            if !directory.blocked.remove(&key) {
                directory.blocked.insert(key);
            }
        });
        if was_blocked {
            self.server.blocked.remove(&key);
        }
        if !self.server.is_up {
            return;
        }
        let ask = Revoke {
            organization: Arc::clone(&self.organization),
            ids: vec![Arc::clone(&self.scopes[key])],
            revision,
        };
        if was_blocked {
            self.server.state.restore(&ask);
            return;
        }
        if !self.has(Bug::BlocksByPublishing) {
            self.server.state.revoke(&ask);
        }
        self.server.blocked.insert(key);
    }

    fn reset(&mut self) {
        let Some(budget) = self.directory.budgets.first().cloned() else {
            return;
        };
        let number = self.server_now().0 / WINDOW_MS;
        let window = budget.windowed.then_some(number);
        let amount = -self.sum(budget.scope, window, &[]);
        let revision = self.change(|_, _| {});
        let scope = budget.scope;
        self.ledger.corrections.push(Correction {
            revision,
            scope,
            window,
            amount,
        });
    }

    pub fn fault(&mut self) {
        if !self.faults {
            return;
        }
        let wait = self.random.below(2_500);
        self.after(wait, Event::Fault);
        match self.random.below(10) {
            0 if !self.is_local => {
                self.lose_memory();
                self.server.is_up = false;
                let wait = self.random.below(800);
                self.after(wait, Event::ServerUp);
            }
            1 if !self.is_local => {
                self.server.is_up = false;
                let wait = self.random.below(1_500);
                self.after(wait, Event::ServerUp);
            }
            2 | 3 => {
                self.ledger.is_up = false;
                let wait = self.random.below(3_000);
                self.after(wait, Event::LedgerUp);
            }
            4..=7 => {
                let node = self.random.index(self.nodes.len());
                let takes_power = self.random.often(350);
                if self.nodes[node].is_up {
                    self.crash(node, takes_power);
                }
            }
            8 => {
                self.server.state.forget_all();
                self.server.heard.clear();
            }
            _ => {}
        }
    }
}
