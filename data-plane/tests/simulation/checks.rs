//! What must hold, whatever happens: after each event, and when all is quiet.

use data_plane::counters::model::Phase;
use data_plane::counters::operation::{Admitted, AttemptId, Extend, Hold, Reserve};
use domain::money::NanoUsd;

use super::requests::{PLACES, RATE, slot};
use super::words::{Truth, WINDOW_MS, scopes_of};
use super::world::World;

impl World {
    /// I1, I8, I12: what was admitted is within the newest limit that the counters were told.
    pub fn check_admitted(&mut self, ask: &Reserve, admitted: &Admitted) {
        let Some(attempt) = self.truth.iter().position(|truth| truth.id == ask.attempt) else {
            return;
        };
        if self.truth[attempt].journaled.is_some() || self.truth[attempt].ledger.is_some() {
            self.fail(format!("I5: attempt {attempt} was admitted after its end"));
        }
        self.truth[attempt].reserved_at = Some(admitted.at.0);
        for (hold, balance) in ask.holds.iter().zip(&admitted.balances) {
            self.check_limit(hold, balance.used());
        }
        if self.server.blocked.contains(&self.truth[attempt].key) {
            self.fail("a blocked key was admitted after the block was answered".into());
        }
        let places = self.server.state.members(&slot().name, admitted.at).len();
        if u64::try_from(places).unwrap() > PLACES {
            self.fail(format!("{places} have a place at once"));
        }
        self.server.admitted_at.push(admitted.at.0);
        let all = &self.server.admitted_at;
        for (first, from) in all.iter().enumerate() {
            let count = u64::try_from(all.len() - first).unwrap();
            let time_ms = admitted.at.0 - from + 100;
            if count * 10_000 > RATE * 10_000 + RATE * time_ms {
                self.fail(format!("I12: {count} admitted in {time_ms} ms"));
                return;
            }
        }
    }

    fn check_limit(&mut self, hold: &Hold, used: NanoUsd) {
        let Some(limit) = hold.limit else { return };
        let told = (hold.version, limit.0);
        let name = std::sync::Arc::clone(&hold.counter.0);
        let heard = self.server.heard.entry(name).or_insert(told);
        if told.0 >= heard.0 {
            *heard = told;
        }
        let limit = heard.1;
        if used.0 > limit {
            self.fail(format!(
                "I1: {:?} has {} of {limit}",
                hold.counter.0, used.0
            ));
        }
    }

    pub fn check_extended(&mut self, ask: &Extend) {
        let now = self.server_now();
        for hold in &ask.holds {
            if let Some(standing) = self.server.state.standing(&hold.counter, now) {
                self.check_limit(hold, standing.balance.used());
            }
        }
    }

    /// Who gives signs of life is no orphan, once nothing goes wrong.
    pub fn check_orphaned(&mut self, id: &AttemptId) {
        let is_late = !self.faults && self.now > self.quiet_since + 8_000;
        let Some(attempt) = self.truth.iter().position(|truth| truth.id == *id) else {
            return;
        };
        let node = &self.nodes[self.truth[attempt].node];
        if is_late && node.requests.contains_key(&attempt) {
            self.fail(format!("a live attempt was given up: {attempt}"));
        }
    }

    /// What must at least count of an attempt, by what is really the case.
    fn counts(&self, truth: &Truth) -> i64 {
        if let Some(charge) = truth.ledger {
            return charge;
        }
        if self.runs(truth.node, truth.run) {
            let held = if truth.known { truth.amount } else { 0 };
            return truth.journaled.unwrap_or(held);
        }
        // A node that is dead while the counters lost their memory is not known to anybody until it
        // comes back: that is the stated bound.
        if truth.lost || self.server.state.attempt(&truth.id).is_none() {
            return 0;
        }
        truth.journaled.unwrap_or(truth.amount)
    }

    fn least(&self, scope: usize, window: Option<u64>) -> i64 {
        let attempts = self.truth.iter().filter(|truth| {
            let Some(at) = truth.reserved_at else {
                return false;
            };
            scopes_of(truth.key).contains(&scope)
                && window.is_none_or(|number| at / WINDOW_MS == number)
        });
        let corrections = self.ledger.corrections.iter();
        let corrections = corrections.filter(|c| c.scope == scope && c.window == window);
        let corrections: i64 = corrections.map(|c| c.amount).sum();
        attempts.map(|truth| self.counts(truth)).sum::<i64>() + corrections
    }

    /// After each event: no trusted counter says less than what is really the case (I5, I9, I11), and
    /// no part that is held is below zero (I3).
    pub fn check(&mut self) {
        if self.violation.is_some() {
            return;
        }
        let directory = std::rc::Rc::clone(&self.directory);
        let now = self.server_now();
        let number = now.0 / WINDOW_MS;
        for budget in &directory.budgets {
            let windows = [Some(number), Some(number - 1)];
            let windows = if budget.windowed {
                &windows[..]
            } else {
                &[None]
            };
            for window in windows {
                let name = self.name(budget.scope, *window);
                let Some(standing) = self.server.state.standing(&name, now) else {
                    continue;
                };
                let balance = standing.balance;
                if balance.reserved.0 < 0 || balance.orphaned.0 < 0 {
                    self.fail(format!("I3: {:?} holds {balance:?}", name.0));
                }
                if !standing.is_seeded || standing.since < budget.since {
                    continue;
                }
                let least = self.least(budget.scope, *window);
                if balance.used().0 < least {
                    self.fail(format!(
                        "under-count: {:?} has {balance:?}, not {least}",
                        name.0
                    ));
                }
            }
        }
    }

