//! How a request has a counter opened that the server does not know, and how journals are shipped
//! for it, node by node.

use std::sync::Arc;

use data_plane::counters::opening::Next;
use data_plane::counters::operation::{CounterName, Open, Opened, Seed};
use domain::money::NanoUsd;

use super::bug::Bug;
use super::words::{Late, Request, Stage, Way};
use super::world::World;

/// The window in a counter's name.
pub fn window_of(name: &CounterName) -> Option<u64> {
    name.0.split_once('@')?.1.parse().ok()
}

impl World {
    /// One step on the way; when the counter is ready, the request asks again.
    pub fn opens(&mut self, node: usize, request: &mut Request) -> Option<u64> {
        request.tries += 1;
        let Stage::Opens(way) = &mut request.stage else {
            return None;
        };
        // A window that is over needs no counter any more.
        let is_over = self.server_now() >= way.hold.window.1;
        if request.tries > 80 || is_over || way.opening.next() == Next::Nothing {
            request.tries = request.tries.min(20);
            request.stage = Stage::Reserves;
            return Some(1);
        }
        let wait = self.open_step(node, way);
        Some(wait)
    }

    /// Does what is next; gives how long to wait.
    pub fn open_step(&mut self, node: usize, way: &mut Way) -> u64 {
        match way.opening.next() {
            Next::Open => self.open_counter(node, way),
            Next::Ship => self.ship_for(node, way),
            Next::Sum { except } => {
                let except = except.to_vec();
                self.sum_for(way, &except)
            }
            Next::Seed {
                settled,
                revision,
                opening,
            } => {
                let ask = Seed {
                    counter: way.hold.counter.clone(),
                    organization: Arc::clone(&self.organization),
                    settled,
                    revision,
                    opening,
                };
                let seeded = self.ask(node, |world| {
                    let seeded = world.serve_seed(&ask);
                    world.maybe_twice(Late::Seed(ask.clone()));
                    seeded
                });
                if let Ok(seeded) = seeded {
                    way.opening.seeded(seeded);
                }
                5
            }
            Next::Nothing => 1,
        }
    }

    fn open_counter(&mut self, node: usize, way: &mut Way) -> u64 {
        let all_said = (0..self.nodes.len())
            .filter(|node| self.nodes[*node].is_registered)
            .all(|node| self.server.confirmed.contains(&node));
        if !all_said && !self.has(Bug::OpensBeforeReasserts) {
            return 50;
        }
        self.opened += 1;
        let ask = Open {
            counter: way.hold.counter.clone(),
            organization: Arc::clone(&self.organization),
            scope: Arc::clone(&self.scopes[way.scope]),
            window: way.hold.window,
            since: way.hold.since,
            opening: self.opened,
        };
        let opened = self.ask(node, |world| {
            let now = world.server_now();
            world.server.state.open(&ask, now)
        });
        if let Ok(opened) = opened {
            if let Opened::Waits { opening, .. } = &opened {
                self.openings.insert(Arc::clone(&ask.counter.0), *opening);
            }
            way.opening.opened(opened);
            way.to_ship = None;
        }
        5
    }

    /// Every live node ships what it has; one that is down is waited for until it counts as dead.
    fn ship_for(&mut self, node: usize, way: &mut Way) -> u64 {
        if self.has(Bug::SeedsWithoutShipping) {
            way.opening.shipped();
            return 1;
        }
        let own_only = self.has(Bug::ShipsOwnJournalOnly);
        let nodes = &self.nodes;
        let live = || {
            let live = (0..nodes.len()).filter(|other| nodes[*other].is_registered);
            live.filter(|other| !own_only || *other == node).collect()
        };
        let mut to_ship: Vec<usize> = way.to_ship.take().unwrap_or_else(live);
        let mut wait = 5;
        if let Some(next) = to_ship.last().copied() {
            let (is_up, is_starting) = (self.nodes[next].is_up, self.nodes[next].is_starting);
            if !self.nodes[next].is_registered || (is_up && !is_starting && self.ship(next)) {
                to_ship.pop();
            } else {
                wait = 60;
            }
        }
        if to_ship.is_empty() {
            way.opening.shipped();
        }
        way.to_ship = Some(to_ship);
        wait
    }

    fn sum_for(
        &mut self,
        way: &mut Way,
        except: &[data_plane::counters::operation::AttemptId],
    ) -> u64 {
        if !self.ledger.is_up {
            return 60;
        }
        let except = if self.has(Bug::SumsWithoutExcept) {
            &[]
        } else {
            except
        };
        let window = window_of(&way.hold.counter);
        let settled = NanoUsd(self.sum(way.scope, window, except));
        let revision = self.ledger.corrections.last().map(|c| c.revision);
        way.opening.summed(settled, revision.unwrap_or_default());
        10
    }
}
