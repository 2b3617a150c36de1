//! What one attempt holds, until it is settled.

use domain::money::NanoUsd;
use domain::time::TimestampMs;

use crate::admit::fit::Fitted;
use crate::counters::operation::{AttemptId, Extend, GivesBack, Reserve, Settle};
use crate::journal::Dispatched;

/// What one attempt holds.
pub struct Held {
    /// 1 for the first of its request.
    pub number: u32,
    /// The most that it may cost, and what limit goes with it.
    pub fitted: Fitted,
    /// When it was reserved, by the counters' clock.
    pub reserved_at: TimestampMs,
    /// What the counters were asked; none when nothing counts.
    reserve: Option<Reserve>,
    /// That the journal has it, once it has been sent: once more each time its hold grew.
    pub dispatched: Vec<Dispatched>,
}

impl Held {
    /// An attempt that the counters have admitted.
    #[must_use]
    pub fn new(number: u32, fitted: Fitted, reserve: Reserve) -> Self {
        Self {
            number,
            reserved_at: fitted.admitted.at,
            fitted,
            reserve: Some(reserve),
            dispatched: Vec::new(),
        }
    }

    /// An attempt that counts nowhere.
    #[must_use]
    pub fn uncounted(number: u32, fitted: Fitted) -> Self {
        Self {
            number,
            reserved_at: TimestampMs::now(),
            fitted,
            reserve: None,
            dispatched: Vec::new(),
        }
    }

    /// The id of the attempt, as the counters know it.
    #[must_use]
    pub fn attempt(&self) -> Option<&AttemptId> {
        self.reserve.as_ref().map(|reserve| &reserve.attempt)
    }

    /// What the request took beside money with this attempt, and gives back at its end. `tokens`
    /// is what it used in the end.
    #[must_use]
    pub fn gives_back(&self, tokens: u64) -> GivesBack {
        let Some(reserve) = self.reserve.as_ref().filter(|_| self.number == 1) else {
            return GivesBack::default();
        };
        let used = i64::try_from(tokens).unwrap_or(i64::MAX);
        let of_tokens = reserve
            .buckets
            .iter()
            .filter(|bucket| !bucket.name.ends_with("/rpm"));
        let buckets = of_tokens.map(|bucket| {
            let taken = i64::try_from(bucket.cost).unwrap_or(i64::MAX);
            (bucket.clone(), taken.saturating_sub(used))
        });
        GivesBack {
            buckets: buckets.filter(|(_, back)| *back != 0).collect(),
            slots: reserve.slots.clone(),
            first_attempt: Some(reserve.attempt.clone()),
        }
    }

    /// The end of the attempt; none when it counts nowhere.
    #[must_use]
    pub fn settle(&self, charge: NanoUsd, gives_back: GivesBack) -> Option<Settle> {
        let reserve = self.reserve.as_ref()?;
        let counters = reserve.holds.iter().map(|hold| hold.counter.clone());
        Some(Settle {
            attempt: reserve.attempt.clone(),
            organization: reserve.organization.clone(),
            charge,
            reserved_at: self.reserved_at,
            counters: counters.collect(),
            gives_back,
        })
    }

    /// Notes that so many tokens of each answer are held now.
    pub fn grown(&mut self, output_tokens: u64) {
        if let Some(growth) = &mut self.fitted.growth {
            growth.held_tokens = output_tokens;
            self.fitted.amount = growth.cost(output_tokens);
        }
    }

    /// Another amount for the same attempt; none when it counts nowhere.
    #[must_use]
    pub fn extend(&self, amount: NanoUsd) -> Option<Extend> {
        let reserve = self.reserve.as_ref()?;
        Some(Extend {
            attempt: reserve.attempt.clone(),
            organization: reserve.organization.clone(),
            amount,
            holds: reserve.holds.clone(),
        })
    }
}
