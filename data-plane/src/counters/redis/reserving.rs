//! Reserving, extending and saying again, as the scripts take and answer them.

use std::sync::Arc;

use domain::directory::Revision;
use domain::money::NanoUsd;
use domain::time::TimestampMs;

use super::Inner;
use super::keys::escape;
use super::link::Fault;
use super::organization::Organization;
use super::reply::Reply;
use super::script::Call;
use crate::counters::operation::{
    Admitted, Balance, Extend, Extended, GivesBack, Hold, Reserve, Reserved, Settle,
};
use crate::counters::upkeep::{Reassert, Reasserted, kept_until};

/// A question whose answer is lost, or whose caller goes away before it comes: what was perhaps taken
/// is given back by its id.
struct Unanswered<'a> {
    inner: &'a Inner,
    ask: &'a Reserve,
}

impl Unanswered<'_> {
    /// Nothing is to be given back.
    fn answered(self) {
        std::mem::forget(self);
    }
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        self.inner.settle_later(released(self.ask));
    }
}

impl Inner {
    pub(super) async fn reserve(self: &Arc<Self>, ask: &Reserve) -> Result<Reserved, Fault> {
        let organization = self.organization(&ask.organization);
        let fill = |call: &mut Call<'_>| self.fill_reserve(&organization, ask, call);
        let unanswered = Unanswered { inner: self, ask };
        let answer = self.run(&organization, &self.scripts.reserve, fill).await;
        let answer = answer.and_then(|reply| read_reserved(ask, reply));
        if !matches!(answer, Err(Fault::Lost)) {
            unanswered.answered();
        }
        match &answer {
            Ok(Reserved::Admitted(admitted)) => organization.table().put(ask, admitted.at),
            Ok(Reserved::AlreadyHeld { at }) => organization.table().put(ask, *at),
            _ => {}
        }
        answer
    }

    fn fill_reserve(&self, organization: &Organization, ask: &Reserve, call: &mut Call<'_>) {
        let keys = &organization.keys;
        call.key(keys.one("rv")).key(keys.one("ex"));
        call.key(keys.done(&ask.attempt.0)).key(keys.one("rk"));
        call.arg(escape(&ask.attempt.0)).arg(ask.amount.0);
        call.arg(ask.time_to_live_ms)
            .arg(&self.node)
            .arg(ask.as_of.0);
        call.arg(lines(&ask.scopes));
        call.arg(ask.holds.len()).arg(ask.buckets.len());
        call.arg(ask.slots.len()).arg(ask.revocable.len());
        for hold in &ask.holds {
            let previous = hold.previous.as_ref().unwrap_or(&hold.counter);
            call.key(keys.counter(&hold.counter.0));
            call.key(keys.counter(&previous.0));
            call.arg(escape(&hold.counter.0)).arg(limit(hold));
            call.arg(hold.version.0).arg(hold.since.0);
            call.arg(hold.window.0.0).arg(hold.window.1.0);
            call.arg(kept_until(hold.window).0);
        }
        for bucket in &ask.buckets {
            call.key(keys.bucket(&bucket.name));
            call.arg(bucket.cost).arg(bucket.capacity);
            call.arg(bucket.tick_ms).arg(bucket.ticks);
        }
        for slot in &ask.slots {
            call.key(keys.slot(&slot.name)).arg(slot.limit);
        }
        for id in ask.revocable.iter() {
            call.arg(escape(id));
        }
    }

