//! What roll-ups add up: sixteen whole numbers, in the order of their columns.

use domain::ledger::{AttemptEntry, ORPHANED, RequestEntry};
use domain::money::NanoUsd;

use crate::column::Column;
use crate::usage::UsageSums;

/// The columns of `usage_quarters` and `usage_days` that are added up.
pub(crate) const MEASURES: [&str; 16] = [
    "requests",
    "failures",
    "attempts",
    "input_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "cache_write_1h_tokens",
    "audio_input_tokens",
    "image_input_tokens",
    "output_tokens",
    "reasoning_tokens",
    "audio_output_tokens",
    "charge_nanousd",
    "estimated_nanousd",
    "orphaned_nanousd",
    "duration_ms",
];

/// The values of those columns.
pub(crate) type Measures = [i64; 16];

/// The most that one attempt counts of anything but money: what a broken provider says must not
/// overflow the sums of all others.
const MOST: u64 = 1_000_000_000_000;

/// The most that one attempt is charged: 9 million dollars, as no window has a higher limit.
const MOST_CHARGE: i64 = 9_000_000_000_000_000;

/// A count within its bound.
pub(crate) fn bounded(count: u64) -> u64 {
    count.min(MOST)
}

/// A charge within its bound.
pub(crate) fn bounded_charge(charge: NanoUsd) -> NanoUsd {
    NanoUsd(charge.0.clamp(-MOST_CHARGE, MOST_CHARGE))
}

/// Whether a caller got nothing of use; 0 is the status of a request whose node died.
pub(crate) const fn is_failure(status: u16) -> bool {
    status == 0 || status >= 400
}

/// What a request counts itself, at the time when it came in.
pub(crate) fn of_request(entry: &RequestEntry) -> Measures {
    let duration = bounded(entry.duration_ms).to_stored();
    let failure = i64::from(is_failure(entry.status));
    [1, failure, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, duration]
}

/// What an attempt counts, at the time when its money was reserved.
pub(crate) fn of_attempt(attempt: &AttemptEntry) -> Measures {
    let usage = &attempt.usage;
    let charge = bounded_charge(attempt.charge_nanousd).0;
    let part = |counts: bool| if counts { charge } else { 0 };
    let tokens = |count: u64| bounded(count).to_stored();
    [
        0,
        0,
        1,
        tokens(usage.input_tokens),
        tokens(usage.cache_read_tokens),
        tokens(usage.cache_write_tokens),
        tokens(usage.cache_write_1h_tokens),
        tokens(usage.audio_input_tokens),
        tokens(usage.image_input_tokens),
        tokens(usage.output_tokens),
        tokens(usage.reasoning_tokens),
        tokens(usage.audio_output_tokens),
        charge,
        part(usage.estimated),
        part(attempt.outcome == ORPHANED),
        0,
    ]
}

/// Adds one to another.
pub(crate) fn add(sum: &mut Measures, more: &Measures) {
    for (sum, more) in sum.iter_mut().zip(more) {
        *sum = sum.saturating_add(*more);
    }
}

impl From<Measures> for UsageSums {
    fn from(sums: Measures) -> Self {
        let [
            requests,
            failures,
            attempts,
            input,
            cache_read,
            cache_write,
            cache_write_1h,
            audio_input,
            image_input,
            output,
            reasoning,
            audio_output,
            charge,
            estimated,
            orphaned,
            duration,
        ] = sums;
        let count = |number: i64| u64::try_from(number).unwrap_or(0);
        Self {
            requests: count(requests),
            failures: count(failures),
            attempts: count(attempts),
            input_tokens: count(input),
            cache_read_tokens: count(cache_read),
            cache_write_tokens: count(cache_write),
            cache_write_1h_tokens: count(cache_write_1h),
            audio_input_tokens: count(audio_input),
            image_input_tokens: count(image_input),
            output_tokens: count(output),
            reasoning_tokens: count(reasoning),
            audio_output_tokens: count(audio_output),
            charge_nanousd: NanoUsd(charge),
            estimated_nanousd: NanoUsd(estimated),
            orphaned_nanousd: NanoUsd(orphaned),
            duration_ms: count(duration),
        }
    }
}
