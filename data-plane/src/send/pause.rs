//! How long to wait before a deployment is tried again.

use std::time::Duration;

use crate::random;
use crate::send::fault::Fault;

/// The longest wait that a caller is kept for; a provider that wants more is given up at once,
/// and its wish is passed on as `retry-after`.
const LONGEST_MS: u64 = 8_000;

/// The wait before try number `repeat` (from 0) of the same deployment, or none when the provider
/// wants a longer one. As LiteLLM has it: the provider's own wish plus a little chance, else half a
/// second, doubled each time, up to eight seconds; never less than `least_ms`.
#[must_use]
pub fn before_repeat(fault: &Fault, repeat: u32, least_ms: u64) -> Option<Duration> {
    if let Some(wish) = fault.retry_after() {
        let wish_ms = u64::try_from(wish.as_millis()).unwrap_or(u64::MAX);
        return (wish_ms <= LONGEST_MS)
            .then(|| Duration::from_millis(wish_ms.max(least_ms) + random::below(250)));
    }
    let doubled_ms = 500_u64.saturating_mul(1_u64.checked_shl(repeat).unwrap_or(u64::MAX));
    let wait_ms = doubled_ms.min(LONGEST_MS);
    let jittered_ms = wait_ms / 2 + random::below(wait_ms / 2 + 1);
    Some(Duration::from_millis(jittered_ms.max(least_ms)))
}

#[cfg(test)]
mod tests {
    use providers::failure::Failure;

    use super::*;

    fn rate_limited(retry_after_s: u64) -> Fault {
        let failure = Failure::classify(429, String::new(), None, None);
        Fault::Refused {
            failure,
            retry_after: Some(Duration::from_secs(retry_after_s)),
        }
    }

    #[test]
    fn a_providers_wish_is_kept_unless_it_is_too_long_for_a_caller() {
        let wait = before_repeat(&rate_limited(1), 0, 0).unwrap();
        assert!(wait >= Duration::from_secs(1) && wait < Duration::from_millis(1_300));
        assert_eq!(before_repeat(&rate_limited(30), 0, 0), None);
    }

    #[test]
    fn waits_grow_and_are_bounded() {
        for repeat in [0, 1, 2, 5, 40, 200] {
            let wait = before_repeat(&Fault::Lost, repeat, 0).unwrap();
            assert!(wait <= Duration::from_secs(8));
            assert!(wait >= Duration::from_millis(250));
        }
        assert!(before_repeat(&Fault::Lost, 0, 3_000).unwrap() >= Duration::from_secs(3));
    }
}