    pub(super) async fn extend(self: &Arc<Self>, ask: &Extend) -> Result<Extended, Fault> {
        let organization = self.organization(&ask.organization);
        let mut also: Vec<String> = Vec::new();
        loop {
            let keys = &organization.keys;
            let fill = |call: &mut Call<'_>| {
                call.key(keys.one("rv"));
                call.arg(escape(&ask.attempt.0)).arg(ask.amount.0);
                call.arg(keys.counters()).arg(ask.holds.len());
                for hold in &ask.holds {
                    call.key(keys.counter(&hold.counter.0));
                    call.arg(limit(hold)).arg(hold.version.0);
                    call.arg(hold.since.0).arg(kept_until(hold.window).0);
                }
                for name in &also {
                    call.key([&keys.counters(), name.as_str()].concat());
                }
            };
            let mut reply = self.run(&organization, &self.scripts.extend, fill).await?;
            return match reply.word() {
                "MORE" => {
                    also.extend(reply.texts()?);
                    continue;
                }
                "OK" => {
                    organization.table().extend(&ask.attempt, ask.amount);
                    Ok(Extended::Held)
                }
                "NONE" => Ok(Extended::NoSuchAttempt),
                "UNKNOWN" => Ok(Extended::Unknown(reply.numbers()?)),
                "BUDGET" => Ok(Extended::OverBudget {
                    hold: reply.number()?,
                    limit: NanoUsd(reply.number()?),
                    standing: balance(&mut reply)?,
                }),
                _ => Err(reply.unexpected()),
            };
        }
    }

    pub(super) async fn reassert(self: &Arc<Self>, ask: &Reassert) -> Result<Reasserted, Fault> {
        let organization = self.organization(&ask.reserve.organization);
        let fill = |call: &mut Call<'_>| self.fill_reassert(&organization, ask, call);
        let mut reply = self
            .run(&organization, &self.scripts.reassert, fill)
            .await?;
        let said = match reply.word() {
            "OK" => Reasserted::Held,
            "HELD" => Reasserted::AlreadyHeld,
            "DONE" => return Ok(Reasserted::AlreadySettled),
            "OUTDATED" => return Ok(Reasserted::Outdated(Revision(reply.number()?))),
            _ => return Err(reply.unexpected()),
        };
        organization.table().put(&ask.reserve, ask.reserved_at);
        Ok(said)
    }

    pub(super) fn fill_reassert(
        &self,
        organization: &Organization,
        ask: &Reassert,
        call: &mut Call<'_>,
    ) {
        let (keys, reserve) = (&organization.keys, &ask.reserve);
        call.key(keys.one("rv")).key(keys.one("ex"));
        call.key(keys.done(&reserve.attempt.0));
        call.arg(escape(&reserve.attempt.0)).arg(reserve.amount.0);
        call.arg(reserve.time_to_live_ms).arg(&self.node);
        call.arg(reserve.as_of.0).arg(lines(&reserve.scopes));
        call.arg(ask.reserved_at.0).arg(reserve.holds.len());
        for hold in &reserve.holds {
            call.key(keys.counter(&hold.counter.0));
            call.arg(escape(&hold.counter.0)).arg(limit(hold));
            call.arg(hold.version.0).arg(kept_until(hold.window).0);
        }
        for slot in &reserve.slots {
            call.key(keys.slot(&slot.name));
        }
    }
}

/// Gives back what was perhaps taken: nobody will use it. What the buckets gave stays taken.
fn released(ask: &Reserve) -> Settle {
    Settle {
        attempt: ask.attempt.clone(),
        organization: Arc::clone(&ask.organization),
        charge: NanoUsd(0),
        reserved_at: TimestampMs(0),
        counters: Vec::new(),
        gives_back: GivesBack {
            buckets: Vec::new(),
            slots: ask.slots.clone(),
            first_attempt: Some(ask.attempt.clone()),
        },
    }
}

fn read_reserved(ask: &Reserve, mut reply: Reply) -> Result<Reserved, Fault> {
    Ok(match reply.word() {
        "OK" => {
            let at = TimestampMs(reply.number()?);
            let balances = ask.holds.iter().map(|_| balance(&mut reply));
            let balances = balances.collect::<Result<_, _>>()?;
            Reserved::Admitted(Admitted {
                at,
                balances,
                levels: reply.numbers()?,
            })
        }
        "HELD" => Reserved::AlreadyHeld {
            at: TimestampMs(reply.number()?),
        },
        "DONE" => Reserved::AlreadySettled,
        "OUTDATED" => Reserved::Outdated(Revision(reply.number()?)),
        "REVOKED" => Reserved::Revoked(reply.number()?),
        "UNKNOWN" => Reserved::Unknown(reply.numbers()?),
        "WINDOW" => Reserved::WrongWindow {
            hold: reply.number()?,
            now: TimestampMs(reply.number()?),
        },
        "BUDGET" => Reserved::OverBudget {
            hold: reply.number()?,
            limit: NanoUsd(reply.number()?),
            standing: balance(&mut reply)?,
        },
        "RATE" => Reserved::OverRate {
            bucket: reply.number()?,
            retry_after_ms: reply.number()?,
            level: reply.number()?,
        },
        "PARALLEL" => Reserved::OverParallel {
            slot: reply.number()?,
        },
        _ => return Err(reply.unexpected()),
    })
}

fn balance(reply: &mut Reply) -> Result<Balance, Fault> {
    Ok(Balance {
        settled: NanoUsd(reply.number()?),
        reserved: NanoUsd(reply.number()?),
        orphaned: NanoUsd(reply.number()?),
    })
}

/// No limit is an empty text.
fn limit(hold: &Hold) -> String {
    hold.limit
        .map(|limit| limit.0.to_string())
        .unwrap_or_default()
}

/// Each on a line of its own.
fn lines(names: &[Arc<str>]) -> String {
    let mut lines = String::new();
    for name in names {
        lines.push_str(&escape(name));
        lines.push('\n');
    }
    lines
}
