//! What keys and models usually write, and what vendors bill for what we count: learned from what
//! was settled, so that near a limit a share can be held instead of the most.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::{Mutex, MutexGuard, PoisonError};

use foldhash::fast::RandomState;

/// What is learned lies in so many parts, so that requests seldom wait for each other.
const PARTS: usize = 16;

/// The most that each part remembers; past it, it begins anew.
const MOST_REMEMBERED: usize = 4_096;

/// Of each key and model, so many of the last answers count.
const LAST: usize = 32;

/// What was learned.
pub struct Learned {
    hasher: RandomState,
    outputs: [Mutex<HashMap<u64, Outputs>>; PARTS],
    ratios: Mutex<HashMap<String, Ratio>>,
}

/// The last answers of one key and model.
#[derive(Clone, Default)]
struct Outputs {
    tokens: Vec<u64>,
    next: usize,
}

/// Billed to counted input of one vendor's model, in thousandths, the highest of late.
#[derive(Clone, Copy, Default)]
struct Ratio {
    thousandths: u64,
    samples: u32,
}

/// So many requests have to have been counted and billed before a ratio is believed.
const ENOUGH_SAMPLES: u32 = 4;

impl Default for Learned {
    fn default() -> Self {
        Self {
            hasher: RandomState::default(),
            outputs: std::array::from_fn(|_| Mutex::default()),
            ratios: Mutex::default(),
        }
    }
}

impl Learned {
    /// Notes what one answer had.
    pub fn note_output(&self, key_id: &str, group: &str, tokens: u64) {
        let (part, place) = self.place(key_id, group);
        let Some(part) = part else { return };
        let mut part = locked(part);
        if part.len() >= MOST_REMEMBERED && !part.contains_key(&place) {
            part.clear();
        }
        let outputs = part.entry(place).or_default();
        match outputs.tokens.get_mut(outputs.next) {
            Some(oldest) => *oldest = tokens,
            None => outputs.tokens.push(tokens),
        }
        outputs.next = (outputs.next + 1) % LAST;
    }

    /// What an answer for this key and model has at most, nearly always: half more than the longest
    /// of the last ones. None when there was none.
    #[must_use]
    pub fn output(&self, key_id: &str, group: &str) -> Option<u64> {
        let (part, place) = self.place(key_id, group);
        let part = locked(part?);
        let longest = part.get(&place)?.tokens.iter().max()?;
        Some(longest.saturating_add(longest / 2).saturating_add(4))
    }

    /// Notes what a vendor billed for what we counted.
    pub fn note_input(&self, provider: &str, model: &str, counted: u64, billed: u64) {
        if counted == 0 {
            return;
        }
        let thousandths = billed.saturating_mul(1_000).div_ceil(counted);
        let mut ratios = locked(&self.ratios);
        if ratios.len() >= MOST_REMEMBERED {
            ratios.clear();
        }
        let ratio = ratios.entry(format!("{provider}/{model}")).or_default();
        // A high ratio is forgotten slowly: the next long text may have it again.
        let faded = ratio.thousandths - ratio.thousandths / 256;
        ratio.thousandths = faded.max(thousandths);
        ratio.samples = ratio.samples.saturating_add(1);
    }

    /// What a vendor bills at most, nearly always, for so many counted tokens of input.
    #[must_use]
    pub fn billed_input(&self, provider: &str, model: &str, counted: u64) -> u64 {
        let ratios = locked(&self.ratios);
        let known = ratios.get(&format!("{provider}/{model}")).copied();
        drop(ratios);
        match known.filter(|ratio| ratio.samples >= ENOUGH_SAMPLES) {
            Some(ratio) => counted
                .saturating_mul(ratio.thousandths.max(1_000))
                .div_ceil(1_000),
            // A twentieth more, and what a message or two may cost beside its text.
            None => counted.saturating_add(counted / 20).saturating_add(8),
        }
    }

    fn place(&self, key_id: &str, group: &str) -> (Option<&Mutex<HashMap<u64, Outputs>>>, u64) {
        let place = self.hasher.hash_one((key_id, group));
        let part = usize::try_from(place % 16).unwrap_or(0);
        (self.outputs.get(part), place)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_of_the_last_answers_is_what_counts() {
        let learned = Learned::default();
        assert_eq!(learned.output("key", "model"), None);
        learned.note_output("key", "model", 1_000);
        assert_eq!(learned.output("key", "model"), Some(1_504));
        for _ in 0..LAST {
            learned.note_output("key", "model", 10);
        }
        assert_eq!(learned.output("key", "model"), Some(19));
        assert_eq!(learned.output("other", "model"), None);
    }

    #[test]
    fn a_vendor_that_bills_more_than_we_count_is_believed_after_a_few_requests() {
        let learned = Learned::default();
        assert_eq!(learned.billed_input("anthropic", "claude", 100), 113);
        for _ in 0..ENOUGH_SAMPLES {
            learned.note_input("anthropic", "claude", 100, 131);
        }
        assert_eq!(learned.billed_input("anthropic", "claude", 1_000), 1_310);
    }
}
