//! Chance: for shuffling, jitter and ids. Seeded once per thread from the system.

use std::cell::Cell;

use domain::ids::RequestId;
use domain::time::TimestampMs;

thread_local! {
    static STATE: Cell<u64> = Cell::new(seed());
}

fn seed() -> u64 {
    let mut bytes = [0_u8; 8];
    // Without the system's randomness the address of a thread's own stack slot has to do: nothing
    // here guards a secret.
    if getrandom::fill(&mut bytes).is_err() {
        let here = std::ptr::from_ref(&bytes).addr();
        return u64::try_from(here).unwrap_or(1) | 1;
    }
    u64::from_le_bytes(bytes) | 1
}

/// The id of a request that came at this time.
#[must_use]
pub fn request_id(received: TimestampMs) -> RequestId {
    RequestId::new(received, (u128::from(bits()) << 64) | u128::from(bits()))
}

/// 64 random bits (splitmix64). Not for secrets.
#[must_use]
pub fn bits() -> u64 {
    STATE.with(|state| {
        let next = state.get().wrapping_add(0x9e37_79b9_7f4a_7c15);
        state.set(next);
        let mixed = (next ^ (next >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    })
}

/// A number below `bound`; 0 when the bound is 0.
#[must_use]
pub fn below(bound: u64) -> u64 {
    // The bias of a plain remainder is below 2^-24 for the bounds used here.
    bits().checked_rem(bound).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_below_the_bound_comes_up() {
        let mut seen = [0_u32; 5];
        for _ in 0..5_000 {
            seen[usize::try_from(below(5)).unwrap()] += 1;
        }
        assert!(seen.iter().all(|count| *count > 800), "{seen:?}");
        assert_eq!(below(0), 0);
    }
}
