//! What one attempt asks of the counters: holds on every budget, and, for a request's first
//! attempt, rates and slots.

use std::sync::Arc;

use domain::directory::Revision;
use domain::ledger::Wanted;
use domain::money::NanoUsd;
use domain::time::TimestampMs;

use crate::admit::payer::RequestPayer;
use crate::admit::refusal::RateKind;
use crate::counters::openings::Opening;
use crate::counters::operation::{AttemptId, Bucket, Hold, Open, Reserve, Slot};
use crate::random;
use crate::tenants::account::{BudgetLine, RateLine};

/// One attempt's question, with the lines that its parts come from.
pub struct Asking<'a> {
    /// Who pays.
    pub payer: &'a RequestPayer,
    /// The group that is asked.
    pub group: &'a str,
    /// The budgets, in the order of the holds.
    pub budgets: Vec<&'a BudgetLine>,
    /// The rates, in the order of the buckets, and what each counts.
    pub rates: Vec<(&'a RateLine, RateKind)>,
    /// The lines of the slots, in their order.
    pub parallel: Vec<&'a RateLine>,
    /// The question.
    pub reserve: Reserve,
}

/// What the first attempt of a request takes beside money.
#[derive(Clone, Copy)]
pub struct FirstOf<'a> {
    /// The model as asked.
    pub asked_model: &'a str,
    /// Tokens that the request will probably use.
    pub tokens: u64,
}

impl<'a> Asking<'a> {
    /// The question of an attempt at a group. Its amount is not known yet.
    #[must_use]
    pub fn new(
        payer: &'a RequestPayer,
        group: &'a str,
        (attempt, time_to_live_ms): (AttemptId, u64),
        first: Option<FirstOf<'a>>,
    ) -> Self {
        let key = payer.key();
        let mut asking = Self {
            payer,
            group,
            budgets: payer.budget_lines(group).collect(),
            rates: Vec::new(),
            parallel: Vec::new(),
            reserve: Reserve {
                attempt,
                organization: Arc::clone(&key.organization),
                amount: NanoUsd(0),
                time_to_live_ms,
                as_of: payer.revision,
                scopes: payer.scopes(group),
                holds: Vec::new(),
                buckets: Vec::new(),
                slots: Vec::new(),
                revocable: Arc::clone(&key.revocable),
            },
        };
        asking.turn(TimestampMs::now());
        if let Some(first) = first {
            asking.take_rates(first);
        }
        asking
    }

    /// Names the windows in which `now` lies.
    pub fn turn(&mut self, now: TimestampMs) {
        let version = self.payer.revision;
        let holds = self.budgets.iter().map(|line| {
            let turn = line.turn(now);
            Hold {
                counter: turn.counter.clone(),
                limit: line.limit(now),
                version,
                window: turn.bounds,
                previous: turn.previous.clone(),
                since: Revision(0),
            }
        });
        self.reserve.holds = holds.collect();
    }

    fn take_rates(&mut self, first: FirstOf<'a>) {
        for line in self.payer.rate_lines(self.group, first.asked_model) {
            if let Some(bucket) = &line.requests {
                self.rates.push((line, RateKind::Requests));
                self.reserve.buckets.push(bucket.clone());
            }
            for bucket in &line.tokens {
                let kind = if bucket.tick_ms == 1 {
                    RateKind::TokensPerMinute
                } else {
                    RateKind::TokensPerDay
                };
                self.rates.push((line, kind));
                self.reserve.buckets.push(Bucket {
                    // What is larger than the bucket would never come through.
                    cost: first.tokens.min(bucket.capacity),
                    ..bucket.clone()
                });
            }
            if let Some((name, limit)) = &line.parallel {
                self.parallel.push(line);
                self.reserve.slots.push(Slot {
                    name: Arc::clone(name),
                    limit: *limit,
                });
            }
        }
    }

    /// Whether any budget may refuse.
    #[must_use]
    pub fn has_limits(&self) -> bool {
        self.reserve.holds.iter().any(|hold| hold.limit.is_some())
    }

    /// Whether nothing counts anywhere.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Reserve {
            holds,
            buckets,
            slots,
            revocable,
            ..
        } = &self.reserve;
        holds.is_empty() && buckets.is_empty() && slots.is_empty() && revocable.is_empty()
    }

    /// What opens the n-th hold's counter.
    #[must_use]
    pub fn opening(&self, hold: usize) -> Option<Opening> {
        let (line, hold) = (self.budgets.get(hold)?, self.reserve.holds.get(hold)?);
        let open = Open {
            counter: hold.counter.clone(),
            organization: Arc::clone(&self.reserve.organization),
            scope: Arc::clone(&line.found_by),
            window: hold.window,
            since: hold.since,
            opening: random::bits(),
        };
        let wanted = Wanted {
            scope: line.scope.clone(),
            model: line.model.clone(),
            window: line.window,
            from: hold.window.0,
            to: hold.window.1,
            except: Vec::new(),
        };
        Some(Opening { open, wanted })
    }
}
