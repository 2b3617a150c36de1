//! How is a deployment doing? How quick it is, and whether it rests after a failure.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Each new time counts an eighth: after ten requests the first has three tenths of its weight.
const NEW_SHARE: u64 = 8;

/// A deployment that has failed goes behind its siblings for this long (LiteLLM's usual cooldown),
/// unless the provider named a time of its own.
const REST: Duration = Duration::from_secs(5);

/// A provider's own time counts up to here.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// An average that nobody has renewed for this long says little: the deployment may be quick again.
const FRESH_MS: u64 = 60_000;

/// What is known of one deployment. Two writers at once may lose one of two times: that is no
/// harm.
#[derive(Debug, Default)]
pub struct Health {
    average_us: AtomicU64,
    measured_ms: AtomicU64,
    rests_until_ms: AtomicU64,
}

impl Health {
    /// Adds the time that an answer's first byte, which came `now`, took, and ends a rest.
    pub fn answered(&self, first_byte: Duration, now: Instant) {
        let new_us = u64::try_from(first_byte.as_micros()).unwrap_or(u64::MAX);
        let old_us = self.average_us.load(Ordering::Relaxed);
        let average_us = if old_us == 0 {
            new_us
        } else {
            old_us.saturating_mul(NEW_SHARE - 1).saturating_add(new_us) / NEW_SHARE
        };
        self.average_us.store(average_us.max(1), Ordering::Relaxed);
        self.measured_ms.store(ms_at(now), Ordering::Relaxed);
        self.rests_until_ms.store(0, Ordering::Relaxed);
    }

    /// Begins a rest: `wish` is the provider's own, when it named one.
    pub fn failed(&self, wish: Option<Duration>) {
        let rest = wish.map_or(REST, |wish| wish.min(LONGEST_REST));
        let rest_ms = u64::try_from(rest.as_millis()).unwrap_or(u64::MAX);
        let until_ms = ms_at(Instant::now()).saturating_add(rest_ms);
        self.rests_until_ms.store(until_ms, Ordering::Relaxed);
    }

    /// Whether it rests: it is then tried only after its siblings.
    #[must_use]
    pub fn rests(&self) -> bool {
        let until_ms = self.rests_until_ms.load(Ordering::Relaxed);
        until_ms != 0 && ms_at(Instant::now()) < until_ms
    }

    /// Whether the average is so old that somebody should look again.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        let measured_ms = self.measured_ms.load(Ordering::Relaxed);
        measured_ms != 0 && ms_at(Instant::now()).saturating_sub(measured_ms) > FRESH_MS
    }

    /// The moving average of the time to the first byte in microseconds; 0 when nothing is known,
    /// so that new deployments are tried.
    #[must_use]
    pub fn average_us(&self) -> u64 {
        self.average_us.load(Ordering::Relaxed)
    }
}

/// Milliseconds from the first call to then, plus one.
fn ms_at(then: Instant) -> u64 {
    static START: OnceLock<Instant> = OnceLock::new();
    let span = then.saturating_duration_since(*START.get_or_init(|| then));
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX - 1) + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployment_that_fails_rests_until_it_answers_again() {
        let health = Health::default();
        assert!(!health.rests());
        health.failed(None);
        assert!(health.rests());
        health.answered(Duration::from_millis(200), Instant::now());
        assert!(!health.rests());
        assert_eq!(health.average_us(), 200_000);
    }

    #[test]
    fn a_rest_ends_by_itself() {
        let health = Health::default();
        health.failed(Some(Duration::ZERO));
        assert!(!health.rests());
    }

    #[test]
    fn the_average_follows_new_times() {
        let health = Health::default();
        assert_eq!(health.average_us(), 0);
        health.answered(Duration::from_micros(800), Instant::now());
        health.answered(Duration::from_micros(1_600), Instant::now());
        assert_eq!(health.average_us(), 900);
    }
}
