//! What budgets and limits leave after a request was admitted: for the headers of its answer.

use domain::money::NanoUsd;
use domain::time::TimestampMs;

use crate::admit::asking::Asking;
use crate::admit::fit::Fitted;
use crate::admit::refusal::RateKind;
use crate::counters::operation::Bucket;

/// What is left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Room {
    /// Requests per minute, of the bucket with the fewest left.
    pub requests: Option<RateRoom>,
    /// Tokens per minute, likewise.
    pub tokens: Option<RateRoom>,
    /// The least that any enforced budget leaves.
    pub left: Option<NanoUsd>,
    /// How many budgets in shadow mode would have refused the request.
    pub shadow_refusals: u64,
}

/// What a bucket has left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateRoom {
    /// Its size.
    pub limit: u64,
    /// What is in it.
    pub remaining: u64,
    /// When it is full again.
    pub full_in_ms: u64,
}

impl Room {
    /// What is left after this was admitted.
    #[must_use]
    pub fn of(asking: &Asking<'_>, fitted: &Fitted) -> Self {
        let mut room = Self::default();
        let admitted = &fitted.admitted;
        let buckets = asking.reserve.buckets.iter().zip(&admitted.levels);
        for ((bucket, level), (_, kind)) in buckets.zip(&asking.rates) {
            let kept = match kind {
                RateKind::Requests => &mut room.requests,
                RateKind::TokensPerMinute => &mut room.tokens,
                RateKind::TokensPerDay => continue,
            };
            let found = RateRoom::of(bucket, *level);
            if kept.is_none_or(|kept| found.remaining < kept.remaining) {
                *kept = Some(found);
            }
        }
        let now = if admitted.at == TimestampMs(0) {
            TimestampMs::now()
        } else {
            admitted.at
        };
        let holds = asking.reserve.holds.iter().zip(&asking.budgets);
        for ((hold, line), balance) in holds.zip(&admitted.balances) {
            if line.is_passed_in_shadow(balance.used(), now) {
                room.shadow_refusals += 1;
            }
            let Some(limit) = hold.limit else { continue };
            let left = NanoUsd(limit.0.saturating_sub(balance.used().0));
            room.left = Some(room.left.map_or(left, |least| least.min(left)));
        }
        room
    }
}

impl RateRoom {
    fn of(bucket: &Bucket, level: i64) -> Self {
        let remaining = u64::try_from(level).unwrap_or(0);
        let missing = bucket.capacity.saturating_sub(remaining);
        let whole_ms = bucket.tick_ms.saturating_mul(bucket.ticks);
        let full_in_ms = missing
            .saturating_mul(whole_ms)
            .div_ceil(bucket.capacity.max(1));
        Self {
            limit: bucket.capacity,
            remaining,
            full_in_ms,
        }
    }
}
