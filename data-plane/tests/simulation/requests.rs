//! A request's way: reserve, journal, provider, journal, settle; each step may be the last of its
//! node.

use std::sync::Arc;

use data_plane::counters::operation::{AttemptId, Bucket, Extended, Hold, Reserve, Reserved, Slot};
use domain::money::NanoUsd;
use domain::time::TimestampMs;

use super::bug::Bug;
use super::server::Silence;
use super::words::{
    Event, KEYS, Late, Request, Stage, TTL_MS, Truth, WINDOW_MS, Way, extend, scopes_of,
};
use super::world::{World, at};

/// Requests per 10 seconds, of the whole organization.
pub const RATE: u64 = 50;
pub const PLACES: u64 = 12;

pub fn bucket() -> Bucket {
    Bucket {
        name: "org:o/rate".into(),
        cost: 1,
        capacity: RATE,
        tick_ms: 100,
        ticks: 100,
    }
}

pub fn slot() -> Slot {
    Slot {
        name: "org:o/parallel".into(),
        limit: PLACES,
    }
}

impl World {
    /// A caller comes to some node.
    pub fn client(&mut self) {
        if !self.faults {
            return;
        }
        let wait = self.random.below(250);
        self.after(wait, Event::Client);
        let node = self.random.index(self.nodes.len());
        if !self.nodes[node].is_up || self.nodes[node].is_starting {
            return;
        }
        let key = self.random.index(KEYS);
        let amount = 1 + self.random.amount(400);
        self.begin(node, key, amount);
    }

    pub fn begin(&mut self, node: usize, key: usize, amount: i64) -> usize {
        let attempt = self.truth.len();
        let run = self.nodes[node].run;
        self.truth.push(Truth {
            id: AttemptId(format!("req_{attempt}.1").into()),
            key,
            node,
            run,
            amount,
            reserved_at: None,
            known: false,
            billed: None,
            journaled: None,
            lost: false,
            ledger: None,
        });
        let request = Request {
            attempt,
            ask: None,
            reserved_at: 0,
            tries: 0,
            is_uncertain: false,
            stage: Stage::Reserves,
        };
        self.nodes[node].requests.insert(attempt, request);
        self.soon(node, attempt, 1);
        attempt
    }

    fn soon(&mut self, node: usize, attempt: usize, ms: u64) {
        let run = self.nodes[node].run;
        let wait = ms + self.random.below(20);
        self.after(wait, Event::Step { node, run, attempt });
    }

    /// What time a node believes it is by the counters' clock.
    fn believed_ms(&self, node: usize) -> u64 {
        let node = &self.nodes[node];
        let now = i64::try_from(self.now).unwrap() + node.skew_ms + node.learned_ms;
        u64::try_from(now + 200_000_000).unwrap()
    }

    fn question(&mut self, node: usize, attempt: usize) -> Reserve {
        let key = self.truth[attempt].key;
        let amount = self.truth[attempt].amount;
        let number = self.believed_ms(node) / WINDOW_MS;
        let directory = std::rc::Rc::clone(&self.nodes[node].directory);
        let mut holds = Vec::new();
        for budget in &directory.budgets {
            if !scopes_of(key).contains(&budget.scope) {
                continue;
            }
            let window = budget.windowed.then_some(number);
            let previous = budget
                .windowed
                .then(|| self.name(budget.scope, Some(number - 1)));
            holds.push(Hold {
                counter: self.name(budget.scope, window),
                limit: Some(NanoUsd(budget.limit)),
                version: budget.version,
                since: budget.since,
                window: bounds(window),
                previous,
            });
        }
        let scopes: Vec<Arc<str>> = scopes_of(key)
            .iter()
            .map(|scope| Arc::clone(&self.scopes[*scope]))
            .collect();
        Reserve {
            attempt: self.truth[attempt].id.clone(),
            organization: Arc::clone(&self.organization),
            amount: NanoUsd(amount),
            time_to_live_ms: TTL_MS,
            revocable: vec![Arc::clone(&self.scopes[key])].into(),
            scopes: scopes.into(),
            holds,
            buckets: vec![bucket()],
            slots: vec![slot()],
            as_of: directory.revision,
        }
    }

    pub fn step_request(&mut self, node: usize, attempt: usize) {
        let Some(mut request) = self.nodes[node].requests.remove(&attempt) else {
            return;
        };
        let goes_on = match &request.stage {
            Stage::Reserves => self.reserves(node, &mut request),
            Stage::Opens(_) => self.opens(node, &mut request),
            Stage::Journals => {
                self.journal(node, attempt, None, request.reserved_at);
                let sent = self.truth[attempt].billed.is_some();
                request.stage = if sent { Stage::Answers } else { Stage::Sends };
                Some(1)
            }
            Stage::Sends => Some(self.sends(&mut request)),
            Stage::Extends => self.extends(node, &mut request),
            Stage::Answers => {
                let billed = self.truth[attempt].billed.unwrap_or(0);
                if !self.has(Bug::SettlesBeforeJournal) {
                    self.journal(node, attempt, Some(billed), request.reserved_at);
                }
                request.stage = Stage::Settles(billed);
                Some(1)
            }
            Stage::Settles(charge) => {
                let charge = *charge;
                self.settles(node, &mut request, charge)
            }
        };
        if let Some(wait) = goes_on {
            self.nodes[node].requests.insert(attempt, request);
            self.soon(node, attempt, wait);
        }
    }

