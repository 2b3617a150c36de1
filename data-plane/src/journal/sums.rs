//! Sums of settled requests that are exact to the nano-dollar: what is left of entries when there is
//! no room for them.

use std::collections::HashMap;

use domain::ledger::{AttemptEntry, FOLDED, QUARTER_MS, RequestEntry};
use domain::money::NanoUsd;
use domain::time::TimestampMs;
use domain::usage::Usage;

use crate::random;

/// Sums of requests: one for each payer, quarter of an hour, operation, model as asked and status,
/// with one attempt for each deployment and outcome.
#[derive(Default)]
pub struct Sums {
    requests: HashMap<Vec<u8>, Sum>,
}

struct Sum {
    entry: RequestEntry,
    /// Where the attempts of a kind stand in the entry.
    attempts: HashMap<Vec<u8>, usize>,
}

/// What requests of one sum have in common, as bytes: these words have no hash of their own.
fn request_key(entry: &RequestEntry) -> Vec<u8> {
    let quarter = entry.at.0 / QUARTER_MS;
    // Names that no deployment has are any number.
    let asked_model = match entry.attempts.is_empty() {
        true => "",
        false => entry.asked_model.as_str(),
    };
    let RequestEntry {
        payer,
        operation,
        stream,
        status,
        code,
        ..
    } = entry;
    let key = (payer, quarter, operation, asked_model, stream, status, code);
    postcard::to_stdvec(&key).unwrap_or_default()
}

/// What attempts of one sum have in common.
fn attempt_key(attempt: &AttemptEntry) -> Vec<u8> {
    let AttemptEntry {
        group,
        deployment_id,
        provider,
        model,
        outcome,
        status,
        usage,
        priced,
        ..
    } = attempt;
    let quarter = attempt.reserved_at.0 / QUARTER_MS;
    let billed = (usage.service_tier, usage.estimated, priced);
    let at = (group, deployment_id, provider, model);
    postcard::to_stdvec(&(quarter, at, outcome, status, billed)).unwrap_or_default()
}

impl Sums {
    /// Adds a request.
    pub fn add(&mut self, entry: RequestEntry) {
        let key = request_key(&entry);
        let Some(sum) = self.requests.get_mut(&key) else {
            self.requests.insert(key, Sum::begin(entry));
            return;
        };
        sum.add(entry);
    }

    /// The sums as entries that the ledger takes like any other.
    pub fn into_entries(self) -> impl Iterator<Item = RequestEntry> {
        self.requests.into_values().map(|sum| sum.entry)
    }
}

impl Sum {
    fn begin(mut entry: RequestEntry) -> Self {
        let attempts = std::mem::take(&mut entry.attempts);
        entry.id = random::request_id(entry.at).to_string();
        entry.call_id = None;
        if attempts.is_empty() {
            entry.asked_model = String::new();
        }
        let mut sum = Self {
            entry,
            attempts: HashMap::new(),
        };
        sum.add_attempts(attempts);
        sum
    }

    fn add(&mut self, entry: RequestEntry) {
        let RequestEntry {
            at,
            duration_ms,
            overhead_us,
            fallbacks,
            attempts,
            ..
        } = entry;
        let sum = &mut self.entry;
        sum.at = TimestampMs(sum.at.0.min(at.0));
        sum.duration_ms = sum.duration_ms.saturating_add(duration_ms);
        sum.overhead_us = sum.overhead_us.saturating_add(overhead_us);
        sum.fallbacks = sum.fallbacks.saturating_add(fallbacks);
        self.add_attempts(attempts);
    }

    fn add_attempts(&mut self, attempts: Vec<AttemptEntry>) {
        for attempt in attempts {
            let key = attempt_key(&attempt);
            let place = self.attempts.get(&key).copied();
            let present = place.and_then(|place| self.entry.attempts.get_mut(place));
            if present.is_some_and(|sum| add_attempt(sum, &attempt).is_some()) {
                continue;
            }
            // The first of its kind, or the sum would pass what a number holds.
            self.attempts.insert(key, self.entry.attempts.len());
            let number = u32::try_from(self.entry.attempts.len() + 1).unwrap_or(u32::MAX);
            self.entry.attempts.push(AttemptEntry {
                number,
                outcome: FOLDED.to_owned(),
                first_byte_ms: None,
                ..attempt
            });
        }
    }
}

/// Adds to a sum, or changes nothing when a number would not hold it.
fn add_attempt(sum: &mut AttemptEntry, other: &AttemptEntry) -> Option<()> {
    let charge = sum.charge_nanousd.0.checked_add(other.charge_nanousd.0)?;
    let held = sum.held_nanousd.0.checked_add(other.held_nanousd.0)?;
    sum.usage = add_usage(&sum.usage, &other.usage)?;
    sum.charge_nanousd = NanoUsd(charge);
    sum.held_nanousd = NanoUsd(held);
    sum.duration_ms = sum.duration_ms.saturating_add(other.duration_ms);
    sum.reserved_at = sum.reserved_at.min(other.reserved_at);
    Some(())
}

fn add_usage(sum: &Usage, other: &Usage) -> Option<Usage> {
    let Usage {
        input_tokens,
        cache_read_tokens,
        cache_write_tokens,
        cache_write_1h_tokens,
        audio_input_tokens,
        image_input_tokens,
        output_tokens,
        reasoning_tokens,
        audio_output_tokens,
        service_tier,
        estimated,
    } = *other;
    Some(Usage {
        input_tokens: sum.input_tokens.checked_add(input_tokens)?,
        cache_read_tokens: sum.cache_read_tokens.checked_add(cache_read_tokens)?,
        cache_write_tokens: sum.cache_write_tokens.checked_add(cache_write_tokens)?,
        cache_write_1h_tokens: sum
            .cache_write_1h_tokens
            .checked_add(cache_write_1h_tokens)?,
        audio_input_tokens: sum.audio_input_tokens.checked_add(audio_input_tokens)?,
        image_input_tokens: sum.image_input_tokens.checked_add(image_input_tokens)?,
        output_tokens: sum.output_tokens.checked_add(output_tokens)?,
        reasoning_tokens: sum.reasoning_tokens.checked_add(reasoning_tokens)?,
        audio_output_tokens: sum.audio_output_tokens.checked_add(audio_output_tokens)?,
        service_tier,
        estimated,
    })
}