    /// I2 and I6.
    fn check_records(&mut self) {
        let now = self.server_now();
        let state = &self.server.state;
        let attempts: Vec<_> = state.attempts();
        let mut wrong = None;
        for name in state.counter_names(now) {
            let Some(standing) = state.standing(&name, now) else {
                continue;
            };
            for phase in [Phase::Active, Phase::Orphaned] {
                let on = attempts.iter().filter_map(|id| state.attempt(id));
                let on = on.filter(|a| a.phase == phase && a.counters.contains(&name));
                let held: i64 = on.map(|attempt| attempt.amount.0).sum();
                let says = match phase {
                    Phase::Active => standing.balance.reserved.0,
                    Phase::Orphaned => standing.balance.orphaned.0,
                };
                if held != says {
                    wrong = Some(format!("I2: {:?} says {says}, {held} are held", name.0));
                }
            }
        }
        if attempts.iter().any(|id| state.is_done(id, now)) {
            wrong = Some("I6: an attempt is under way and settled".into());
        }
        if let Some(wrong) = wrong {
            self.fail(wrong);
        }
    }

    /// Nothing goes wrong any more: within two minutes all is quiet, and all adds up.
    pub fn settle_down(&mut self) {
        self.faults = false;
        self.quiet_since = self.now;
        self.server.is_up = true;
        self.ledger.is_up = true;
        let node = self.random.index(self.nodes.len());
        self.wait_until_quiet();
        let until = self.now + 12_000;
        while self.now < until && self.violation.is_none() {
            self.step();
        }
        self.check_records();
        self.check_ends();
        self.check_counters();
        self.check_admission(node);
        self.wait_until_quiet();
        self.check_counters();
    }

    fn wait_until_quiet(&mut self) {
        let deadline = self.now + 120_000;
        while !self.is_quiet() && self.violation.is_none() {
            self.step();
            if self.now > deadline {
                self.fail("liveness: not quiet after two minutes".into());
            }
        }
    }

    fn is_quiet(&self) -> bool {
        self.nodes.iter().all(|node| {
            let is_ready = node.is_up && !node.is_starting && node.is_confirmed;
            is_ready && node.requests.is_empty() && node.disk.is_empty()
        })
    }

    /// Everything that was billed is in the ledger, once, and nothing is held that nobody knows of.
    fn check_ends(&mut self) {
        let mut wrong = Vec::new();
        for (attempt, truth) in self.truth.iter().enumerate() {
            let Some(billed) = truth.billed.filter(|_| !truth.lost) else {
                continue;
            };
            match truth.ledger {
                None => wrong.push(format!(
                    "attempt {attempt} was billed and is not in the ledger"
                )),
                Some(charge) if charge < billed => {
                    wrong.push(format!(
                        "attempt {attempt} was billed {billed}, charged {charge}"
                    ));
                }
                Some(_) => {}
            }
        }
        for id in self.server.state.attempts() {
            let truth = self.truth.iter().find(|truth| truth.id == id);
            let Some(truth) = truth else { continue };
            let is_of_the_dead = !self.runs(truth.node, truth.run);
            let is_unknown = truth.billed.is_none() || truth.lost;
            if !is_of_the_dead || !is_unknown {
                wrong.push(format!(
                    "{} is held for ever: of the dead {is_of_the_dead}, billed {:?}",
                    id.0, truth.billed
                ));
            }
        }
        let now = self.server_now();
        if !self.server.state.members(&slot().name, now).is_empty() {
            wrong.push("I7: a place is taken".into());
        }
        if let Some(wrong) = wrong.into_iter().next() {
            self.fail(wrong);
        }
    }

    /// I4, I7, I11: every trusted counter has what the ledger has, and nothing is reserved.
    fn check_counters(&mut self) {
        let directory = std::rc::Rc::clone(&self.directory);
        let now = self.server_now();
        let held = self.server.state.attempts();
        for budget in &directory.budgets {
            let last = now.0 / WINDOW_MS;
            let windows: Vec<_> = (last - 20..=last).map(Some).collect();
            for window in if budget.windowed { windows } else { vec![None] } {
                let name = self.name(budget.scope, window);
                let Some(standing) = self.server.state.standing(&name, now) else {
                    continue;
                };
                if !standing.is_seeded || standing.since < budget.since {
                    continue;
                }
                let ledger = self.sum(budget.scope, window, &held);
                let settled = standing.balance.settled.0;
                let gone: i64 = self.truth.iter().filter(|t| t.lost).map(|t| t.amount).sum();
                if settled < ledger || settled > ledger + gone {
                    self.fail(format!(
                        "I11: {:?} has {settled}, the ledger {ledger}",
                        name.0
                    ));
                }
                if standing.balance.reserved.0 != 0 {
                    self.fail(format!("I7: {:?} reserves {:?}", name.0, standing.balance));
                }
            }
        }
    }

    /// Admission works: every key gets an answer about money that is free.
    fn check_admission(&mut self, node: usize) {
        for key in 0..super::words::KEYS {
            if self.directory.blocked.contains(&key) || self.violation.is_some() {
                continue;
            }
            self.follow(node);
            let attempt = self.begin(node, key, 0);
            let deadline = self.now + 20_000;
            while self.nodes[node].requests.contains_key(&attempt) && self.violation.is_none() {
                self.step();
                if self.now > deadline {
                    self.fail("liveness: a request is not answered".into());
                }
            }
        }
    }
}
