//! When to stop asking a server that does not answer.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// So many failures …
const FAILURES: usize = 5;

/// … within so long open it.
const WITHIN: Duration = Duration::from_secs(1);

/// Opens after some failures in a short time; a probe that is answered closes it.
#[derive(Debug, Default)]
pub(super) struct Breaker {
    failures: VecDeque<Instant>,
    is_open: bool,
}

impl Breaker {
    /// Whether nothing is to be asked now.
    pub(super) const fn is_open(&self) -> bool {
        self.is_open
    }

    /// Says whether this one opened it.
    pub(super) fn failed(&mut self, at: Instant) -> bool {
        self.failures.push_back(at);
        if self.failures.len() > FAILURES {
            self.failures.pop_front();
        }
        let first = self
            .failures
            .front()
            .filter(|_| self.failures.len() == FAILURES);
        let is_too_many = first.is_some_and(|first| at.duration_since(*first) <= WITHIN);
        let opens = is_too_many && !self.is_open;
        self.is_open |= is_too_many;
        opens
    }

    /// Says whether this one closed it.
    pub(super) fn answered(&mut self) -> bool {
        self.failures.clear();
        std::mem::take(&mut self.is_open)
    }
}

#[cfg(test)]
mod tests {
    use super::Breaker;
    use std::time::{Duration, Instant};

    fn after(start: Instant, times_ms: &[u64]) -> Breaker {
        let mut breaker = Breaker::default();
        for ms in times_ms {
            breaker.failed(start + Duration::from_millis(*ms));
        }
        breaker
    }

    #[test]
    fn five_failures_in_a_second_open_it_and_fewer_do_not() {
        let start = Instant::now();
        assert!(after(start, &[0, 100, 200, 300, 1_000]).is_open());
        assert!(!after(start, &[0, 100, 200, 300]).is_open());
        assert!(!after(start, &[0, 100, 200, 300, 1_001]).is_open());
    }

    #[test]
    fn an_answered_probe_closes_it_and_old_failures_are_forgotten() {
        let start = Instant::now();
        let mut breaker = after(start, &[0, 1, 2, 3, 4]);
        assert!(breaker.answered());
        assert!(!breaker.is_open());
        breaker.failed(start + Duration::from_millis(5));
        assert!(!breaker.is_open());
    }
}
