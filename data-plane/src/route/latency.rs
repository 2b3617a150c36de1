//! How quick is a deployment? A moving average of the time to its first token.

use std::sync::atomic::{AtomicU64, Ordering};

/// Each new time counts an eighth: after ten requests the first has three tenths of its weight.
const NEW_SHARE: u64 = 8;

/// What a failure counts as, so that a deployment that fails fast does not look quick.
const FAILURE_US: u64 = 30_000_000;

/// A moving average in microseconds; 0 means that nothing is known yet.
#[derive(Debug, Default)]
pub struct Latency {
    average_us: AtomicU64,
}

impl Latency {
    /// Adds a time to the first token. Two writers at once may lose one of the two.
    pub fn record(&self, first_token_us: u64) {
        let old = self.average_us.load(Ordering::Relaxed);
        let new = if old == 0 {
            first_token_us.max(1)
        } else {
            (old.saturating_mul(NEW_SHARE - 1)
                .saturating_add(first_token_us)
                / NEW_SHARE)
                .max(1)
        };
        self.average_us.store(new, Ordering::Relaxed);
    }

    /// Adds a failure.
    pub fn record_failure(&self) {
        self.record(FAILURE_US);
    }

    /// The average in microseconds; 0 when nothing is known, so that new deployments are tried.
    #[must_use]
    pub fn average_us(&self) -> u64 {
        self.average_us.load(Ordering::Relaxed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployment_that_fails_fast_does_not_look_quick() {
        let (quick, failing) = (Latency::default(), Latency::default());
        quick.record(200_000);
        failing.record(200_000);
        failing.record_failure();
        assert!(failing.average_us() > quick.average_us());
    }

    #[test]
    fn an_unknown_deployment_comes_first() {
        assert_eq!(Latency::default().average_us(), 0);
    }
}