    fn reserves(&mut self, node: usize, request: &mut Request) -> Option<u64> {
        if !self.nodes[node].is_confirmed {
            self.wake(node);
            return Some(30);
        }
        request.tries += 1;
        if request.tries > 25 {
            return self.gives_up(request);
        }
        let key = self.truth[request.attempt].key;
        if self.nodes[node].directory.blocked.contains(&key) {
            return if request.is_uncertain {
                self.gives_up(request)
            } else {
                None
            };
        }
        let ask = self.question(node, request.attempt);
        let answer = self.ask(node, |world| {
            world.note(&[8, at(node)]);
            world.serve_reserve(&ask)
        });
        match answer {
            Err(Silence::Lost) => {
                request.is_uncertain = true;
                self.maybe_twice(Late::Reserve(ask));
                self.asks_again(node, request)
            }
            Err(Silence::Away | Silence::OtherEpoch) => Some(40),
            Ok(reserved) => self.reserved(node, request, ask, &reserved),
        }
    }

    /// The node may ask for the epoch when nothing else does.
    fn wake(&mut self, node: usize) {
        if self.ask(node, |_| ()).is_ok() {
            let run = self.nodes[node].run;
            self.after(5, Event::Reassert { node, run });
        }
    }

    fn asks_again(&mut self, node: usize, request: &Request) -> Option<u64> {
        if self.has(Bug::AsksAgainAsAnother) {
            let (key, amount) = (
                self.truth[request.attempt].key,
                self.truth[request.attempt].amount,
            );
            self.begin(node, key, amount);
            return None;
        }
        Some(10)
    }

    fn gives_up(&mut self, request: &mut Request) -> Option<u64> {
        if self.has(Bug::GivesUpWithoutRelease) || !request.is_uncertain {
            return None;
        }
        request.stage = Stage::Settles(0);
        Some(1)
    }

    fn reserved(
        &mut self,
        node: usize,
        request: &mut Request,
        ask: Reserve,
        reserved: &Reserved,
    ) -> Option<u64> {
        match reserved {
            Reserved::Admitted(_) | Reserved::AlreadyHeld { .. } => {
                let at = match reserved {
                    Reserved::AlreadyHeld { at } => *at,
                    Reserved::Admitted(admitted) => admitted.at,
                    _ => return None,
                };
                self.truth[request.attempt].known = true;
                let by_node = self.has(Bug::DatesByNode);
                request.reserved_at = if by_node { self.now } else { at.0 };
                request.ask = Some(ask);
                let journals_first = !self.has(Bug::SendsBeforeJournal);
                request.stage = if journals_first {
                    Stage::Journals
                } else {
                    Stage::Sends
                };
                Some(1)
            }
            Reserved::Unknown(unknown) => {
                self.begins_opening(request, ask.holds[unknown[0]].clone());
                Some(1)
            }
            Reserved::WrongWindow { now, .. } => {
                let believed = i64::try_from(self.believed_ms(node)).unwrap();
                self.nodes[node].learned_ms += i64::try_from(now.0).unwrap() - believed;
                Some(1)
            }
            Reserved::Outdated(_) => {
                self.follow(node);
                Some(50)
            }
            // An earlier question may be on its way still: the end makes it hold nothing.
            Reserved::AlreadySettled
            | Reserved::Revoked(_)
            | Reserved::OverBudget { .. }
            | Reserved::OverRate { .. }
            | Reserved::OverParallel { .. } => self.gives_up(request),
        }
    }

    /// The counter of a hold is opened before the request goes on.
    fn begins_opening(&mut self, request: &mut Request, hold: Hold) {
        let name = hold.counter.0.split('/').next().unwrap_or_default();
        let mut scopes = self.scopes.iter();
        let scope = scopes.position(|other| **other == *name).unwrap();
        request.stage = Stage::Opens(Box::new(Way {
            hold,
            scope,
            opening: data_plane::counters::opening::Opening::default(),
            to_ship: None,
        }));
    }

    fn sends(&mut self, request: &mut Request) -> u64 {
        let amount = self.truth[request.attempt].amount;
        self.truth[request.attempt].billed = Some(self.random.amount(amount + 1));
        let extends = self.random.often(250);
        request.stage = if extends {
            Stage::Extends
        } else {
            Stage::Answers
        };
        if self.has(Bug::SendsBeforeJournal) {
            request.stage = Stage::Journals;
        }
        if self.random.often(150) {
            self.random.below(18_000)
        } else {
            5
        }
    }

    /// The hold grows, and the provider writes more. What it holds now is in the journal before.
    fn extends(&mut self, node: usize, request: &mut Request) -> Option<u64> {
        request.stage = Stage::Answers;
        let more = 1 + self.random.amount(200);
        let amount = self.truth[request.attempt].amount + more;
        let Some(ask) = request.ask.clone() else {
            return Some(1);
        };
        let ask = extend(&ask, amount);
        let answer = self.ask(node, |world| {
            let now = world.server_now();
            let extended = world.server.state.extend(&ask, now);
            if extended == Extended::Held {
                world.check_extended(&ask);
            }
            extended
        });
        match answer {
            Ok(Extended::Held) => {
                self.truth[request.attempt].amount = amount;
                if let Some(ask) = &mut request.ask {
                    ask.amount = NanoUsd(amount);
                }
                if !self.has(Bug::ExtendsWithoutJournal) {
                    self.journal(node, request.attempt, None, request.reserved_at);
                }
                self.truth[request.attempt].billed = Some(self.random.amount(amount + 1));
                Some(20)
            }
            // A hold whose growth is not certain is not written against.
            _ => Some(5),
        }
    }
}

/// A window's bounds; all time has none.
pub const fn bounds(window: Option<u64>) -> (TimestampMs, TimestampMs) {
    match window {
        Some(number) => {
            let from = number * WINDOW_MS;
            (TimestampMs(from), TimestampMs(from + WINDOW_MS))
        }
        None => (TimestampMs(0), TimestampMs(u64::MAX)),
    }
}
